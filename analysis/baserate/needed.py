"""What would decide an open comparison: how many more runs, or prompts."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, ndtri

from baserate.groups import Group, rate_interval
from baserate.infer import default_limits
from baserate.pairs import Inference, Pair, pair_design
from baserate.stats.power import runs_needed

POWER = 0.8
MOST_TIMES = 200  # as many prompts as were run


def needed_by_interval(inference: Inference, runs: int, alpha: float) -> str:
    """Say how many more runs would decide, where an interval is all there is: its width falls as 1/√n.

    Parameters
    ----------
    inference : Inference
    runs : int
        Graded runs of the smaller side.
    alpha : float
        Size of the test.

    Returns
    -------
    str
    """
    if math.isnan(inference.estimate) or inference.estimate == inference.null:
        return "a margin: the rates are equal"
    low, high = inference.limits(1 - alpha)
    z = -float(ndtri(alpha / 2))
    error = (high - low) / (2 * z)
    times = ((z + float(ndtri(POWER))) * error / (inference.estimate - inference.null)) ** 2
    return f"about {max(math.ceil(runs * (times - 1)), 1)} more runs a version"


def needed(pair: Pair, scope: str, alpha: float, inference: Inference | None = None) -> str:
    """Say how many more runs, or prompts, would decide a difference of the size seen, with power 80 %.

    Parameters
    ----------
    pair : Pair
    scope : {"fixed", "sampled"}
    alpha : float
        Size of the test, over the number of comparisons.
    inference : Inference, optional
        How the pair was judged: where prompts were permuted, they are counted by that test.

    Returns
    -------
    str
        ``"about 41 more runs a version"``, ``"about 14 more prompts"``.
    """
    c, b = pair.candidate, pair.baseline
    if not (c.graded and b.graded):
        return "graded runs on both sides"
    if pair.difference == 0:
        return "a margin: the rates are equal"
    if inference is not None and inference.sampled is not None and bool(inference.sampled.permuted):
        return _prompts_by_test(pair, inference.p_value, alpha)
    if pair_design(pair, scope) in ("sampled", "paired"):
        return _prompts(pair, scope, alpha)
    runs = float(runs_needed(c.rate, b.rate, alpha=alpha, power=POWER))
    if math.isinf(runs):
        return "more than 10^8 runs a version"
    more = math.ceil(runs * _worth((c, b), scope, alpha)) - min(c.graded, b.graded)
    return f"about {max(more, 1)} more runs a version"


def _worth(sides: tuple[Group, Group], scope: str, alpha: float) -> float:
    """Tell how many runs are worth one independent run."""
    return sum(g.graded for g in sides) / sum(rate_interval(g, scope, 1 - alpha).n_eff for g in sides)


def _prompts(pair: Pair, scope: str, alpha: float) -> str:
    """Repeat the prompts until the interval of alpha and power together leaves out no difference."""
    # the limit that faces 0 lies z of alpha/2 standard errors from the estimate; the power asks for its own z more
    strict = 1 - 2 * float(ndtr(ndtri(alpha / 2) - ndtri(POWER)))

    def clearance(times: int) -> float:
        low, high = default_limits(_repeated(pair, times), scope)(strict)
        return low if pair.difference > 0 else -high

    times, last = 1, clearance(1)
    while last <= 0 and times < MOST_TIMES:
        more = times + max(1, times // 4)
        now = clearance(more)
        if now > 0:
            prompts = min(len(pair.candidate.prompts), len(pair.baseline.prompts))
            extra = math.ceil((times - 1 + (more - times) * -last / (now - last)) * prompts)
            return f"about {max(extra, 1)} more prompts"
        times, last = more, now
    return f"more than {MOST_TIMES} times as many prompts" if last <= 0 else "about 1 more prompts"


def _prompts_by_test(pair: Pair, p_value: float, alpha: float) -> str:
    """Count prompts by a permutation test: its z grows as the root of their number."""
    prompts = min(len(pair.candidate.prompts), len(pair.baseline.prompts))
    z, wanted = -float(ndtri(p_value / 2)), float(ndtri(POWER) - ndtri(alpha / 2))
    if z * math.sqrt(MOST_TIMES) < wanted:
        return f"more than {MOST_TIMES} times as many prompts"
    return f"about {max(math.ceil(prompts * ((wanted / z) ** 2 - 1)), 1)} more prompts"


def _repeated(pair: Pair, times: int) -> Pair:
    return Pair(*(_tiled(g, times) for g in (pair.candidate, pair.baseline)))


def _tiled(group: Group, times: int) -> Group:
    prompts = tuple(f"{p}#{i}" for i in range(times) for p in group.prompts)
    return Group(group.key, prompts, np.tile(group.events, times), np.tile(group.n, times), group.missing)
