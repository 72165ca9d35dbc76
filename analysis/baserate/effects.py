"""Ratios of two independent rates, beside the difference."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from baserate.errors import BaserateError
from baserate.infer import two_rates_p
from baserate.pairs import Inference, Pair, pair_design
from baserate.stats.two_rates import miettinen_nurminen_odds_ratio, miettinen_nurminen_ratio


class Effect(NamedTuple):
    """How two rates are held against each other: the value of no effect, the estimate, and its interval."""

    null: float
    estimate: Callable[[float, float], float]
    interval: Callable[..., tuple[object, object]] | None


def _ratio(candidate: float, baseline: float) -> float:
    if baseline == 0:
        return math.nan if candidate == 0 else math.inf
    return candidate / baseline


def _odds_ratio(candidate: float, baseline: float) -> float:
    up, down = candidate * (1 - baseline), baseline * (1 - candidate)
    if down == 0:
        return math.nan if up == 0 else math.inf
    return up / down


EFFECTS = {
    "difference": Effect(0.0, lambda candidate, baseline: candidate - baseline, None),
    "ratio": Effect(1.0, _ratio, miettinen_nurminen_ratio),
    "odds-ratio": Effect(1.0, _odds_ratio, miettinen_nurminen_odds_ratio),
}


def infer_ratio(pair: Pair, scope: str, effect: str, test: str | None) -> Inference:
    """Choose interval and test of a ratio or an odds ratio.

    Parameters
    ----------
    pair : Pair
    scope : {"fixed", "sampled"}
    effect : {"ratio", "odds-ratio"}
    test : str, optional
        One of `baserate.stats.two_rates_tests.TWO_RATES_TESTS`.

    Returns
    -------
    Inference
        With an infinite limit where the data give none.

    Raises
    ------
    BaserateError
        If runs share prompts: a model answers that.

    References
    ----------
    Koopman (1984) Biometrics 40:513. Miettinen & Nurminen (1985) Stat. Med. 4:213.
    """
    null, estimate, between = EFFECTS[effect]
    kind = pair_design(pair, scope)
    if kind == "none":
        return Inference(lambda level: (0.0, math.inf), math.nan, "nothing graded", "none", math.nan, null)
    if kind != "independent" or between is None:
        raise BaserateError(
            f"effect={effect!r} takes independent runs, but {pair.candidate.name} and {pair.baseline.name} share "
            "prompts or repeat them. Use fit(runs, 'outcome ~ version'): contrasts('version', scale='ratio') or "
            "odds_ratios()."
        )
    c, b = pair.candidate, pair.baseline

    def limits(level: float) -> tuple[float, float]:
        low, high = between(c.shown, c.graded, b.shown, b.graded, level)
        return float(low), float(high)  # type: ignore[arg-type]  # arrays of no dimension

    p, name = two_rates_p(pair, test)
    return Inference(limits, p, f"miettinen-nurminen {effect}", name, estimate(c.rate, b.rate), null)
