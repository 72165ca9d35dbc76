"""Average rates from a fitted logistic model (g-computation), and contrasts between them.

Every cell is given each level of a factor in turn, its rate predicted, and the rates averaged over the same cells:
groups are compared on one mix of conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import expit, logit

from baserate.stats._arrays import Floats
from baserate.stats.profile import Measure

AverageRate = Callable[[Floats], tuple[float, Floats, Floats]]
"""Coefficients (p,) to an average rate, its gradient (p,) and hessian (p, p)."""


def average_rate(X: Floats, weights: Floats, shift: float = 0.0) -> AverageRate:
    """Make the weighted average of the rates that a logistic model predicts for some cells.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        The design rows of the cells, with the factor of interest set to one level.
    weights : ndarray of shape (m,)
        The weight of each cell; they sum to 1.
    shift : float
        What to add to the linear predictor (see `baserate.stats.firth.flic_shift`).

    Returns
    -------
    callable
        An `AverageRate`.

    References
    ----------
    Lane, P. W. & Nelder, J. A. (1982). Analysis of covariance and standardization as instances of prediction.
    Biometrics 38, 613–621.
    """

    def at(beta: Floats) -> tuple[float, Floats, Floats]:
        rate = expit(X @ beta + shift)
        first = weights * rate * (1 - rate)
        second = first * (1 - 2 * rate)
        return float(weights @ rate), first @ X, X.T @ (second[:, None] * X)

    return at


_Transform = Callable[[np.float64], tuple[np.float64, np.float64, np.float64]]


def average_slope(X: Floats, change: Floats, weights: Floats, shift: float = 0.0) -> AverageRate:
    """Make the weighted average of the slopes of the rates that a logistic model predicts for some cells.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        The design rows of the cells.
    change : ndarray of shape (m, p)
        How they change with a unit more of the number whose slope is asked.
    weights : ndarray of shape (m,)
        The weight of each cell; they sum to 1.
    shift : float
        What to add to the linear predictor.

    Returns
    -------
    callable
        As of `average_rate`: the average slope, in rate per unit, with its gradient and hessian.
    """

    def at(beta: Floats) -> tuple[float, Floats, Floats]:
        rate, steep = expit(X @ beta + shift), change @ beta
        v = weights * rate * (1 - rate)
        first, second = v * (1 - 2 * rate), v * (1 - 6 * rate * (1 - rate))
        mixed = X.T @ (first[:, None] * change)
        bend = mixed + mixed.T + X.T @ ((second * steep)[:, None] * X)
        return float(v @ steep), v @ change + (first * steep) @ X, bend

    return at


SCALES: dict[str, _Transform] = {
    "rate": lambda r: (r, np.float64(1), np.float64(0)),
    "log": lambda r: (np.log(r), 1 / r, -1 / r**2),
    "logit": lambda r: (logit(r), 1 / (r * (1 - r)), (2 * r - 1) / (r * (1 - r)) ** 2),
}
"""Scales on which rates are contrasted: the transformed rate, and its first and second derivative."""


def contrast(rates: Sequence[AverageRate], coefficients: Sequence[float], scale: str) -> Measure:
    """Make a contrast of average rates on a scale: a difference, a log ratio, a log odds ratio, or one logit.

    Parameters
    ----------
    rates : sequence of callable
        Average rates, see `average_rate`.
    coefficients : sequence of float
        One for each rate.
    scale : {"rate", "log", "logit"}
        What to apply to the rates before they are added up.

    Returns
    -------
    callable
        A `baserate.stats.profile.Measure`.
    """
    transform = SCALES[scale]

    def at(beta: Floats) -> tuple[float, Floats, Floats]:
        value, gradient, hessian = 0.0, np.zeros(beta.size), np.zeros((beta.size, beta.size))
        for rate, c in zip(rates, coefficients, strict=True):
            r, slope, bend = rate(beta)
            # far out a rate is 0 or 1 in floating point: then the result is not finite, and the caller turns back
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                t, first, second = transform(np.float64(r))
                value += c * t
                gradient += c * first * slope
                hessian += c * (second * np.outer(slope, slope) + first * bend)
        return float(value), gradient, hessian

    return at


def over_random_intercepts(X: Floats, weights: Floats, nodes: int = 25) -> tuple[Floats, Floats]:
    """Extend cells by quadrature over a normal random intercept, so that `average_rate` averages over prompts too.

    Parameters
    ----------
    X : ndarray of shape (m, p)
        Design rows.
    weights : ndarray of shape (m,)
        Their weights.
    nodes : int
        Quadrature points.

    Returns
    -------
    X : ndarray of shape (m * nodes, p + 1)
        Design rows whose last column is a standard normal intercept; its coefficient is the standard deviation.
    weights : ndarray of shape (m * nodes,)
        Their weights.
    """
    points, mass = np.polynomial.hermite_e.hermegauss(nodes)
    extended = np.column_stack([np.repeat(X, nodes, axis=0), np.tile(points, len(X))])
    return extended, np.repeat(weights, nodes) * np.tile(mass / mass.sum(), len(X))


def over_deviations(rate: AverageRate, p: int) -> AverageRate:
    """Let a rate over one normal random intercept depend on the deviations of several, whose sum it is.

    Parameters
    ----------
    rate : callable
        Of coefficients and one deviation, see `over_random_intercepts`.
    p : int
        How many coefficients there are.

    Returns
    -------
    callable
        Of (coefficients, deviations) of shape (p + k,): value and gradient; the hessian is left at zero.
    """

    def at(theta: Floats) -> tuple[float, Floats, Floats]:
        deviations = theta[p:]
        together = float(np.sqrt(deviations @ deviations))
        value, gradient, _ = rate(np.append(theta[:p], together))
        along = gradient[p] * deviations / together if together > 0 else np.zeros(deviations.size)
        return value, np.append(gradient[:p], along), np.zeros((theta.size, theta.size))

    return at
