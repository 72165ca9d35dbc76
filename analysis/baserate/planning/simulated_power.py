"""Power by simulation, each data set judged by the limits that `compare` would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baserate.planning.design import Design, IntArray, Question
from baserate.planning.exact_power import exact_power
from baserate.planning.limits import estimates, limits
from baserate.planning.stages import Stage, draw, stages
from baserate.stats.rate import wilson

Bools = NDArray[np.bool_]

BATCH = 250
SURE = 0.99  # level at which a search takes the power as settled


class Estimate(NamedTuple):
    """The power of a design.

    Attributes
    ----------
    power, low, high : float
        With its 95 % interval for the simulation's error; all the same where it is exact.
    repeats : int
        Simulated data sets; 0 where it is exact.
    runs : float
        Runs of each version that it takes on average; fewer than planned where a look may end them.
    method : str
        How data are judged.
    """

    power: float
    low: float
    high: float
    repeats: int
    runs: float
    method: str


def estimate(
    design: Design,
    question: Question,
    fractions: tuple[float, ...],
    repeats: int,
    seed: int,
    target: float | None = None,
) -> Estimate:
    """Compute the power of a design: exactly for independent runs without looks, else by simulation.

    Parameters
    ----------
    design : Design
    question : Question
    fractions : tuple of float
        Shares of the runs at which to look; (1,) without looks.
    repeats : int
        Simulated data sets.
    seed : int
    target : float, optional
        Stop as soon as the power is surely above or below this.

    Returns
    -------
    Estimate
    """
    planned = stages(design, question, fractions)
    method = _method(design)
    if design.kind == "independent" and len(planned) == 1:
        power = exact_power(design.rates, design.runs, question)
        return Estimate(power, power, power, 0, float(design.runs), method)
    rng = np.random.default_rng([seed, design.prompts, design.epochs])
    shown = done = runs = 0
    while done < repeats:
        size = min(BATCH, repeats - done)
        found, ended = _run(planned, rng, size)
        shown, runs, done = shown + int(found.sum()), runs + int(ended.sum()), done + size
        if target is not None and not wilson(shown, done, SURE)[0] <= target <= wilson(shown, done, SURE)[1]:
            break
    low, high = map(float, wilson(shown, done))
    return Estimate(shown / done, low, high, done, runs / done, method)


def _run(planned: Sequence[Stage], rng: np.random.Generator, repeats: int) -> tuple[Bools, IntArray]:
    """Go through the looks until one shows what is asked; return whether one did, and the runs until then."""
    shown, runs = np.zeros(repeats, dtype=bool), np.zeros(repeats, dtype=np.int64)
    for (design, question), data in zip(planned, draw(planned, rng, repeats), strict=True):
        runs[~shown] = design.runs
        shown |= question.shown_by_limits(*limits(design, *data, question.limits_level))
    return shown, runs


def _method(design: Design) -> str:
    """Name how data like those expected are judged."""
    expected = [np.full(design.prompts, round(rate * design.epochs), dtype=np.int64) for rate in design.rates]
    found = estimates(design, *(side[None, :] for side in expected))
    return f"{found.intervals[0]}, {found.tests[0]}"
