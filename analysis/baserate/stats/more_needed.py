"""How many more prompts, epochs or runs would decide, from how an interval narrows with each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from baserate.stats._arrays import Floats

POWER = 0.8
MOST_TIMES = 200.0  # as many as were run


class More(NamedTuple):
    """What would decide, each alone; NaN where it is not known, infinite where it would not do. Shape (m,)."""

    prompts: Floats
    epochs: Floats
    runs: Floats


def times_needed(gap: Floats, reach: Floats, alpha: float, power: float = POWER) -> Floats:
    """Return by how much the variance must shrink so that an effect of the size seen is found.

    Parameters
    ----------
    gap : ndarray
        Distance of the estimate from the value that is to be ruled out.
    reach : ndarray
        Distance of the estimate from the limit that faces that value.
    alpha : float
        Size of the two-sided test.
    power : float

    Returns
    -------
    ndarray
        Infinite where there is no gap; 1 where the limit clears it already.
    """
    z = -float(ndtri(alpha / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        times = ((z + float(ndtri(power))) / z * reach / gap) ** 2
    return np.where(gap > 0, np.maximum(times, 1.0), np.inf)


def more_needed(times: Floats, between: Floats, units: Floats, epochs: Floats) -> More:
    """Turn a shrinkage of the variance into more prompts, or more epochs of the same prompts.

    The variance falls as 1 / G with the prompts; with the epochs only the part that runs make falls, as 1 / E.

    Parameters
    ----------
    times : ndarray
        By how much the variance must shrink.
    between : ndarray
        The share of the variance that prompts make, from 0 to 1.
    units, epochs : ndarray
        Prompts of the smaller side, and runs a prompt.

    Returns
    -------
    More
        ``runs`` is the least number of more runs a side that either way takes.
    """
    within = times <= MOST_TIMES
    prompts = np.where(within, np.ceil(units * (np.where(within, times, 1.0) - 1) - 1e-9), np.inf)
    room = 1 / times - between
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(room > 0, (1 - between) / room, np.inf)
    within = factor <= MOST_TIMES
    more_epochs = np.where(within, np.ceil(epochs * (np.where(within, factor, 1.0) - 1) - 1e-9), np.inf)
    prompts, more_epochs = np.maximum(prompts, 1.0), np.maximum(more_epochs, 1.0)
    with np.errstate(invalid="ignore"):  # no epochs times infinitely many prompts
        runs = np.fmin(prompts * epochs, more_epochs * units)
    return More(prompts, more_epochs, runs)
