"""Rates over exactly these prompts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from baserate.stats.fixed_means import SMOOTHING, fixed_rates
from baserate.stats.guarded_wilson import guarded_wilson
from baserate.stats.rate import wilson
from baserate.stats.student import t_quantile
from stats.flat import one_group


def test_the_variance_by_hand() -> None:
    found = fixed_rates(one_group([4, 1, 0, 2], 5))
    shares = np.array([4, 1, 0, 2]) / 5
    own = (shares * (1 - shares) * 5 / 4).mean()
    pooled = shares.mean() * (1 - shares.mean())
    telling = 3 + 0 + 1  # runs of the rarer outcome beyond the first of each prompt
    spread = (telling * own + SMOOTHING * pooled) / (telling + SMOOTHING)
    assert found.variance == pytest.approx([spread / 20])
    n_eff = 20 * pooled / spread * (ndtri(0.975) / float(t_quantile(19, 0.975))) ** 2
    assert found.effective_runs(0.95) == pytest.approx([n_eff])
    low, high = found.limits(0.95)
    assert (low[0], high[0]) == pytest.approx(tuple(map(float, guarded_wilson(shares.mean() * n_eff, n_eff))))


def test_prompts_that_differ_tell_more_than_pooled_runs() -> None:
    low, high = fixed_rates(one_group([20, 0, 20, 0], 20)).limits(0.95)
    pooled = wilson(40, 80)
    assert high[0] - low[0] < 0.5 * float(pooled[1] - pooled[0])


def test_runs_that_all_agree_are_not_certain() -> None:
    low, high = fixed_rates(one_group([0, 0, 0], 10)).limits(0.95)
    assert low[0] == 0
    assert high[0] == pytest.approx(float(wilson(0, 30)[1]), abs=0.005)
