"""Alpha spending: published boundaries, independent integration, simulated walks, and real tests at planned looks."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from baserate.stats.group_sequential import (
    Spending,
    adjusted_level,
    alpha_spent,
    boundaries,
    nominal_p,
)
from baserate.stats.two_rates import miettinen_nurminen
from baserate.stats.two_rates_tests import n_minus_1_chi2

GOLDEN = Path(__file__).parent.parent / "golden" / "sequential_boundaries.csv"
BOTH: tuple[Spending, Spending] = ("obrien-fleming", "pocock")
FIVE = np.arange(1, 6) / 5

looks = st.lists(st.floats(0.02, 1.0), min_size=1, max_size=5, unique=True).map(sorted)
planned = looks.filter(lambda t: all(b - a >= 0.01 for a, b in itertools.pairwise(t)))


def golden() -> list[dict[str, str]]:
    with GOLDEN.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "row", golden(), ids=lambda row: f"{row['package']} {row['spending']} {row['quantity']}{row['look']}"
)
def test_published(row: dict[str, str]) -> None:
    # ld98's own step costs it 1e-4: the exact last Pocock-type boundary of five is 2.38598, the printed one 2.3859
    fractions = [float(t) for t in row["fractions"].split(";")]
    spending: Spending = "pocock" if row["spending"] == "pocock" else "obrien-fleming"
    compute = {"z": boundaries, "spent": alpha_spent}[row["quantity"]]
    value = compute(fractions, float(row["alpha"]), spending)[int(row["look"]) - 1]
    assert value == pytest.approx(float(row["value"]), abs=float(row["tolerance"]))


@pytest.mark.parametrize("spending", BOTH)
@pytest.mark.parametrize("t", [[0.5, 1.0], [0.1, 0.9], [0.6, 0.61]])
def test_two_looks_by_quadrature(t: list[float], spending: Spending) -> None:
    z1, z2 = boundaries(t, 0.05, spending)
    rho = np.sqrt(t[0] / t[1])

    def stays(x: float) -> float:
        spread = np.sqrt(1 - rho**2)
        within = stats.norm.cdf((z2 - rho * x) / spread) - stats.norm.cdf((-z2 - rho * x) / spread)
        return float(stats.norm.pdf(x) * within)

    kept = integrate.quad(stays, -z1, z1, epsabs=1e-13, points=[-2, 0, 2] if z1 > 2 else None)[0]
    assert 1 - kept == pytest.approx(alpha_spent(t, 0.05, spending)[-1], abs=1e-11)


@pytest.mark.parametrize("spending", BOTH)
def test_three_looks_by_the_multivariate_normal(spending: Spending) -> None:
    t = np.array([0.3, 0.55, 0.9])
    z = boundaries(t, 0.1, spending)
    corr = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    within = stats.multivariate_normal.cdf(z, cov=corr, lower_limit=-z, abseps=1e-8, releps=1e-8, maxpts=2_000_000)
    assert 1 - within == pytest.approx(alpha_spent(t, 0.1, spending)[-1], abs=1e-6)


@pytest.mark.calibration
@pytest.mark.parametrize("spending", BOTH)
def test_simulated_walks_leave_as_often_as_planned(spending: Spending) -> None:
    t = np.array([0.15, 0.4, 0.5, 0.85, 1.0])
    rng = np.random.default_rng(3)
    walks = np.cumsum(rng.standard_normal((300_000, 5)) * np.sqrt(np.diff(t, prepend=0.0)), axis=1)
    left = np.maximum.accumulate(np.abs(walks) / np.sqrt(t) >= boundaries(t, 0.05, spending), axis=1).mean(axis=0)
    spent = alpha_spent(t, 0.05, spending)
    assert (np.abs(left - spent) <= 4 * np.sqrt(spent / 300_000) + 1e-9).all()


@pytest.mark.calibration
@pytest.mark.parametrize("spending", BOTH)
@pytest.mark.parametrize(("p1", "p2"), [(0.84, 0.84), (0.84, 0.7), (0.3, 0.3)])
def test_tests_and_intervals_of_rates_hold_at_all_looks(p1: float, p2: float, spending: Spending) -> None:
    rng = np.random.default_rng(11)
    k1, k2 = (np.cumsum(rng.binomial(40, p, (3000, 5)), axis=1) for p in (p1, p2))
    n = 40 * np.arange(1, 6)
    low, high = miettinen_nurminen(k1, n, k2, n, adjusted_level(FIVE, 0.05, spending))
    assert ((low <= p1 - p2) & (p1 - p2 <= high)).all(axis=1).mean() >= 0.94
    if p1 == p2:
        rejected = n_minus_1_chi2(k1, n, k2, n)[1] <= nominal_p(FIVE, 0.05, spending)
        assert rejected.any(axis=1).mean() <= 0.06


@given(planned, st.floats(1e-4, 0.6), st.sampled_from(BOTH))
@settings(max_examples=25, deadline=None)
def test_boundaries_fit_what_is_spent(t: list[float], alpha: float, spending: Spending) -> None:
    z, spent = boundaries(t, alpha, spending), alpha_spent(t, alpha, spending)
    nominal = 2 * stats.norm.sf(z)
    assert nominal[0] == pytest.approx(spent[0], rel=1e-9, abs=1e-290)
    increments = np.diff(spent, prepend=0.0)
    assert (nominal <= spent * (1 + 1e-9)).all()
    assert (nominal >= increments * (1 - 1e-6)).all()
    # what is decided at a look does not depend on the looks after it
    np.testing.assert_allclose(boundaries(t[: len(t) // 2 + 1], alpha, spending), z[: len(t) // 2 + 1], atol=1e-9)


def test_many_at_once_are_each_alone() -> None:
    fractions = np.array([[0.2, 0.5, 1.0], [0.3, 0.31, 0.9]])
    alphas = np.array([[0.01], [0.05], [0.2]])
    together = boundaries(fractions, alphas, "pocock")
    assert together.shape == (3, 2, 3)
    for i, alpha in enumerate(alphas[:, 0]):
        for j in range(2):
            np.testing.assert_allclose(together[i, j], boundaries(fractions[j], alpha, "pocock"), atol=1e-10)


@pytest.mark.parametrize("spending", BOTH)
def test_boundaries_fall_as_alpha_grows(spending: Spending) -> None:
    z = boundaries([0.1, 0.11, 0.7, 1.0], np.geomspace(1e-10, 0.99, 60), spending)
    assert (np.diff(z, axis=0) < 0).all()


def test_looks_too_early_to_decide() -> None:
    z = boundaries([0.001, 0.01, 0.5, 1.0])
    assert np.isfinite(z).all()
    assert z[1] == pytest.approx(22.38314, abs=1e-4)
    np.testing.assert_allclose(z[2:], boundaries([0.5, 1.0]), atol=1e-9)
    level = adjusted_level([0.001, 0.01, 0.5, 1.0])
    assert ((level > 0) & (level < 1)).all()
    assert level[0] == 1 - 1e-12


@pytest.mark.parametrize(
    ("fractions", "message"),
    [
        ([0.5, 0.4], "more runs than the one before"),
        ([0.5, 0.5], "more runs than the one before"),
        ([0.5, 1.2], "at most 1"),
        ([0.0, 1.0], "above 0"),
        ([np.nan, 1.0], "above 0"),
        ([], "above 0"),
        (0.5, "above 0"),
    ],
)
def test_impossible_looks(fractions: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        boundaries(fractions)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, 5.0, np.nan])
def test_impossible_alpha(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha lies between 0 and 1"):
        boundaries([0.5, 1.0], alpha)


def test_unknown_spending() -> None:
    with pytest.raises(ValueError, match="'obrien-fleming', 'pocock'"):
        boundaries([0.5, 1.0], 0.05, "haybittle-peto")  # type: ignore[arg-type]  # what a user may pass
