"""Likelihood intervals and tests of any smooth quantity: how far it reaches while the likelihood stays near its top.

The region is {b : l(b) >= max l − chi²(level, 1 df) / 2}. The least and greatest value in it of a coefficient are its
profile-likelihood limits; of a rate or a difference of rates, the limits of that rate or difference.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import chdtri

from baserate.stats._arrays import Floats
from baserate.stats.newton import ConvergenceError, Local, Surface

Measure = Callable[[Floats], tuple[float, Floats, Floats]]
"""Coefficients (p,) to a quantity's value, gradient (p,) and hessian (p, p)."""

_Aim = Callable[[Local, float, Floats], tuple[float, Floats]]
"""What the last equation of the system asks: its residual, and its gradient (p,)."""

MOST_CORRECTIONS = 25
SMALLEST_PART = 1 / 512
FIRST_PARTS = (1.0, 1 / 8)  # a penalized likelihood can have two ridges: a long step may land on another
_OFF_THE_SADDLE = (0.5, 1.0, 2.0, 4.0)  # log odds
_SAME = 1e-8  # standard errors within which two values are the same but for rounding


def coefficient(index: int, p: int) -> Measure:
    """Make the measure that is one coefficient.

    Parameters
    ----------
    index : int
        Which.
    p : int
        Of how many.

    Returns
    -------
    callable
        A `Measure`.
    """
    unit = np.eye(p)[index]
    flat = np.zeros((p, p))
    return lambda beta: (float(beta[index]), unit, flat)


def profile_interval(surface: Surface, top: Floats, measure: Measure, level: float) -> tuple[float, float]:
    """Find the least and greatest value of a quantity while the likelihood stays within reach of its top.

    Parameters
    ----------
    surface : callable
        The (penalized) log-likelihood.
    top : ndarray of shape (p,)
        Where it is highest.
    measure : callable
        The quantity, see `Measure`.
    level : float
        The level, such as 0.95.

    Returns
    -------
    low, high : float
        The limits.

    Raises
    ------
    ConvergenceError
        If a limit was not reached.

    References
    ----------
    Venzon, D. J. & Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based confidence intervals.
    Applied Statistics 37, 87–94.
    Heinze, G. & Schemper, M. (2002). Statistics in Medicine 21, 2409–2419.
    """
    drop = float(chdtri(1, 1 - level)) / 2
    summit = surface(top)
    _, slope, _ = measure(top)
    reach = float(np.sqrt(2 * drop / (slope @ np.linalg.solve(-summit.hessian, slope))))

    def limit(sign: int) -> float:
        # part s of the way: the likelihood has dropped by s² of the whole
        def aim(part: float) -> _Aim:
            return lambda here, value, gradient: (here.value - summit.value + drop * part**2, here.gradient)

        ends = [measure(end)[0] for end in _follow(surface, top, measure, aim, -sign * reach)]
        return min(ends) if sign < 0 else max(ends)

    return limit(-1), limit(+1)


def highest_at(surface: Surface, top: Floats, measure: Measure, value: float) -> Floats:
    """Find where the likelihood is highest among the points at which a quantity has a given value.

    Parameters
    ----------
    surface : callable
        The (penalized) log-likelihood.
    top : ndarray of shape (p,)
        Where it is highest without the condition.
    measure : callable
        The quantity, see `Measure`.
    value : float
        The value it must have.

    Returns
    -------
    ndarray of shape (p,)
        The coefficients there. Twice the drop of the likelihood is the test's chi² with 1 degree of freedom.

    Raises
    ------
    ConvergenceError
        If it was not found.
    """
    now, slope, _ = measure(top)
    variance = float(slope @ np.linalg.solve(-surface(top).hessian, slope))
    if abs(value - now) <= _SAME * np.sqrt(variance):
        return top

    def aim(part: float) -> _Aim:
        return lambda here, there, gradient: (there - now - part * (value - now), gradient)

    return max(_follow(surface, top, measure, aim, -(value - now) / variance), key=lambda beta: surface(beta).value)


def _follow(surface: Surface, top: Floats, measure: Measure, aim: Callable[[float], _Aim], push: float) -> list[Floats]:
    """Go from the top to where the aim is met; a penalized likelihood may lead there on two ridges.

    `push` is the Lagrange multiplier of the quadratic approximation at the whole way.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a step too far out is halved
        ends = [_walk(surface, top, measure, aim, push, size) for size in FIRST_PARTS]
    found = [end for end in ends if end is not None]
    if not found:
        raise ConvergenceError("A limit of the profile likelihood was not reached.")
    return found


def _walk(
    surface: Surface, top: Floats, measure: Measure, aim: Callable[[float], _Aim], push: float, size: float
) -> Floats | None:
    """Walk in steps, of which the first is a given part of the way; None where the ridge ends before the aim."""
    covariance = np.linalg.inv(-surface(top).hessian)
    done = 0.0
    beta, multiplier = top - push * (covariance @ measure(top)[1]), push
    guess, guessed = top + size * (beta - top), size * push
    while done < 1:
        part = min(1.0, done + size)
        found = _settle(surface, measure, aim(part), guess, guessed)
        if found is not None and np.sign(found[1]) == np.sign(push):
            beta, multiplier = found
            done, size = part, 2 * size
        else:
            size /= 2
        if size < SMALLEST_PART:
            return None
        # the next guess continues the ray from the top
        reached = done if done > 0 else 1.0
        ahead = min(1.0, done + size) / reached
        guess, guessed = top + ahead * (beta - top), ahead * multiplier
    return beta


def _settle(
    surface: Surface, measure: Measure, aim: _Aim, beta: Floats, multiplier: float
) -> tuple[Floats, float] | None:
    """Find the constrained maximum; where a penalized likelihood has two tops, step off the saddle between them."""
    found = _correct(surface, measure, aim, beta, multiplier)
    if found is None:
        return None
    saddle, pull, uphill = found
    if uphill is None:
        return saddle, pull
    for size in _OFF_THE_SADDLE:
        found = _correct(surface, measure, aim, saddle + size * uphill, pull)
        if found is not None and found[2] is None:
            return found[:2]
    return None


def _correct(
    surface: Surface, measure: Measure, aim: _Aim, beta: Floats, multiplier: float
) -> tuple[Floats, float, Floats | None] | None:
    """Solve  grad l = multiplier · grad g,  aim = 0  by Newton's method; None where it does not settle.

    Returned are the solution and, where it is no maximum, a direction of length 1 that leads up from it.
    """
    p = beta.size
    for _ in range(MOST_CORRECTIONS):
        here = surface(beta)
        value, slope, bend = measure(beta)
        if not (np.isfinite(here.value) and np.isfinite(value) and np.all(np.isfinite(bend))):
            return None
        curvature = here.hessian - multiplier * bend
        residual, row = aim(here, value, slope)
        system = np.zeros((p + 1, p + 1))
        system[:p, :p], system[:p, p], system[p, :p] = curvature, -slope, row
        try:
            step = np.linalg.solve(system, -np.append(here.gradient - multiplier * slope, residual))
        except np.linalg.LinAlgError:
            return None
        beta, multiplier = beta + step[:p], multiplier + float(step[p])
        if step[:p] @ here.information @ step[:p] < 1e-18:
            return beta, multiplier, _uphill(curvature, slope)
    return None


def _uphill(curvature: Floats, slope: Floats) -> Floats | None:
    """Return a direction of upward curvature that leaves the measure as it is, or None at a maximum."""
    if slope.size == 1:
        return None
    directions = np.linalg.svd(slope[None, :])[2][1:]
    values, vectors = np.linalg.eigh(directions @ curvature @ directions.T)
    return vectors[:, -1] @ directions if values[-1] >= 0 else None
