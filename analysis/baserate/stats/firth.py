"""Firth's penalized likelihood: finite, less biased estimates where events are few or the data separate."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.special import expit

from baserate.stats._arrays import Floats
from baserate.stats.logistic import likelihood, log_likelihood, plain_scores, residuals
from baserate.stats.newton import Local, Surface, maximize


def penalized_likelihood(X: Floats, events: Floats, n: Floats) -> Surface:
    """Make the log-likelihood of a logistic model with Jeffreys' prior as its penalty.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell, of full rank.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.

    Returns
    -------
    callable
        Coefficients of shape (p,) to `Local`. The hessian is that of the penalized likelihood, so Newton's method
        converges quadratically where the usual Fisher scoring crawls.

    References
    ----------
    Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27–38.
    Heinze, G. & Schemper, M. (2002). A solution to the problem of separation in logistic regression.
    Statistics in Medicine 21, 2409–2419.
    """
    return partial(_penalized_at, X, events, n)  # of the module, so that what holds it pickles


def _penalized_at(X: Floats, events: Floats, n: Floats, beta: Floats) -> Local:
    """Evaluate the penalized log-likelihood at some coefficients."""
    eta = X @ beta
    rate, residual = expit(eta), residuals(eta, events, n)
    variance = rate * expit(-eta)
    information = X.T @ ((n * variance)[:, None] * X)
    try:
        root = np.linalg.cholesky(information)
    except np.linalg.LinAlgError:  # so far out that the information is zero in floating point
        flat = np.full(beta.size, np.nan)
        return Local(-np.inf, flat, np.outer(flat, flat), information, eta)
    # log|I| / 2 is the sum of the logarithms of its Cholesky root's diagonal
    value = log_likelihood(eta, events, n) + float(np.log(np.diag(root)).sum())
    leverage, curvature = _jeffreys(X @ np.linalg.inv(root).T, X, n, rate, variance)
    # U*(b) = X'[y − n p + h (1/2 − p)], Firth (1993), section 3
    gradient = X.T @ (residual + leverage * (0.5 - rate))
    return Local(value, gradient, curvature - information, information, eta)


def _jeffreys(Z: Floats, X: Floats, n: Floats, rate: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return the leverages (m,) of the cells and the hessian (p, p) of half the log determinant of the information.

    With I = X' W X, w as a function of the linear predictor, and Z Z' = X I⁻¹ X',
    2 d²(½ log|I|)/db_r db_s = Σ w'' q x_r x_s − tr(I⁻¹ (dI/db_r) I⁻¹ (dI/db_s)),  q = diag(Z Z').
    """
    p = X.shape[1]
    q = np.einsum("ij,ij->i", Z, Z)
    first = n * variance * (1 - 2 * rate)  # w'
    second = n * variance * (1 - 6 * variance)  # w''
    weighed = X * first[:, None]
    if len(X) <= p * p:  # of few cells and many coefficients, by the cells' (z_i'z_j)²
        traces = weighed.T @ ((Z @ Z.T) ** 2 @ weighed)
    else:
        pairs = (Z[:, :, None] * Z[:, None, :]).reshape(-1, p * p)
        slopes = weighed.T @ pairs  # dI/db_r in the coordinates of Z, one row an r
        traces = slopes @ slopes.T
    return n * variance * q, (X.T @ ((second * q)[:, None] * X) - traces) / 2


def penalized_scores(X: Floats, events: Floats, n: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Compute the gradient of the penalized log-likelihood and the information, without the penalty's curvature.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.
    beta : ndarray of shape (p,)

    Returns
    -------
    gradient : ndarray of shape (p,)
    information : ndarray of shape (p, p)

    Raises
    ------
    LinAlgError
        Where the information is zero in floating point.
    """
    gradient, information = plain_scores(X, events, n, beta)
    rate = expit(X @ beta)
    leverage = n * rate * expit(-X @ beta) * np.einsum("ij,ij->i", X @ np.linalg.inv(information), X)
    return gradient + X.T @ (leverage * (0.5 - rate)), information


def fit_firth(X: Floats, events: Floats, n: Floats) -> Floats:
    """Estimate a logistic model by Firth's penalized likelihood.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell, of full rank.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.

    Returns
    -------
    ndarray of shape (p,)
        The coefficients (log odds), always finite.

    Raises
    ------
    ConvergenceError
        If the top was not reached.
    """
    return maximize(penalized_likelihood(X, events, n), np.zeros(X.shape[1]))


def flic_shift(beta: Floats, X: Floats, events: Floats, n: Floats) -> float:
    """Find what to add to the intercept so that the predicted events of a Firth fit sum to those observed.

    Firth's penalty pulls rates toward one half; Firth's Logistic regression with Intercept Correction takes that back.

    Parameters
    ----------
    beta : ndarray of shape (p,)
        Firth's coefficients.
    X : ndarray of shape (m, p)
        One row a cell.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.

    Returns
    -------
    float
        The shift in log odds; 0 where no run or every run has the event, since no finite shift does it then.

    References
    ----------
    Puhr, R. et al. (2017). Firth's logistic regression with rare events: accurate effect estimates and predictions?
    Statistics in Medicine 36, 2302–2317.
    """
    if events.sum() in (0, n.sum()):
        return 0.0
    eta = X @ beta

    def at(shift: Floats) -> Local:
        moved = eta + shift[0]
        information = np.array([[n @ (expit(moved) * expit(-moved))]])
        slope = residuals(moved, events, n).sum(keepdims=True)
        return Local(log_likelihood(moved, events, n), slope, -information, information, moved)

    return float(maximize(at, np.zeros(1))[0])


def augmented_likelihood(beta: Floats, X: Floats, events: Floats, n: Floats) -> Surface:
    """Make the log-likelihood of Firth's Logistic regression with Added Covariate.

    Firth's penalty acts like pseudo-runs, h/2 with and h/2 without the event in a cell of leverage h. Here they are
    runs of their own, told apart by one more column: the slopes stay penalized, and the predicted events of the real
    runs, where that column is 0, sum to those observed. The surface is concave.

    Parameters
    ----------
    beta : ndarray of shape (p,)
        Firth's coefficients, which set the leverages.
    X : ndarray of shape (m, p)
        One row a cell.
    events, n : ndarray of shape (m,)
        Events and runs of each cell; neither all nor none may have the event, else no maximum exists.

    Returns
    -------
    callable
        Coefficients of shape (p + 1,), that of the added column last, to `Local`.

    References
    ----------
    Puhr, R. et al. (2017). Statistics in Medicine 36, 2302–2317.
    """
    information = likelihood(X, events, n)(beta).information
    eta = X @ beta
    q = np.einsum("ij,ij->i", X @ np.linalg.inv(information), X)
    leverage = n * expit(eta) * expit(-eta) * q
    real, pseudo = np.zeros((len(X), 1)), np.ones((len(X), 1))
    added = np.block([[X, real], [X, pseudo]])
    return likelihood(added, np.append(events, leverage / 2), np.append(n, leverage))
