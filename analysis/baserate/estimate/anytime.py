"""Differences that hold however often one looks: e-processes over runs, or over prompts."""

from __future__ import annotations

import numpy as np

from baserate.errors import BaserateError
from baserate.estimate.estimates import Estimates, unknown
from baserate.estimate.linearized import unit_differences
from baserate.estimate.prompt_tests import pairs_of
from baserate.stats._arrays import Floats, Interval
from baserate.stats.cell_means import CellMeans
from baserate.stats.e_process import e_process_prompts, e_process_two_rates

BY_PROMPT = ("sampled", "paired")
_TEST = "e-process"


def differences(means: CellMeans, kind: str) -> Estimates:
    """Estimate differences by e-processes, valid at any time.

    Over sampled prompts each prompt is a block, and its difference of shares a bounded draw; prompts that are not
    shared are paired in their order. Else each run is a draw.

    Parameters
    ----------
    means : CellMeans
        Of 2m groups: candidates, then baselines.
    kind : str
        The name of the design.

    Returns
    -------
    Estimates

    Raises
    ------
    BaserateError
        If runs lie in several conditions of which no prompt was run in all: their order would matter.

    References
    ----------
    Turner, Ly & Grünwald (2024) J. Stat. Plan. Inference 230:106116. Waudby-Smith & Ramdas (2024) JRSS B 86:1.
    """
    pairs = pairs_of(means)
    m, by_prompt = len(pairs), kind in BY_PROMPT
    draws = [_draws(one) if by_prompt else _totals(one) for one in pairs]

    def each(level: float | None, data: tuple[Floats, ...]) -> tuple[float, float, float]:
        if by_prompt:
            found = e_process_prompts(data[0], level)
        else:
            k1, n1, k2, n2 = ([float(a)] for a in data)
            found = e_process_two_rates(k1, n1, k2, n2, level)
        low, high = (float(found.low[-1]), float(found.high[-1])) if level is not None else (np.nan, np.nan)
        return low, high, float(found.e[-1])

    def limits(level: Floats) -> Interval:
        found = [each(float(a), data) for a, data in zip(level, draws, strict=True)]
        return np.array([f[0] for f in found]), np.array([f[1] for f in found])

    name = "confidence sequence over prompts" if by_prompt else "confidence sequence of two rates"
    return Estimates(
        value=means.estimate[:m] - means.estimate[m:],
        std_error=unknown(m),
        limits_at=limits,
        test=lambda: np.array([1 / max(1.0, each(None, data)[2]) for data in draws]),
        null=0.0,
        n_eff=unknown(m),
        df=unknown(m),
        correlation=unknown(m),
        designs=(kind,) * m,
        intervals=(name,) * m,
        tests=(_TEST,) * m,
    )


def _totals(one: CellMeans) -> tuple[Floats, ...]:
    if one.strata > 2:
        raise BaserateError(_SEVERAL)
    return one.shown[0], one.graded[0], one.shown[1], one.graded[1]


_SEVERAL = (
    "looks='anytime' needs runs that come in alike, but these are of several conditions, whose order would matter. "
    "Run each prompt in every condition, pool them (conditions=[]), or plan the looks (looks=[0.5, 1])."
)


def _draws(one: CellMeans) -> tuple[Floats, ...]:
    """Return each unit's difference of shares; prompts that are not shared are paired in their order."""
    sides = [set(one.unit[one.of == side].tolist()) for side in (0, 1)]
    if sides[0] == sides[1]:
        parts, weights = unit_differences(one)
        if one.strata > 2 and np.ptp(weights) > 1e-9:
            raise BaserateError(_SEVERAL)
        if one.strata > 2 and len(one.stratum) < one.strata * len(sides[0]):
            raise BaserateError(_SEVERAL)
        return (np.clip(parts / weights, -1.0, 1.0),)
    if one.strata > 2:
        raise BaserateError(_SEVERAL)
    first, second = (one.mean[one.of == side] for side in (0, 1))
    size = min(len(first), len(second))
    return (np.asarray(first[:size] - second[:size]),)
