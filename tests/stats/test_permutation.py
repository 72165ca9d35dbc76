"""Permutation tests against brute force, and their size."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baserate.stats.permutation import DRAWS, permute_prompts, sign_flip
from stats.prompt_runs import one_version, two_versions
from stats.table_data import Floats


def all_signs(d: Floats) -> float:
    """Count the sign patterns one by one."""
    seen = abs(d.sum()) - 1e-9
    return float(np.mean([abs(np.dot(signs, d)) >= seen for signs in product((-1, 1), repeat=d.size)]))


@given(d=st.lists(st.sampled_from([-0.8, -0.4, -0.2, 0.0, 0.1, 0.2, 0.6, 1.0]), min_size=1, max_size=9))
@settings(derandomize=True, max_examples=80, deadline=None)
def test_sign_flip_counts_all_patterns(d: list[float]) -> None:
    assert float(sign_flip(d)) == pytest.approx(all_signs(np.array(d)), abs=1e-12)


def test_sign_flip_has_closed_forms() -> None:
    assert float(sign_flip([0.2] * 6)) == 2 / 64
    assert float(sign_flip([0.2] * 20)) == 2 / 2**20
    assert float(sign_flip([0.2] * 24 + [0.0] * 9)) == 2 / 2**24
    assert float(sign_flip([0.0] * 5)) == 1
    assert float(sign_flip([0.2] * 5 + [np.nan])) == 2 / 32


def test_rounding_does_not_part_ties() -> None:
    d = np.array([0.1, 0.2, 0.3, -0.6, 0.7, 0.1]) / 3
    assert float(sign_flip(d)) == pytest.approx(all_signs(np.round(d * 30)), abs=1e-12)


def test_random_patterns_come_near_the_exact_value() -> None:
    d = np.random.default_rng(1).normal(0.1, 0.3, 24)
    exact, drawn = float(sign_flip(d)), float(sign_flip(np.concatenate([d, np.full(1, 1e-12)]), seed=3))
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact / DRAWS))
    assert float(sign_flip(np.full(40, 0.2))) == 1 / (1 + DRAWS)  # never 0
    assert sign_flip(np.append(d, 0.1), seed=5) == sign_flip(np.append(d, 0.1), seed=5)


def test_groups_are_the_same_as_one_by_one() -> None:
    d = np.random.default_rng(2).normal(size=(2, 3, 8))
    assert sign_flip(d).shape == (2, 3)
    assert sign_flip(d)[1, 2] == sign_flip(d[1, 2])
    many = np.random.default_rng(3).normal(0.1, 1.0, (900, 40))
    assert sign_flip(many)[::300].tolist() == [float(sign_flip(row)) for row in many[::300]]
    k1, k2 = np.random.default_rng(4).binomial(9, 0.4, (2, 3, 6))
    together = permute_prompts(k1, np.full(6, 9), k2, np.full(6, 9))
    assert together.tolist() == [float(permute_prompts(a, [9] * 6, b, [9] * 6)) for a, b in zip(k1, k2, strict=True)]


def test_infinite_differences_are_refused() -> None:
    with pytest.raises(ValueError, match="infinite"):
        sign_flip([0.1, np.inf])


def studentized(shares: Floats, first: tuple[int, ...]) -> float:
    """Compute the statistic of one deal from its definition."""
    own = np.isin(np.arange(shares.size), first)
    gap = shares[own].mean() - shares[~own].mean()
    return float(abs(gap) / np.sqrt(sum(shares[arm].var(ddof=1) / arm.sum() for arm in (own, ~own))))


def test_prompts_are_dealt_in_all_ways() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(3, 9, 9).astype(float)
    k = rng.binomial(n.astype(int), 0.4 + 0.05 * np.arange(9)).astype(float)
    seen = studentized(k / n, (0, 1, 2, 3))
    expected = np.mean([studentized(k / n, deal) >= seen - 1e-9 for deal in combinations(range(9), 4)])
    assert permute_prompts(k[:4], n[:4], k[4:], n[4:]) == pytest.approx(expected, abs=1e-12)
    assert permute_prompts(k[4:], n[4:], k[:4], n[:4]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("own", "other"), [(14, 14), (12, 20)])
def test_no_order_changes_what_is_drawn_at_random(own: int, other: int) -> None:
    rng = np.random.default_rng(11)
    k1, k2 = rng.binomial(7, 0.5, (30, own)), rng.binomial(7, 0.35, (30, other))
    n1, n2 = np.full(own, 7), np.full(other, 7)
    p = permute_prompts(k1, n1, k2, n2, draws=500)
    assert p.tolist() == permute_prompts(k2, n2, k1, n1, draws=500).tolist()
    assert p.tolist() == permute_prompts(7 - k1, n1, 7 - k2, n2, draws=500).tolist()
    assert p.tolist() == permute_prompts(k1[:, ::-1], n1, rng.permuted(k2, axis=1), n2, draws=500).tolist()
    d = rng.normal(0.1, 1.0, (30, 40))
    flipped = sign_flip(d, draws=500)
    assert flipped.tolist() == sign_flip(-d, draws=500).tolist()
    assert flipped.tolist() == sign_flip(rng.permuted(d, axis=1), draws=500).tolist()


def test_total_separation_of_prompts() -> None:
    assert permute_prompts([5, 5, 5], [5, 5, 5], [0, 0, 0], [5, 5, 5]) == 2 / 20
    assert permute_prompts([5, 5, 5], [5, 5, 5], [5, 5], [5, 5]) == 1


def test_many_prompts_are_dealt_at_random_but_repeatably() -> None:
    rng = np.random.default_rng(5)
    k1, k2, n = rng.binomial(5, 0.3, 25), rng.binomial(5, 0.7, 25), np.full(25, 5)
    p = permute_prompts(k1, n, k2, n, seed=1)
    assert p == permute_prompts(k1, n, k2, n, seed=1)
    assert 1 / (1 + DRAWS) <= p < 0.01


def test_too_few_prompts_are_refused() -> None:
    with pytest.raises(ValueError, match="scope='fixed'"):
        permute_prompts([3], [5], [2, 4], [5, 5])
    with pytest.raises(ValueError, match="no share"):
        permute_prompts([3, 0], [5, 0], [2, 4], [5, 5])


@pytest.mark.calibration
@pytest.mark.parametrize(("p", "icc"), [(0.5, 0.3), (0.84, 0.5), (0.05, 0.1)])
@pytest.mark.parametrize("prompts", [6, 12])
def test_size_of_sign_flip(p: float, icc: float, prompts: int) -> None:
    for r in (0.0, 0.8):
        first, second = two_versions(np.random.default_rng(6), (p, p), icc, prompts, 5, 2000, r)
        assert (sign_flip((first - second) / 5) <= 0.05).mean() <= 0.05 + 0.012


@pytest.mark.calibration
@pytest.mark.parametrize(("own", "other", "icc"), [(6, 6, 0.3), (4, 8, 0.3), (5, 9, 0.0)])
def test_size_of_dealing_prompts(own: int, other: int, icc: float) -> None:
    rng = np.random.default_rng(7)
    first, second = (one_version(rng, 0.5, icc, prompts, 5, 400) for prompts in (own, other))
    p = [permute_prompts(a, np.full(own, 5), b, np.full(other, 5)) for a, b in zip(first, second, strict=True)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 0.028


@pytest.mark.calibration
@pytest.mark.parametrize("epochs", [(20, 15), (50, 10)])
def test_versions_run_unequally_often_are_not_told_apart_by_that(epochs: tuple[int, int]) -> None:
    # when counts were dealt with their runs, the first case had 17 % false alarms
    rng = np.random.default_rng(9)
    first, second = (one_version(rng, 0.05, 0.5, 8, m, 1500) for m in epochs)
    p = permute_prompts(first, np.full(8, epochs[0]), second, np.full(8, epochs[1]))
    assert np.mean(p <= 0.05) <= 0.05 + 3 * 0.0056
