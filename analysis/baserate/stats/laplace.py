"""The log-likelihood of a logistic model with crossed or nested random intercepts, by Laplace's approximation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from baserate.stats._arrays import Floats
from baserate.stats.logistic import log_likelihood, residuals
from baserate.stats.newton import ConvergenceError

MOST_STEPS, MOST_HALVINGS = 100, 40


def laplace_likelihood(
    X: Floats, events: Floats, n: Floats, groups: Sequence[NDArray[np.intp]]
) -> Callable[[Floats], tuple[float, Floats]]:
    """Make the log-likelihood, the random intercepts integrated out by Laplace's approximation.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.
    groups : sequence of ndarray of int of shape (m,)
        For each of k groupings the level of each cell, from 0.

    Returns
    -------
    callable
        (Coefficients, deviations) of shape (p + k,) to the log-likelihood, without binomial coefficients, and its
        gradient. It is even in each deviation, so zero is no boundary.

    References
    ----------
    Breslow, N. E. & Clayton, D. G. (1993). Journal of the American Statistical Association 88, 9–25.
    """
    sizes = [int(group.max()) + 1 for group in groups]
    places = [group + offset for group, offset in zip(groups, np.cumsum([0, *sizes]), strict=False)]
    q, p = sum(sizes), X.shape[1]
    warm = {"u": np.zeros(q)}

    def scatter(deviations: Floats, values: Floats) -> Floats:
        """Z' v: what each random intercept receives of the cells."""
        return np.asarray(
            np.sum([s * np.bincount(at, values, q) for s, at in zip(deviations, places, strict=True)], axis=0)
        )

    def gather(deviations: Floats, u: Floats) -> Floats:
        """Z u: what each cell receives of its random intercepts."""
        return np.asarray(np.sum([s * u[at] for s, at in zip(deviations, places, strict=True)], axis=0))

    def curvature(deviations: Floats, weight: Floats) -> Floats:
        H = np.eye(q)
        for s, one in zip(deviations, places, strict=True):
            for t, two in zip(deviations, places, strict=True):
                H += s * t * np.bincount(one * q + two, weight, q * q).reshape(q, q)
        return H

    def modes(eta: Floats, deviations: Floats) -> tuple[Floats, Floats]:
        """Climb to the most likely random intercepts, in units of their deviations."""
        u = warm["u"]
        height = _height(eta + gather(deviations, u), events, n, u)
        for _ in range(MOST_STEPS):
            spread = eta + gather(deviations, u)
            slope = scatter(deviations, residuals(spread, events, n)) - u
            H = curvature(deviations, n * expit(spread) * expit(-spread))
            step = cho_solve(cho_factor(H), slope)
            if slope @ step < 1e-18 * q:
                warm["u"] = u
                return u, H
            for _ in range(MOST_HALVINGS):
                there = _height(eta + gather(deviations, u + step), events, n, u + step)
                if there >= height - 1e-12 * (1 + abs(height)):
                    break
                step = step / 2
            u, height = u + step, there
        raise ConvergenceError("The modes of the random intercepts were not found.")

    def at(theta: Floats) -> tuple[float, Floats]:
        eta, deviations = X @ theta[:p], theta[p:]
        u, H = modes(eta, deviations)
        spread = eta + gather(deviations, u)
        rate, left = expit(spread), residuals(spread, events, n)
        weight = n * rate * expit(-spread)
        factor = cho_factor(H)
        value = _height(spread, events, n, u) - float(np.log(np.diag(factor[0])).sum())
        inverse = cho_solve(factor, np.eye(q))
        # of each cell and grouping k: row k of H⁻¹ z, z the cell's row of Z
        reach = [gather_rows(inverse, deviations, one) for one in places]
        leverage = np.sum([s * r for s, r in zip(deviations, reach, strict=True)], axis=0)
        half = leverage * weight * (1 - 2 * rate) / 2  # d(½ log|H|)/dη
        back = inverse @ scatter(deviations, half)  # how the modes move with η and the deviations
        slope = X.T @ (left - half + weight * gather(deviations, back))
        more = []
        for place, r in zip(places, reach, strict=True):
            own = u[place]
            moved = np.bincount(place, left, q) - scatter(deviations, weight * own)
            more.append(own @ (left - half) - weight @ r - back @ moved)
        return value, np.append(slope, more)

    def gather_rows(inverse: Floats, deviations: Floats, one: NDArray[np.intp]) -> Floats:
        return np.asarray(np.sum([s * inverse[one, two] for s, two in zip(deviations, places, strict=True)], axis=0))

    return at


def _height(spread: Floats, events: Floats, n: Floats, u: Floats) -> float:
    return log_likelihood(spread, events, n) - float(u @ u) / 2
