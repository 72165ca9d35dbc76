"""Files of logs become one table, whatever the format: each file in turn, one bad file losing no other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from msgspec.structs import replace

from baserate.account import Account
from baserate.errors import BaserateError, require_known
from baserate.readers.assembly import assemble
from baserate.readers.duplicate import drop_copies
from baserate.readers.inspect_log import DAMAGE
from baserate.readers.record import Run, one_line
from baserate.readers.record_cache import FileRead, RecordCache
from baserate.readers.request import Request
from baserate.reading import Reading

_CHUNK = 16  # files a task: a task of its own for each file of a result tree would cost more than reading it

ReadOne = Callable[[Path], FileRead]


def each_file(paths: Sequence[Path], read_one: ReadOne, lost: Callable[[Path, str], Run], request: Request) -> FileRead:
    """Read file after file, with a progress bar, by an executor where there is one, and only what changed.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    read_one : callable
        Reads one file; it must pickle where an executor is used.
    lost : callable
        Makes the row of a file that cannot be read.
    request : Request
        What to do then, whether to show progress, the executor and the cache.

    Returns
    -------
    FileRead
        Of all files, in their order: runs, each with the notes on its file; notes on files without any run; what was
        left out.

    Raises
    ------
    BaserateError
        If a file cannot be read and ``on_error`` is ``"raise"``.
    """
    cache = None if request.cache is None else RecordCache(request.cache, _key(read_one, request))
    known = {} if cache is None else {path: kept for path in paths if (kept := cache.get(path)) is not None}
    new = iter(_read_all([path for path in paths if path not in known], read_one, request.executor))
    runs: list[Run] = []
    notes: list[str] = []
    left: Counter[str] = Counter()
    for path in tracked(paths, request.progress):
        one = known[path] if path in known else next(new)
        if isinstance(one, str):
            if request.on_error == "raise":
                raise BaserateError(f"{path} cannot be read: {one}. Copy it again, or leave it out.")
            read = FileRead([lost(path, one)], [])
        else:
            read = one
            if cache is not None and path not in known:
                cache.put(path, read)
        found, said = read.runs, read.notes
        if said and found:
            found, said = [replace(run, notes=tuple(said)) for run in found], []
        runs += found
        notes += said
        left.update(read.left)
    if cache is not None:
        cache.flush()
    return FileRead(runs, notes, left)


def _read_all(paths: Sequence[Path], read_one: ReadOne, executor: Executor | None) -> Iterable[FileRead | str]:
    """Read files one after the other, or by an executor; what is wrong with one stands in its place."""
    attempt = partial(_attempt, read_one)
    return map(attempt, paths) if executor is None else executor.map(attempt, paths, chunksize=_CHUNK)


def _attempt(read_one: ReadOne, path: Path) -> FileRead | str:
    try:
        return read_one(path)
    except DAMAGE as error:
        return why_unreadable(error)


def _key(read_one: ReadOne, request: Request) -> str:
    """Name what the records depend on besides the file."""
    function = read_one.func if isinstance(read_one, partial) else read_one
    return f"{function.__module__} {sorted(request.columns.items())} {request.max_bytes}"


def tracked(paths: Sequence[Path], progress: bool | None) -> Iterator[Path]:
    """Yield paths under a progress bar that counts bytes.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    progress : bool or None
        Whether to show it; None shows it on a terminal or in a notebook, where reading takes more than a second.

    Yields
    ------
    Path
    """
    show = (sys.stderr.isatty() or "ipykernel" in sys.modules) if progress is None else progress
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


def to_table(read: FileRead, request: Request) -> Reading:
    """Make the table of the runs that were read, each of them once.

    Parameters
    ----------
    read : FileRead
        All runs that were read, copies among them; notes on the whole read; what was left out.
    request : Request
        The options of `read`.

    Returns
    -------
    Reading
        With the columns ``reading``, ``copies`` and ``copies_in``.
    """
    runs, notes, left = read
    kept = drop_copies(runs)
    table, more = assemble(_number(kept), request) if kept else (pd.DataFrame(), [])
    found = {theirs for run in kept for theirs in run.named}
    inferred = sum(run.inferred for run in kept)
    here, gone = sum(not run.inferred for run in runs), sum(left.values())
    copies = here + inferred - len(kept)
    account = Account(seen=here + gone, copies=copies, left=dict(left), inferred=inferred, rows=len(kept))
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
