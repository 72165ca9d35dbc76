"""The defaults keep their bounds on a part of the study's grid that holds the hardest points."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from baserate.stats.guarded_wilson import guarded_wilson
from calibration.designs import EXACT, FAMILIES, points
from calibration.measure import measure
from calibration.methods import DEFAULT

pytestmark = pytest.mark.calibration

DRAWS = 1500
LEAST, SIZE = 0.93, 0.06


@cache
def measured() -> pd.DataFrame:
    """Measure the default at the quick study's points."""
    rows = []
    for point in points(quick=True):
        found = measure(point, DRAWS, only=DEFAULT)[0]
        rows.append((point.family, point.key, point.p1 == point.p2, *found[1:]))
    return pd.DataFrame(rows, columns=["family", "key", "null", "coverage", "length", "rejected"])


def noise(family: str, share: float) -> float:
    """Three and a half standard errors of a simulated share; enumerated ones have none."""
    return 1e-9 if family in EXACT else 3.5 * float(np.sqrt(share * (1 - share) / DRAWS))


@pytest.mark.parametrize("family", FAMILIES)
def test_coverage_is_nowhere_below_93_percent(family: str) -> None:
    part = measured().query("family == @family")
    least = part.loc[part["coverage"].idxmin()]
    assert least["coverage"] >= LEAST - noise(family, LEAST), least["key"]


@pytest.mark.parametrize("family", [f for f in FAMILIES if "difference" in f or f == "paired"])
def test_false_alarms_are_at_most_6_percent(family: str) -> None:
    part = measured().query("family == @family and null")
    most = part.loc[part["rejected"].idxmax()]
    assert most["rejected"] <= SIZE + noise(family, SIZE), most["key"]


def test_mean_coverage_is_at_least_nearly_the_level() -> None:
    assert measured()["coverage"].mean() >= 0.945


def test_mean_coverage_is_not_above_what_was_asked() -> None:
    assert measured()["coverage"].mean() <= 0.975


def test_the_guard_holds_at_every_rate_and_the_middle_is_wilsons() -> None:
    for n in (*range(1, 31), 50, 100, 500):
        k = np.arange(n + 1.0)
        low, high = guarded_wilson(k, n)
        steps = np.arange(2 * n + 1) / (2 * n)
        p = np.concatenate([end + shift for end in (low, high, steps) for shift in (-1e-9, 1e-9)]).clip(0, 1)
        held = (low <= p[:, None]) & (p[:, None] <= high)
        assert (binomial(n, p) * held).sum(axis=1).min() >= LEAST - 1e-6


def binomial(n: int, p: np.ndarray) -> np.ndarray:
    from scipy import stats

    return np.asarray(stats.binom.pmf(np.arange(n + 1), n, p[:, None]))
