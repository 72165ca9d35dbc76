"""Intervals widened near 0 and 1, and with few prompts: limits, properties, agreement with their tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from baserate.stats.cautious import Sample, cautious_correlation, cautious_sampled_rate
from baserate.stats.cautious_fixed import cautious_fixed_rate
from baserate.stats.guarded_difference import (
    guarded_difference,
    guarded_p_value,
    guarded_paired,
    guarded_paired_p_value,
)
from baserate.stats.guarded_wilson import allowed_level, guarded_wilson
from baserate.stats.rate import wilson

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


def score_p(k: int, n: int, p: float) -> float:
    """Exact probability of a count at least as far from n p as k."""
    x = np.arange(n + 1)
    far = np.abs(x - n * p) >= abs(k - n * p) - 1e-9
    return float(stats.binom.pmf(x, n, p)[far].sum())


@pytest.mark.parametrize(("k", "n"), [(1, 10), (2, 13), (3, 20), (7, 20), (1, 100), (2, 100), (19, 20)])
def test_the_guard_is_the_exact_score_test(k: int, n: int) -> None:
    low, high = guarded_wilson(k, n)
    own_low, own_high = wilson(k, n)
    grid = np.linspace(0, 1, 20001)
    kept = [p for p in grid if own_low <= p <= own_high or score_p(k, n, p) > 0.07]
    assert (float(low), float(high)) == pytest.approx((min(kept), max(kept)), abs=1e-4)


def test_the_middle_is_wilsons() -> None:
    assert [float(x) for x in guarded_wilson(84, 100)] == pytest.approx([0.7557973061, 0.8990471151], abs=1e-10)
    assert np.array_equal(guarded_wilson([30, 500, 84e7], [60, 1000, 1e9]), wilson([30, 500, 84e7], [60, 1000, 1e9]))
    assert [float(x) for x in guarded_wilson(0, 0)] == [0.0, 1.0]
    assert float(allowed_level(0.95)) == pytest.approx(0.93)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.data())
def test_guarded_wilson_is_symmetric_nested_and_monotone(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = guarded_wilson(k, n, LEVELS)
    mirror_low, mirror_high = guarded_wilson(n - k, n, LEVELS)
    assert low == pytest.approx(1 - mirror_high, abs=1e-12)
    assert high == pytest.approx(1 - mirror_low, abs=1e-12)
    assert (np.diff(low) <= 1e-12).all()
    assert (np.diff(high) >= -1e-12).all()
    assert (low <= k / n).all()
    assert (k / n <= high).all()
    if k < n:
        assert (guarded_wilson(k + 1, n, LEVELS)[0] >= low - 1e-12).all()


def test_the_published_values_of_miettinen_and_nurminen_stay() -> None:
    low, high = guarded_difference([84, 0, 100], 100, [70, 3, 84], 100)
    assert low == pytest.approx([0.0234859316, -0.0847129466, 0.1008353210], abs=1e-9)
    assert high == pytest.approx([0.2551943987, 0.0077322692, 0.2444419687], abs=1e-9)
    assert float(guarded_p_value(84, 100, 70, 100)) == pytest.approx(0.018952, abs=1e-6)
    assert [float(x) for x in guarded_difference(0, 0, 3, 5)] == [-1.0, 1.0]


@pytest.mark.parametrize(("n1", "n2"), [(4, 4), (7, 15), (20, 20), (5, 60)])
def test_interval_and_p_value_agree_at_every_level(n1: int, n2: int) -> None:
    k1, k2 = (k.ravel() * 1.0 for k in np.indices((n1 + 1, n2 + 1)))
    p = guarded_p_value(k1, n1, k2, n2)
    back = guarded_p_value(k2, n2, k1, n1)
    assert p == pytest.approx(back, rel=1e-9)
    for level in LEVELS:
        low, high = guarded_difference(k1, n1, k2, n2, level)
        assert np.array_equal((low > 0) | (high < 0), p < 1 - level)
        assert (low <= k1 / n1 - k2 / n2).all()
        assert (k1 / n1 - k2 / n2 <= high).all()


@pytest.mark.parametrize("n", [1, 6, 25])
def test_paired_interval_and_p_value_agree_at_every_level(n: int) -> None:
    b, c = (k.ravel() * 1.0 for k in np.indices((n + 1, n + 1)))
    b, c = b[b + c <= n], c[b + c <= n]
    p = guarded_paired_p_value(0, b, c, n - b - c)
    for level in LEVELS:
        low, high = guarded_paired(0, b, c, n - b - c, level)
        assert np.array_equal((low > 0) | (high < 0), p < 1 - level)


def test_tangos_textbook_case_stays() -> None:
    assert [float(x) for x in guarded_paired(1, 1, 7, 12)] == pytest.approx([-0.517232, -0.026003], abs=1e-6)


def test_cautious_prompts() -> None:
    k, n = np.array([3.0, 0, 1, 0, 0, 5]), np.full(6, 5.0)
    for rate in (cautious_sampled_rate, cautious_fixed_rate):
        found, mirror = rate(k, n), rate(n - k, n)
        assert found.low == pytest.approx(1 - mirror.high, abs=1e-12)
        assert found.low < found.estimate < found.high
        wide = rate(k, n, 0.99)
        assert wide.low < found.low
        assert wide.high > found.high
        padded = rate(np.append(k, 0.0), np.append(n, 0.0))
        assert (padded.low, padded.high) == pytest.approx((found.low, found.high), abs=1e-12)
    none = cautious_sampled_rate(np.zeros(6), n)
    assert float(none.low) == 0
    assert float(none.n_eff) == pytest.approx(6)
    one = cautious_fixed_rate([84], [100])
    assert (one.low, one.high) == pytest.approx(tuple(map(float, wilson(84, 100))), abs=1e-12)


def test_the_cautious_design_effect_by_hand() -> None:
    # rates 2/5, 0, 1/5, 1/5, 0, 3/5: h = 49/15, worst 5 (all runs of a prompt agree)
    k, n = np.array([2.0, 0, 1, 1, 0, 3]), np.full(6, 5.0)
    p, h = 7 / 30, 49 / 15
    seen = 6 / 5 * ((k - 5 * p) ** 2).sum() / 900 / (p * (1 - p) / 30)
    t2 = float(special.stdtrit(5, 0.975) ** 2 / special.ndtri(0.975) ** 2)
    effect = max((h * seen + 5) / (h + 1), seen * t2)
    found = cautious_sampled_rate(k, n)
    assert float(found.n_eff) == pytest.approx(30 / effect, rel=1e-12)
    # the limit next to the rarer outcome uses the effect seen, the other the cautious one
    low, high = wilson(30 / (seen * t2) * p, 30 / (seen * t2))[0], wilson(30 / effect * p, 30 / effect)[1]
    assert (float(found.low), float(found.high)) == pytest.approx((float(low), float(high)), rel=1e-12)


def test_no_interval_is_wider_than_with_a_run_a_prompt() -> None:
    k, n = np.array([3.0, 0, 1, 0, 0, 5]), np.full(6, 5.0)  # seen 3.6 · t² is above 5
    assert float(cautious_sampled_rate(k, n).n_eff) == 6


def test_uneven_runs_do_not_bias_the_design_effect() -> None:
    rng = np.random.default_rng(8)
    n = np.array([40.0, 40, 5, 5, 5])
    k = rng.binomial(n.astype(int), rng.beta(1.2, 1.2, (40_000, 5))).astype(float)
    sample = Sample.of(k, n)
    seen = (sample.seen * sample.totals.rate * (1 - sample.totals.rate) / sample.totals.n).mean()
    assert seen == pytest.approx(float(np.var(k.sum(axis=1) / n.sum())), rel=0.06)  # prompts / (prompts - 1): 0.75


@pytest.mark.parametrize(("events", "draws"), [([1, 0, 0, 0], 20), ([5, 0, 0, 0], 4)])
def test_next_to_a_single_run_or_prompt_the_limit_is_exact(events: list[int], draws: int) -> None:
    found = cautious_sampled_rate(events, np.full(4, 5.0))
    assert 1 - (1 - float(found.low)) ** draws == pytest.approx(0.07, rel=1e-9)
    assert float(cautious_sampled_rate(5 - np.array(events), np.full(4, 5.0)).high) == pytest.approx(1 - found.low)


def test_correlation_is_that_of_the_errors_of_the_rates() -> None:
    k, n = np.array([3.0, 0, 1, 5]), np.full(4, 5.0)
    h = 81 / 35
    assert float(cautious_correlation(k, n, k, n)) == pytest.approx(h / (h + 0.25))
    apart = cautious_correlation(
        np.append(k, np.zeros(4)), np.append(n, np.zeros(4)), np.append(np.zeros(4), k), np.append(np.zeros(4), n)
    )
    assert float(apart) == 0


def test_correlation_is_no_larger_than_runs_overlap() -> None:
    k, n1, n2 = np.array([4.0, 4, 0, 0, 1]), np.array([10.0, 10, 2, 2, 2]), np.full(5, 10.0)
    overlap = 26 / np.sqrt(212 * 5) / 1  # Σ n1 n2 / √(Σ n1² Σ n2²), both over 10
    r = float(cautious_correlation(np.minimum(k, n1), n1, k, n2))
    assert 0 < r <= overlap
