"""How two rates are held against each other: as a difference, a ratio or an odds ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from baserate.stats._arrays import Floats, Interval
from baserate.stats.dependent_difference import odds_ratio, odds_ratio_limits, ratio_limits
from baserate.stats.guarded_difference import guarded_difference
from baserate.stats.mover import mover_difference
from baserate.stats.two_rates import miettinen_nurminen_odds_ratio, miettinen_nurminen_ratio

Side = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Effect:
    """An effect.

    Attributes
    ----------
    null : float
        The value of no effect.
    name : str
        In words.
    value : callable
        Two rates -> the effect.
    recovered : callable
        Estimate, low and high of both sides, their correlation -> limits.
    independent : callable
        Events and runs of both sides, level -> limits for independent runs.
    worst : tuple of float
        The limits where nothing is known.
    to, between : str
        ``"minus"`` or ``"to"``; the name of many.
    """

    null: float
    name: str
    value: Callable[[Floats, Floats], Floats]
    recovered: Callable[[Side, Side, Floats], Interval]
    independent: Callable[..., Interval]
    worst: tuple[float, float]
    to: str
    many: str


def _ratio(candidate: Floats, baseline: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(candidate / baseline)


def _recovered(first: Side, second: Side, correlation: Floats) -> Interval:
    return mover_difference(*first, *second, correlation)


EFFECTS = {
    "difference": Effect(
        0.0,
        "difference",
        lambda one, two: np.asarray(one - two),
        _recovered,
        guarded_difference,
        (-1.0, 1.0),
        "minus",
        "Differences",
    ),
    "ratio": Effect(1.0, "ratio", _ratio, ratio_limits, miettinen_nurminen_ratio, (0.0, np.inf), "to", "Ratios"),
    "odds-ratio": Effect(
        1.0,
        "odds ratio",
        odds_ratio,
        odds_ratio_limits,
        miettinen_nurminen_odds_ratio,
        (0.0, np.inf),
        "to",
        "Odds ratios",
    ),
}
