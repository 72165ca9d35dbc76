"""The intervals under study: the default of each family, the menu's other methods, and what people use instead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from baserate.stats.cautious import cautious_sampled_rate
from baserate.stats.cautious_fixed import cautious_fixed_rate
from baserate.stats.clustered import PromptRate, fixed_rate, korn_graubard, sampled_rate
from baserate.stats.guarded_difference import guarded_difference, guarded_paired
from baserate.stats.guarded_wilson import guarded_wilson
from baserate.stats.mover import mover_difference, prompt_correlation
from baserate.stats.paired import tango
from baserate.stats.rate import clopper_pearson, jeffreys, mid_p, wilson
from baserate.stats.sampled_difference import cautious_mover, sampled_difference
from baserate.stats.two_rates import miettinen_nurminen, newcombe
from calibration.worlds import Floats

Interval = tuple[Floats, Floats]
Method = Callable[..., Interval]

DEFAULT = "default"
LEVEL = 0.95
Z = float(special.ndtri((1 + LEVEL) / 2))
RESAMPLES = 400
DRAWS = 2_000  # random deals and sign patterns of the default's test; it takes 20,000


def wald(k: Floats, n: Floats, level: float = LEVEL) -> Interval:
    """Estimate ± z standard errors."""
    p = k / n
    half = Z * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def agresti_coull(k: Floats, n: Floats, level: float = LEVEL) -> Interval:
    """Wald's interval after adding z² runs, half of them events."""
    low, high = wald(k + Z * Z / 2, n + Z * Z)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def modified_wilson(k: Floats, n: Floats, level: float = LEVEL) -> Interval:
    """Brown, Cai and DasGupta's (2001): one-sided Poisson limits for one to three events, or misses."""
    low, high = wilson(k, n, level)
    few = np.where(n <= 50, 2, 3)

    def limit(events: Floats) -> Floats:
        return np.asarray(special.gammaincinv(np.maximum(events, 1), 1 - level) / n)

    low = np.where((k > 0) & (k <= few), limit(k), low)
    return low, np.where((n - k > 0) & (n - k <= few), 1 - limit(n - k), high)


def wald_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Interval:
    """Difference ± z standard errors, unpooled."""
    p, q = k1 / n1, k2 / n2
    half = Z * np.sqrt(p * (1 - p) / n1 + q * (1 - q) / n2)
    return p - q - half, p - q + half


def _limits(method: Callable[..., PromptRate]) -> Method:
    def limits(k: Floats, n: Floats) -> Interval:
        found = method(k, n, LEVEL)
        return found.low, found.high

    return limits


def _all_runs(method: Callable[..., Interval]) -> Method:
    """Apply a method to all runs as if they were independent."""
    return lambda *counts: method(*(c.sum(axis=-1) for c in counts), LEVEL)


def _linearized(k: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the rate and each prompt's share in its error, as scaled by the cluster sandwich."""
    rate = k.sum(axis=-1, keepdims=True) / n.sum(axis=-1, keepdims=True)
    prompts = k.shape[-1]
    share = (k - n * rate) / n.sum(axis=-1, keepdims=True) * np.sqrt(prompts / (prompts - 1))
    return rate[..., 0], share


def cluster_z(k: Floats, n: Floats) -> Interval:
    """What a linear model with cluster-robust errors gives: the ratio's sandwich variance and normal quantiles."""
    rate, share = _linearized(k, n)
    half = Z * np.sqrt((share**2).sum(axis=-1))
    return rate - half, rate + half


def cluster_z_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> Interval:
    """The same for a difference; shared prompts are one cluster."""
    (p, e1), (q, e2) = _linearized(k1, n1), _linearized(k2, n2)
    variance = ((e1 - e2) ** 2).sum(axis=-1) if shared else (e1**2).sum(axis=-1) + (e2**2).sum(axis=-1)
    half = Z * np.sqrt(variance)
    return p - q - half, p - q + half


def _weights(prompts: int, seed: int) -> Floats:
    """How often each prompt is drawn in each bootstrap sample: shape (prompts, resamples)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(prompts, np.full(prompts, 1 / prompts), RESAMPLES).T.astype(float)


def _percentiles(values: Floats) -> Interval:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=-1)
    return low, high


def bootstrap(k: Floats, n: Floats) -> Interval:
    """Percentile interval of resampled prompts, as scipy.stats.bootstrap(method="percentile") has it."""
    w = _weights(k.shape[-1], 1)
    return _percentiles(k @ w / (n @ w))


def bootstrap_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> Interval:
    """The same for a difference; shared prompts are drawn together."""
    w1 = _weights(k1.shape[-1], 1)
    w2 = w1 if shared else _weights(k2.shape[-1], 2)
    return _percentiles(k1 @ w1 / (n1 @ w1) - k2 @ w2 / (n2 @ w2))


def _mover(k1: Floats, n1: Floats, k2: Floats, n2: Floats, rate: Callable[..., PromptRate], r: Floats) -> Interval:
    a, b = rate(k1, n1, LEVEL), rate(k2, n2, LEVEL)
    return mover_difference(a.estimate, a.low, a.high, b.estimate, b.low, b.high, r)


def default_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> Interval:
    """The default: MOVER of cautious limits, moved to agree with the permutation test."""
    return sampled_difference(k1, n1, k2, n2, shared, draws=DRAWS).limits(LEVEL)


def effective_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> Interval:
    """MOVER of effective-n Wilson limits with the plain correlation."""
    r = prompt_correlation(k1 / n1, k2 / n2) if shared else np.zeros(k1.shape[:-1])
    return _mover(k1, n1, k2, n2, sampled_rate, r)


def fixed_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> Interval:
    """The default for fixed prompts: MOVER of cautious within-prompt limits."""
    return _mover(k1, n1, k2, n2, cautious_fixed_rate, np.zeros(k1.shape[:-1]))


def unsmoothed_difference(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> Interval:
    """MOVER of within-prompt Wilson limits."""
    return _mover(k1, n1, k2, n2, fixed_rate, np.zeros(k1.shape[:-1]))


def _ignoring(method: Method) -> Method:
    return lambda k1, n1, k2, n2, shared: method(*(c.sum(axis=-1) for c in (k1, n1, k2, n2)))


METHODS: dict[str, dict[str, Method]] = {
    "rate": {
        DEFAULT: guarded_wilson, "wilson": wilson, "modified wilson": modified_wilson, "agresti-coull": agresti_coull,
        "mid-p": mid_p, "jeffreys": jeffreys, "clopper-pearson": clopper_pearson, "wald": wald,
    },
    "difference": {
        DEFAULT: guarded_difference, "miettinen-nurminen": miettinen_nurminen, "newcombe": newcombe,
        "wald": wald_difference,
    },
    "paired": {DEFAULT: guarded_paired, "tango": tango},
    "rate, sampled prompts": {
        DEFAULT: _limits(cautious_sampled_rate), "effective-n wilson": _limits(sampled_rate),
        "korn-graubard": _limits(korn_graubard), "wilson on all runs": _all_runs(wilson), "cluster z": cluster_z,
        "bootstrap of prompts": bootstrap,
    },
    "rate, fixed prompts": {
        DEFAULT: _limits(cautious_fixed_rate), "within-prompt wilson": _limits(fixed_rate),
        "wilson on all runs": _all_runs(wilson), "cluster z": cluster_z,
    },
    "difference, sampled prompts": {
        DEFAULT: default_difference, "mover, cautious": cautious_mover,
        "mover, effective n": effective_difference,
        "miettinen-nurminen on all runs": _ignoring(miettinen_nurminen), "wald on all runs": _ignoring(wald_difference),
        "cluster z": cluster_z_difference, "bootstrap of prompts": bootstrap_difference,
    },
    "difference, fixed prompts": {
        DEFAULT: fixed_difference, "mover, within prompts": unsmoothed_difference,
        "miettinen-nurminen on all runs": _ignoring(miettinen_nurminen), "cluster z": cluster_z_difference,
    },
}  # fmt: skip
