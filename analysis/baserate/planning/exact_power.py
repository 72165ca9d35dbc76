"""Power of independent runs by exact enumeration."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, gammaln, xlog1py, xlogy

from baserate.planning.design import DIFFERENCE, EQUIVALENCE, IntArray, Question
from baserate.stats.guarded_difference import FEW, guarded_difference, guarded_p_value
from baserate.stats.power import power_two_rates
from baserate.stats.two_rates import miettinen_nurminen
from baserate.stats.two_rates_tests import LEAST_EXPECTED, default_p_value

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEGLIGIBLE = 1e-14  # probability of a table that need not be judged


def exact_power(rates: tuple[float, float], n: int, question: Question) -> float:
    """Add up the probability of every table that shows what is asked.

    Where both arms have enough events and misses, the interval is Miettinen and Nurminen's and the test its dual. Where
    they are few, both are guarded, which can only take a table out.

    Parameters
    ----------
    rates : tuple of float
        The true rates of candidate and baseline.
    n : int
        Runs of each version.
    question : Question

    Returns
    -------
    float
    """
    k1, k2, mass = _few(rates, n)
    if question.kind == DIFFERENCE:
        alpha = question.alpha / question.comparisons
        unguarded = power_two_rates(*rates, n, alpha=alpha)
        shown = default_p_value(k1, n, k2, n) <= alpha
        out = guarded_p_value(k1[shown], n, k2[shown], n) >= alpha
    else:
        unguarded = _within_margin(rates, n, question)
        level = question.limits_level
        shown = question.shown_by_limits(*miettinen_nurminen(k1, n, k2, n, level))
        out = ~question.shown_by_limits(*guarded_difference(k1[shown], n, k2[shown], n, level))
    return max(0.0, unguarded - float(mass[shown][out].sum()))


def _few(rates: tuple[float, float], n: int) -> tuple[IntArray, IntArray, Floats]:
    """Return the tables with few events or misses that may be seen, and their probabilities."""
    k1, k2 = (_likely(n, p) for p in rates)
    near1, near2 = (k[np.minimum(k, n - k) <= FEW] for k in (k1, k2))
    least = 2 * math.ceil(LEAST_EXPECTED) - 1  # of all events or misses, below which Boschloo's test is used
    low1, low2 = (k[np.minimum(k, n - k) <= least] for k in (k1, k2))
    crossed = [np.stack(np.meshgrid(*pair), -1).reshape(-1, 2) for pair in ((near1, k2), (k1, near2), (low1, low2))]
    one, two = np.unique(np.concatenate(crossed), axis=0).T
    mass = _mass(one, n, rates[0]) * _mass(two, n, rates[1])
    seen = mass > NEGLIGIBLE
    return one[seen], two[seen], mass[seen]


def _within_margin(rates: tuple[float, float], n: int, question: Question) -> float:
    """Probability that Miettinen and Nurminen's interval lies within the margin: for each k1, between two k2."""
    assert question.margin is not None
    margin, level = question.margin, question.limits_level
    k1 = _likely(n, rates[0])

    def side(which: int) -> Callable[[IntArray], Floats]:
        return lambda k2: np.asarray(miettinen_nurminen(k1, n, k2, n, level)[which])

    low, high = side(0), side(1)  # both fall as k2 rises
    first = _last(lambda k2: high(k2) >= margin, n, k1.size) + 1
    last = np.full(k1.size, n)
    if question.kind == EQUIVALENCE:
        last = _last(lambda k2: low(k2) > -margin, n, k1.size)
    between = np.where(last >= first, _cumulated(last, n, rates[1]) - _cumulated(first - 1, n, rates[1]), 0.0)
    return float(_mass(k1, n, rates[0]) @ between)


def _last(holds: Callable[[IntArray], Bools], n: int, size: int) -> IntArray:
    """Find the largest count in 0..n up to which a condition holds, elementwise; -1 where it never does."""
    low, high = np.full(size, -1, dtype=np.int64), np.full(size, n + 1, dtype=np.int64)
    while (high - low > 1).any():
        middle = (low + high) // 2
        held = holds(np.clip(middle, 0, n))
        low, high = np.where(held & (middle >= 0), middle, low), np.where(held | (middle < 0), high, middle)
    return low


def _likely(n: int, p: float) -> IntArray:
    """Return the numbers of events whose probability matters."""
    reach = 8 * math.sqrt(n * p * (1 - p)) + 12
    return np.arange(max(0, math.floor(n * p - reach)), min(n, math.ceil(n * p + reach)) + 1, dtype=np.int64)


def _mass(k: IntArray, n: int, p: float) -> Floats:
    """Binomial probabilities."""
    ways = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return np.asarray(np.exp(ways + xlogy(k, p) + xlog1py(n - k, -p)))


def _cumulated(k: IntArray, n: int, p: float) -> Floats:
    """Probability of at most k events."""
    return np.where(k >= 0, bdtr(np.clip(k, 0, n), n, p), 0.0)
