"""The default limits of many simulated data sets at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baserate.groups import IntArray
from baserate.planning.design import Design
from baserate.stats.cautious_fixed import cautious_fixed_rate
from baserate.stats.guarded_difference import guarded_difference, guarded_paired
from baserate.stats.mover import mover_difference
from baserate.stats.sampled_difference import sampled_difference

Floats = NDArray[np.float64]

DRAWS = 2_000  # random sign patterns, or deals, for each simulated data set


def limits(design: Design, candidate: IntArray, baseline: IntArray, level: float) -> tuple[Floats, Floats]:
    """Compute the limits of the difference that `baserate.infer.infer` gives, for many data sets at once.

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
    kind = design.kind
    if kind == "independent":
        low, high = guarded_difference(candidate.sum(-1), design.runs, baseline.sum(-1), design.runs, level)
    elif kind == "paired":
        one, two = candidate == 1, baseline == 1
        both, first, second = ((x & y).sum(-1) for x, y in ((one, two), (one, ~two), (~one, two)))
        low, high = guarded_paired(both, first, second, design.prompts - both - first - second, level)
    elif kind == "sampled":
        n = np.full(design.prompts, design.epochs)
        found = sampled_difference(candidate, n, baseline, n, design.shared, draws=DRAWS)
        low, high = found.limits(level)
    else:
        n = np.full(design.prompts, design.epochs)
        one, two = cautious_fixed_rate(candidate, n, level), cautious_fixed_rate(baseline, n, level)
        low, high = mover_difference(one.estimate, one.low, one.high, two.estimate, two.low, two.high)
    return np.asarray(low), np.asarray(high)
