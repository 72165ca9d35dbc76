"""Several table files become one frame under baserate's column names, each row with its source."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from baserate.engines import find_prompt
from baserate.errors import BaserateError, did_you_mean
from baserate.layout import EPOCH_NAMES, PROMPT, VERSION, note_on_prompt
from baserate.readers.events import in_order
from baserate.readers.files import first_bytes
from baserate.readers.inspect_log import DAMAGE
from baserate.readers.loaded import Loaded
from baserate.readers.logs import tracked, why_unreadable
from baserate.readers.lookup import PATH_PARTS, path_part
from baserate.readers.record import count_of
from baserate.readers.request import Request
from baserate.readers.table_file import kind_of, load
from baserate.readers.verdict import as_number, distinct
from baserate.readers.wide import SOURCE, long

_VERSION_NAMES = ("model", "model_name", "model_version", "model_id", "target_model", "base_model", "model_slug")
_HIVE = re.compile(r"(?P<name>[^=/]+)=(?P<value>[^/]*)")
# Columns that only some tables of a kind have, as they say why a run failed: they make no other kind of table.
_SOMETIMES = re.compile(
    r"(.*_)?(error|errors|status|status_reason|reason|note|notes|comment|exception|traceback)(_.*)?"
)


Tables: TypeAlias = Sequence[Path] | pd.DataFrame


def load_tables(paths: Tables, request: Request, kind: str = "") -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Load table files and put those of the same columns under each other.

    Parameters
    ----------
    paths : sequence of Path, or DataFrame
        The files, or a table in memory.
    request : Request
        The options of `read`.
    kind : str, optional
        What they are; left out, their endings tell.

    Returns
    -------
    frame : DataFrame
        All rows, with a column ``source``.
    lost : dict
        Source to what is wrong, for files and lines that could not be read.
    notes : list of str
        What was renamed or left out.

    Raises
    ------
    BaserateError
        If nothing could be read, tables of different columns would be stacked, or a column that was named is not there.
    """
    if isinstance(paths, pd.DataFrame):
        return from_memory(paths, request)
    tables: list[Loaded] = []
    lost: dict[str, str] = {}
    for path in tracked(paths, request.progress):
        try:
            table = load(path, kind or kind_of(path, partial(first_bytes, path)) or "csv")
        except DAMAGE as error:
            if isinstance(error, BaserateError):
                raise
            lost[str(path)] = why_unreadable(error)
            continue
        lost |= {f"{path}::line {number}": reason for number, reason in table.broken.items()}
        tables.append(table)
    _refuse(lost, bool(tables), request)
    return _named(tables, lost, request)


def from_memory(frame: pd.DataFrame, request: Request) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Take a table that is in memory as if it had been loaded; as for `load_tables`.

    Parameters
    ----------
    frame : DataFrame
    request : Request

    Returns
    -------
    frame, lost, notes
        As of `load_tables`.
    """
    named = frame.reset_index(drop=True)
    named.columns = named.columns.map(str)
    return _named([Loaded(Path("table"), named)], {}, request)


def _refuse(lost: dict[str, str], found: bool, request: Request) -> None:
    if lost and (request.on_error == "raise" or not found):
        source, reason = next(iter(lost.items()))
        raise BaserateError(f"{source} cannot be read: {reason}. Mend it, or leave it out.")


def _named(
    tables: list[Loaded], lost: dict[str, str], request: Request
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    notes = [note for table in tables for note in table.notes]
    tables, more = _of_one_kind(tables, request)
    notes += more
    alike = [list(group) for _, group in groupby(tables, key=lambda table: tuple(table.frame.columns))]
    frame = pd.concat([_with_places(group, request) for group in alike], ignore_index=True)
    frame, request = long(frame, request)
    frame, more = name_columns(frame, request)
    if VERSION not in frame:
        notes += _versions_in_paths([table.path for table in tables])
    return frame, lost, [*notes, *more]


def _of_one_kind(tables: list[Loaded], request: Request) -> tuple[list[Loaded], list[str]]:
    """Keep the tables of one kind: those that have the outcomes asked for; else refuse to stack different ones."""
    kinds: dict[frozenset[str], list[Loaded]] = defaultdict(list)
    for table in tables:
        kinds[frozenset(c for c in map(str, table.frame.columns) if not _SOMETIMES.fullmatch(c.lower()))].append(table)
    if len(kinds) < 2:
        return tables, []
    wanted = {column for source in (request.outcomes or {}).values() for column in source.columns}
    fit = [group for group in kinds.values() if wanted and wanted <= set(map(str, group[0].frame.columns))]
    if len(fit) == 1:
        others = [table for group in kinds.values() if group is not fit[0] for table in group]
        rows = sum(len(table.frame) for table in others)
        told = (
            f"{count_of(len(others), 'table')} of other columns left out ({count_of(rows, 'row')}), such as "
            f"{others[0].path.name}: only the others have {', '.join(sorted(wanted))}."
        )
        return fit[0], [told]
    raise BaserateError(
        f"These are {len(kinds)} kinds of table with different columns, which are not put under each other: "
        f"{'; '.join(map(_shown, kinds.values()))}. Name the files of one kind, or outcomes= that only one kind has; "
        "to stack them all the same, make their columns alike first."
    )


def _shown(group: Sequence[Loaded]) -> str:
    names = ", ".join(table.path.name for table in group[:3]) + (", …" if len(group) > 3 else "")
    rows = count_of(sum(len(table.frame) for table in group), "row")
    return f"{names} ({rows}: {', '.join(map(str, group[0].frame.columns[:12]))})"


def _with_places(tables: Sequence[Loaded], request: Request) -> pd.DataFrame:
    """Put tables of the same columns under each other, each row with where it is from and what its path tells.

    A path tells the parts that the user asked for, and those that name a column (``goal=explicit``).
    """
    frame = pd.concat([table.frame for table in tables]) if len(tables) > 1 else tables[0].frame.copy(deep=False)
    sizes = [len(table.frame) for table in tables]
    added: dict[str, pd.Series] = {}
    if SOURCE not in frame:
        rows = pc.cast(pa.array(np.asarray(frame.index) + 1), pa.string())
        paths = pa.array([str(table.path) for table in tables], pa.string()).take(
            np.repeat(np.arange(len(sizes)), sizes)
        )
        added[SOURCE] = pc.binary_join_element_wise(paths, rows, "::row ").to_pandas().set_axis(frame.index)
    told = [_told_by_path(table.path, request) for table in tables]
    for name in dict.fromkeys(name for one in told for name in one):
        if name not in frame:
            values = np.repeat(np.array([one.get(name) for one in told], dtype=object), sizes)
            added[name] = pd.Series(values, frame.index)
    return pd.concat([frame, pd.DataFrame(added)], axis=1) if added else frame


def _told_by_path(path: Path, request: Request) -> dict[str, str]:
    told = {name: path_part(path, name) for name in request.columns if name in PATH_PARTS}
    for part in path.parts[:-1]:
        found = _HIVE.fullmatch(part)
        if found and found["value"] != "__HIVE_DEFAULT_PARTITION__":
            told.setdefault(found["name"], unquote(found["value"]))
    return told


def _versions_in_paths(paths: Sequence[Path]) -> list[str]:
    """Offer the files' or folders' names as versions, where no column tells and there are several."""
    if len(paths) < 2:
        return []
    for part in ("folder", "file"):
        names = dict.fromkeys(path_part(path, part) for path in paths)
        if len(names) == len(paths) or (part == "folder" and len(names) > 1):
            shown = ", ".join(list(names)[:4]) + (", …" if len(names) > 4 else "")
            told = (
                f"No column tells the version, so all runs count as one. The {part}s' names may: {shown}. If they do, "
                f"say so: columns={{{part!r}: 'version'}}."
            )
            return [told]
    return []


def name_columns(frame: pd.DataFrame, request: Request) -> tuple[pd.DataFrame, list[str]]:
    """Give the user's columns baserate's names.

    Parameters
    ----------
    frame : DataFrame
        As loaded.
    request : Request
        With ``columns``, the user's names to ours.

    Returns
    -------
    frame : DataFrame
        Renamed, without columns that hold lists or objects.
    notes : list of str

    Raises
    ------
    BaserateError
        If a named column is not there, or its new name is taken.
    """
    for name in request.columns:
        if name not in frame:
            parts = f" The file's path has {', '.join(PATH_PARTS)}." if name not in PATH_PARTS else ""
            raise BaserateError(f"There is no column {name!r}.{did_you_mean(name, frame.columns)}{parts}")
    renamed = frame.rename(columns=dict(request.columns))
    twice = sorted(set(renamed.columns[renamed.columns.duplicated()].map(str)))
    if twice:
        raise BaserateError(f"Two columns would be named {twice[0]!r}. Drop one of them, or rename it in columns=.")
    nested = [str(name) for name in renamed if _is_nested(renamed[name])]
    listed = {name: texts for name in nested if (texts := in_order(renamed[name])) is not None}
    nested = [name for name in nested if name not in listed]
    notes = [f"Columns that hold lists or objects were left out: {', '.join(nested)}."] if nested else []
    if listed:
        first = next(iter(listed))
        notes.append(
            f"{', '.join(listed)}: lists of words are kept as text, in their order ('one > two'). Where they are a "
            f"run's acts: paths(runs, acts=[…], order={first!r})."
        )
    renamed = renamed.drop(columns=nested).assign(
        **{name: pd.Series(texts, renamed.index, dtype=object) for name, texts in listed.items()}
    )
    found = _roles(renamed, request)
    notes += [_role_note(theirs, ours) for theirs, ours in found.items()]
    return renamed.rename(columns=found), notes


def _roles(frame: pd.DataFrame, request: Request) -> dict[str, str]:
    """Find the columns of versions, prompts and epochs under the names that people give them."""
    names = list(map(str, frame.columns))
    used = {column for source in (request.outcomes or {}).values() for column in source.columns}
    found: dict[str, str] = {}
    if VERSION not in names:
        found |= dict.fromkeys([n for n in names if n.rpartition(".")[2] in _VERSION_NAMES][:1], VERSION)
        listed = [name for name in _VERSION_NAMES if name in names]
        found = {listed[0]: VERSION} if listed else found
    epoch = "epoch" if "epoch" in names else next((n for n in EPOCH_NAMES if n in names and _counts(frame[n])), None)
    if PROMPT not in names and len(frame):
        version = next(iter(found), VERSION if VERSION in names else None)
        prompt, own = find_prompt(nw.from_native(frame).lazy(), names, version, epoch)
        found |= {prompt: PROMPT} if prompt is not None and not own else {}
    if epoch == "epoch" and not _counts(frame["epoch"]):
        found["epoch"] = "epoch_as_given"
    elif epoch not in (None, "epoch"):
        found[str(epoch)] = "epoch"
    return {
        theirs: ours for theirs, ours in found.items() if theirs not in used and theirs not in request.columns.values()
    }


def _role_note(theirs: str, ours: str) -> str:
    if ours == PROMPT:
        return str(note_on_prompt(theirs))
    if theirs == "epoch":
        return f"The column 'epoch' does not count runs: it is kept as {ours!r}."
    return f"The column {theirs!r} was taken as the {ours}."


def _counts(column: pd.Series) -> bool:
    """Tell a column of whole numbers."""
    numbers = [as_number(value) for value in distinct(column)]
    return bool(numbers) and all(number == number and abs(number) < 1e9 and number == int(number) for number in numbers)


def _is_nested(column: pd.Series) -> bool:
    mixed = column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed")
    return bool(mixed and not column.map(pd.api.types.is_scalar).all())
