"""Logistic regression on grouped counts by maximum likelihood.

A cell is a row of the design matrix with its number of runs and of events. Runs that share a row of the design matrix
share all that the likelihood knows, so every function here takes cells, and a billion runs cost what a hundred do.
"""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np
from scipy.special import expit

from baserate.stats._arrays import Floats
from baserate.stats.newton import ConvergenceError, Local, Surface


def likelihood(X: Floats, events: Floats, n: Floats) -> Surface:
    """Make the binomial log-likelihood of a logistic model.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell.
    events, n : ndarray of shape (m,)
        Events and runs of each cell. Fractions are allowed: they are weights.

    Returns
    -------
    callable
        Coefficients of shape (p,) to `Local`; the binomial coefficients, which hold no parameter, are left out.
    """
    return partial(_likelihood_at, X, events, n)  # of the module, so that what holds it pickles


def _likelihood_at(X: Floats, events: Floats, n: Floats, beta: Floats) -> Local:
    """Evaluate the log-likelihood at some coefficients."""
    eta = X @ beta
    weight = n * expit(eta) * expit(-eta)
    information = X.T @ (weight[:, None] * X)
    gradient = X.T @ residuals(eta, events, n)
    return Local(log_likelihood(eta, events, n), gradient, -information, information, eta)


def log_likelihood(eta: Floats, events: Floats, n: Floats) -> float:
    """Compute the binomial log-likelihood, as a sum of terms of one sign so that no digits cancel.

    Parameters
    ----------
    eta : ndarray of shape (m,)
        Linear predictors.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.

    Returns
    -------
    float
    """
    return -float(events @ np.logaddexp(0.0, -eta) + (n - events) @ np.logaddexp(0.0, eta))


def residuals(eta: Floats, events: Floats, n: Floats) -> Floats:
    """Compute events minus those expected, without loss of digits near rates of 0 and 1.

    Parameters
    ----------
    eta : ndarray of shape (m,)
        Linear predictors.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.

    Returns
    -------
    ndarray of shape (m,)
    """
    return np.asarray(events * expit(-eta) - (n - events) * expit(eta))


def plain_scores(X: Floats, events: Floats, n: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Compute the gradient of the log-likelihood and the information.

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
    """
    eta = X @ beta
    weight = n * expit(eta) * expit(-eta)
    return X.T @ residuals(eta, events, n), X.T @ (weight[:, None] * X)


def fit_maximum_likelihood(X: Floats, events: Floats, n: Floats) -> Floats:
    """Estimate a logistic model by maximum likelihood, through statsmodels.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell, of full rank, without separation.
    events, n : ndarray of shape (m,)
        Events and runs of each cell; n > 0.

    Returns
    -------
    ndarray of shape (p,)
        The coefficients (log odds).

    Raises
    ------
    ConvergenceError
        If statsmodels' iterations did not converge.

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., ch. 4.
    """
    # Not statsmodels.api: it takes twice as long to import.
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    model = GLM(np.column_stack([events, n - events]), X, family=Binomial())
    # A saturated model is warned of as if it separated, and its residual variance, which nothing here uses, is 0/0.
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        result = model.fit(tol_criterion="params", tol=1e-10, maxiter=100)
    if not result.converged:
        raise ConvergenceError("statsmodels' GLM did not converge in 100 iterations.")
    return np.asarray(result.params, dtype=float)
