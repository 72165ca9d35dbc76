"""What would decide an open comparison: more prompts, more epochs of the same ones, more runs, or runs graded."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from baserate.estimate import Estimates
from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans
from baserate.stats.fixed_means import fixed_rates
from baserate.stats.linearization import effective_units
from baserate.stats.more_needed import POWER, More, more_needed, times_needed
from baserate.stats.power import runs_needed, runs_needed_approximately

_MOST = 1e8
_MANY = 500.0  # runs from which on the normal approximation is within a few


class Decisive(NamedTuple):
    """What would decide, by pair, and in words."""

    more: More
    words: list[str]


def decisive(
    means: CellMeans,
    found: Estimates,
    alpha: float,
    open_: np.ndarray[tuple[int], np.dtype[np.bool_]],
    exact: bool = True,
) -> Decisive:
    """Say what would find a difference of the size seen, with power 80 %.

    Parameters
    ----------
    means : CellMeans
        Of 2m groups.
    found : Estimates
        Of the m pairs.
    alpha : float
        Size of the test, over the number of comparisons.
    open_ : ndarray of bool, shape (m,)
        Which pairs are open; of the others nothing is said.
    exact : bool
        Whether independent runs are judged by an exact test, whose power is enumerated; else the width tells.

    Returns
    -------
    Decisive
    """
    low, high = found.limits(1 - alpha)
    null, value = found.null, found.value
    with np.errstate(divide="ignore", invalid="ignore"):
        if null != 0:
            low, high, value, null = np.log(low), np.log(high), np.log(value), 0.0
        gap = np.abs(value - null)
        reach = np.where(value > null, value - low, high - value)
    times = times_needed(gap, reach, alpha)
    more = _more(means, found, times, alpha, exact)
    told = [_words(found, i, more) if open_[i] else "" for i in range(len(found))]
    blank = np.where(open_, 1.0, np.nan)
    return Decisive(More(more.prompts * blank, more.epochs * blank, more.runs * blank), told)


def _more(means: CellMeans, found: Estimates, times: Floats, alpha: float, exact: bool) -> More:
    m = len(found)
    smaller = np.minimum(means.graded[:m], means.graded[m:])
    kinds = np.array(found.designs)
    sampled = (kinds == "sampled") | (kinds == "paired")
    units = np.minimum(*np.split(effective_units(means), 2))
    epochs = np.divide(smaller, units, out=np.ones(m), where=units > 0)
    runs_part = fixed_rates(means).variance
    spread = found.std_error**2 if found.null == 0 else np.full(m, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.clip(1 - (runs_part[:m] + runs_part[m:]) / spread, 0.0, 1.0)
    between = np.where(kinds == "paired", 1.0, np.where(np.isnan(between), 1.0, between))
    of_prompts = more_needed(times, between, units, epochs)
    of_runs = np.where(
        times <= _MOST, np.maximum(np.ceil(smaller * (np.where(times <= _MOST, times, 1.0) - 1) - 1e-9), 1.0), np.inf
    )
    for i in np.flatnonzero((kinds == "independent") & (found.null == 0) & exact):
        of_runs[i] = _independent_runs(float(means.estimate[i]), float(means.estimate[m + i]), alpha) - smaller[i]
    of_runs = np.maximum(of_runs, 1.0)
    nothing = np.full(m, np.nan)
    return More(
        np.where(sampled, of_prompts.prompts, nothing),
        np.where(sampled & (kinds != "paired"), of_prompts.epochs, nothing),
        np.where(sampled, of_prompts.runs, of_runs),
    )


def _independent_runs(p1: float, p2: float, alpha: float) -> float:
    """Return how many independent runs a version find a difference: exactly, or by the normal approximation of many."""
    about = float(runs_needed_approximately(p1, p2, alpha, POWER))
    if about > _MANY:
        return float(np.ceil(about)) if about <= _MOST else np.inf
    return float(np.ceil(runs_needed(p1, p2, alpha=alpha, power=POWER)))


def _words(found: Estimates, i: int, more: More) -> str:
    """Say what would decide one pair, in a clause."""
    if math.isnan(found.value[i]):
        return "graded runs on both sides"
    if found.value[i] == found.null:
        return "a margin: the rates are equal"
    prompts, epochs, runs = (float(a[i]) for a in more)
    if math.isnan(prompts):
        return f"about {runs:.0f} more runs a version" if math.isfinite(runs) else "more than 10^8 runs a version"
    if math.isinf(prompts):
        return "more than 200 times as many prompts"
    told = f"about {prompts:.0f} more prompts"
    if math.isnan(epochs):
        return told
    if math.isfinite(epochs) and epochs < prompts:
        return f"{told}, or {epochs:.0f} more epochs of these"
    return told
