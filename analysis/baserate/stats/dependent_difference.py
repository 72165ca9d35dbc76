"""Two rates over the same units, held against each other: their limits recovered from those of the rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from baserate.stats._arrays import Floats, Interval
from baserate.stats._roots import bracketed_root
from baserate.stats.mover import mover_difference
from baserate.stats.student import t_quantile

LEAST = 1e-12  # smallest p value that is told apart from 0
Limits = Callable[[Floats], Interval]


def difference_limits(
    first: tuple[Floats, Floats, Floats],
    second: tuple[Floats, Floats, Floats],
    correlation: Floats,
    reach: Floats | None = None,
) -> Interval:
    """Recover the limits of p1 - p2, each at least as far as a t limit of the difference itself.

    MOVER leans on the correlation, which few units may overstate. The t limit does not, and MOVER without the
    correlation bounds both.

    Parameters
    ----------
    first, second : tuple of ndarray
        Estimate, low and high of the two rates, at the same level.
    correlation : ndarray
        Of the two estimates.
    reach : ndarray, optional
        t times the standard error of the difference; left out, MOVER alone.

    Returns
    -------
    low, high : ndarray

    References
    ----------
    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693-1702 (equations 10 and 11).
    """
    low, high = mover_difference(*first, *second, correlation)
    if reach is None:
        return low, high
    free_low, free_high = mover_difference(*first, *second)
    estimate = first[0] - second[0]
    low = np.minimum(low, np.maximum(estimate - reach, free_low))
    high = np.maximum(high, np.minimum(estimate + reach, free_high))
    return low, high


def ratio_limits(
    first: tuple[Floats, Floats, Floats], second: tuple[Floats, Floats, Floats], correlation: Floats
) -> Interval:
    """Recover the limits of p1 / p2.

    Parameters
    ----------
    first, second, correlation
        As in `difference_limits`.

    Returns
    -------
    low, high : ndarray
        0 and infinite where the rates give no limit.

    References
    ----------
    Donner, A. & Zou, G. Y. (2012). Closed-form confidence intervals for functions of the normal mean and standard
    deviation. Statistical Methods in Medical Research 21, 347-359 (MOVER-R).
    """
    (p1, l1, u1), (p2, l2, u2) = first, second
    low = _ratio(p1, p2, p1 - l1, u2 - p2, l1, u2, correlation, -1)
    high = _ratio(p1, p2, u1 - p1, p2 - l2, u1, l2, correlation, 1)
    return low, high


def _ratio(p1: Floats, p2: Floats, d1: Floats, d2: Floats, end1: Floats, end2: Floats, r: Floats, side: int) -> Floats:
    """Solve (p1 - θ p2)² = d1² - 2 r θ d1 d2 + θ² d2² for the limit of θ on one side."""
    a, b, c = p2**2 - d2**2, p1 * p2 - r * d1 * d2, p1**2 - d1**2
    inside = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        root = (b + side * inside) / a if side > 0 else np.where(a > 0, (b - inside) / a, c / (b + inside))
    if side < 0:
        return np.where(np.isfinite(root) & (c > 0), np.maximum(root, 0.0), 0.0)
    return np.where((a > 0) & np.isfinite(root), root, np.inf)


def odds_ratio_limits(
    first: tuple[Floats, Floats, Floats], second: tuple[Floats, Floats, Floats], correlation: Floats
) -> Interval:
    """Recover the limits of the odds ratio, by MOVER on the logits.

    Parameters
    ----------
    first, second, correlation
        As in `difference_limits`.

    Returns
    -------
    low, high : ndarray
        0 and infinite where a rate of 0 or 1 gives no limit.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        (p1, l1, u1), (p2, l2, u2) = (tuple(map(logit, side)) for side in (first, second))
        estimate = p1 - p2
        down = np.sqrt(np.maximum((p1 - l1) ** 2 + (u2 - p2) ** 2 - 2 * correlation * (p1 - l1) * (u2 - p2), 0.0))
        up = np.sqrt(np.maximum((u1 - p1) ** 2 + (p2 - l2) ** 2 - 2 * correlation * (u1 - p1) * (p2 - l2), 0.0))
        low, high = np.exp(estimate - down), np.exp(estimate + up)
        # a side that is 0 or 1 has its one finite limit, which bounds the odds ratio by itself
        bound_low, bound_high = np.exp(l1 - u2), np.exp(u1 - l2)
    finite = np.isfinite(p1) & np.isfinite(p2)
    low = np.where(finite, low, np.nan_to_num(bound_low, nan=0.0, posinf=0.0))
    high = np.where(finite, high, np.nan_to_num(bound_high, nan=np.inf, posinf=np.inf))
    return np.nan_to_num(low, nan=0.0), np.where(np.isnan(high), np.inf, high)


def p_by_inversion(limits: Limits, estimate: npt.ArrayLike, null: float) -> Floats:
    """Compute two-sided p values by inverting intervals: the least alpha whose interval leaves out the null.

    Parameters
    ----------
    limits : callable
        Levels of shape (m,) -> low, high of shape (m,), nested in the level.
    estimate : array_like, shape (m,)
    null : float

    Returns
    -------
    ndarray, shape (m,)
        At least 1e-12; 1 where the estimate is the null; NaN where there is no estimate.
    """
    value = np.asarray(estimate, dtype=np.float64)

    def outside(log_alpha: Floats) -> Floats:
        low, high = limits(-np.expm1(log_alpha))
        gap = np.where(value > null, low - null, null - high)
        return np.where(np.isnan(gap), -1.0, np.clip(gap, -1e6, 1e6))

    least, most = np.full(value.shape, np.log(LEAST)), np.full(value.shape, np.log1p(-1e-9))
    at_least, at_most = outside(least), outside(most)
    root = np.exp(bracketed_root(outside, least, most, within=1e-11))
    p = np.where(at_least > 0, LEAST, np.where(at_most <= 0, 1.0, root))
    return np.where(np.isnan(value), np.nan, np.where(value == null, 1.0, p))


def t_reach(level: npt.ArrayLike, df: Floats, variance: Floats) -> Floats:
    """Return how far a t limit lies from the estimate.

    Parameters
    ----------
    level : array_like
    df, variance : ndarray
        Of the difference; a NaN df reaches as far as one degree of freedom.

    Returns
    -------
    ndarray
    """
    t = t_quantile(np.where(np.isnan(df), 1.0, df), (1 + np.asarray(level, dtype=np.float64)) / 2)
    return np.asarray(t * np.sqrt(variance))


def odds_ratio(p1: Floats, p2: Floats) -> Floats:
    """Return the odds ratio of two rates; NaN for 0 / 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(p1 * (1 - p2) / (p2 * (1 - p1)))
