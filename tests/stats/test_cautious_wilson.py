"""Rates over sampled units: what the limits are by hand, and what they never do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtri, ndtri, stdtrit

from baserate.stats.cautious_wilson import PLAUSIBLE, published_limits, sampled_rates
from baserate.stats.rate import clopper_pearson, wilson
from stats.flat import one_group

EVENTS = [2, 0, 1, 1, 0, 3]


def test_the_limits_by_hand() -> None:
    # shares 2/5, 0, 1/5, 1/5, 0, 3/5: h = (7/5)² / (15/25) = 49/15
    found = sampled_rates(one_group(EVENTS, 5))
    shares = np.array(EVENTS) / 5
    p, h, smoothed = shares.mean(), 49 / 15, 7.5 / 31
    seen = max(shares.var(ddof=1) / 6, smoothed * (1 - smoothed) / 30)
    agreed = smoothed * (1 - smoothed) / 6
    worst = min(agreed, seen * h / chdtri(h, 1 - PLAUSIBLE))
    more = (1 - 2 * p) * max(worst - seen, 0) / (h + 1)
    t2 = (stdtrit(5, 0.975) / ndtri(0.975)) ** 2
    runs = [p * (1 - p) / min(v * t2, max(agreed, v)) for v in (seen, seen + more)]
    low, high = found.limits(0.95)
    assert low[0] == pytest.approx(wilson(p * runs[0], runs[0])[0], rel=1e-12)
    assert high[0] == pytest.approx(wilson(p * runs[1], runs[1])[1], rel=1e-12)


def test_no_event_is_as_many_runs_as_prompts() -> None:
    low, high = sampled_rates(one_group([0] * 20, 5)).limits(0.95)
    assert (low[0], high[0]) == pytest.approx(tuple(map(float, wilson(0, 20))))


@pytest.mark.parametrize("epochs", [2, 5, 50])
@pytest.mark.parametrize("prompts", [3, 20, 100])
def test_an_event_more_never_lowers_the_upper_limit(prompts: int, epochs: int) -> None:
    bounds = []
    for events in range(min(prompts, 8)):
        cells = one_group([1] * events + [0] * (prompts - events), epochs)
        bounds.append(float(sampled_rates(cells).limits(0.9)[1][0]))
    assert (np.diff(bounds) > -1e-9).all()


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=9),
    st.floats(0.5, 0.98),
)
@settings(max_examples=60, deadline=None)
def test_limits_are_nested_mirrored_and_hold_the_estimate(pairs: list[tuple[int, int]], level: float) -> None:
    events, n = np.array([a for a, _ in pairs]), np.array([a + b + 1 for a, b in pairs])
    found, mirror = sampled_rates(one_group(events, n)), sampled_rates(one_group(n - events, n))
    low, high = found.limits(level)
    assert 0 <= low[0] <= found.estimate[0] <= high[0] <= 1
    assert high[0] - low[0] > 0.001
    assert (low[0], high[0]) == pytest.approx(tuple(1 - x[0] for x in mirror.limits(level)[::-1]), abs=1e-12)
    wider = found.limits((1 + level) / 2)
    assert wider[0][0] <= low[0] + 1e-12
    assert wider[1][0] >= high[0] - 1e-12


def test_published_limits() -> None:
    # R 4.2.2, survey 4.1.1, svyciprop(method = "beta") on version A of the 24 x 5 design
    events = [5, 5, 3, 4, 3, 5, 4, 4, 0, 5, 5, 5, 1, 0, 1, 5, 0, 0, 1, 3, 1, 4, 0, 4]
    found = sampled_rates(one_group(events, 5))
    low, high = published_limits(found, "clopper-pearson", 0.95)
    assert (low[0], high[0]) == pytest.approx((0.384252548699459, 0.736753719533396), abs=1e-10)
    none = sampled_rates(one_group([0] * 9, 4))
    assert published_limits(none, "clopper-pearson", 0.95)[1][0] == pytest.approx(float(clopper_pearson(0, 9)[1]))


def test_prompts_that_agree_say_no_more_than_their_runs() -> None:
    found = sampled_rates(one_group([2] * 8, 10))  # no variance between prompts at all
    runs, p = 80.0, 0.2
    assert found.effective_runs(0.95)[0] <= runs * p * (1 - p) / (16.5 / 81 * (1 - 16.5 / 81)) + 1e-9
