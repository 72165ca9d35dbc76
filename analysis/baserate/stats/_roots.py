"""Root finding for many equations at once."""

from collections.abc import Callable

import numpy as np

from baserate.stats._arrays import Floats

APART = 1e-10  # a bracket begins this far from an estimate at which the equation is void


def bracketed_root(function: Callable[[Floats], Floats], low: Floats, high: Floats, within: float = 1e-300) -> Floats:
    """Find where a function changes its sign, elementwise, by Chandrupatla's method.

    Parameters
    ----------
    function : callable
        Takes and returns an array of the shape of `low`; element i depends on element i only.
    low, high : ndarray
        Brackets: the signs of the function there differ, or one of the two is the root.

    within : float
        Absolute error that is allowed.

    Returns
    -------
    ndarray
        The roots, to the last few bits, or to `within`.

    References
    ----------
    Chandrupatla, T. R. (1997). A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear
    function without using derivatives. Advances in Engineering Software 28, 145-149.
    """
    b, a = np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
    fb, fa = function(b), function(a)
    t = np.full(a.shape, 0.5)
    best = np.where(np.abs(fa) < np.abs(fb), a, b)
    for _ in range(200):
        x = a + t * (b - a)
        fx = function(x)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        nearer = np.abs(fa) < np.abs(fb)
        best, residual = np.where(nearer, a, b), np.where(nearer, fa, fb)
        width = np.abs(b - a)
        tolerance = 4 * np.finfo(float).eps * np.abs(best) + within
        done = (residual == 0) | (width <= 2 * tolerance)
        if done.all():
            break
        t = _next_step(a, b, c, fa, fb, fc, np.minimum(0.5, tolerance / np.where(done, 1.0, width)))
    return best


def _next_step(a: Floats, b: Floats, c: Floats, fa: Floats, fb: Floats, fc: Floats, least: Floats) -> Floats:
    """Return the fraction of the bracket to go: inverse quadratic where that is safe, else one half."""
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        quadratic = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    t = np.where(safe & np.isfinite(quadratic), quadratic, 0.5)
    return np.clip(t, least, 1 - least)


def convex_root(value_and_slope: Callable[[Floats], tuple[Floats, Floats]], start: Floats) -> Floats:
    """Find the zero of increasing convex functions, elementwise, by Newton's method.

    A Newton step on a convex function never passes the root, so from a `start` on its right the
    iterates fall to it and no bracket is needed.

    Parameters
    ----------
    value_and_slope : callable
        Takes an array and returns the functions' values and slopes there.
    start : ndarray
        Points at or to the right of the roots; where value or slope is not finite, the start is kept.

    Returns
    -------
    ndarray
        The roots, to the last few bits.
    """
    x = np.array(start, dtype=np.float64)
    for _ in range(100):
        with np.errstate(all="ignore"):
            value, slope = value_and_slope(x)
            step = value / slope
        step = np.where(np.isfinite(step), step, 0.0)
        x = x - step
        if (np.abs(step) <= 1e-12 * np.abs(x)).all():  # quadratic convergence: the rest is rounding
            break
    return x
