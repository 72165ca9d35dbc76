"""Wilson's interval, widened where it would cover too little."""

import numpy as np
import numpy.typing as npt
from scipy import special

from baserate.stats._arrays import Floats, Interval, checked_counts, checked_level
from baserate.stats._roots import bracketed_root
from baserate.stats.rate import clopper_pearson, wilson

ERROR = 1.4  # largest error allowed at any rate, in multiples of the nominal one: 7 % at level 0.95
SMALL = 30.0  # binomial variance at Wilson's limit beyond which Wilson's error stays below that
FEW = 5.0  # effective events, or misses, up to which an effective count is guarded
_FAR = 1e-3  # a limit whose own tail is this share of the error cannot be accepted

Mask = npt.NDArray[np.bool_]


def guarded_wilson(events: npt.ArrayLike, n: npt.ArrayLike, level: npt.ArrayLike = 0.95) -> Interval:
    """Wilson's interval together with the rates whose exact score test does not reject.

    Near 0 and 1 Wilson's interval covers as little as .83 at level .95. A rate p stays in this interval if Wilson's
    holds it, or if the exact probability of a count as far from n p as the one seen is above 1.4 times the nominal
    error. So the coverage is nowhere below .93 at level .95, whatever n and p, while the interval is Wilson's
    wherever that covers enough: beyond n = 50, all but the cases with one to three events, or misses.

    Parameters
    ----------
    events, n : array_like
        Numbers of events and of runs. With no runs the interval is [0, 1]. Effective numbers have no exact test:
        up to five events, or misses, their limit goes as far as Clopper and Pearson's with 1.4 times the error.
    level : array_like
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    low, high : ndarray
        The limits, in the common shape of the arguments; nested in the level.

    Raises
    ------
    ValueError
        If a count or a level is impossible.

    References
    ----------
    Brown, L. D., Cai, T. T. & DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical
    Science 16, 101-133 (why Wilson's interval dips near 0 and 1).
    Agresti, A. & Min, Y. (2001). On small-sample confidence intervals for parameters in discrete distributions.
    Biometrics 57, 963-971 (inverting one exact two-sided score test).
    """
    k, total, confidence = np.broadcast_arrays(*checked_counts(events, n), checked_level(level))
    low, high = wilson(k, total, confidence)
    error = np.minimum(ERROR * (1 - confidence), 1.0)
    lower, upper = _lower(k, total, low, error), 1 - _lower(total - k, total, 1 - high, error)
    return lower, np.maximum(upper, high)


def allowed_level(level: npt.ArrayLike) -> Floats:
    """Return the level whose error is the largest that a guarded interval of the given level may have.

    Parameters
    ----------
    level : array_like
        Confidence level, strictly between 0 and 1: .95 becomes .93.

    Raises
    ------
    ValueError
        If a level is impossible.
    """
    allowed: Floats = np.maximum(1 - ERROR * (1 - checked_level(level)), 1e-9)
    return allowed


def _lower(k: Floats, n: Floats, low: Floats, error: Floats) -> Floats:
    """Return the smallest rate that the exact score test accepts, and no more than `low`."""
    whole = (k == np.floor(k)) & (n == np.floor(n))
    guard = whole & (k > 0) & (n * low * (1 - low) < SMALL) & (error < 1)
    limits = np.array(low)
    if guard.any():
        cases = np.stack([k[guard], n[guard], low[guard], error[guard]])
        unique, where = np.unique(cases, axis=1, return_inverse=True)
        limits[guard] = _first_accepted(*unique)[where.ravel()]
    effective = ~whole & (k <= FEW) & (error < 1)
    if effective.any():
        exact = clopper_pearson(k[effective], n[effective], 1 - error[effective])[0]
        limits[effective] = np.minimum(limits[effective], exact)
    return limits


def _first_accepted(k: Floats, n: Floats, low: Floats, error: Floats) -> Floats:
    """Search the pieces between the rates (k + j) / 2n, at which the other tail takes in one count more.

    On a piece the p value P(X >= k) + P(X <= j) falls, then rises: it is accepted first at the piece's left end or,
    failing that, between there and the right end.
    """
    # below `start` no rate can be accepted: either tail alone is too light
    start = special.betaincinv(k, n - k + 1, _FAR * error)
    j = np.maximum(np.floor(2 * n * start - k), -1.0)
    limits, left = np.array(low), start
    open_ = left < low
    while open_.any():
        right = np.minimum((k + j + 1) / (2 * n), low)
        at_left = open_ & (_p_value(k, n, j, left) > error)
        limits = np.where(at_left, left, limits)
        inside = open_ & ~at_left & (_p_value(k, n, j, right) > error)
        if inside.any():
            limits[inside] = _crossing(*(a[inside] for a in (k, n, j, left, right, error)))
        left, j = right, j + 1
        open_ = open_ & ~at_left & ~inside & (left < low)
    return limits


def _p_value(k: Floats, n: Floats, j: Floats, p: Floats) -> Floats:
    """P(X >= k) + P(X <= j), with j < k."""
    other = special.betaincc(np.maximum(j, 0.0) + 1, n - np.maximum(j, 0.0), p)
    value: Floats = special.betainc(k, n - k + 1, p) + np.where(j >= 0, other, 0.0)
    return value


def _crossing(k: Floats, n: Floats, j: Floats, left: Floats, right: Floats, error: Floats) -> Floats:
    return bracketed_root(lambda p: _p_value(k, n, j, p) - error, left, right)
