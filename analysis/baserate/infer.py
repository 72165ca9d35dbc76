"""The interval and the test that fit the design of two groups of runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from baserate.groups import rate_interval
from baserate.pairs import Inference, Limits, Pair, pair_design
from baserate.prompts import infer_sampled, mover_limits
from baserate.stats.guarded_difference import (
    guarded_difference,
    guarded_p_value,
    guarded_paired,
    guarded_paired_p_value,
)
from baserate.stats.inversion import p_by_inversion
from baserate.stats.mover import mover_difference
from baserate.stats.paired import mcnemar_mid_p, tango
from baserate.stats.two_rates import DIFFERENCE_INTERVALS
from baserate.stats.two_rates_tests import TWO_RATES_TESTS, choose_test

Between = Callable[..., tuple[Any, Any]]

METHODS = (*DIFFERENCE_INTERVALS, "tango", "mover")
TESTS_OF_PROMPTS = ("permutation", "inversion")
TESTS = (*TWO_RATES_TESTS, *TESTS_OF_PROMPTS)

_TEST_NAMES = {
    "n-1-chi2": "N−1 χ² test",
    "boschloo": "Boschloo's test",
    "fisher": "Fisher's exact test",
    "fisher-mid-p": "Fisher's mid-P test",
}


def infer(pair: Pair, scope: str, method: str | None, test: str | None = None) -> Inference:
    """Choose the interval and the test of a difference.

    Parameters
    ----------
    pair : Pair
    scope : {"fixed", "sampled"}
    method : str, optional
        One of `METHODS`; left out, the design decides.
    test : str, optional
        One of `TESTS`: of independent runs, or "permutation" or "inversion" over sampled prompts.

    Returns
    -------
    Inference
        For a group without graded runs: all of [-1, 1] and no p value.
    """
    kind = pair_design(pair, scope)
    if kind == "none":
        return Inference(lambda level: (-1.0, 1.0), float("nan"), "nothing graded", "none")
    if method in DIFFERENCE_INTERVALS or (method is None and kind == "independent"):
        return _independent(pair, method, test)
    if method == "tango" or (method is None and kind == "paired"):
        return _paired(pair, method)
    return infer_sampled(pair, test) if kind == "sampled" else _mover(pair, scope, kind)


def _independent(pair: Pair, method: str | None, test: str | None) -> Inference:
    counts = (pair.candidate.shown, pair.candidate.graded, pair.baseline.shown, pair.baseline.graded)
    between = DIFFERENCE_INTERVALS[method] if method else guarded_difference
    p, name = two_rates_p(pair, test)
    if method is None and test is None:
        p, name = _guarded(p, float(guarded_p_value(*counts)), name)
    chosen = method or "miettinen-nurminen"
    return Inference(_limits(between, counts), p, _called(chosen, between, counts), name, pair.difference)


def _limits(between: Between, counts: tuple[int, ...]) -> Limits:
    def limits(level: float) -> tuple[float, float]:
        low, high = between(*counts, level)
        return float(low), float(high)

    return limits


def _called(method: str, between: Between, counts: tuple[int, ...]) -> str:
    """Name an interval, and say where its guard has widened it."""
    plain = tango if method == "tango" else DIFFERENCE_INTERVALS[method]
    same = all(_limits(between, counts)(level) == _limits(plain, counts)(level) for level in (0.8, 0.9, 0.95, 0.99))
    return method if same else f"guarded {method}"


def _guarded(plain: float, guarded: float, name: str) -> tuple[float, str]:
    return guarded, name if guarded == plain else f"guarded {name}"


def two_rates_p(pair: Pair, test: str | None = None) -> tuple[float, str]:
    """Test whether two independent rates differ.

    Parameters
    ----------
    pair : Pair
    test : str, optional
        One of `baserate.stats.two_rates_tests.TWO_RATES_TESTS`; left out, Boschloo's where an expected count is below
        5, else the N-1 chi-squared test.

    Returns
    -------
    p : float
        Two-sided.
    name : str
        Of the test.
    """
    counts = (pair.candidate.shown, pair.candidate.graded, pair.baseline.shown, pair.baseline.graded)
    chosen = test or str(choose_test(*counts))
    return float(TWO_RATES_TESTS[chosen](*counts)), _TEST_NAMES[chosen]


def _paired(pair: Pair, method: str | None) -> Inference:
    counts = paired_table(pair)
    between = tango if method else guarded_paired
    p, name = float(mcnemar_mid_p(counts[1], counts[2])), "mid-P McNemar test"
    if method is None:
        p, name = _guarded(p, float(guarded_paired_p_value(*counts)), name)
    return Inference(_limits(between, counts), p, _called("tango", between, counts), name, pair.difference)


def paired_table(pair: Pair) -> tuple[int, int, int, int]:
    """Count the prompts by what both versions did on them, one run each.

    Parameters
    ----------
    pair : Pair

    Returns
    -------
    tuple of int
        Both yes, candidate only, baseline only, neither.
    """
    baseline = dict(zip(pair.baseline.prompts, pair.baseline.events, strict=True))
    candidate = dict(zip(pair.candidate.prompts, pair.candidate.events, strict=True))
    both = np.array([(candidate[p], baseline[p]) for p in pair.shared], dtype=bool).reshape(-1, 2)
    c, b = both.T
    return int((c & b).sum()), int((c & ~b).sum()), int((~c & b).sum()), int((~c & ~b).sum())


def default_limits(pair: Pair, scope: str) -> Limits:
    """Return the limits of the default interval by itself: no p value, and not moved to agree with a test.

    Parameters
    ----------
    pair : Pair
        With graded runs on both sides.
    scope : {"fixed", "sampled"}

    Returns
    -------
    callable
        Level -> (low, high).
    """
    kind = pair_design(pair, scope)
    if kind == "paired":
        return _limits(guarded_paired, paired_table(pair))
    if kind == "independent":
        c, b = pair.candidate, pair.baseline
        return _limits(guarded_difference, (c.shown, c.graded, b.shown, b.graded))
    if kind == "sampled":
        return mover_limits(pair)
    return _mover_limits(pair, scope)


def _mover_limits(pair: Pair, scope: str) -> Limits:
    c, b = pair.candidate, pair.baseline

    def limits(level: float) -> tuple[float, float]:
        one, two = (rate_interval(g, scope, level) for g in (c, b))
        low, high = mover_difference(c.rate, one.low, one.high, b.rate, two.low, two.high)
        return float(low), float(high)

    return limits


def _mover(pair: Pair, scope: str, kind: str) -> Inference:
    limits = _mover_limits(pair, scope)
    name = "mover of within-prompt wilson limits" if kind == "fixed" else "mover of wilson limits (a single prompt)"
    return Inference(limits, p_by_inversion(limits), name, "inversion of the interval", pair.difference)
