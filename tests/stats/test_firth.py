"""Firth's estimates, standard errors, limits and tests against logistf and brglm2, and what must hold of any fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import chdtrc, expit

from baserate.stats.firth import augmented_likelihood, fit_firth, flic_shift, penalized_likelihood
from baserate.stats.newton import maximize
from baserate.stats.profile import coefficient, profile_interval
from stats.model_data import SETS, Cells, Floats, data, golden, patterns


@pytest.mark.parametrize("name", SETS)
def test_estimates_are_those_of_logistf_and_brglm2(name: str) -> None:
    X, y, terms = data(name)
    cells = patterns(X, y)
    beta = fit_firth(*cells)
    here = penalized_likelihood(*cells)(beta)
    assert beta == pytest.approx(golden(f"firth_logistf_{name}", "coef", terms), abs=1e-10)
    assert here.value == pytest.approx(golden(f"firth_logistf_{name}", "loglik_full")[0], abs=1e-10)
    # inverse Fisher information, the published standard errors
    std_error = np.sqrt(np.diag(np.linalg.inv(here.information)))
    assert std_error == pytest.approx(golden(f"brglm2_AS_mean_{name}", "se", terms), abs=1e-10)


@pytest.mark.parametrize("name", SETS)
def test_profile_limits_are_those_of_logistf(name: str) -> None:
    X, y, terms = data(name)
    cells = patterns(X, y)
    surface, beta = penalized_likelihood(*cells), fit_firth(*cells)
    limits = [profile_interval(surface, beta, coefficient(j, len(beta)), 0.95) for j in range(len(beta))]
    low, high = np.transpose(limits)
    assert low == pytest.approx(golden(f"firth_logistf_{name}", "ci_lower", terms), abs=1e-8)
    assert high == pytest.approx(golden(f"firth_logistf_{name}", "ci_upper", terms), abs=1e-8)


@pytest.mark.parametrize("name", SETS)
def test_penalized_likelihood_ratio_p_values_are_those_of_logistf(name: str) -> None:
    X, y, terms = data(name)
    cells = patterns(X, y)
    p = [_constrained_p(cells, [j]) for j in range(len(terms))]
    assert p == pytest.approx(golden(f"firth_logistf_{name}", "p_plrt", terms), rel=1e-7)


def test_the_joint_test_keeps_the_penalty_of_all_columns() -> None:
    cells = patterns(*data("exfil")[:2])
    assert _constrained_p(cells, [2, 3]) == pytest.approx(golden("firth_plrt_exfil_goal_2df", "p")[0], rel=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_the_corrected_intercept_is_that_of_flic(name: str) -> None:
    cells = patterns(*data(name)[:2])
    beta = fit_firth(*cells)
    expected = golden(f"flic_{name}", "coef", ["(Intercept)"])[0]
    assert beta[0] + flic_shift(beta, *cells) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_the_added_covariate_is_that_of_flac(name: str) -> None:
    X, y, terms = data(name)
    cells = patterns(X, y)
    surface = augmented_likelihood(fit_firth(*cells), *cells)
    theta = maximize(surface, np.zeros(len(terms) + 1))
    block = f"flac_{name}"
    assert theta[:-1] == pytest.approx(golden(block, "coef", terms), abs=1e-9)
    limits = [profile_interval(surface, theta, coefficient(j, theta.size), 0.95) for j in range(len(terms))]
    assert np.array(limits)[:, 0] == pytest.approx(golden(block, "ci_lower", terms), abs=1e-8)
    assert np.array(limits)[:, 1] == pytest.approx(golden(block, "ci_upper", terms), abs=1e-8)
    assert cells.n @ expit(cells.X @ theta[:-1]) == pytest.approx(cells.events.sum(), abs=1e-9)


@pytest.mark.parametrize("events", [0.0, 20.0])
def test_no_shift_makes_a_rate_of_zero_or_one(events: float) -> None:
    X, n = np.ones((1, 1)), np.array([20.0])
    k = np.array([events])
    assert flic_shift(fit_firth(X, k, n), X, k, n) == 0.0


def test_one_cell_has_the_known_solution() -> None:
    # Jeffreys' prior adds half an event and half a non-event
    beta = fit_firth(np.ones((1, 1)), np.array([0.0]), np.array([75.0]))
    assert beta[0] == pytest.approx(np.log(0.5 / 75.5), abs=1e-12)


counts = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=6, max_size=6)
DESIGN = np.array([[1, v, g == 1, g == 2] for v in (0, 1) for g in (0, 1, 2)], dtype=float)


def _cells(drawn: list[tuple[int, int]]) -> Cells:
    n = np.array([float(n) for _, n in drawn])
    return Cells(DESIGN, np.minimum(np.array([float(k) for k, _ in drawn]), n), n)


@settings(max_examples=40, deadline=None)
@given(counts)
@example([(1, 1), (1, 1), (21, 21), (1, 1), (13, 13), (1, 1)])  # two ridges
@example([(1, 1), (1, 1), (23, 23), (1, 1), (16, 16), (1, 1)])  # one ridge ends
@example([(1, 1), (2, 2), (0, 1), (2, 2), (2, 2), (0, 40)])
def test_any_counts_have_finite_estimates_and_limits_around_them(drawn: list[tuple[int, int]]) -> None:
    cells = _cells(drawn)
    surface, beta = penalized_likelihood(*cells), fit_firth(*cells)
    assert np.abs(surface(beta).gradient).max() < 1e-8
    for j in range(4):
        low, high = profile_interval(surface, beta, coefficient(j, 4), 0.95)
        inner = profile_interval(surface, beta, coefficient(j, 4), 0.8)
        assert low < inner[0] < beta[j] < inner[1] < high


@settings(max_examples=25, deadline=None)
@given(counts)
def test_counting_the_other_outcome_turns_the_signs(drawn: list[tuple[int, int]]) -> None:
    X, events, n = _cells(drawn)
    assert fit_firth(X, n - events, n) == pytest.approx(-fit_firth(X, events, n), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(counts, st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_derivatives_are_right(drawn: list[tuple[int, int]], at: list[float]) -> None:
    surface, beta = penalized_likelihood(*_cells(drawn)), np.array(at)
    here = surface(beta)
    numeric = approx_fprime(beta, lambda b: surface(b).value, 1e-6)
    assert here.gradient == pytest.approx(numeric, abs=2e-4)
    curvature = approx_fprime(beta, lambda b: surface(b).gradient, 1e-6)
    assert here.hessian.ravel() == pytest.approx(np.ravel(curvature), abs=2e-3)


@pytest.mark.peers
@pytest.mark.parametrize("name", SETS)
def test_firthmodels_agrees(name: str) -> None:
    firthmodels = pytest.importorskip("firthmodels")  # 0.8.2, of the extra [peers]

    X, y, _ = data(name)
    peer = firthmodels.FirthLogisticRegression(backend="numpy", gtol=1e-8, xtol=1e-8, max_iter=200)
    peer.fit(X[:, 1:], y)
    cells = patterns(X, y)
    beta, surface = fit_firth(*cells), penalized_likelihood(*cells)
    assert beta[1:] == pytest.approx(peer.coef_, abs=1e-8)
    theirs = np.asarray(peer.conf_int(method="pl", tol=1e-8, max_iter=200))  # the intercept last
    ours = [profile_interval(surface, beta, coefficient(j, len(beta)), 0.95) for j in range(1, len(beta))]
    assert np.array(ours) == pytest.approx(theirs[: len(ours)], abs=1e-7)


def _constrained_p(cells: Cells, held: list[int]) -> float:
    surface, beta = penalized_likelihood(*cells), fit_firth(*cells)
    free: np.ndarray = ~np.isin(np.arange(beta.size), held)
    restricted = maximize(surface, np.where(free, beta, 0.0), free)
    drop: float = 2 * (surface(beta).value - surface(restricted).value)
    return float(chdtrc(len(held), drop))


def test_rows_and_cells_agree() -> None:
    X, y, _ = data("exfil")
    rows: Floats = fit_firth(X, y, np.ones_like(y))
    assert fit_firth(*patterns(X, y)) == pytest.approx(rows, abs=1e-10)
