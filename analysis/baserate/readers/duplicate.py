"""One run is counted once: copies of it in retried, converted or edited logs are found by what identifies it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from baserate.readers.record import Run


def drop_copies(runs: Sequence[Run]) -> list[Run]:
    """Keep of each run the best copy.

    Runs are the same if they share a slot: the unique id of the sample, or its id and epoch within one task, which a
    retry fills again. The copy with the higher rank is kept; of equals, the first.

    Parameters
    ----------
    runs : sequence of Run
        All that were read.

    Returns
    -------
    list of Run
        In their order, each with the files of its copies, and with what reading these files had to say.
    """
    owner: dict[Any, int] = {}
    copies: dict[int, list[Run]] = {}
    lost: set[int] = set()
    for i in sorted(range(len(runs)), key=lambda i: runs[i].rank, reverse=True):
        run = runs[i]
        better = next((owner[slot] for slot in run.slots if slot in owner), None)
        for slot in run.slots:
            owner.setdefault(slot, i if better is None else better)
        if better is not None:
            lost.add(i)
            copies.setdefault(better, []).append(run)
    return [_with_copies(run, copies[i]) if i in copies else run for i, run in enumerate(runs) if i not in lost]


def _with_copies(run: Run, copies: Sequence[Run]) -> Run:
    notes = dict.fromkeys([*run.notes, *(note for copy in copies for note in copy.notes)])
    return replace(run, notes=tuple(notes), copies_in=tuple(file_of(copy.source) for copy in copies))


def file_of(source: str) -> str:
    """Name the file of a source, without the member or row in it.

    Parameters
    ----------
    source : str
        Such as ``"logs/a.eval::samples/1.json"``.

    Returns
    -------
    str
    """
    return source.split("::", maxsplit=1)[0]
