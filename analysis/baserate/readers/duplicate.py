"""One run is counted once: copies of it in retried, converted or edited logs are found by what identifies it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from baserate.readers.record import Run


def drop_copies(runs: Sequence[Run]) -> tuple[list[Run], list[dict[str, str]]]:
    """Keep of each run the best copy.

    Runs are the same if they share a slot: the unique id of the sample, or its id and epoch within one task, which a
    retry fills again. The copy with the higher rank is kept; of equals, the first.

    Parameters
    ----------
    runs : sequence of Run
        All that were read.

    Returns
    -------
    kept : list of Run
        In their order.
    dropped : list of dict
        ``run_id``, ``dropped`` (source), ``kept`` (source) and ``status`` of each run that is left out.
    """
    owner: dict[Any, int] = {}
    dropped: list[dict[str, str]] = []
    lost: set[int] = set()
    for i in sorted(range(len(runs)), key=lambda i: runs[i].rank, reverse=True):
        run = runs[i]
        better = next((owner[slot] for slot in run.slots if slot in owner), None)
        for slot in run.slots:
            owner.setdefault(slot, i if better is None else better)
        if better is not None:
            lost.add(i)
            kept = runs[better]
            dropped.append(
                {
                    "run_id": str(kept.run_id),
                    "dropped": run.source,
                    "kept": kept.source,
                    "status": run.status or "answered",
                }
            )
    return [run for i, run in enumerate(runs) if i not in lost], dropped
