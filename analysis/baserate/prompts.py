"""Two groups of runs whose prompts are a sample."""

from __future__ import annotations

import numpy as np

from baserate.groups import Group
from baserate.pairs import Inference, Pair
from baserate.stats.sampled_difference import SampledDifference, sampled_difference

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
    c, b = pair.candidate, pair.baseline
    shared = bool(pair.shared)
    prompts = tuple(dict.fromkeys((*c.prompts, *b.prompts))) if shared else None
    (k1, n1), (k2, n2) = _counts(c, prompts or c.prompts), _counts(b, prompts or b.prompts)
    return sampled_difference(k1, n1, k2, n2, shared, test)


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


def _counts(group: Group, prompts: tuple[str, ...]) -> Counts:
    """Return events and runs on the given prompts, 0 where a prompt was not run."""
    held = dict(zip(group.prompts, zip(group.events, group.n, strict=True), strict=True))
    return np.array([held.get(p, (0, 0)) for p in prompts], dtype=np.float64).T
