"""Cells drawn from a known truth: prompts' rates at quantiles of beta distributions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import special

from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans
from calibration.prompt_designs import PromptPoint

GRID = 2_000  # quantiles of a prompt's rate
CLUSTER = 4  # prompts in a cluster


@lru_cache(maxsize=256)
def quantiles(p: float, icc: float) -> Floats:
    """Rates at the mid-quantiles of a beta distribution with that mean and intraclass correlation."""
    if icc == 0 or p in (0, 1):
        return np.full(GRID, p)
    size, u = (1 - icc) / icc, (np.arange(GRID) + 0.5) / GRID
    low = special.betaincinv(p * size, (1 - p) * size, u)
    high = 1 - special.betaincinv((1 - p) * size, p * size, 1 - u)
    return np.asarray(np.where(u < 0.5, low, high))


def _levels(point: PromptPoint, rng: np.random.Generator, draws: int) -> Floats:
    """Draw where prompts stand, shape (draws, conditions, prompts); the prompts of a cluster stand alike."""
    conditions = 1 if point.kind == "crossed" else len(point.rates)
    shape = (draws, conditions, point.prompts)
    if "fixed" in point.family:
        return np.broadcast_to((np.arange(point.prompts) + 0.5) / point.prompts, shape)
    if not point.clusters:
        return rng.random(shape)
    one = rng.standard_normal((draws, 1, point.prompts // CLUSTER)).repeat(CLUSTER, axis=2)
    return np.asarray(special.ndtr(np.sqrt(0.6) * one + np.sqrt(0.4) * rng.standard_normal(shape)))


def _rates(rates: tuple[float, ...], icc: float, levels: Floats) -> Floats:
    place = np.minimum((levels * GRID).astype(int), GRID - 1)
    parts = [quantiles(p, icc)[place[:, c if place.shape[1] > 1 else 0]] for c, p in enumerate(rates)]
    return np.stack(parts, axis=1)


def _truth(point: PromptPoint, rates: tuple[float, ...], icc: float) -> float:
    if "fixed" in point.family:
        place = ((np.arange(point.prompts) + 0.5) / point.prompts * GRID).astype(int)
        return float(np.mean([quantiles(p, icc)[place].mean() for p in rates]))
    return float(np.mean([quantiles(p, icc).mean() for p in rates]))


def _runs(point: PromptPoint, rng: np.random.Generator, theta: Floats) -> Floats:
    n = np.full(theta.shape, point.epochs)
    if point.uneven:
        n[..., point.prompts // 2 :] = max(point.epochs // 3, 1)
    if point.lost:
        kept = 0.7 if point.lost == "at random" else 1 - 0.7 * theta
        n = np.maximum(rng.binomial(n, kept), 1)
    return n.astype(float)


def draw(point: PromptPoint, draws: int) -> tuple[CellMeans, float]:
    """Draw data sets of a design.

    Parameters
    ----------
    point : PromptPoint
    draws : int

    Returns
    -------
    means : CellMeans
        Of as many groups as draws; for a difference the candidates of all, then their baselines.
    truth : float
        The true rate, or the true difference.
    """
    rng = np.random.default_rng(point.seed)
    levels = _levels(point, rng, draws)
    first = _rates(point.rates, point.icc, levels)
    sides, truth = [first], _truth(point, point.rates, point.icc)
    if point.rates2:
        icc2 = point.icc if point.icc2 < 0 else point.icc2
        other = levels if point.sharing in ("shared", "half") else _levels(point, rng, draws)
        sides.append(_rates(point.rates2, icc2, other))
        truth -= _truth(point, point.rates2, icc2)
    if point.sharing == "half":  # what one side alone ran is left out
        sides = [side[..., : point.prompts // 2] for side in sides]
    runs = [
        _runs(point, rng, side) if i == 0 else np.full(side.shape, float(point.epochs)) for i, side in enumerate(sides)
    ]
    events = [rng.binomial(n.astype(int), theta).astype(float) for n, theta in zip(runs, sides, strict=True)]
    return _flat(point, events, runs, own=point.sharing == "own"), truth


def _flat(point: PromptPoint, events: list[Floats], runs: list[Floats], own: bool) -> CellMeans:
    draws, conditions, prompts = events[0].shape
    groups = draws * len(events)
    units = np.arange(prompts) // (CLUSTER if point.clusters else 1)
    size = int(units.max()) + 1
    crossed = point.kind == "crossed" or point.clusters
    unit = np.arange(conditions)[:, None] * (0 if crossed else size) + units
    total = size if crossed else size * conditions
    place = np.arange(draws)[:, None, None] * total * 2 + unit
    both = [place + (total if own and i else 0) for i in range(len(events))]
    return CellMeans(
        np.repeat(np.arange(groups * conditions), prompts),
        np.concatenate([p.ravel() for p in both]),
        np.concatenate([k.ravel() for k in events]),
        np.concatenate([n.ravel() for n in runs]),
        np.full(groups * conditions * prompts, 1 / prompts),
        np.repeat(np.arange(groups), conditions),
        np.full(groups * conditions, 1 / conditions),
        groups,
    )
