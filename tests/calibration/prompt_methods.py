"""The defaults over conditions and prompts, the published methods that one argument selects, and what people use."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from baserate.estimate import EFFECTS, Estimates, linearized
from baserate.stats._arrays import Floats, Interval
from baserate.stats.cell_means import CellMeans
from baserate.stats.linearization import contrast, linearize
from baserate.stats.rate import wilson
from baserate.stats.two_rates import miettinen_nurminen
from calibration.measure import ROUNDING, Measure
from calibration.methods import DEFAULT, LEVEL
from calibration.prompt_designs import PromptPoint
from calibration.prompt_worlds import draw

Limits = Callable[[float], Interval]


def methods(point: PromptPoint, means: CellMeans) -> dict[str, Limits]:
    """Return the limits of each method on some data sets."""
    kind = "fixed" if "fixed" in point.family else "sampled"
    if not point.rates2:
        names = {DEFAULT: None, "wilson": "wilson", "korn-graubard": "clopper-pearson"}
        found = {name: _of(linearized.rates(means, kind, method)) for name, method in names.items()}
        return {**found, "all runs": lambda level: wilson(means.shown, means.graded, level), "cluster z": _z(means)}
    names = {DEFAULT: None, "mover": "mover", "t": "t"} if kind == "sampled" else {DEFAULT: None, "t": "t"}
    found = {name: _of(linearized.differences(means, kind, EFFECTS["difference"], m)) for name, m in names.items()}
    return {**found, "all runs": _pooled(means), "cluster z": _z_difference(means)}


def _of(found: Estimates) -> Limits:
    return lambda level: found.limits(level)


def _bounds(point: PromptPoint, means: CellMeans) -> Limits:
    """Return the default's bounds on one side."""
    found = linearized.rates(means, "fixed" if "fixed" in point.family else "sampled", None)
    return lambda level: found.bounds(level)


def _z(means: CellMeans) -> Limits:
    """Sandwich standard error with normal quantiles."""
    error = np.sqrt(linearize(means).variance)
    return lambda level: _around(means.estimate, error, level)


def _z_difference(means: CellMeans) -> Limits:
    m = means.groups // 2
    found = linearize(means)
    error = np.sqrt(np.maximum(found.variance[:m] + found.variance[m:] - 2 * contrast(found).covariance, 0))
    return lambda level: _around(means.estimate[:m] - means.estimate[m:], error, level)


def _around(value: Floats, error: Floats, level: float) -> Interval:
    reach = -float(ndtri((1 - level) / 2)) * error
    return value - reach, value + reach


def _pooled(means: CellMeans) -> Limits:
    m = means.groups // 2
    k, n = means.shown, means.graded
    return lambda level: miettinen_nurminen(k[:m], n[:m], k[m:], n[m:], level)


def measure(point: PromptPoint, draws: int, only: str | None = None) -> list[Measure]:
    """Measure the methods at a point by seeded simulation."""
    means, truth = draw(point, draws)
    bounds: dict[str, Limits] = {} if point.rates2 else {DEFAULT: _bounds(point, means)}
    found = []
    for name, limits in methods(point, means).items():
        if only not in (None, name):
            continue
        low, high = (np.asarray(x) for x in limits(LEVEL))
        one_low, one_high = (np.asarray(x) for x in bounds.get(name, limits)(2 * LEVEL - 1))
        held = (low <= truth + ROUNDING) & (truth <= high + ROUNDING)
        rejected = float(np.mean((low > 0) | (high < 0))) if point.rates2 else np.nan
        sides = float(np.mean(one_low > truth + ROUNDING)), float(np.mean(one_high < truth - ROUNDING))
        found.append(Measure(name, float(held.mean()), *sides, float(np.mean(high - low)), rejected))
    return found
