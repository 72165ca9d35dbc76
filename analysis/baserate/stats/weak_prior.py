"""A weakly informative prior for logistic models with random effects."""

from __future__ import annotations

import numpy as np

from baserate.stats._arrays import Floats
from baserate.stats.mixed import Likelihood


def weak_prior(X: Floats, n: Floats, deviations: int) -> Likelihood:
    """Make the logarithm of a weakly informative prior of coefficients and deviations.

    Coefficients have Cauchy priors of scale 2.5, the intercept at the mean of the columns one of scale 10, columns of
    two values being scaled to a range of 1 and others to a standard deviation of 0.5; deviations have gamma priors of
    shape 2 and rate near 0, which keep them off 0.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell; the first column is the intercept.
    n : ndarray of shape (m,)
        Its runs.
    deviations : int
        How many deviations follow the coefficients.

    Returns
    -------
    callable
        A `Likelihood`.

    References
    ----------
    Gelman, A. et al. (2008). A weakly informative default prior distribution for logistic and other regression models.
    Annals of Applied Statistics 2, 1360–1383.
    Chung, Y. et al. (2013). A nondegenerate penalized likelihood estimator for variance parameters in multilevel
    models. Psychometrika 78, 685–709.
    """
    p = X.shape[1]
    mean = np.average(X[:, 1:], axis=0, weights=n)
    spread = 2 * np.sqrt(np.average((X[:, 1:] - mean) ** 2, axis=0, weights=n))
    size = np.where([np.unique(column).size == 2 for column in X[:, 1:].T], np.ptp(X[:, 1:], axis=0), spread)
    scale = np.vstack([np.append(1.0, mean), np.column_stack([np.zeros(p - 1), np.diag(size)])])
    width = np.append(10.0, np.full(p - 1, 2.5))

    def at(theta: Floats) -> tuple[float, Floats]:
        standard = scale @ theta[:p] / width
        value = -float(np.sum(np.log1p(standard**2)))
        slope = scale.T @ (-2 * standard / (1 + standard**2) / width)
        with np.errstate(divide="ignore"):
            return value + float(np.sum(np.log(np.abs(theta[p:])))), np.append(slope, 1 / theta[p:])

    return at
