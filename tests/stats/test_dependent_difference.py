"""Effects recovered from the limits of two rates: closed cases, p values, and where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri, stdtr

from baserate.stats._arrays import Floats
from baserate.stats.dependent_difference import (
    difference_limits,
    odds_ratio_limits,
    p_by_inversion,
    ratio_limits,
    t_reach,
)
from baserate.stats.mover import mover_difference


def one(p: float, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    return np.array([p]), np.array([low]), np.array([high])


def test_a_limit_reaches_at_least_as_far_as_t_but_not_beyond_mover_without_correlation() -> None:
    first, second, r = one(0.5, 0.4, 0.6), one(0.3, 0.22, 0.4), np.array([0.9])
    plain, free = mover_difference(*first, *second, r), mover_difference(*first, *second)
    for reach, expected in ((0.01, plain[0]), (0.1, np.array([0.1])), (0.9, free[0])):
        assert difference_limits(first, second, r, np.array([reach]))[0] == pytest.approx(expected)


def test_ratio_limits_solve_their_equation() -> None:
    (p1, l1, u1), (p2, l2, u2), r = (0.5, 0.4, 0.6), (0.3, 0.22, 0.4), 0.4
    low, high = ratio_limits(one(p1, l1, u1), one(p2, l2, u2), np.array([r]))
    for limit, d1, d2 in ((float(low[0]), p1 - l1, u2 - p2), (float(high[0]), u1 - p1, p2 - l2)):
        assert (p1 - limit * p2) ** 2 == pytest.approx(d1**2 - 2 * r * limit * d1 * d2 + (limit * d2) ** 2)
    assert low[0] < p1 / p2 < high[0]


@pytest.mark.parametrize("limits", [ratio_limits, odds_ratio_limits])
def test_a_rate_of_zero_leaves_one_side_open(limits: object) -> None:
    none, some = one(0.0, 0.0, 0.1), one(0.3, 0.2, 0.4)
    low, high = limits(some, none, np.zeros(1))  # type: ignore[operator]  # one of two functions
    assert np.isinf(high[0])
    assert low[0] > 1
    low, high = limits(none, some, np.zeros(1))  # type: ignore[operator]
    assert low[0] == 0
    assert 0 < high[0] < 1
    low, high = limits(none, none, np.zeros(1))  # type: ignore[operator]
    assert (low[0], high[0]) == (0, np.inf)


def test_inversion_of_a_t_interval_is_the_t_test() -> None:
    estimate, error, df = np.array([0.12, -0.2, 0.0]), np.array([0.05, 0.04, 0.1]), np.array([7.0, 19.0, 4.0])

    def limits(level: Floats) -> tuple[Floats, Floats]:
        reach = t_reach(level, df, error**2)
        return estimate - reach, estimate + reach

    expected = 2 * stdtr(df, -np.abs(estimate / error))
    assert p_by_inversion(limits, estimate, 0.0) == pytest.approx(expected, rel=1e-8)


def test_p_values_at_the_ends() -> None:
    def certain(level: Floats) -> tuple[Floats, Floats]:
        return np.full(2, 0.1), np.full(2, 0.2)

    assert p_by_inversion(certain, [0.15, np.nan], 0.0) == pytest.approx([1e-12, np.nan], nan_ok=True)


def test_an_unknown_number_of_degrees_reaches_as_far_as_one() -> None:
    assert t_reach(0.95, np.array([np.nan]), np.array([1.0])) == pytest.approx(t_reach(0.95, np.ones(1), np.ones(1)))
    assert t_reach(0.95, np.array([np.inf]), np.array([4.0]))[0] == pytest.approx(-2 * ndtri(0.025))
