"""Boschloo's exact test: Fisher's p value as the statistic, its distribution maximized over the common rate."""

import numpy as np
import numpy.typing as npt
from scipy import special

from baserate.stats._arrays import Floats
from baserate.stats.exact_tests import one_sided, whole_counts

TIE = 1e-10  # relative difference below which two Fisher p values are the same
LARGEST = 4_000_000  # tables of one pair of sizes; beyond, Fisher's bound is used
BLOCK = 2_000_000  # numbers held at once
NODES = 24.0  # grid points of the common rate per square root of the number of runs


def boschloo(events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike) -> Floats:
    """Two-sided p values of Boschloo's test: twice the smaller one-sided p value.

    Parameters
    ----------
    events1, n1, events2, n2 : array_like
        Whole numbers of events and of runs of the two arms. They broadcast.

    Returns
    -------
    p : ndarray
        The p values. Where the two arms have more than four million possible tables, the maximum of
        Boschloo's p over the common rate has all but reached Fisher's doubled one-sided p value; this
        upper bound is then returned.

    Raises
    ------
    ValueError
        If a count is impossible or not a whole number.

    References
    ----------
    Boschloo, R. D. (1970). Raised conditional level of significance for the 2 x 2-table when testing the equality
    of two probabilities. Statistica Neerlandica 24, 1-9.
    """
    counts = whole_counts(events1, n1, events2, n2)
    k1, total1, k2, total2 = (count.ravel() for count in counts)
    less, more = one_sided(k1, total1, k2, total2)
    observed = np.minimum(less, more)
    # of two arms either may come first, and more events are fewer failures: one table of tails serves all
    sizes = np.sort(np.stack([total1, total2], axis=1), axis=1)
    pairs, group = np.unique(sizes, axis=0, return_inverse=True)
    p = np.ones(observed.shape)
    for index, (small, large) in enumerate(pairs):
        rows = np.flatnonzero(group.ravel() == index)
        distinct, where = np.unique(observed[rows], return_inverse=True)
        p[rows] = _same_sizes(int(small), int(large), distinct)[where]
    return p.reshape(counts[0].shape)[()]


def _same_sizes(n1: int, n2: int, observed: Floats) -> Floats:
    """Boschloo's p values of tables whose arms have n1 <= n2 runs, from Fisher's smaller one-sided ones."""
    if (n1 + 1) * (n1 + n2 + 1) > LARGEST:
        return 2 * np.minimum(observed, 0.5)
    return 2 * np.minimum(_maximized(_lower_tails(n1, n2), observed), 0.5)


def _lower_tails(n1: int, n2: int) -> Floats:
    """P(X1 <= x | total s) for all s (rows, 0 to n1 + n2) and x (columns, 0 to n1)."""
    s, x = np.arange(n1 + n2 + 1)[:, None], np.arange(n1 + 1)
    possible = (s - x >= 0) & (s - x <= n2)
    rest = np.clip(s - x, 0, n2)
    log_ways = _log_binomial(n1)[x] + _log_binomial(n2)[rest] - _log_binomial(n1 + n2)[s]
    tails = np.cumsum(np.where(possible, np.exp(np.minimum(log_ways, 0.0)), 0.0), axis=1)
    shares: Floats = tails / tails[:, -1:]
    return shares


def _log_binomial(n: int) -> Floats:
    """Logarithms of the binomial coefficients n over 0, ..., n."""
    logs: Floats = special.gammaln(np.arange(n + 1) + 1.0)
    ways: Floats = logs[-1] - logs - logs[::-1]
    return ways


def _maximized(tails: Floats, observed: Floats) -> Floats:
    """Maximize over the common rate the probability of a Fisher p value as small as each `observed`."""
    result = np.empty_like(observed)
    rows = max(1, BLOCK // len(tails))
    for start in range(0, observed.size, rows):
        block = slice(start, start + rows)
        result[block] = _supremum(_attained(tails, observed[block] * (1 + TIE)))
    return result


def _attained(tails: Floats, bound: Floats) -> Floats:
    """Largest Fisher p value not above the bound at each total: shape (tables, totals)."""
    if bound.size * 8 < len(tails):  # tails rise along a row: the last one within the bound is the largest
        return np.stack([np.where(tails <= one, tails, 0.0).max(axis=1) for one in bound])
    attained = np.empty((len(tails), bound.size))
    for total, tail in enumerate(tails):
        attained[total] = np.concatenate([[0.0], tail])[np.searchsorted(tail, bound, side="right")]
    return attained.T


def _supremum(attained: Floats) -> Floats:
    """Maximize sum_s Binomial(s; N, rate) attained(s) over the rate, for each row."""
    n = attained.shape[1] - 1
    log_ways = _log_binomial(n)
    nodes = int(NODES * np.sqrt(n)) + 8
    logit = special.logit(np.sin(np.linspace(0, np.pi / 2, nodes + 2)[1:-1]) ** 2)
    values = _expected(attained, log_ways, logit)
    best = _peaks(values).argmax(axis=1)
    eta = logit[best]
    highest: Floats = values.max(axis=1)
    width = np.gradient(logit)[best]
    for _ in range(3):  # Newton's method for the logit of the rate
        rate = special.expit(eta)
        place, inside = _band(n, rate)
        mass = _binomial(log_ways, eta, place) * np.take_along_axis(attained, place, axis=1) * inside
        deviation = place - n * rate[:, None]
        slope = (mass * deviation).sum(axis=1)
        curve = (mass * deviation**2).sum(axis=1) - n * rate * (1 - rate) * mass.sum(axis=1)
        highest = np.maximum(highest, mass.sum(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(curve < 0, -slope / curve, 0.0)
        eta = eta + np.clip(step, -width, width)
    return highest


def _peaks(values: Floats) -> Floats:
    """Heights at equidistant nodes, at local maxima those of the parabola through the neighbors."""
    left, top, right = values[:, :-2], values[:, 1:-1], values[:, 2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.where((top > left) & (top > right), (right - left) ** 2 / (8 * (2 * top - left - right)), 0.0)
    peaks = values.copy()
    peaks[:, 1:-1] += rise
    return peaks


def _expected(attained: Floats, log_ways: Floats, logit: Floats) -> Floats:
    """Sum binomial probabilities times what is attained: shape (rows, rates)."""
    n = log_ways.size - 1
    place, inside = _band(n, special.expit(logit))
    mass = _binomial(log_ways, logit, place) * inside
    if place.shape[1] == n + 1:
        return np.asarray(attained @ mass.T)
    return np.stack([(mass * row[place]).sum(axis=1) for row in attained])


def _band(n: int, rate: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return the numbers of events that matter at each rate: all of few, else within ten standard deviations."""
    width = int(10 * np.sqrt(n)) + 60  # twice ten standard deviations at a rate of one half
    if width > n:
        place = np.broadcast_to(np.arange(n + 1), (rate.size, n + 1))
        return place, np.ones(place.shape, dtype=bool)
    place = np.round(n * rate).astype(np.intp)[:, None] + np.arange(width) - width // 2
    return np.clip(place, 0, n), (place >= 0) & (place <= n)


def _binomial(log_ways: Floats, logit: Floats, place: npt.NDArray[np.intp]) -> Floats:
    """Binomial probabilities of some numbers of N events: one row a rate."""
    n = log_ways.size - 1
    log_rest = special.log_expit(-logit)[:, None]
    mass: Floats = np.exp(log_ways[place] + place * logit[:, None] + n * log_rest)
    return mass
