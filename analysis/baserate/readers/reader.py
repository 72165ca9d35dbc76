"""`read`: from a path to the one table, through the format that recognizes each file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from baserate.errors import BaserateError, did_you_mean, require_known
from baserate.readers import inspect_log, result_tree
from baserate.readers.counts import holds_counts, read_counts
from baserate.readers.factor import REFERENCE
from baserate.readers.files import Paths, Recognize, count_kinds, expand, sort_out
from baserate.readers.inspect_sample import read_inspect
from baserate.readers.record import count_of
from baserate.readers.request import Events, Outcomes, Request, as_request
from baserate.readers.result_tree import read_tree
from baserate.readers.rows import read_rows
from baserate.readers.table_file import columns_of, kind_of
from baserate.reading import Reading, with_reading
from baserate.runs import REQUIRED, as_category, check_runs


@dataclass(frozen=True)
class Reader:
    """One format of logs or tables.

    Attributes
    ----------
    name : str
        As in ``format=``.
    recognize : callable
        Tells from a path, and from a function that returns the file's first bytes, whether the file is of this format.
    read : callable
        Makes a table of all files of this format, with notes on all of them.
    is_log : bool
        Whether runs were logged in this format. In a folder that holds logs, tables that lie beside them are not read.
    """

    name: str
    recognize: Recognize
    read: Callable[[Sequence[Path], Request], Reading]
    is_log: bool = False


def _is_table(kind: str) -> Recognize:
    return lambda path, head: kind_of(path, head) == kind


READERS = (
    Reader("inspect", inspect_log.recognize, read_inspect, is_log=True),
    Reader("result-tree", result_tree.recognize, read_tree, is_log=True),
    Reader("counts", lambda path, head: holds_counts(columns_of(path, head)), read_counts),
    Reader("csv", _is_table("csv"), partial(read_rows, kind="csv")),
    Reader("jsonl", _is_table("jsonl"), partial(read_rows, kind="jsonl")),
    Reader("parquet", _is_table("parquet"), partial(read_rows, kind="parquet")),
)


def read(
    path: Paths,
    *,
    format: str | None = None,
    outcomes: Outcomes | None = None,
    factors: str | Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    accept: str | Sequence[str] = ("ok",),
    n: str | None = None,
    events: Events | None = None,
    on_error: str = "row",
    progress: bool | None = None,
) -> pd.DataFrame:
    """Read graded runs into one table.

    Parameters
    ----------
    path : path or sequence of paths
        Logs, tables, or folders, which are walked.
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
        Whether to show a progress bar; left out, on a terminal and when reading takes long.

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
    )
    found, notes = _find(path, _named_format(format, request))
    table, more = _merge([(reader, reader.read(paths, request)) for reader, paths in found])
    more += _rename_versions(table, request.aliases)
    _require_runs(table, path, [*notes, *more])
    table = with_reading(table, before=notes, after=more)
    if "status" not in table:
        return table
    runs = check_runs(table)
    return runs[[*REQUIRED, *runs.columns.drop(list(REQUIRED))]]


def _named_format(format: str | None, request: Request) -> str | None:
    if format is not None:
        require_known(format, [reader.name for reader in READERS], "format")
        return format
    return "counts" if request.n is not None or request.events is not None else None


def _find(path: Paths, format: str | None) -> tuple[list[tuple[Reader, list[Path]]], list[str]]:
    """Sort the files by format, and say which were not read."""
    files, named = expand(path)
    by_name = {reader.name: reader for reader in READERS}
    if format is not None and named:
        return [(by_name[format], files)], []
    usable = [reader for reader in READERS if format in (None, reader.name)]
    sorted_out, skipped = sort_out(files, [(reader.name, reader.recognize) for reader in usable])
    found = [(by_name[name], paths) for name, paths in sorted_out.items()]
    notes = []
    skipped = [file for file in skipped if not result_tree.belongs(file)]
    if (skipped and named) or not found:
        raise BaserateError(
            f"{str(skipped[0] if skipped else files[0])!r} is no log or table that is known here "
            f"({count_kinds(files)} looked at). Known are {', '.join(by_name)}; name one with format=."
        )
    if skipped:
        notes.append(f"Not read, because no log: {count_of(len(skipped), 'file')} ({count_kinds(skipped)}).")
    if not named and any(reader.is_log for reader, _ in found):
        beside = [file for reader, paths in found if not reader.is_log for file in paths]
        found = [(reader, paths) for reader, paths in found if reader.is_log]
        if beside:
            notes.append(
                f"{count_of(len(beside), 'table')} beside the logs left out, such as {beside[0].name}: name it."
            )
    return found, notes


def _merge(tables: Sequence[tuple[Reader, Reading]]) -> Reading:
    """Put the tables of several formats under each other; each says what was to be said of its own."""
    if len({reader.name == "counts" for reader, _ in tables}) > 1:
        raise BaserateError("Tables of counts cannot be mixed with runs. Read them apart from each other.")
    if len(tables) == 1:
        return tables[0][1]
    frames = [with_reading(reading.table, after=reading.notes) for _, reading in tables]
    merged = pd.concat(frames, ignore_index=True)
    categories = {c for frame in frames for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype)}
    for name in categories - {"status"}:
        merged[name] = as_category(merged[name].astype(object), first=REFERENCE)
    return Reading(merged, [])


def _rename_versions(table: pd.DataFrame, aliases: Mapping[str, str]) -> list[str]:
    """Merge versions under the names that the user gave, in place; say which of these names never occurred."""
    if not aliases or "version" not in table:
        return []
    names = table["version"].astype(object)
    table["version"] = as_category(names.map(lambda name: aliases.get(name, name)))
    present = set(names.dropna())
    return [f"No run has the version {a!r}.{did_you_mean(a, present)}" for a in aliases if a not in present]


def _require_runs(table: pd.DataFrame, path: Paths, notes: Sequence[str]) -> None:
    """Refuse a result without any run, which is what a single damaged file gives."""
    if len(table) and ("status" not in table or (table["status"] != "unreadable").any()):
        return
    if len(table):
        first = table.iloc[0]
        more = f" ({len(table)} such files.)" if len(table) > 1 else ""
        raise BaserateError(f"{first['source']} cannot be read: {first['status_reason']}.{more} Copy it again.")
    why = notes[0] if notes else f"{path} holds no runs."
    raise BaserateError(f"{why} Name a log with finished runs.")
