"""The level of the ends of an interval that holds two doubts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from baserate.stats.more_needed import more_needed, times_needed
from baserate.stats.partial_identification import imbens_manski_level
from baserate.stats.prompt_spread import intraclass_correlation
from stats.flat import one_group


def test_from_a_point_to_far_apart() -> None:
    levels = imbens_manski_level([0.0, 0.01, 0.02, 10.0], 0.01, [0.01, 0.01, 0.005, 0.01], 0.95)
    assert levels[0] == pytest.approx(0.95)
    assert levels[-1] == pytest.approx(0.9)
    assert (np.diff(levels) < 0).all()
    c = ndtri((1 + levels[1]) / 2)
    assert ndtr(c + 1) - ndtr(-c) == pytest.approx(0.95)  # Imbens & Manski (2004), equation 7


def test_an_unknown_error_takes_the_level_itself() -> None:
    assert imbens_manski_level(0.1, np.nan, np.nan) == 0.95


def test_what_more_prompts_or_epochs_would_do() -> None:
    times = times_needed(np.array([0.1, 0.1, 0.0]), np.array([0.196, 0.05, 0.1]), 0.05)
    z = -ndtri(0.025)
    assert times == pytest.approx([((z + ndtri(0.8)) / z * 1.96) ** 2, 1.0, np.inf])
    found = more_needed(np.array([2.0, 2.0, 4.0]), np.array([0.0, 0.6, 0.1]), np.full(3, 20.0), np.full(3, 5.0))
    assert found.prompts.tolist() == [20, 20, 60]
    # the runs' part 1 − b must shrink so that b + (1 − b) / e is 1 / times
    assert found.epochs.tolist() == [5, np.inf, 25]
    assert found.runs.tolist() == [100, 100, 300]


def test_intraclass_correlation_by_hand() -> None:
    k, n = np.array([4, 1, 0, 2]), 5
    shares = k / n
    between = n * ((shares - shares.mean()) ** 2).sum() / 3
    within = n * (shares * (1 - shares)).sum() / (20 - 4)
    found = intraclass_correlation(one_group(k, n))
    assert found == pytest.approx([(between - within) / (between + 4 * within)])
    assert np.isnan(intraclass_correlation(one_group([1, 0, 1], 1))).all()
