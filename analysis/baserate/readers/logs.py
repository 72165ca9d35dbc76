"""Files of logs become one table, whatever the format: each file in turn, one bad file losing no other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from baserate.account import Account
from baserate.errors import BaserateError, require_known
from baserate.readers.assembly import assemble
from baserate.readers.duplicate import drop_copies
from baserate.readers.inspect_log import DAMAGE
from baserate.readers.record import Run, one_line
from baserate.readers.request import Request
from baserate.reading import Reading

ReadOne = Callable[[Path], tuple[list[Run], list[str]]]


def each_file(
    paths: Sequence[Path], read_one: ReadOne, lost: Callable[[Path, str], Run], request: Request
) -> tuple[list[Run], list[str]]:
    """Read file after file, with a progress bar on a terminal.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    read_one : callable
        Reads the runs of one file, and notes on it.
    lost : callable
        Makes the row of a file that cannot be read.
    request : Request
        What to do then, and whether to show progress.

    Returns
    -------
    runs : list of Run
        Of all files, in their order, each with the notes on its file.
    notes : list of str
        On files without any run.

    Raises
    ------
    BaserateError
        If a file cannot be read and ``on_error`` is ``"raise"``.
    """
    runs: list[Run] = []
    notes: list[str] = []
    for path in tracked(paths, request.progress):
        try:
            found, said = read_one(path)
        except DAMAGE as error:
            reason = why_unreadable(error)
            if request.on_error == "raise":
                raise BaserateError(f"{path} cannot be read: {reason}. Copy it again, or leave it out.") from error
            found, said = [lost(path, reason)], []
        if said and found:
            found, said = [replace(run, notes=tuple(said)) for run in found], []
        runs += found
        notes += said
    return runs, notes


def tracked(paths: Sequence[Path], progress: bool | None) -> Iterator[Path]:
    """Yield paths under a progress bar that counts bytes.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    progress : bool or None
        Whether to show it; None shows it on a terminal, where reading takes more than a second.

    Yields
    ------
    Path
    """
    show = sys.stderr.isatty() if progress is None else progress
    if not show:
        yield from paths
        return
    from tqdm.auto import tqdm

    sizes = [path.stat().st_size for path in paths]
    with tqdm(total=sum(sizes), unit="B", unit_scale=True, desc="reading", delay=0 if progress else 1) as bar:
        for path, size in zip(paths, sizes, strict=True):
            yield path
            bar.update(size)


def why_unreadable(error: BaseException) -> str:
    """Say in plain words why a file could not be read.

    Parameters
    ----------
    error : exception
        What the reader of the format raised.

    Returns
    -------
    str
        A clause without a full stop.
    """
    text = one_line(error) or type(error).__name__
    if isinstance(error, (LookupError, TypeError, AttributeError)):
        return f"it is not of the format's shape ({type(error).__name__}: {text})"
    if "not a zip file" in text:
        return "it is a truncated or damaged zip archive"
    return text.rstrip(".")


def to_table(
    runs: Sequence[Run], notes: Sequence[str], request: Request, left: Mapping[str, int] | None = None
) -> Reading:
    """Make the table of the runs that were read, each of them once.

    Parameters
    ----------
    runs : sequence of Run
        All that were read, copies among them.
    notes : sequence of str
        On the whole read.
    request : Request
        The options of `read`.
    left : mapping of str to int, optional
        How many runs were left out, by cause.

    Returns
    -------
    Reading
        With the columns ``reading``, ``copies`` and ``copies_in``.
    """
    kept = drop_copies(runs)
    table, more = assemble(_number(kept), request) if kept else (pd.DataFrame(), [])
    found = {theirs for run in kept for theirs in run.named}
    inferred = sum(run.inferred for run in kept)
    seen = sum(not run.inferred for run in runs) + sum((left or {}).values())
    copies = seen + inferred - len(kept) - sum((left or {}).values())
    account = Account(seen=seen, copies=copies, left=dict(left or {}), inferred=inferred, rows=len(kept))
    return Reading(_rename(table, request.columns, found), [*notes, *more], account)


def _rename(table: pd.DataFrame, columns: Mapping[str, str], found: Container[str]) -> pd.DataFrame:
    """Rename outcomes and factors that are not fields of the runs; what stands beside an outcome goes with it."""
    names: dict[str, str] = {}
    for theirs, ours in columns.items():
        if theirs in found:
            continue
        require_known(theirs, table.columns, "column")
        names |= {theirs: ours} | {
            f"{theirs}_{what}": f"{ours}_{what}" for what in ("score", "grader", "cut", "logged")
        }
    renamed = table.rename(columns=names)
    if not renamed.columns.is_unique:
        taken = renamed.columns[renamed.columns.duplicated()][0]
        raise BaserateError(f"There is a column {taken!r} already. Give another name in columns=.")
    return renamed


def _number(runs: Sequence[Run]) -> list[Run]:
    """Give runs that only share a name, in experiments of one name, their file as identity."""
    seen: dict[Any, int] = {}
    for run in runs:
        seen[run.run_id] = seen.get(run.run_id, 0) + 1
    return [run if seen[run.run_id] == 1 else replace(run, run_id=run.source) for run in runs]
