"""The log-likelihood of a logistic model with crossed or nested random intercepts, by Laplace's approximation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from baserate.stats._arrays import Floats
from baserate.stats.logistic import log_likelihood, residuals
from baserate.stats.newton import ConvergenceError

MOST_STEPS, MOST_HALVINGS = 100, 40


class LaplaceLikelihood:
    """The log-likelihood, the random intercepts integrated out by Laplace's approximation.

    Called with (coefficients, deviations) of shape (p + k,) it gives the log-likelihood, without binomial coefficients,
    and its gradient. It is even in each deviation, so zero is no boundary.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        One row a cell.
    events, n : ndarray of shape (m,)
        Events and runs of each cell.
    groups : sequence of ndarray of int of shape (m,)
        For each of k groupings the level of each cell, from 0.

    References
    ----------
    Breslow, N. E. & Clayton, D. G. (1993). Journal of the American Statistical Association 88, 9–25.
    """

    def __init__(self, X: Floats, events: Floats, n: Floats, groups: Sequence[NDArray[np.intp]]) -> None:
        sizes = [int(group.max()) + 1 for group in groups]
        self.X, self.events, self.n = X, events, n
        self.places = [group + offset for group, offset in zip(groups, np.cumsum([0, *sizes]), strict=False)]
        self.q = sum(sizes)
        self._warm = np.zeros(self.q)

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Evaluate it."""
        p, n = self.X.shape[1], self.n
        eta, deviations = self.X @ theta[:p], theta[p:]
        u, H = self._modes(eta, deviations)
        spread = eta + self._gather(deviations, u)
        rate, left = expit(spread), residuals(spread, self.events, n)
        weight = n * rate * expit(-spread)
        factor = cho_factor(H)
        value = self._height(spread, u) - float(np.log(np.diag(factor[0])).sum())
        inverse = cho_solve(factor, np.eye(self.q))
        # of each cell and grouping k: row k of H⁻¹ z, z the cell's row of Z
        reach = [self._total([s * inverse[one, two] for s, two in self._each(deviations)]) for one in self.places]
        leverage = self._total([s * r for s, r in zip(deviations, reach, strict=True)])
        half = leverage * weight * (1 - 2 * rate) / 2  # d(½ log|H|)/dη
        back = inverse @ self._scatter(deviations, half)  # how the modes move with η and the deviations
        slope = self.X.T @ (left - half + weight * self._gather(deviations, back))
        more = []
        for place, r in zip(self.places, reach, strict=True):
            own = u[place]
            moved = np.bincount(place, left, self.q) - self._scatter(deviations, weight * own)
            more.append(own @ (left - half) - weight @ r - back @ moved)
        return value, np.append(slope, more)

    def _modes(self, eta: Floats, deviations: Floats) -> tuple[Floats, Floats]:
        """Climb to the most likely random intercepts, in units of their deviations."""
        u = self._warm
        height = self._height(eta + self._gather(deviations, u), u)
        for _ in range(MOST_STEPS):
            spread = eta + self._gather(deviations, u)
            slope = self._scatter(deviations, residuals(spread, self.events, self.n)) - u
            H = self._curvature(deviations, self.n * expit(spread) * expit(-spread))
            step = cho_solve(cho_factor(H), slope)
            if slope @ step < 1e-18 * self.q:
                self._warm = u
                return u, H
            for _ in range(MOST_HALVINGS):
                there = self._height(eta + self._gather(deviations, u + step), u + step)
                if there >= height - 1e-12 * (1 + abs(height)):
                    break
                step = step / 2
            u, height = u + step, there
        raise ConvergenceError("The modes of the random intercepts were not found.")

    def _each(self, deviations: Floats) -> Iterator[tuple[float, NDArray[np.intp]]]:
        return zip(deviations, self.places, strict=True)

    def _total(self, parts: Sequence[NDArray[Any]]) -> Floats:
        return np.asarray(np.sum(parts, axis=0))

    def _scatter(self, deviations: Floats, values: Floats) -> Floats:
        """Z' v: what each random intercept receives of the cells."""
        return self._total([s * np.bincount(at, values, self.q) for s, at in self._each(deviations)])

    def _gather(self, deviations: Floats, u: Floats) -> Floats:
        """Z u: what each cell receives of its random intercepts."""
        return self._total([s * u[at] for s, at in self._each(deviations)])

    def _curvature(self, deviations: Floats, weight: Floats) -> Floats:
        q, H = self.q, np.eye(self.q)
        for s, one in self._each(deviations):
            for t, two in self._each(deviations):
                H += s * t * np.bincount(one * q + two, weight, q * q).reshape(q, q)
        return H

    def _height(self, spread: Floats, u: Floats) -> float:
        return log_likelihood(spread, self.events, self.n) - float(u @ u) / 2
