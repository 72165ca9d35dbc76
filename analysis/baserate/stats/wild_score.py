"""Wild score bootstrap: tests for sampled clusters, over all sign patterns of the clusters' scores."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from baserate.stats._arrays import Floats
from baserate.stats.newton import Surface, maximize

MOST_CLUSTERS = 12
_TIE = 1e-9  # relative: patterns as extreme as the one observed but for rounding count as extreme
_GRID = 8192  # steps of the lattice that the sum of more clusters' scores is counted on


def sign_flip_p(scores: Floats, observed: float) -> float:
    """Return the share of sign patterns whose sum of scores is as far from zero as the one observed.

    Parameters
    ----------
    scores : ndarray of shape (G,)
        A score of each cluster; their signs do not matter.
    observed : float
        The sum that was observed.

    Returns
    -------
    float
        Over all 2^G patterns: up to 12 clusters one by one; of more, the distribution of the sum is convolved on a
        lattice of 8,192 steps of the largest sum, and what rounding may have moved counts as extreme.

    References
    ----------
    Kline, P. & Santos, A. (2012). A score based approach to wild bootstrap inference. Journal of Econometric Methods 1,
    23–41.

    Examples
    --------
    >>> sign_flip_p(np.ones(5), 5.0)
    0.0625
    """
    size = np.abs(scores)
    size = size[size > _TIE * size.max(initial=0.0)]
    if size.size <= MOST_CLUSTERS:
        sums = np.zeros(1)
        for one in size[1:]:  # flipping all signs changes nothing, so the first may stay
            sums = np.concatenate([sums + one, sums - one])
        return float(np.mean(np.abs(sums + size[:1].sum()) >= abs(observed) * (1 - _TIE)))
    step = size.sum() / _GRID
    moves = np.rint(size / step).astype(int)
    reach = int(moves.sum())
    chance = np.zeros(2 * reach + 1)
    chance[reach] = 1.0
    for move in moves[moves > 0]:
        there = np.zeros_like(chance)
        there[move:] = chance[:-move] / 2
        there[:-move] += chance[move:] / 2
        chance = there
    lost = size / step - moves
    rounding = max(abs(lost.sum()), 3 * np.sqrt(lost @ lost))  # steps: three standard deviations of what it adds
    far = np.abs(np.arange(-reach, reach + 1)) >= abs(observed) / step - rounding - _TIE * _GRID
    return float(min(1.0, chance[far].sum()))


def wild_score_p(
    surface: Surface, X: Floats, events: Floats, n: Floats, cluster: ArrayLike, start: Floats, tested: NDArray[np.bool_]
) -> float:
    """Test that some coefficients of a logistic model have given values, clusters being independent.

    The clusters' scores at the constrained maximum have mean zero under the null hypothesis; their signs are flipped in
    every way, and the p value is the share of patterns whose score statistic is as extreme as the one observed. It is
    never below 2 / 2^G.

    Parameters
    ----------
    surface : callable
        The log-likelihood of the cells, see `baserate.stats.logistic.likelihood`.
    X : ndarray of shape (m, p)
        One row a cell: a row of the design matrix within a cluster.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.
    cluster : array_like of shape (m,)
        The cluster (prompt) of each cell; at most 12 clusters.
    start : ndarray of shape (p,)
        The values that are tested, and for the other coefficients where to begin.
    tested : ndarray of bool of shape (p,)
        Which coefficients are tested.

    Returns
    -------
    float
        The p value.

    Raises
    ------
    ConvergenceError
        If the constrained maximum was not reached.

    References
    ----------
    Kline, P. & Santos, A. (2012). A score based approach to wild bootstrap inference. Journal of Econometric Methods 1,
    23–41.
    """
    beta = maximize(surface, start, ~tested)
    eta = X @ beta
    scores = X * (events - n * expit(eta))[:, None]
    _, group = np.unique(np.asarray(cluster), return_inverse=True)
    by_cluster = np.zeros((group.max() + 1, X.shape[1]))
    np.add.at(by_cluster, group, scores)
    effective = np.linalg.solve(surface(beta).information, by_cluster.T).T[:, tested]  # Kline & Santos (2012), eq. 8
    metric = np.linalg.pinv(effective.T @ effective)
    # flipping all signs changes nothing, so the first may stay
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=len(effective) - 1)))
    sums = np.column_stack([np.ones(len(signs)), signs]) @ effective
    statistics = np.einsum("bi,ij,bj->b", sums, metric, sums)
    return float(np.mean(statistics >= statistics[0] * (1 - _TIE)))
