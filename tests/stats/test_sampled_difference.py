"""A difference over sampled prompts: interval and test agree, and the parts are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baserate.stats.cautious import cautious_correlation, cautious_sampled_rate
from baserate.stats.mover import mover_difference
from baserate.stats.permutation import permute_prompts, sign_flip
from baserate.stats.sampled_difference import facing_z, sampled_difference
from stats.prompt_runs import one_version, two_versions
from stats.table_data import Floats

LEVELS = (0.05, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.99999)


def data(
    shared: bool, prompts: int, epochs: int = 10, p: tuple[float, float] = (0.3, 0.1)
) -> tuple[Floats, Floats, Floats, Floats]:
    rng = np.random.default_rng(prompts)
    if shared:
        first, second = two_versions(rng, p, 0.2, prompts, epochs, 300, 0.8)
    else:
        first, second = (one_version(rng, q, 0.2, prompts, epochs, 300) for q in p)
    n = np.full(prompts, float(epochs))
    return first, n, second, n


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("prompts", [3, 5, 8, 20, 40])
@pytest.mark.parametrize("p", [(0.3, 0.1), (0.02, 0.02), (0.96, 0.9)])
def test_interval_and_test_agree_at_every_level(shared: bool, prompts: int, p: tuple[float, float]) -> None:
    found = sampled_difference(*data(shared, prompts, p=p), shared=shared)
    last = (np.full(300, 0.0), np.full(300, 0.0))
    for i, level in enumerate(LEVELS):
        low, high = found.limits(level)
        assert np.array_equal((low > 0) | (high < 0), found.p_value < 1 - level)
        assert (low <= found.estimate).all()
        assert (found.estimate <= high).all()
        if i:
            assert (low <= last[0] + 1e-9).all()  # nested
            assert (high >= last[1] - 1e-9).all()
        last = low, high


@pytest.mark.parametrize("shared", [True, False])
def test_swapping_versions_and_outcomes_swaps_the_signs(shared: bool) -> None:
    k1, n1, k2, n2 = data(shared, 9)
    one, two, misses = (
        sampled_difference(*counts, shared=shared)
        for counts in ((k1, n1, k2, n2), (k2, n2, k1, n1), (n1 - k1, n1, n2 - k2, n2))
    )
    for other in (two, misses):
        assert one.p_value == pytest.approx(other.p_value, abs=1e-9)
        assert one.limits()[0] == pytest.approx(-other.limits()[1], abs=1e-9)


def test_the_tests_are_the_permutation_tests() -> None:
    k1, n1, k2, n2 = data(True, 10)
    found = sampled_difference(k1, n1, k2, n2, True)
    assert found.permuted.mean() > 0.95
    assert found.p_value[found.permuted].tolist() == found.p_permutation[found.permuted].tolist()
    assert found.p_permutation.tolist() == sign_flip(k1 / n1 - k2 / n2).tolist()
    apart = sampled_difference(*data(False, 6), shared=False)
    assert apart.p_permutation.tolist() == permute_prompts(*data(False, 6)).tolist()


def test_by_itself_it_is_mover_of_cautious_limits() -> None:
    k1, n1, k2, n2 = data(True, 10)
    low, high = sampled_difference(k1, n1, k2, n2, True, test="inversion").limits(0.9)
    one, two = cautious_sampled_rate(k1, n1, 0.9), cautious_sampled_rate(k2, n2, 0.9)
    r = cautious_correlation(k1, n1, k2, n2)
    expected = mover_difference(one.estimate, one.low, one.high, two.estimate, two.low, two.high, r)
    assert low == pytest.approx(expected[0], abs=1e-12)
    assert high == pytest.approx(expected[1], abs=1e-12)


def test_the_limit_away_from_zero_stays() -> None:
    counts = data(True, 20, p=(0.1, 0.02))
    moved, plain = (sampled_difference(*counts, shared=True, test=t).limits() for t in (None, "inversion"))
    up = counts[0].sum(axis=1) >= counts[2].sum(axis=1)
    assert moved[1][up].tolist() == plain[1][up].tolist()
    assert moved[0][~up].tolist() == plain[0][~up].tolist()


@pytest.mark.parametrize(
    ("runs1", "runs2", "shared", "permuted"),
    [
        ([10] * 8, [10] * 8, True, True),
        ([10] * 8, [20] * 8, True, True),
        ([10] * 7, [10] * 7, True, False),  # 2 / 2^7 is above .01
        ([10] * 5, [10] * 5, False, True),
        ([10] * 4, [10] * 4, False, False),
        ([50, 50, 50, 50, 5, 5, 5, 5], [10] * 8, True, False),  # prompts that weigh unequally are no exchange
        ([10] * 8, [10] * 7 + [0], True, False),  # a prompt that one version alone ran
        ([20] * 201, [20] * 201, True, False),
    ],
)
def test_where_prompts_can_be_exchanged(runs1: list[int], runs2: list[int], shared: bool, permuted: bool) -> None:
    n1, n2 = np.array(runs1, dtype=float), np.array(runs2, dtype=float)
    found = sampled_difference(np.ceil(n1 * 0.5), n1, np.floor(n2 * 0.3), n2, shared)
    assert bool(found.permuted) is permuted
    assert float(found.p_value) <= 1


def test_prompts_and_runs_that_point_apart_are_not_permuted() -> None:
    # over all runs 20 of 84 against 20 of 90, but the mean of the prompts is .210 against .222
    n1, k1 = np.array([12.0] + [9.0] * 8), np.array([12.0] + [1.0] * 8)
    n2, k2 = np.full(9, 10.0), np.array([10.0, 1, 1, 1, 1, 1, 1, 2, 2])
    found = sampled_difference(k1, n1, k2, n2, True)
    assert np.sign(float(found.estimate)) != np.sign((k1 / n1 - k2 / n2).mean())
    assert not found.permuted
    assert float(found.p_value) == float(found.p_interval)


def test_where_every_prompt_points_one_way_the_interval_says_how_sure() -> None:
    n = np.full(8, 200.0)
    found = sampled_difference(n, n, np.zeros(8), n, True)
    assert float(found.p_permutation) == 2 / 2**8
    assert not found.permuted
    assert float(found.p_value) == float(found.p_interval) < 1e-4
    asked = sampled_difference(n, n, np.zeros(8), n, True, test="permutation")
    assert float(asked.p_value) == 2 / 2**8
    low, high = found.limits(0.999)
    assert 0 < low < 1 == high


@given(
    own=st.floats(0.0, 8.0),
    exact=st.floats(0.0, 8.0),
    z=st.lists(st.floats(0.0, 8.0), min_size=2, max_size=9).map(sorted),
)
def test_the_moved_quantile_rises_and_crosses_where_the_test_does(own: float, exact: float, z: list[float]) -> None:
    moved = facing_z(z, own, exact)
    assert (np.diff(moved) >= -1e-9).all()
    assert (moved >= -1e-9).all()
    for at, to in zip(z, moved, strict=True):
        assert to <= own + 1e-9 if at < exact else to >= own - 1e-9


@pytest.mark.calibration
@pytest.mark.parametrize(("p", "icc", "prompts"), [(0.5, 0.3, 8), (0.05, 0.1, 20), (0.84, 0.5, 12)])
@pytest.mark.parametrize("shared", [True, False])
def test_size_where_versions_are_run_unequally_often(p: float, icc: float, prompts: int, shared: bool) -> None:
    rng = np.random.default_rng(10)
    if shared:
        first, second = two_versions(rng, (p, p), icc, prompts, 20, 1500, 0.8)
        second = rng.hypergeometric(second.astype(int), (20 - second).astype(int), 12).astype(float)
    else:
        first, second = (one_version(rng, p, icc, prompts, m, 1500) for m in (20, 12))
    found = sampled_difference(first, np.full(prompts, 20), second, np.full(prompts, 12), shared, draws=2000)
    assert found.permuted.mean() > 0.95
    assert np.mean(found.p_value < 0.05) <= 0.06 + 3 * 0.0061
