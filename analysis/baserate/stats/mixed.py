"""Logistic regression with random effects: one grouping by adaptive Gauss–Hermite quadrature, several by Laplace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, expit, logsumexp

from baserate.stats._arrays import Floats
from baserate.stats.laplace import LaplaceLikelihood
from baserate.stats.newton import ConvergenceError

NODES = 25
_NOTHING = 1e-8  # a deviation that is none, where a prior rules out 0 itself
_STEP = 1e-4  # of the differences; central ones are off by its square

Likelihood = Callable[[Floats], tuple[float, Floats]]
"""(Coefficients, deviations) of shape (p + k,) to the log-likelihood and its gradient."""


@dataclass(frozen=True)
class RandomEffects:
    """A fitted model with random effects.

    Attributes
    ----------
    coefficients : ndarray of shape (p,)
        Log odds within a level of every grouping.
    deviations : ndarray of shape (k,)
        Standard deviation of the intercepts of each grouping (log odds); 0 where the data show no spread.
    covariance : ndarray of shape (p + k, p + k)
        Of the coefficients and the deviations, from the observed information.
    log_likelihood : float
        At the maximum, without binomial coefficients; with a prior, with its logarithm.
    at : callable
        The log-likelihood, as maximized.
    """

    coefficients: Floats
    deviations: Floats
    covariance: Floats
    log_likelihood: float
    at: Likelihood


def fit_random_effects(
    X: Floats,
    events: Floats,
    n: Floats,
    groups: Sequence[ArrayLike],
    start: Floats,
    nodes: int = NODES,
    penalty: Likelihood | None = None,
) -> RandomEffects:
    """Estimate a logistic model with normal random intercepts of one or several groupings.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell: a row of the design matrix within a level of each grouping.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.
    groups : sequence of array_like of shape (m,)
        For each grouping (prompt, scenario) the level of each cell; crossed or nested.
    start : ndarray of shape (p,)
        Coefficients to begin at, such as those of maximum likelihood without random intercepts.
    nodes : int
        Quadrature points of a single grouping, at least 7: the gradient is that of the integral, not of a coarse sum;
        1 for Laplace's approximation, which several groupings always take.
    penalty : callable, optional
        The logarithm of a prior, see `baserate.stats.weak_prior.weak_prior`.

    Returns
    -------
    RandomEffects

    Raises
    ------
    ConvergenceError
        If the likelihood's maximum was not reached.

    References
    ----------
    Pinheiro, J. C. & Bates, D. M. (1995). Approximations to the log-likelihood function in the nonlinear mixed-effects
    model. Journal of Computational and Graphical Statistics 4, 12–35.
    Breslow, N. E. & Clayton, D. G. (1993). Approximate inference in generalized linear mixed models. Journal of the
    American Statistical Association 88, 9–25.
    """
    from scipy.optimize import minimize

    codes = [np.unique(np.asarray(group), return_inverse=True)[1] for group in groups]
    if len(codes) == 1 and nodes > 1:
        likelihood: Likelihood = _marginal_likelihood(X, events, n, codes[0], nodes)
    else:
        likelihood = LaplaceLikelihood(X, events, n, codes)

    def at(theta: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(theta)
        if penalty is None:
            return value, gradient
        more, slope = penalty(theta)
        return value + more, gradient + slope

    first = np.append(start, np.full(len(codes), 0.7))
    found = minimize(_downhill(at), first, jac=True, method="BFGS", options={"gtol": 1e-4})
    theta, hessian = _polish(at, found.x)
    covariance = np.asarray(np.linalg.inv(-hessian), dtype=float)
    p = X.shape[1]
    signs = np.append(np.ones(p), np.where(theta[p:] < 0, -1.0, 1.0))  # the likelihood is even in a deviation
    theta, covariance = theta * signs, covariance * np.outer(signs, signs)
    return RandomEffects(theta[:p], theta[p:], covariance, at(theta)[0], at)


def _downhill(at: Likelihood) -> Likelihood:
    def down(theta: Floats) -> tuple[float, Floats]:
        value, gradient = at(theta)
        return -value, -gradient

    return down


def deviation_interval(found: RandomEffects, index: int, level: float) -> tuple[float, float]:
    """Find the profile-likelihood limits of a standard deviation.

    Parameters
    ----------
    found : RandomEffects
    index : int
        Of the grouping.
    level : float

    Returns
    -------
    low, high : float
        The lower limit is 0 where no spread at all is not ruled out.

    Raises
    ------
    ConvergenceError
        If a limit was not reached.

    References
    ----------
    Bates, D. et al. (2015). Fitting linear mixed-effects models using lme4. Journal of Statistical Software 67.
    """
    from scipy.optimize import minimize

    top = np.append(found.coefficients, found.deviations)
    place = found.coefficients.size + index
    free = np.arange(top.size) != place
    last = {"theta": top.copy()}

    def short(value: float) -> float:
        """How far the likelihood, at its highest for this deviation, lies above the limit."""
        theta = last["theta"].copy()
        theta[place] = value

        def down(part: Floats) -> tuple[float, Floats]:
            theta[free] = part
            height, gradient = found.at(theta)
            return -height, -gradient[free]

        best = minimize(down, theta[free], jac=True, method="BFGS", options={"gtol": 1e-5})
        theta[free] = best.x
        last["theta"] = theta
        return float(chdtri(1, 1 - level)) / 2 - (found.log_likelihood + float(best.fun))

    here = float(found.deviations[index])
    low = 0.0
    if here > _NOTHING and short(_NOTHING) < 0:
        last["theta"] = top.copy()
        low = _root(short, here, _NOTHING)
    last["theta"] = top.copy()
    outer = max(2 * here, 0.5)
    while short(outer) > 0:
        outer *= 2
        if outer > 100:
            return low, np.inf
    last["theta"] = top.copy()
    return low, _root(short, here, outer)


def _root(function: Callable[[float], float], inside: float, outside: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, inside, outside, xtol=1e-6))


def _polish(at: Likelihood, theta: Floats) -> tuple[Floats, Floats]:
    """Take Newton steps, with the hessian from differences of the gradient, until they no longer matter."""
    for _ in range(20):
        _, gradient = at(theta)
        step_of = _STEP * np.maximum(1.0, np.abs(theta))
        sides = [(at(theta + h)[1], at(theta - h)[1]) for h in np.diag(step_of)]
        hessian = np.array([(up - down) / (2 * h) for (up, down), h in zip(sides, step_of, strict=True)])
        hessian = (hessian + hessian.T) / 2
        if not _has_maximum(hessian):
            break
        step = np.linalg.solve(-hessian, gradient)
        theta = theta + step
        if gradient @ step < 1e-14:
            return theta, hessian
    raise ConvergenceError("The likelihood with random intercepts reached no maximum.")


def _has_maximum(hessian: Floats) -> bool:
    """Tell whether the likelihood bends down in each direction, by more than the differences are off.

    Where an event never or always occurs it goes on rising, ever flatter, until rounding alone bends it. Scaled to a
    unit diagonal, so that no covariate's unit matters.
    """
    diagonal = -np.diag(hessian)
    if not (diagonal > 0).all():
        return False
    scale = 1 / np.sqrt(diagonal)
    return bool(np.linalg.eigvalsh(hessian * np.outer(scale, scale))[-1] < -(_STEP**2))


def _marginal_likelihood(X: Floats, events: Floats, n: Floats, group: NDArray[np.intp], nodes: int) -> Likelihood:
    """Make the log-likelihood of (coefficients, deviation) and its gradient, the intercepts integrated out.

    The deviation may be negative: the likelihood is even in it, so zero is no boundary.
    """
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    log_weights = np.log(weights) + points**2
    clusters = int(group.max()) + 1

    def per_cluster(values: Floats) -> Floats:
        out = np.zeros((clusters, *values.shape[1:]))
        np.add.at(out, group, values)
        return out

    def at(theta: Floats) -> tuple[float, Floats]:
        eta, deviation = X @ theta[:-1], theta[-1]
        mode, curvature = _modes(eta, deviation, events, n, group, per_cluster)
        u = mode[:, None] + np.sqrt(2 / curvature)[:, None] * points  # Pinheiro & Bates (1995), eq. 2.10
        spread = eta[:, None] + deviation * u[group]
        height = per_cluster(events[:, None] * spread - n[:, None] * np.logaddexp(0.0, spread)) - u**2 / 2
        log_terms = height + log_weights
        total = logsumexp(log_terms, axis=1)
        posterior = np.exp(log_terms - total[:, None])
        value = float(np.sum(total - np.log(np.pi * curvature) / 2))
        residual = events[:, None] - n[:, None] * expit(spread)
        slope = X.T @ np.sum(residual * posterior[group], axis=1)
        return value, np.append(slope, np.sum(residual * (posterior * u)[group]))

    return at


def _modes(
    eta: Floats,
    deviation: float,
    events: Floats,
    n: Floats,
    group: NDArray[np.intp],
    per_cluster: Callable[[Floats], Floats],
) -> tuple[Floats, Floats]:
    """Return each cluster's most likely intercept, in units of the deviation, and the curvature there."""
    mode = np.zeros(int(group.max()) + 1)
    curvature = np.ones_like(mode)
    for _ in range(100):
        spread = eta + deviation * mode[group]
        rate = expit(spread)
        slope = deviation * per_cluster(events - n * rate) - mode
        curvature = 1 + deviation**2 * per_cluster(n * rate * (1 - rate))
        step = slope / curvature
        mode = mode + np.clip(step, -1, 1)
        if np.max(np.abs(step)) < 1e-10:
            return mode, curvature
    raise ConvergenceError("The modes of the random intercepts were not found.")
