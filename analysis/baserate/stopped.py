"""What is said of runs that were stopped, but graded: which rates they change, and how to count them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from baserate.acceptance import OK, TOLD
from baserate.arguments import CALL, COMMAND, POLICY, way_asked
from baserate.defaults import versions_filled_in
from baserate.layout import VERSION
from baserate.note import Note
from baserate.tallies import Counts

CODE = "stopped-but-graded"
Ints = npt.NDArray[np.intp]

_MOST = 3  # groups that are told one by one
_DONE = {
    "limit": "{were} stopped by a limit and graded all the same",
    "content_filter": "{were} stopped by a content filter and graded all the same",
    "error": "ended with an error and {were} graded all the same",
    "empty": "gave no answer and {were} graded all the same",
    "refusal": "{were} stopped with a refusal and graded all the same",
    "invalidated": "{were} declared invalid and graded all the same",
}


class Group(NamedTuple):
    """Runs of one group that were stopped, and its events of graded runs without and with them."""

    name: str
    runs: int
    without: tuple[int, int]
    within: tuple[int, int]
    changed: bool

    @property
    def change(self) -> float:
        """By how much its rate changes; infinite where there is none without them."""
        (k, n), (events, runs) = self.without, self.within
        return abs(events / runs - k / n) if n else math.inf


class Said(NamedTuple):
    """What is said of stopped runs.

    Attributes
    ----------
    notes : tuple of Note
        Of those that count, and of those that would change no rate.
    cautions : tuple of Note
        Of those that do not count and would change a rate.
    """

    notes: tuple[Note, ...] = ()
    cautions: tuple[Note, ...] = ()


def said_of_stopped(counts: Counts, by: Sequence[str]) -> Said:
    """Say of each status which rates the verdicts of its runs change, with both rates.

    Parameters
    ----------
    counts : Counts
    by : sequence of str
        The columns that make a group.

    Returns
    -------
    Said
        Runs that were declared invalid are told of where they count only: that they do not was somebody's decision.
    """
    stopped = counts.stopped
    if not len(stopped):
        return Said()
    notes: list[Note] = []
    cautions: list[Note] = []
    cells = counts.cells
    number, names = _groups(cells, by)
    is_in = stopped["accepted"].astype(bool)
    counting = set(stopped.loc[is_in, "status"])
    left = stopped[~is_in & stopped["status"].isin([s for s in TOLD if s != "invalidated"])]
    shown = _brief(left, counts.outcome, _counted(cells, number, names, left, accepted=False))
    for status in TOLD:
        of_status = stopped["status"] == status
        if status in counting:
            found = _counted(cells, number, names, stopped[of_status & is_in], accepted=True)
            notes.append(Note(CODE, f"{_rates(status, counts.outcome, found, by, accepted=True)}."))
        waiting = stopped[of_status & ~is_in]
        if waiting.empty or status == "invalidated":
            continue
        advice = _advice([OK, *(s for s in TOLD if s == status or s in counting)])
        found = _counted(cells, number, names, waiting, accepted=False)
        for hit, said in ((True, cautions), (False, notes)):
            if groups := [group for group in found if group.changed is hit]:
                them = _them(sum(group.runs for group in groups))
                told = f"{_rates(status, counts.outcome, groups, by, accepted=False)}; {advice} counts {them}."
                said.append(Note(CODE, told, shown if said is cautions else ""))
    return Said(tuple(notes), tuple(cautions))


def _brief(left: pd.DataFrame, outcome: str, found: Sequence[Group]) -> str:
    """Say in a line how many graded runs are left out since they were stopped, and how far they would move a rate."""
    runs = sum(group.runs for group in found)
    kinds = [status for status in TOLD if (left["status"] == status).any()]
    told = f"{_runs(runs)} {'was' if runs == 1 else 'were'} stopped, yet graded ({', '.join(kinds)}), and left out"
    if not found:
        return ""
    most = max(found, key=lambda group: group.change)
    rates = f"{outcome}{most.name} is {_share(most.without)} without them, {_share(most.within)} with them"
    advice = {COMMAND: "--accept", POLICY: "accept", CALL: "accept="}[way_asked()]
    return f"{told}: {rates} ({advice} counts {_them(runs)})."


def _groups(cells: pd.DataFrame, by: Sequence[str]) -> tuple[Ints, list[str]]:
    """Give the groups of cells numbers, and write of which version, or other group, each is."""
    if not by or (list(by) == [VERSION] and versions_filled_in(cells)):
        return np.zeros(len(cells), dtype=np.intp), [""]
    grouped = cells.groupby(list(by), observed=True, dropna=False, sort=True)
    number = grouped.ngroup().to_numpy()
    first = cells[list(by)].iloc[np.unique(number, return_index=True)[1]].astype(object).fillna("(missing)")
    head = f"{by[0]} " if len(by) == 1 else ""
    return number, [f" of {head}{' / '.join(map(str, levels))}" for levels in first.itertuples(index=False)]


def _counted(
    cells: pd.DataFrame, number: Ints, names: Sequence[str], stopped: pd.DataFrame, *, accepted: bool
) -> list[Group]:
    """Count the groups that have stopped runs; tell whether any weighted mean of their cells' rates may change."""
    place = stopped["cell"].astype("int64")
    more, yes = (np.bincount(place, stopped[c].astype(float), len(cells)) for c in ("n", "events"))
    n, k = (cells[c].to_numpy(float) - accepted * some for c, some in (("n", more), ("events", yes)))
    flat = pd.DataFrame({"runs": more, "k": k, "n": n, "events": k + yes, "all": n + more})
    sums = flat.groupby(number).sum().astype("int64")
    rate = (flat["events"] / flat["all"]).groupby(number)
    moved = (n > 0) & (k * (n + more) != (k + yes) * n)
    added = (n == 0) & (more > 0)
    changed = (
        (sums["k"] * sums["all"] != sums["events"] * sums["n"])
        | (sums["n"] == 0)
        | pd.Series(moved).groupby(number).any()
        | (pd.Series(added).groupby(number).any() & (rate.max() > rate.min()))
    )
    return [
        Group(names[i], runs, (k, n), (events, graded), bool(changed[i]))
        for i, runs, k, n, events, graded in sums.itertuples()
        if runs
    ]


def _rates(status: str, outcome: str, groups: Sequence[Group], by: Sequence[str], *, accepted: bool) -> str:
    """Tell the group that changes most with both rates; of the others both rates too, of many their number."""
    first, *rest = sorted(groups, key=lambda group: -group.change)
    one = first.runs == 1
    done = _DONE[status].format(were="was" if one else "were")
    counts = f", and count{'s' * one}" if accepted else ""
    without, within = f"{_share(first.without)} without {_them(first.runs)}", f"{_share(first.within)} with"
    rated = f"{within} {_them(first.runs)}, {without}" if accepted else f"{without}, {within} {_them(first.runs)}"
    more = ""
    if len(groups) > _MOST:
        kind = "versions" if list(by) == [VERSION] else "groups"
        more = f"; so too {_runs(sum(group.runs for group in rest))} of {len(rest)} more {kind}"
    elif rest:
        pairs = [(g, (g.within, g.without) if accepted else (g.without, g.within)) for g in rest]
        told = [f"{_runs(g.runs)}{g.name} ({_share(a)}, {_share(b)})" for g, (a, b) in pairs]
        more = f"; so too {' and '.join(told)}"
    return f"{_runs(first.runs)}{first.name} {done}{counts}: {outcome} is {rated}{more}"


def _share(counted: tuple[int, int]) -> str:
    return f"{counted[0]}/{counted[1]}"


def _runs(number: int) -> str:
    return f"{number} run{'s' * (number != 1)}"


def _them(number: int) -> str:
    return "it" if number == 1 else "them"


def _advice(accept: Sequence[str]) -> str:
    """Write the argument that accepts some statuses, as it is written where the question was asked."""
    written = {
        CALL: f"accept={tuple(accept)!r}",
        COMMAND: f"--accept {','.join(accept[1:])}",
        POLICY: f"accept = {json.dumps(accept)}",
    }
    return written[way_asked()]
