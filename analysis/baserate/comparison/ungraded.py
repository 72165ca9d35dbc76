"""What the ungraded runs could do to verdicts: worst cases, both doubts together, and the tipping point."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baserate.comparison.verdict import decided, within
from baserate.design import Design, PairedSides, pair_sides
from baserate.design.cells import Cells
from baserate.equivalence import Region, Words
from baserate.estimate import Estimates, Question, estimate_differences
from baserate.estimate.ungraded import Bounds, bounds, difference_extremes
from baserate.stats._arrays import Floats

Bools = npt.NDArray[np.bool_]


class Ungraded(NamedTuple):
    """What the ungraded runs could do, by pair.

    Attributes
    ----------
    bounds : Bounds
    survives : ndarray of bool
        Whether the verdict stays whatever they would have been.
    tipping : ndarray
        How many of them would have to go against the verdict for it to fall, the others being like the graded; NaN
        where none could, or there is no verdict to lose.
    """

    bounds: Bounds
    survives: Bools
    tipping: Floats


class Judge(NamedTuple):
    """How verdicts are reached where each comparison is judged by itself, by Bonferroni's p value."""

    question: Question
    alpha: float
    region: Region | None
    comparisons: int

    def verdicts(self, found: Estimates) -> Words:
        """Judge effects so that no verdict is called safe too soon."""
        said = decided(found, found.rejects(self.alpha / self.comparisons))
        return within(found, said, self.alpha / self.comparisons, self.region)


def ungraded(design: Design, sides: PairedSides, found: Estimates, said: Words, judge: Judge) -> Ungraded:
    """Find out what ungraded runs could do to verdicts.

    Parameters
    ----------
    design : Design
    sides : PairedSides
    found : Estimates
        From the graded runs.
    said : ndarray of str
        Their verdicts.
    judge : Judge

    Returns
    -------
    Ungraded

    References
    ----------
    Manski (1989) J. Hum. Resour. 24:343. Imbens & Manski (2004) Econometrica 72:1845. Yan, Lee & Li (2009) J.
    Biopharm. Stat. 19:1085 (tipping point).
    """
    level = 1 - judge.alpha
    m = len(found)
    if not design.cells.missing.any():
        low, high = found.limits(level)
        same = Bounds(found.value, found.value, low, high)
        return Ungraded(same, np.ones(m, dtype=bool), np.full(m, np.nan))
    extremes = difference_extremes(design, sides, judge.question)
    both = bounds(found, extremes, level)
    least, most = judge.verdicts(extremes.least), judge.verdicts(extremes.most)
    lacking = _missing(design, sides) > 0
    survives = np.where(lacking, (least == said) & (most == said), True)
    none = np.where(lacking, np.nan, found.value)
    filled = Bounds(
        np.where(lacking, both.low, none),
        np.where(lacking, both.high, none),
        np.where(lacking, both.both_low, found.limits(level)[0]),
        np.where(lacking, both.both_high, found.limits(level)[1]),
    )
    fragile = np.isin(said, ["higher", "lower"]) & ~survives
    return Ungraded(filled, survives, _tipping(design, sides, said, judge, fragile))


def _missing(design: Design, sides: PairedSides) -> Floats:
    """Count the ungraded runs of both sides of each pair."""
    each = np.bincount(design.cells.group, design.cells.missing, len(design.groups))
    return np.array([each[one] + each[two] for one, two in sides.pairs])


def _tipping(design: Design, sides: PairedSides, said: Words, judge: Judge, fragile: Bools) -> Floats:
    """Search by bisection the fewest ungraded runs that overturn a verdict by going against it."""
    out = np.full(len(said), np.nan)
    if not fragile.any():
        return out
    pairs = [pair for pair, hit in zip(sides.pairs, fragile, strict=True) if hit]
    full = pair_sides(design, pairs, ungraded=True)
    total = np.bincount(full.cells.group % len(pairs), full.cells.missing, len(pairs))
    wanted = said[fragile]
    low, high = np.zeros(len(pairs)), total.copy()
    while (high - low > 1).any():
        middle = np.where(high - low > 1, np.floor((low + high) / 2), high)
        cells = _against(full.cells, middle / np.maximum(total, 1), wanted)
        held = judge.verdicts(estimate_differences(full, judge.question, full.means(cells))) == wanted
        moving = high - low > 1
        low, high = np.where(moving & held, middle, low), np.where(moving & ~held, middle, high)
    out[fragile] = high
    return out


def _against(cells: Cells, share: Floats, said: Words) -> Cells:
    """Let a share of each cell's ungraded runs go against the verdict, and the others be like its graded runs."""
    m = len(said)
    pair, candidate = cells.group % m, cells.group < m
    yes = np.where(said[pair] == "higher", ~candidate, candidate)
    rate = np.divide(cells.events, cells.n, out=np.full_like(cells.n, 0.5), where=cells.n > 0)
    part = share[pair]
    more = cells.missing * (part * yes + (1 - part) * rate)
    n = cells.n + cells.missing
    return replace(cells, n=n, events=np.clip(np.round(cells.events + more), 0, n), missing=np.zeros_like(n))
