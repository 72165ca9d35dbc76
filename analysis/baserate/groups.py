"""A group of runs as counts per prompt, and the interval of its rate under either scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from baserate.arguments import require_level as require_level
from baserate.arguments import require_method as require_method
from baserate.counts import total
from baserate.stats.cautious import cautious_sampled_rate
from baserate.stats.cautious_fixed import cautious_fixed_rate
from baserate.stats.clustered import fixed_rate, korn_graubard, sampled_rate
from baserate.stats.guarded_wilson import guarded_wilson
from baserate.stats.rate import RATE_INTERVALS, wilson

IntArray = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Group:
    """The graded runs of one group, prompt by prompt.

    Attributes
    ----------
    key : tuple of str
        The levels that make the group.
    prompts : tuple of str
        The prompts with at least one graded run.
    events, n : int array, one entry a prompt
        Runs with the behavior, and graded runs.
    missing : int
        Runs without a verdict, over all prompts.
    extremes : tuple of Group or None
        The group had every run been graded: all ungraded runs a no, and all a yes; None where all were graded.
    """

    key: tuple[str, ...]
    prompts: tuple[str, ...]
    events: IntArray
    n: IntArray
    missing: int
    extremes: tuple[Group, Group] | None = None

    @property
    def graded(self) -> int:
        """Number of graded runs."""
        return int(self.n.sum())

    @property
    def shown(self) -> int:
        """Number of runs that showed the behavior."""
        return int(self.events.sum())

    @property
    def rate(self) -> float:
        """Share of graded runs that showed the behavior; NaN without any."""
        return self.shown / self.graded if self.graded else float("nan")

    @property
    def worst_case(self) -> tuple[float, float]:
        """Bounds on the rate had every run been graded (Manski 1989): all ungraded runs a no, or all a yes."""
        runs = self.graded + self.missing
        if not runs:
            return 0.0, 1.0
        return self.shown / runs, (self.shown + self.missing) / runs

    @property
    def name(self) -> str:
        """The levels, for a message."""
        return " / ".join(self.key) or "all runs"


class RateInterval(NamedTuple):
    """An interval of one rate, the number of independent runs it is worth, the design, and whether it was guarded."""

    low: float
    high: float
    n_eff: float
    icc: float
    design: str
    guarded: bool = False


def groups(cells: pd.DataFrame, by: Sequence[str]) -> list[Group]:
    """Split cells into groups.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns.
    by : sequence of str
        The columns that make a group.

    Returns
    -------
    list of Group
        In the order of the levels; a group without graded runs is kept, unless its level is missing: a file that could
        not be read belongs to no version (`unassigned` counts such runs).
    """
    prompts = total(cells[~_unassigned(cells, by)], by)
    if not by:
        return [_group((), prompts)]
    found = prompts.groupby(list(by), observed=True, dropna=False, sort=True)
    return [_group(tuple(map(_level, key if isinstance(key, tuple) else (key,))), part) for key, part in found]


def unassigned(cells: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Say how many runs belong to no group, for want of a level.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns.
    by : sequence of str
        The columns that make a group.

    Returns
    -------
    list of str
        One note, or none.
    """
    lost = int(cells.loc[_unassigned(cells, by), "missing"].sum())
    return [f"{lost} failed or unreadable runs have no {' or '.join(by)}: they are in no group."] if lost else []


def _unassigned(cells: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    return cells[list(by)].isna().any(axis=1) & (cells["n"] == 0)


def _level(value: object) -> str:
    return "(missing)" if pd.isna(value) else str(value)


def _group(key: tuple[str, ...], part: pd.DataFrame) -> Group:
    """Take the counts of one group; where runs are ungraded, also what they would be had all been a no, or a yes."""
    ungraded = part["missing"]
    extremes = None
    if ungraded.any():
        every = part.assign(n=part["n"] + ungraded, missing=0)
        extremes = _group(key, every), _group(key, every.assign(events=part["events"] + ungraded))
    graded = part[part["n"] > 0]
    return Group(
        key=key,
        prompts=tuple(graded["prompt"]),
        events=graded["events"].to_numpy(np.int64),
        n=graded["n"].to_numpy(np.int64),
        missing=int(ungraded.sum()),
        extremes=extremes,
    )


def design(group: Group, scope: str) -> str:
    """Tell how the runs of a group hang together.

    Parameters
    ----------
    group : Group
        Counts per prompt.
    scope : {"fixed", "sampled"}
        The question.

    Returns
    -------
    str
        ``"none"`` without graded runs; ``"independent"`` where every run has a prompt of its own, or all share the one
        that the question is about; ``"one prompt"`` where prompts should be sampled but there is one; else the scope.
    """
    if group.graded == 0:
        return "none"
    if len(group.prompts) == 1:
        return "independent" if scope == "fixed" else "one prompt"
    return "independent" if group.n.max() == 1 else scope


def rate_interval(group: Group, scope: str, level: float, method: str | None = None) -> RateInterval:
    """Compute the interval of one rate.

    Parameters
    ----------
    group : Group
        Counts per prompt.
    scope : {"fixed", "sampled"}
        The question.
    level : float
        The level of the interval.
    method : str, optional
        One of `baserate.stats.rate.RATE_INTERVALS`; where runs share prompts it is applied to the effective n. Left
        out, Wilson's: guarded, or on a cautious effective n, as docs/calibration.md chose.

    Returns
    -------
    RateInterval
        All of [0, 1] where nothing was graded.
    """
    kind = design(group, scope)
    if kind == "none":
        return RateInterval(0.0, 1.0, 0.0, float("nan"), kind)
    if method is None:
        return _default_interval(group, kind, level)
    between = RATE_INTERVALS[method]
    if kind in ("independent", "one prompt"):
        low, high = between(group.shown, group.graded, level)
        return RateInterval(float(low), float(high), float(group.graded), float("nan"), kind)
    if kind == "sampled" and method == "clopper-pearson":
        estimate = korn_graubard(group.events, group.n, level)
        low, high = estimate.low, estimate.high
    else:
        estimate = (sampled_rate if kind == "sampled" else fixed_rate)(group.events, group.n, level)
        low, high = between(estimate.estimate * estimate.n_eff, estimate.n_eff, level)
    return RateInterval(float(low), float(high), float(estimate.n_eff), float(estimate.icc), kind)


def _default_interval(group: Group, kind: str, level: float) -> RateInterval:
    if kind in ("independent", "one prompt"):
        low, high = map(float, guarded_wilson(group.shown, group.graded, level))
        guarded = (low, high) != tuple(map(float, wilson(group.shown, group.graded, level)))
        return RateInterval(low, high, float(group.graded), float("nan"), kind, guarded)
    found = (cautious_sampled_rate if kind == "sampled" else cautious_fixed_rate)(group.events, group.n, level)
    return RateInterval(float(found.low), float(found.high), float(found.n_eff), float(found.icc), kind)
