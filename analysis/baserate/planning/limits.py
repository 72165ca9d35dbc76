"""The default limits of many simulated data sets at once."""

from __future__ import annotations

from baserate.estimate import EFFECTS, Estimates, linearized, paired
from baserate.estimate import independent as independent_runs
from baserate.planning.design import Design, IntArray
from baserate.stats._arrays import Interval

_DIFFERENCE = EFFECTS["difference"]


def estimates(design: Design, candidate: IntArray, baseline: IntArray) -> Estimates:
    """Estimate the differences of many data sets, by the methods that `baserate.comparison.compare` chooses.

    Parameters
    ----------
    design : Design
    candidate, baseline : int array, shape (repeats, prompts)
        Runs with the behavior.

    Returns
    -------
    Estimates
    """
    means = design.means(candidate, baseline)
    if design.kind == independent_runs.NAME:
        return independent_runs.differences(means, _DIFFERENCE, None, None)
    if design.kind == paired.NAME:
        return paired.differences(means, None)
    return linearized.differences(means, design.kind, _DIFFERENCE, None)


def limits(design: Design, candidate: IntArray, baseline: IntArray, level: float) -> Interval:
    """Compute the limits of the differences of many data sets.

    Parameters
    ----------
    design : Design
    candidate, baseline : int array, shape (repeats, prompts)
        Runs with the behavior.
    level : float

    Returns
    -------
    low, high : ndarray, shape (repeats,)
        The p value is dual to them, so that they tell the verdict.
    """
    if design.kind == independent_runs.NAME:  # without the tests, whose p values nobody asked for
        counts = (candidate.sum(-1), design.runs, baseline.sum(-1), design.runs)
        return _DIFFERENCE.independent(*counts, level)
    return estimates(design, candidate, baseline).limits(level)
