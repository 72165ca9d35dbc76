"""The intervals under study: the default of each family, the menu's other methods, and what people use instead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from baserate.stats._arrays import Floats
from baserate.stats.guarded_difference import guarded_difference, guarded_paired
from baserate.stats.guarded_wilson import guarded_wilson
from baserate.stats.paired import tango
from baserate.stats.rate import clopper_pearson, jeffreys, mid_p, wilson
from baserate.stats.two_rates import miettinen_nurminen, newcombe

Interval = tuple[Floats, Floats]
Method = Callable[..., Interval]

DEFAULT = "default"
LEVEL = 0.95
Z = float(special.ndtri((1 + LEVEL) / 2))


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
}  # fmt: skip
