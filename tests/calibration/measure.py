"""Coverage, length and rejections of each method at one design point."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from baserate.stats._arrays import Floats
from baserate.stats.two_rates_tests import boschloo, fisher, n_minus_1_chi2
from calibration.designs import Point
from calibration.methods import LEVEL, METHODS, Method

Methods = dict[str, Method]

ROUNDING = 1e-9  # a limit this close to the truth holds it


class Measure(NamedTuple):
    """What a method does at a point: NaN where it gives no interval, or no verdict on a difference."""

    method: str
    coverage: float
    below: float  # how often the truth lies below the lower limit of level 2 · level − 1, and
    above: float  # above the upper one
    length: float
    rejected: float


def measure(point: Point, only: str | None = None) -> list[Measure]:
    """Measure the methods at a point of independent runs, by enumeration."""
    methods = {name: m for name, m in METHODS[point.family].items() if only in (None, name)}
    if point.family == "rate":
        return _rate(point, methods)
    if point.family == "difference":
        return _difference(point, methods, tests=only is None)
    return _paired(point, methods)


def truth(point: Point) -> float:
    """Return the true rate, or the true difference."""
    return point.p1 if point.family == "rate" else point.p1 - point.p2


def summarize(method: str, limits: tuple[Floats, Floats], true: float, weight: Floats | None, differs: bool) -> Measure:
    """Average over the outcomes, weighted by their probabilities."""
    low, high = (np.asarray(limit) for limit in limits)
    held = (low <= true + ROUNDING) & (true <= high + ROUNDING)
    rejected = np.average((low > 0) | (high < 0), weights=weight) if differs else np.nan
    coverage, length = np.average(held, weights=weight), np.average(high - low, weights=weight)
    return Measure(method, float(coverage), np.nan, np.nan, float(length), float(rejected))


def _binomial(n: int, p: float) -> Floats:
    k = np.arange(n + 1.0)
    log_ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.asarray(np.exp(log_ways + special.xlogy(k, p) + special.xlog1py(n - k, -p)))


def _rate(point: Point, methods: Methods) -> list[Measure]:
    k = np.arange(point.n1 + 1.0)
    n, weight = np.full(k.shape, float(point.n1)), _binomial(point.n1, point.p1)
    return [summarize(name, method(k, n, LEVEL), point.p1, weight, differs=False) for name, method in methods.items()]


def _difference(point: Point, methods: Methods, tests: bool) -> list[Measure]:
    first, second = _binomial(point.n1, point.p1), _binomial(point.n2, point.p2)
    weight = np.outer(first, second).ravel()
    likely = weight > 1e-12
    k1, k2 = (k.ravel()[likely] * 1.0 for k in np.indices((point.n1 + 1, point.n2 + 1)))
    counts = k1, np.full(k1.shape, float(point.n1)), k2, np.full(k2.shape, float(point.n2))
    found = [
        summarize(name, method(*counts), truth(point), weight[likely], differs=True) for name, method in methods.items()
    ]
    if not tests:
        return found
    values = {"boschloo": boschloo(*counts), "fisher": fisher(*counts), "n-1 chi2": n_minus_1_chi2(*counts)[1]}
    return found + [_test(name, p, weight[likely]) for name, p in values.items()]


def _test(name: str, p: Floats, weight: Floats | None = None) -> Measure:
    return Measure(name, np.nan, np.nan, np.nan, np.nan, float(np.average(p < 1 - LEVEL, weights=weight)))


def _paired(point: Point, methods: Methods) -> list[Measure]:
    n, rest = point.n1, max(1 - point.p1 - point.p2, 0.0)
    b, c = (k.ravel() * 1.0 for k in np.indices((n + 1, n + 1)))
    b, c = b[b + c <= n], c[b + c <= n]
    log_ways = special.gammaln(n + 1) - sum(special.gammaln(k + 1) for k in (b, c, n - b - c))
    chances = special.xlogy(b, point.p1) + special.xlogy(c, point.p2) + special.xlogy(n - b - c, rest)
    weight = np.exp(log_ways + chances)
    return [
        summarize(name, method(np.zeros_like(b), b, c, n - b - c, LEVEL), truth(point), weight, differs=True)
        for name, method in methods.items()
    ]
