"""The defaults keep their bounds on a part of the study's grid that holds the hardest points."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from baserate.stats.guarded_wilson import guarded_wilson
from calibration import designs, prompt_designs
from calibration.measure import Measure, measure
from calibration.methods import DEFAULT
from calibration.picture import FAMILIES, FIVE
from calibration.prompt_methods import measure as simulate

pytestmark = pytest.mark.calibration

DRAWS = 800
LEAST, SIZE = 0.93, 0.06
ONE_SIDED = 0.06
KNOWN = ("rate, conditions", "4 crossed conditions")  # one-sided misses of .08 to .10: docs/calibration.md says so


@cache
def measured() -> pd.DataFrame:
    """Measure the default at the quick study's points."""
    rows = [(p.family, p.key, p.null, p.events, *measure(p, only=DEFAULT)[0][1:]) for p in designs.points(quick=True)]
    rows += [
        (p.family, p.key, p.null, p.events, *simulate(p, DRAWS, only=DEFAULT)[0][1:])
        for p in prompt_designs.points(quick=True)
    ]
    return pd.DataFrame(rows, columns=["family", "key", "null", "events", *Measure._fields[1:]])


def noise(family: str, share: float) -> float:
    """Three and a half standard errors of a simulated share; enumerated ones have none."""
    return 1e-9 if family in designs.EXACT else 3.5 * float(np.sqrt(share * (1 - share) / DRAWS))


@pytest.mark.parametrize("family", FAMILIES)
def test_coverage_is_nowhere_below_93_percent(family: str) -> None:
    part = measured().query("family == @family")
    least = part.loc[part["coverage"].idxmin()]
    assert least["coverage"] >= LEAST - noise(family, LEAST), least["key"]


@pytest.mark.parametrize("family", prompt_designs.FAMILIES)
def test_bounds_on_one_side_miss_at_most_6_percent(family: str) -> None:
    part = measured().query("family == @family")
    part = part[(part["family"] != KNOWN[0]) | ~part["key"].str.startswith(KNOWN[1])]
    most = part[["below", "above"]].max(axis=None)
    assert most <= ONE_SIDED + noise(family, ONE_SIDED)


@pytest.mark.parametrize("family", [f for f in FAMILIES if "difference" in f or f == "paired"])
def test_false_alarms_are_at_most_6_percent(family: str) -> None:
    part = measured().query("family == @family and null")
    if len(part):
        most = part.loc[part["rejected"].idxmax()]
        assert most["rejected"] <= SIZE + noise(family, SIZE), most["key"]


@pytest.mark.parametrize("prompts", ["shared", "own"])
def test_a_missed_unit_counts_half_on_each_side_of_a_difference(prompts: str) -> None:
    # a quarter misses .084 on one side, none .14
    key = f"20 prompts × 20, rates 0.05, against 0.05, ICC 0 and 0.5, {prompts}"
    point = next(p for p in prompt_designs.points() if p.family == "difference, unequal spread" and p.key == key)
    found = simulate(point, 10 * DRAWS, only=DEFAULT)[0]
    assert max(found.below, found.above) <= ONE_SIDED + noise(point.family, ONE_SIDED) / np.sqrt(10)


def test_mean_coverage_is_that_asked_for() -> None:
    everything = measured()
    enough = everything[everything["events"] >= FIVE]
    means = enough.groupby("family")["coverage"].mean()
    independent = list(designs.EXACT)
    assert means.reindex(independent).dropna().between(0.945, 0.975).all(), means
    assert (means >= 0.945).all(), means
    rates = [family for family in prompt_designs.RATES if family in means]
    assert means[rates].mean() <= 0.98  # differences over few prompts are held more often: docs/calibration.md


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
