"""Two groups of runs whose prompts are a sample."""

from __future__ import annotations

import numpy as np

from baserate.groups import Group
from baserate.pairs import Inference, Limits, Pair
from baserate.stats.sampled_difference import SampledDifference, cautious_mover, sampled_difference

Counts = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def sampled(pair: Pair, test: str | None = None) -> SampledDifference:
    """Judge a difference over prompts like these.

    Parameters
    ----------
    pair : Pair
        With runs on two or more prompts on both sides.
    test : {"permutation", "inversion"}, optional
        Left out, the design decides.

    Returns
    -------
    SampledDifference
        With single numbers.
    """
    (k1, n1), (k2, n2) = _counts(pair)
    return sampled_difference(k1, n1, k2, n2, bool(pair.shared), test)


def mover_limits(pair: Pair) -> Limits:
    """Return the limits of the interval by itself.

    Parameters
    ----------
    pair : Pair
        With runs on two or more prompts on both sides.

    Returns
    -------
    callable
        Level -> (low, high).
    """
    (k1, n1), (k2, n2) = _counts(pair)

    def limits(level: float) -> tuple[float, float]:
        low, high = cautious_mover(k1, n1, k2, n2, bool(pair.shared), level)
        return float(low), float(high)

    return limits


def infer_sampled(pair: Pair, test: str | None) -> Inference:
    """Choose interval and test of a difference over prompts like these.

    Parameters
    ----------
    pair : Pair
        With runs on two or more prompts on both sides.
    test : {"permutation", "inversion"}, optional
        Left out, the design decides.

    Returns
    -------
    Inference
    """
    found = sampled(pair, test)

    def limits(level: float) -> tuple[float, float]:
        low, high = found.limits(level)
        return float(low), float(high)

    interval = "mover of cautious effective-n wilson limits" + (" with r" if found.correlation else "")
    name = "inversion of the interval"
    if found.permuted:
        name = "sign-flip test of prompts" if pair.shared else "permutation test of prompts"
        interval += ", moved to agree with the test"
    return Inference(limits, float(found.p_value), interval, name, pair.difference, sampled=found)


def _counts(pair: Pair) -> tuple[Counts, Counts]:
    """Return events and runs per prompt of both sides; if they share prompts, on all prompts, 0 where not run."""
    c, b = pair.candidate, pair.baseline
    if not pair.shared:
        return np.array([c.events, c.n], dtype=np.float64), np.array([b.events, b.n], dtype=np.float64)
    prompts = tuple(dict.fromkeys((*c.prompts, *b.prompts)))
    return _on(c, prompts), _on(b, prompts)


def _on(group: Group, prompts: tuple[str, ...]) -> Counts:
    held = dict(zip(group.prompts, zip(group.events, group.n, strict=True), strict=True))
    return np.array([held.get(p, (0, 0)) for p in prompts], dtype=np.float64).T
