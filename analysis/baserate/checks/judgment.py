"""Three-way judgments: an interval against a limit, with and without the runs that have no verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baserate.counts import Counts
from baserate.note import Note, code_of
from baserate.stopped import CODE

PASS, FAIL, INCONCLUSIVE = "pass", "fail", "inconclusive"
WORST_FIRST = (FAIL, INCONCLUSIVE, PASS)


class Interval(NamedTuple):
    """An estimate with its limits; each limit is one-sided at the alpha of the check."""

    estimate: float
    low: float
    high: float

    def mirrored(self) -> Interval:
        """Return the interval of the negative, for checks where more is better."""
        return Interval(-self.estimate, -self.high, -self.low)


@dataclass(frozen=True)
class Judgment:
    """What one check found.

    Attributes
    ----------
    verdict : {"pass", "fail", "inconclusive"}
    interval : Interval
        Of the rate, the difference or the share; limits are NaN where the share is a fact.
    limit : float
        What it was held against.
    n, events, missing : int
        Graded runs, those with the behavior, and runs without a verdict.
    found : str
        In words.
    basis : str
        Method and scope.
    survives : bool or None
        Whether the verdict stays the same whatever the ungraded runs would have been; None where none are missing, or
        there is no verdict to lose.
    cautions : tuple of str
        What the ungraded runs mean for the verdict.
    notes : tuple of str
        What the estimate has to say of itself.
    """

    verdict: str
    interval: Interval
    limit: float
    n: int
    events: int
    missing: int
    found: str
    basis: str
    survives: bool | None = None
    cautions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def with_notes(self, more: Iterable[str]) -> Judgment:
        """Return a copy with more notes, each said once.

        Parameters
        ----------
        more : iterable of str

        Returns
        -------
        Judgment
        """
        return replace(self, notes=tuple(dict.fromkeys([*self.notes, *more])))


def against(interval: Interval, limit: float) -> str:
    """Hold an interval against a limit.

    Parameters
    ----------
    interval : Interval
    limit : float

    Returns
    -------
    str
        ``"pass"`` where the upper limit does not exceed it, ``"fail"`` where the lower one does, else
        ``"inconclusive"``; also where there is no interval.
    """
    if math.isnan(interval.low) or math.isnan(interval.high):
        return INCONCLUSIVE
    if interval.high <= limit:
        return PASS
    return FAIL if interval.low > limit else INCONCLUSIVE


def filled(counts: Counts, yes: npt.NDArray[np.bool_]) -> Counts:
    """Take all ungraded runs as graded.

    Parameters
    ----------
    counts : Counts
    yes : ndarray of bool
        By cell: whether its ungraded runs count as having shown the behavior.

    Returns
    -------
    Counts
        Without missing runs.
    """
    cells = counts.cells
    events = cells["events"] + cells["missing"].where(yes, 0)
    return replace(counts, cells=cells.assign(n=cells["n"] + cells["missing"], events=events, missing=0))


def survives(
    verdict: str, counts: Counts, bad: npt.NDArray[np.bool_], judge: Callable[[Counts], str], name: str
) -> tuple[bool | None, tuple[str, ...]]:
    """Find out whether a verdict holds whatever the ungraded runs would have been (Manski's bounds).

    Parameters
    ----------
    verdict : str
        From the graded runs.
    counts : Counts
    bad : ndarray of bool
        By cell: whether a yes speaks against passing, as it does for a candidate and not for its baseline.
    judge : callable
        From counts to a verdict.
    name : str
        Whose runs they are.

    Returns
    -------
    survives : bool or None
    cautions : tuple of str
    """
    cells = counts.cells
    missing = int(cells["missing"].sum())
    if not missing:
        return None, ()
    told = f"{missing} of {missing + int(cells['n'].sum())} runs of {name} have no verdict"
    if verdict == INCONCLUSIVE:
        return None, (Note("ungraded-runs", f"{told}."),)
    case, yes = ("worst", bad) if verdict == PASS else ("best", ~bad)
    other = judge(filled(counts, yes))
    if other == verdict:
        return True, (Note("survives-ungraded", f"{told}; in the {case} case it is {verdict} too."),)
    rests = f"{told}, and it rests on them being like the rest: in the {case} case it is {other}."
    return False, (Note("rests-on-ungraded", rests),)


def worst(judged: Sequence[Judgment]) -> Judgment:
    """Let the worst of several versions stand for the check, with the cautions of all, and whose verdicts count.

    Parameters
    ----------
    judged : sequence of Judgment
        One a version.

    Returns
    -------
    Judgment
    """
    last = min(judged, key=lambda j: (WORST_FIRST.index(j.verdict), j.survives is not False, -_distance(j)))
    if len(judged) == 1:
        return last
    cautions = tuple(caution for one in judged for caution in one.cautions)
    counting = [note for one in judged for note in one.notes if code_of(note) == CODE]
    found = f"{last.found} The worst of {len(judged)} versions."
    return replace(last, found=found, cautions=cautions).with_notes(counting)


def _distance(judged: Judgment) -> float:
    estimate, _, high = judged.interval
    return estimate if math.isnan(high) else high
