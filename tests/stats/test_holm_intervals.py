"""Intervals that agree with Holm's test: the agreement, and how often they hold all together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from baserate.stats.holm_intervals import agreeing_limits, holm_levels
from baserate.stats.multiplicity import holm
from baserate.stats.two_rates import miettinen_nurminen
from baserate.stats.two_rates_tests import n_minus_1_chi2

Floats = npt.NDArray[np.float64]


def test_levels_by_hand() -> None:
    np.testing.assert_allclose(holm_levels([0.01, 0.04, 0.03, 0.005]), [0.05 / 3, 0.025, 0.025, 0.0125])
    np.testing.assert_allclose(holm_levels([0.001, 0.001, 0.9, np.nan]), [0.05 / 3, 0.05 / 3, 0.05, 0.05])
    np.testing.assert_allclose(holm_levels([0.5, 0.6]), [0.025, 0.025])
    np.testing.assert_allclose(holm_levels([0.001, 0.002]), [0.025, 0.05])
    np.testing.assert_allclose(holm_levels([np.nan]), [0.05])


@given(st.lists(st.floats(0, 1) | st.floats(0, 0.02), min_size=1, max_size=12), st.sampled_from([0.01, 0.05, 0.2]))
def test_levels_agree_with_the_adjusted_p(p: list[float], alpha: float) -> None:
    # an interval dual to the test excludes the null where p is at most its own alpha
    values, adjusted = np.array(p), holm(p)
    levels = holm_levels(p, alpha)
    clear = np.abs(adjusted - alpha) > 1e-9
    np.testing.assert_array_equal((values <= levels)[clear], (adjusted <= alpha)[clear])
    assert (levels >= alpha / len(p) * (1 - 1e-12)).all()
    assert (levels <= alpha).all()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8))
def test_intervals_of_rates_agree_with_the_adjusted_p(events: list[tuple[int, int]]) -> None:
    k1, k2 = np.array(events).T
    p = n_minus_1_chi2(k1, 60, k2, 60)[1]
    bonferroni = miettinen_nurminen(k1, 60, k2, 60, 1 - 0.05 / len(p))
    low, high = agreeing_limits(*bonferroni, *miettinen_nurminen(k1, 60, k2, 60, 1 - holm_levels(p)))
    clear = np.abs(holm(p) - 0.05) > 1e-6
    np.testing.assert_array_equal(((low > 0) | (high < 0))[clear], (holm(p) <= 0.05)[clear])
    same = (p <= 0.05 / len(p) - 1e-9) | (holm(p) > 0.05)
    np.testing.assert_array_equal(np.array([low, high])[:, same], np.array(bonferroni)[:, same])
    assert ((bonferroni[0] <= low) & (low <= high) & (high <= bonferroni[1])).all()


def intervals(z: Floats) -> tuple[Floats, Floats, Floats]:
    """Return Holm's own half widths and the agreeing limits of normal estimates with standard error 1."""
    own = -special.ndtri(np.array([holm_levels(2 * special.ndtr(-np.abs(row))) for row in z]) / 2)
    half = -special.ndtri((0.05 / z.shape[1]) / 2)
    return own, *agreeing_limits(z - half, z + half, z - own, z + own)


@pytest.mark.calibration
@pytest.mark.parametrize(
    ("effects", "stepwise", "agreeing"),
    [
        ([0.0] * 10, 0.95, 0.95),
        ([0.0] * 5 + [3.0] * 5, 0.937, 0.938),
        ([0.0] + [8.0] * 9, 0.827, 0.91),
        ([0.0] * 2 + [8.0] * 1, 0.92, 0.925),
        ([-0.1] + [8.0] * 9, 0.827, 0.913),
        ([5.0] * 10, 0.757, 0.95),
        ([8.0] * 10, 0.757, 0.95),
    ],
)
def test_how_often_all_hold_together(effects: list[float], stepwise: float, agreeing: float) -> None:
    """The agreeing limits do so nearly as promised, intervals at Holm's own levels by far do not."""
    rng = np.random.default_rng(6)
    truth = np.array(effects)
    z = truth + rng.standard_normal((4000, truth.size))
    own, low, high = intervals(z)
    covered = (low <= truth) & (truth <= high)
    assert (np.abs(z - truth) <= own).all(axis=1).mean() == pytest.approx(stepwise, abs=0.018)
    assert covered.all(axis=1).mean() == pytest.approx(agreeing, abs=0.014)
    assert covered.all(axis=1).mean() >= 0.90
    assert covered.mean(axis=0).min() >= 0.94
    false_alarms = ((low > 0) | (high < 0)) & (truth == 0)
    assert false_alarms.any(axis=1).mean() <= 0.058


def test_impossible_alpha() -> None:
    with pytest.raises(ValueError, match="alpha lies between"):
        holm_levels([0.2], 0.0)
    with pytest.raises(ValueError, match="p value lies between"):
        holm_levels([1.2])
