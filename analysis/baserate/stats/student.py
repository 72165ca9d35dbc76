"""Quantiles of Student's t that hold for every number of degrees of freedom and every probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainccinv, betaincinv, ndtri

from baserate.stats._arrays import Floats

_NORMAL = 1e15  # degrees of freedom from which t and the normal agree to the last digit


def t_quantile(df: ArrayLike, p: ArrayLike) -> Floats:
    """Compute the value that Student's t does not exceed with probability p.

    t²/(df + t²) has a beta distribution, whose inverse is exact where `scipy.special.stdtrit` is not: with 4 or 6
    degrees of freedom that is 0 for every p within 1e-8 of one half (scipy 1.17, by a closed form that cancels), and
    scipy 1.13 loses all digits of p below 1e-150.

    Parameters
    ----------
    df : array_like
        Degrees of freedom, positive; inf gives the normal quantile. Broadcast against `p`.
    p : array_like
        Probabilities.

    Returns
    -------
    ndarray
        Quantiles, of the broadcast shape; nan where an argument is missing or impossible.

    References
    ----------
    Abramowitz, M. & Stegun, I. A. (1964). Handbook of Mathematical Functions, 26.7.1.

    Examples
    --------
    >>> t_quantile([4, float("inf")], 0.975).round(4).tolist()
    [2.7764, 1.96]
    """
    degrees, probability = np.broadcast_arrays(np.asarray(df, dtype=float), np.asarray(p, dtype=float))
    normal = degrees > _NORMAL
    half = np.where(normal, 1.0, degrees) / 2
    off = probability - 0.5
    tail = 2 * np.minimum(probability, 1 - probability)
    central = tail > 0.5
    inside, outside = np.where(central, 2 * np.abs(off), 0.5), np.where(central, 0.5, tail)
    part = np.where(central, betaincinv(0.5, half, inside), betainccinv(0.5, half, outside))
    rest = np.where(central, betainccinv(half, 0.5, inside), betaincinv(half, 0.5, outside))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        size = np.sqrt(2 * half) * np.sqrt(part) / np.sqrt(rest)
    return np.asarray(np.where(normal, ndtri(probability), np.copysign(size, off)))
