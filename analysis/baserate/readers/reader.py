"""`read`: from a path to the one table, through the format that recognizes each file."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import narwhals as nw
import pandas as pd

from baserate.account import Account, with_account
from baserate.annotations import AS_GIVEN, checked
from baserate.arguments import require_whole
from baserate.errors import BaserateError, did_you_mean, require_known
from baserate.readers.counts import holds_counts, read_counts
from baserate.readers.factor import REFERENCE
from baserate.readers.files import Paths
from baserate.readers.find import find, kinds_of
from baserate.readers.format_list import READERS
from baserate.readers.inspect_log import MAX_BYTES
from baserate.readers.logs import to_table
from baserate.readers.outcome import Outcomes
from baserate.readers.record import unreadable
from baserate.readers.record_cache import FileRead, cache_folder
from baserate.readers.request import Events, Request, as_request
from baserate.readers.rows import read_rows
from baserate.readers.unpack import with_names
from baserate.reading import Reading, with_reading
from baserate.runs import REQUIRED, as_category, check_runs

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame
else:
    IntoFrame = Any  # of which older versions hold names that cannot be looked up here

_MANY_COLUMNS = 90


@checked
def read(
    path: Annotated[Paths | IntoFrame, AS_GIVEN],
    *,
    format: str | None = None,
    outcomes: Annotated[Outcomes | None, AS_GIVEN] = None,
    factors: str | Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    accept: str | Sequence[str] = ("ok",),
    n: str | None = None,
    events: Events | None = None,
    on_error: str = "row",
    progress: bool | None = None,
    max_bytes: int = MAX_BYTES,
    executor: Executor | None = None,
    cache: bool | str | PathLike[str] = False,
) -> pd.DataFrame:
    """Read graded runs into one table.

    Parameters
    ----------
    path : path, sequence of paths, or table
        Logs, tables, archives of these (``.zip``, ``.gz``, ``.zst``), or folders, which are walked; or a table in
        memory, in pandas or any engine that narwhals knows.
    format : str, optional
        ``"inspect"``, ``"result-tree"``, ``"csv"``, ``"jsonl"``, ``"parquet"`` or ``"counts"``; left out, each file is
        recognized by its content.
    outcomes : str, sequence or mapping, optional
        The graded behaviors: names of columns or scorers, or a mapping of the name wanted to the column, or to the
        column and the lowest score that counts as yes: ``{"blackmail": ("score", 7)}``. Left out: all scorers of a log,
        and in a table the columns that hold only yes and no.
    factors : str or sequence of str, optional
        The scenario's factors. Left out: what was logged of the scenario, and in a table the text columns with 2 to 30
        levels of at most 60 characters.
    columns : mapping, optional
        Your column names to those wanted: ``{"model": "version", "item": "prompt"}``.
    aliases : mapping, optional
        Names of versions to the name they are to be merged under. Nothing is merged by guessing.
    accept : str or sequence of str, optional
        The statuses whose verdict counts.
    n : str, optional
        In a table of counts, the column of graded runs, where it is not ``n`` or ``n_total``.
    events : str, sequence or mapping, optional
        In a table of counts, the columns that count the runs with the behavior, or a mapping of outcome to column.
    on_error : {"row", "raise"}
        What becomes of a file that cannot be read: a row with status "unreadable", or an error.
    progress : bool, optional
        Whether to show a progress bar; left out, on a terminal or in a notebook when reading takes long.
    max_bytes : int
        What a compressed file, or a member of one, may expand to; what would be larger is a row of status "unreadable".
    executor : concurrent.futures.Executor, optional
        What reads the logs, a file a task: a process pool, or a cluster's. Copies are found, and factors chosen, here.
    cache : bool or path
        Whether to keep what each log gave, in Parquet beside the logs (``.baserate-cache``) or in the folder named, so
        that a log that did not change is not read again.

    Returns
    -------
    DataFrame
        One row a run: ``run_id``, ``version``, ``prompt``, ``epoch``, ``status``, ``source``; for each outcome a
        nullable boolean, missing unless the run was graded, with ``<outcome>_score`` (as logged) and
        ``<outcome>_grader`` beside it; the factors as categories; where each run is from. Of a table of counts: one row
        a cell, with ``n``, one column for each outcome, and ``missing``. The category ``reading`` says what was skipped
        or assumed, a note a line; ``copies`` how many copies of a run were left out, ``copies_in`` of which files. They
        stay with the rows, so that `audit` tells of them after a filter, a concat or a file.

    Raises
    ------
    BaserateError
        If a path is not there, nothing can be read, or a column is misspelt or does not hold what it should.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.read("data/example-logs")  # doctest: +SKIP
    >>> runs = br.read("my_runs.csv", outcomes=["blackmail"], columns={"model": "version"})  # doctest: +SKIP
    """
    request = as_request(
        *(outcomes, factors, accept, on_error, events),
        columns=dict(columns or {}),
        aliases=dict(aliases or {}),
        n=n,
        progress=progress,
        max_bytes=require_whole("max_bytes", max_bytes),
        executor=executor,
        cache=cache_folder(cache, path) if isinstance(path, (str, PathLike, Sequence)) else None,
    )
    named = _named_format(format, request)
    if not isinstance(path, (str, PathLike, Sequence)):
        return _finished(*_from_memory(path, named, request), request, "The table")
    with TemporaryDirectory(prefix="baserate-", ignore_cleanup_errors=True) as scratch:
        files = find(path, named, request, Path(scratch))
        if len(kinds_of(files.found)) > 1:
            raise BaserateError("Tables of counts cannot be mixed with runs. Read them apart from each other.")
        with _many_objects():
            readings = [reader.read(paths, request) for reader, paths in files.found]
            readings += [_lost(files.lost, request)] if files.lost else []
    reading = _merge(readings)
    reading = reading._replace(table=with_names(reading.table, files.names))
    read = sum(len(paths) for _, paths in files.found)
    return _finished(reading, files.notes, read, dict(files.left), request, path)


@contextmanager
def _many_objects() -> Iterator[None]:
    """Let the collector of cycles rest while millions of objects are made, none of which is in a cycle."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _from_memory(table: Any, format: str | None, request: Request) -> tuple[Reading, list[str], int, dict[str, int]]:
    """Read a table that is in memory: pandas', or any that narwhals knows."""
    try:
        frame = table if isinstance(table, pd.DataFrame) else nw.from_native(table).lazy().collect().to_pandas()
    except TypeError:
        raise BaserateError(
            f"A path, a list of paths or a table is needed; got {type(table).__name__}. Make a DataFrame of it."
        ) from None
    if frame.empty:
        raise BaserateError("The table holds no runs.")
    counts = format == "counts" or (format is None and holds_counts(map(str, frame.columns)))
    return (read_counts if counts else read_rows)(frame, request), [], 0, {}


def _finished(
    reading: Reading, before: list[str], read: int, left: dict[str, int], request: Request, path: object
) -> pd.DataFrame:
    """Make the table of what was read, with its notes and its account beside each row."""
    table, more, account = reading
    account = replace(account, files_read=read, files_left=left)
    more += _rename_versions(table, request.aliases)
    _require_runs(table, path, [*before, *more])
    table = table.copy() if table.shape[1] > _MANY_COLUMNS else table  # in one piece, which pandas asks for
    table = with_account(with_reading(table, before=before, after=more), account)
    if "status" not in table:
        return table
    runs = check_runs(table)
    return runs[[*REQUIRED, *runs.columns.drop(list(REQUIRED))]]


def _lost(lost: Mapping[Path, str], request: Request) -> Reading:
    """Make rows of folders and files that could not be looked into."""
    if request.on_error == "raise":
        path, reason = next(iter(lost.items()))
        raise BaserateError(f"{path}: {reason}. Make it readable, or leave it out.")
    return to_table(FileRead([unreadable(str(path), reason) for path, reason in lost.items()], []), request)


def _named_format(format: str | None, request: Request) -> str | None:
    if format is not None:
        require_known(format, [reader.name for reader in READERS if not reader.always], "format")
        return format
    return "counts" if request.n is not None or request.events is not None else None


def _merge(readings: Sequence[Reading]) -> Reading:
    """Put the tables of several formats under each other; each says what was to be said of its own."""
    account = sum((reading.account for reading in readings), Account())
    full = [reading for reading in readings if len(reading.table)]
    notes = [note for reading in readings if not len(reading.table) for note in reading.notes]
    if len(full) < 2:
        return Reading(full[0].table, [*notes, *full[0].notes], account) if full else Reading(readings[0].table, notes)
    frames = [with_reading(reading.table, after=reading.notes) for reading in full]
    merged = pd.concat(frames, ignore_index=True)
    categories = {c for frame in frames for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype)}
    for name in categories - {"status"}:
        merged[name] = as_category(merged[name].astype(object), first=REFERENCE)
    return Reading(merged, notes, account)


def _rename_versions(table: pd.DataFrame, aliases: Mapping[str, str]) -> list[str]:
    """Merge versions under the names that the user gave, in place; say which of these names never occurred."""
    if not aliases or "version" not in table:
        return []
    names = table["version"].astype(object)
    table["version"] = as_category(names.map(lambda name: aliases.get(name, name)))
    present = set(names.dropna())
    return [f"No run has the version {a!r}.{did_you_mean(a, present)}" for a in aliases if a not in present]


def _require_runs(table: pd.DataFrame, path: object, notes: Sequence[str]) -> None:
    """Refuse a result without any run, which is what a single damaged file gives."""
    if len(table) and ("status" not in table or (table["status"] != "unreadable").any()):
        return
    if len(table):
        first = table.iloc[0]
        more = f" ({len(table)} such files.)" if len(table) > 1 else ""
        raise BaserateError(
            f"{first['source']} cannot be read: {first['status_reason']}.{more} Mend it, or copy it again."
        )
    why = notes[0] if notes else f"{path} holds no runs."
    raise BaserateError(f"{why} Name a log with finished runs.")
