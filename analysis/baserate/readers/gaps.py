"""Runs of a result tree that left no file: gaps in the numbers of a condition, and models dropped early."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from baserate.readers.record import Run, count_of

_DROPPED_AFTER = 3  # failures
_MOST_MISSING = 20  # times as many as there are: beyond that the numbers count something else


def missing_runs(runs: Sequence[Run], place: Callable[[Path], Run]) -> tuple[list[Run], list[str]]:
    """Infer the runs that left no file.

    The framework writes no file for an empty completion, so a gap in the numbers of a condition, with nothing on the
    disk, is one: it becomes a row of status "empty". After three failures it drops the model, so that later numbers
    are missing; these cannot be rows, as nobody knows how many they are.

    Parameters
    ----------
    runs : sequence of Run
        Those of the tree that left a file.
    place : callable
        Tells from a path which run it would be.

    Returns
    -------
    gaps : list of Run
        The runs inferred.
    notes : list of str
        How many they are, and which versions seem to have been dropped.
    """
    folders: dict[Path, list[Run]] = defaultdict(list)
    for run in runs:
        folders[Path(run.source).parent.parent].append(run)
    there = {_identity(run) for run in runs}
    gaps = [gap for _, found in sorted(folders.items()) for gap in _gaps(found, place)]
    gaps = [gap for gap in gaps if _identity(gap) not in there]
    notes = []
    if gaps:
        notes.append(
            f"{count_of(len(gaps))} of the result tree left no file between others that did: taken as empty answers, "
            "for which the framework writes none."
        )
    return gaps, [*notes, *_wild(folders), *_failed(runs), *_dropped(folders)]


def _identity(run: Run) -> tuple[object, ...]:
    return (run.origin, run.version, run.name, run.epoch)


def _gaps(found: Sequence[Run], place: Callable[[Path], Run]) -> Iterator[Run]:
    """Infer the runs of one condition that left no file: numbers between others, with nothing on the disk."""
    sample = Path(found[0].source).parent
    version = next((run.version for run in found if run.status != "unreadable"), found[0].version)
    numbers = {run.epoch for run in found if run.epoch is not None}
    if _no_numbering(numbers):
        return
    width = len(sample.name.removeprefix("sample_"))
    for number in range(0 if 0 in numbers else 1, max(numbers, default=0)):
        path = sample.parent / f"sample_{number:0{width}d}" / "response.json"
        if number not in numbers and not os.path.exists(path):
            gap = replace(place(path), version=version)
            reason = "no file was written: inferred to be an empty answer"
            yield replace(gap, status="empty", reason=reason, slots=(_identity(gap),), rank=(-1,), inferred=True)


def _no_numbering(numbers: Collection[int]) -> bool:
    """Tell numbers that do not count the samples, such as a date: far more would be missing than are there."""
    return max(numbers, default=0) > _MOST_MISSING * len(numbers) + _DROPPED_AFTER


def _wild(folders: dict[Path, list[Run]]) -> list[str]:
    """Name the conditions whose numbers do not count the samples."""
    wild = [f for f, found in sorted(folders.items()) if _no_numbering({r.epoch for r in found if r.epoch is not None})]
    if not wild:
        return []
    more = f" and {len(wild) - 1} more folders" if len(wild) > 1 else ""
    return [
        f"{wild[0]}{more}: the sample folders' numbers do not count the samples, so no run is inferred to be missing "
        "there."
    ]


def _failed(runs: Sequence[Run]) -> list[str]:
    """Name the versions that failed often enough to be dropped."""
    failures = Counter((run.origin, run.version) for run in runs if run.status == "error")
    return [
        f"{version} failed {number} times in {experiment}: after three failures the framework drops a model, so that "
        "later runs of it may be missing."
        for (experiment, version), number in sorted(failures.items(), key=str)
        if number >= _DROPPED_AFTER
    ]


def _dropped(folders: dict[Path, list[Run]]) -> list[str]:
    """Name the conditions whose numbers end earlier than those of the same condition in other models."""
    counted = {f: {run.epoch or 0 for run in found} for f, found in folders.items()}
    last = {folder: max(numbers) for folder, numbers in counted.items() if not _no_numbering(numbers)}
    longest: dict[tuple[Path, str], int] = defaultdict(int)
    for folder, number in last.items():
        key = (folder.parent.parent, folder.name)
        longest[key] = max(longest[key], number)
    short = {f: longest[f.parent.parent, f.name] for f in last if last[f] < longest[f.parent.parent, f.name]}
    return [
        f"{folder.parent.name}, {folder.name}: the runs end at {last[folder]} where other models have {most}; "
        "the framework drops a model after three failures."
        for folder, most in sorted(short.items())
    ]
