"""A difference of two rates: score intervals, widened where few events make them cover too little."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from baserate.stats._arrays import Floats, Interval, checked_counts, checked_level, share
from baserate.stats._roots import bracketed_root
from baserate.stats.guarded_wilson import ERROR, allowed_level
from baserate.stats.mover import mover_difference
from baserate.stats.paired import mcnemar_mid_p, tango
from baserate.stats.rate import clopper_pearson
from baserate.stats.two_rates import miettinen_nurminen
from baserate.stats.two_rates_tests import default_p_value, n_minus_1_chi2

FEW = 3.0  # events or misses up to which an arm is too near 0 or 1 for the score interval
SMALL = 50.0  # runs of an arm below which, and
UNEQUAL = 2.0  # ratio of the arms' runs above which one such arm is enough; else both must be, at opposite ends
LEAST = 1e-14  # smallest error that is inverted

Mask = npt.NDArray[np.bool_]


def guarded_difference(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    level: npt.ArrayLike = 0.95,
    p: npt.ArrayLike | None = None,
) -> Interval:
    """Miettinen and Nurminen's interval of p1 - p2, guarded where few events make it too short.

    An arm is near an end if it has at most three events, or three misses. Where one is, and an arm has fewer than 50
    runs or twice as many as the other, or where both are near opposite ends, the interval also holds what MOVER makes
    of Clopper and Pearson's limits at 1.4 times the error. It holds 0 wherever `guarded_p_value` does not reject.

    Parameters
    ----------
    events1, n1, events2, n2 : array_like
        Whole numbers of events and of runs of the two arms. They broadcast. An arm without runs gives [-1, 1].
    level : array_like
        Confidence level, strictly between 0 and 1.
    p : array_like, optional
        What `guarded_p_value` gives of the counts, where it is known already.

    Returns
    -------
    low, high : ndarray
        The limits of p1 - p2; nested in the level. They leave out 0 exactly where `guarded_p_value` is below
        1 - level.

    Raises
    ------
    ValueError
        If a count or a level is impossible.

    References
    ----------
    Miettinen, O. & Nurminen, M. (1985). Comparative analysis of two rates. Statistics in Medicine 4, 213-226.
    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693-1702.
    """
    k1, total1, k2, total2 = np.broadcast_arrays(*checked_counts(events1, n1), *checked_counts(events2, n2))
    confidence = checked_level(level)
    limits = miettinen_nurminen(k1, total1, k2, total2, confidence)
    exact = _exact_mover(k1, total1, k2, total2, allowed_level(confidence))
    limits = _hull(limits, exact, _few(k1, total1, k2, total2))
    known = guarded_p_value(k1, total1, k2, total2) if p is None else np.asarray(p, dtype=np.float64)
    return _with_zero(limits, known, confidence)


def guarded_p_value(events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike) -> Floats:
    """Two-sided p value of p1 = p2 that never contradicts `guarded_difference`.

    It is that of the N-1 χ² test or, where an expected count is below 5, of Boschloo's test if that is larger; where
    the interval is guarded, no smaller than the error at which the guard reaches 0.

    Parameters
    ----------
    events1, n1, events2, n2 : array_like
        Whole numbers of events and of runs of the two arms. They broadcast.

    Returns
    -------
    p : ndarray

    Raises
    ------
    ValueError
        If a count is impossible.
    """
    counts = np.broadcast_arrays(*checked_counts(events1, n1), *checked_counts(events2, n2))
    p: Floats = np.maximum(default_p_value(*counts), n_minus_1_chi2(*counts)[1])
    guard = _few(*counts) & (counts[1] > 0) & (counts[3] > 0)
    if guard.any():
        few = [count[guard] for count in counts]
        p = np.array(p)
        p[guard] = np.maximum(p[guard], _p_of_mover(*few))
    return p


def guarded_paired(
    n11: npt.ArrayLike, n12: npt.ArrayLike, n21: npt.ArrayLike, n22: npt.ArrayLike, level: npt.ArrayLike = 0.95
) -> Interval:
    """Tango's interval of a paired difference, guarded where few pairs make it too short.

    Where the commoner kind of discordant pair, or all other pairs, number at most three, the interval also holds what
    MOVER makes of Clopper and Pearson's limits of both kinds' shares at 1.4 times the error; and it holds 0 wherever
    the test of `guarded_paired_p_value` does not reject.

    Parameters
    ----------
    n11, n12, n21, n22 : array_like
        Numbers of pairs with the event under both versions, the first only, the second only, neither. They broadcast.
    level : array_like
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    low, high : ndarray
        The limits of p1 - p2; nested in the level.

    Raises
    ------
    ValueError
        If a count or a level is impossible.

    References
    ----------
    Tango, T. (1998). Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design. Statistics in Medicine 17, 891-908.
    """
    both, first, second, neither = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (n11, n12, n21, n22)))
    confidence = checked_level(level)
    limits = tango(both, first, second, neither, confidence)
    n = both + first + second + neither
    limits = _hull(limits, _discordant_mover(first, second, n, allowed_level(confidence)), _few_pairs(first, second, n))
    return _with_zero(limits, guarded_paired_p_value(both, first, second, neither), confidence)


def guarded_paired_p_value(n11: npt.ArrayLike, n12: npt.ArrayLike, n21: npt.ArrayLike, n22: npt.ArrayLike) -> Floats:
    """Two-sided p value of no paired difference that never contradicts `guarded_paired`.

    It is the larger of McNemar's mid-p value and that of his score test, to which Tango's interval is dual; where pairs
    are few, no smaller than the level at which the guarded interval reaches 0.

    Parameters
    ----------
    n11, n12, n21, n22 : array_like
        Numbers of pairs with the event under both versions, the first only, the second only, neither. They broadcast.

    Returns
    -------
    p : ndarray

    Raises
    ------
    ValueError
        If a count is impossible.

    References
    ----------
    Fagerland, M. W., Lydersen, S. & Laake, P. (2013). The McNemar test for binary matched-pairs data: mid-p and
    asymptotic are better than exact conditional. BMC Medical Research Methodology 13, 91.
    """
    both, first, second, neither = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (n11, n12, n21, n22)))
    gap, discordant = first - second, first + second
    score = special.chdtrc(1, gap * gap / np.maximum(discordant, 1.0))
    p: Floats = np.maximum(mcnemar_mid_p(first, second), score)
    n = both + discordant + neither
    guard = _few_pairs(first, second, n) & (n > 0)
    if guard.any():
        k1, k2, total = first[guard], second[guard], n[guard]
        p = np.array(p)
        p[guard] = np.maximum(p[guard], _inverted(lambda level: _discordant_mover(k1, k2, total, level), gap[guard]))
    return p


def _few(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Mask:
    """Say where the score interval is too short: next to 0 or 1, in small or unequal arms or at opposite ends."""
    near1, near2 = np.minimum(k1, n1 - k1) <= FEW, np.minimum(k2, n2 - k2) <= FEW
    opposite = near1 & near2 & ((2 * k1 > n1) != (2 * k2 > n2))
    smaller, larger = np.minimum(n1, n2), np.maximum(n1, n2)
    weak = (smaller < SMALL) | (larger > UNEQUAL * smaller)
    few: Mask = opposite | (weak & (near1 | near2))
    return few


def _few_pairs(first: Floats, second: Floats, n: Floats) -> Mask:
    """Say where the share of the commoner kind of discordant pair is next to 0 or 1."""
    commoner = np.maximum(first, second)
    few: Mask = np.minimum(commoner, n - commoner) <= FEW
    return few


def _exact_mover(k1: Floats, n1: Floats, k2: Floats, n2: Floats, level: Floats) -> Interval:
    return mover_difference(
        share(k1, n1), *clopper_pearson(k1, n1, level), share(k2, n2), *clopper_pearson(k2, n2, level)
    )


def _discordant_mover(first: Floats, second: Floats, n: Floats, level: Floats) -> Interval:
    """MOVER of the two discordant shares, correlated as two cells of a multinomial are."""
    p, q = share(first, n), share(second, n)
    spread = p * (1 - p) * q * (1 - q)
    r = -np.divide(p * q, np.sqrt(spread), out=np.zeros_like(p), where=spread > 0)
    limits = clopper_pearson(first, n, level), clopper_pearson(second, n, level)
    return mover_difference(p, *limits[0], q, *limits[1], np.maximum(r, -1.0))


def _hull(limits: Interval, other: Interval, where: Mask) -> Interval:
    low, high = limits
    return np.where(where, np.minimum(low, other[0]), low), np.where(where, np.maximum(high, other[1]), high)


def _with_zero(limits: Interval, p: Floats, level: Floats) -> Interval:
    """Let the interval reach 0 where the test does not reject."""
    kept = p >= 1 - level
    return _hull(limits, (np.zeros(()), np.zeros(())), kept)


def _p_of_mover(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Floats:
    return _inverted(lambda level: _exact_mover(k1, n1, k2, n2, level), share(k1, n1) - share(k2, n2))


def _inverted(limits: Callable[[Floats], Interval], gap: Floats) -> Floats:
    """Return the error, as that of the guarded interval, at which the limits on the side of 0 reach 0."""

    def beyond(log_error: Floats) -> Floats:
        low, high = limits(1 - np.exp(log_error))
        return np.where(gap > 0, low, -high)

    least, most = np.full(gap.shape, np.log(LEAST)), np.full(gap.shape, np.log(1 - 1e-9))
    error = np.exp(bracketed_root(beyond, least, most))
    p: Floats = np.where(beyond(least) > 0, LEAST, error) / ERROR
    return np.where(gap == 0, 1.0, p)
