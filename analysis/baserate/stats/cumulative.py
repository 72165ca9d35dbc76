"""Cumulative (proportional-odds) logistic models of ratings, on counts, with clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from baserate.stats._arrays import Floats
from baserate.stats.newton import ConvergenceError

MOST_STEPS, MOST_HALVINGS = 100, 40
_FAR = 15.0  # log odds: a coefficient that is still growing there has no finite estimate


@dataclass(frozen=True)
class Cumulative:
    """A fitted model: logit P(rating <= level j) = threshold_j − x'b.

    Attributes
    ----------
    theta : ndarray of shape (k − 1 + p,)
        The thresholds, then the coefficients: log odds of a higher rating.
    information : ndarray
        Observed.
    scores : ndarray of shape (m, k − 1 + p)
        Of each cell.
    log_likelihood : float
    """

    theta: Floats
    information: Floats
    scores: Floats
    log_likelihood: float


def fit_cumulative(X: Floats, counts: Floats) -> Cumulative:
    """Estimate a cumulative logistic model by maximum likelihood.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell, without an intercept.
    counts : ndarray of shape (m, k)
        Its runs by rating, the lowest first; each rating occurs.

    Returns
    -------
    Cumulative

    Raises
    ------
    ConvergenceError
        If no finite maximum was reached, as where a level of a factor has the highest or lowest rating alone.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical Society B 42, 109–142.
    """
    k, p = counts.shape[1], X.shape[1]
    below = np.cumsum(counts.sum(axis=0))[:-1] / counts.sum()
    theta = np.append(np.log(below / (1 - below)), np.zeros(p))
    here = _at(theta, X, counts)
    for _ in range(MOST_STEPS):
        gradient = here[1].sum(axis=0)
        step = np.linalg.lstsq(here[2], gradient, rcond=None)[0]
        if gradient @ step < 1e-16:
            return Cumulative(theta, here[2], here[1], here[0])
        for _ in range(MOST_HALVINGS):
            there = _at(theta + step, X, counts)
            if there[0] >= here[0] - 1e-12 * (1 + abs(here[0])):
                break
            step = step / 2
        theta, here = theta + step, there
        if np.abs(theta[k - 1 :]).max(initial=0.0) > _FAR:
            break
    raise ConvergenceError("The cumulative model has no finite maximum: some level has extreme ratings alone")


def _at(theta: Floats, X: Floats, counts: Floats) -> tuple[float, Floats, Floats]:
    """Return the log-likelihood, the scores of the cells, and the observed information."""
    k, m = counts.shape[1], len(X)
    thresholds, beta = theta[: k - 1], theta[k - 1 :]
    if np.any(np.diff(thresholds) <= 0):
        return -np.inf, np.zeros((m, theta.size)), np.eye(theta.size)
    upper = np.append(thresholds, np.inf) - (X @ beta)[:, None]
    lower = np.append(-np.inf, thresholds) - (X @ beta)[:, None]
    # the difference of two logistic functions, without cancellation in either tail
    chance = np.where(lower > 0, expit(-lower) - expit(-upper), expit(upper) - expit(lower))
    if np.any((chance <= 0) & (counts > 0)):
        return -np.inf, np.zeros((m, theta.size)), np.eye(theta.size)
    chance = np.where(chance > 0, chance, 1.0)
    fa, fb = (expit(v) * expit(-v) for v in (upper, lower))
    da, db = fa / chance, -fb / chance
    daa = fa * (expit(-upper) - expit(upper)) / chance - da**2
    dbb = -fb * (expit(-lower) - expit(lower)) / chance - db**2
    dab = -da * db
    value = float(np.sum(counts * np.log(chance)))
    scores, hessian = np.zeros((m, theta.size)), np.zeros((theta.size, theta.size))
    for j in range(k):
        rows_a = np.hstack([np.tile(np.eye(k - 1)[j] if j < k - 1 else np.zeros(k - 1), (m, 1)), -X])
        rows_b = np.hstack([np.tile(np.eye(k - 1)[j - 1] if j > 0 else np.zeros(k - 1), (m, 1)), -X])
        n = counts[:, j]
        scores += n[:, None] * (da[:, j, None] * rows_a + db[:, j, None] * rows_b)
        cross = rows_a.T @ ((n * dab[:, j])[:, None] * rows_b)
        hessian += rows_a.T @ ((n * daa[:, j])[:, None] * rows_a) + rows_b.T @ ((n * dbb[:, j])[:, None] * rows_b)
        hessian += cross + cross.T
    return value, scores, -hessian


def jackknife_covariance(X: Floats, counts: Floats, cluster: ArrayLike) -> Floats:
    """Estimate the covariance of the parameters by leaving each cluster out in turn.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell.
    counts : ndarray of shape (m, k)
        Its runs by rating.
    cluster : array_like of shape (m,)
        The cluster (prompt) of each cell.

    Returns
    -------
    ndarray
        (G − 1)/G times the sum of squares of the changes, each by one Newton step from the fit of all clusters; nan
        where one cluster alone determines a parameter.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169–181. Hansen, B. E. (2025). Jackknife standard
    errors for clustered regression. Journal of Econometrics.
    """
    found = fit_cumulative(X, counts)
    _, group = np.unique(np.asarray(cluster), return_inverse=True)
    clusters = int(group.max()) + 1
    total = np.zeros_like(found.information)
    for g in range(clusters):
        own = group == g
        _, scores, information = _at(found.theta, X[own], counts[own])
        left = found.information - information
        if np.linalg.eigvalsh(left)[0] <= 1e-9 * np.linalg.eigvalsh(found.information)[-1]:
            return np.full_like(total, np.nan)
        change = np.linalg.solve(left, scores.sum(axis=0))
        total += np.outer(change, change)
    return np.asarray(total * (clusters - 1) / clusters)


def chances(theta: Floats, X: Floats, levels: int) -> tuple[Floats, NDArray[np.float64]]:
    """Predict the chance of each rating, with its gradient.

    Parameters
    ----------
    theta : ndarray of shape (k − 1 + p,)
    X : ndarray of shape (m, p)
    levels : int
        How many ratings there are, k.

    Returns
    -------
    chance : ndarray of shape (m, k)
    gradient : ndarray of shape (m, k, k − 1 + p)
    """
    k = levels
    eta = X @ theta[k - 1 :]
    below = expit(theta[: k - 1] - eta[:, None])
    slope = below * (1 - below)
    by_threshold = slope[:, :, None] * np.eye(k - 1)
    gradient = np.concatenate([by_threshold, -slope[:, :, None] * X[:, None, :]], axis=2)
    zero, one = np.zeros((len(X), 1)), np.ones((len(X), 1))
    none = np.zeros((len(X), 1, theta.size))
    chance = np.diff(np.hstack([zero, below, one]), axis=1)
    return chance, np.diff(np.concatenate([none, gradient, none], axis=1), axis=1)
