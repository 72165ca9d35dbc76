"""Intervals widened near 0 and 1, and with few prompts: limits, properties, agreement with their tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

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
