"""Random intercepts by adaptive quadrature against lme4, and where prompts do not vary."""

from __future__ import annotations

import numpy as np
import pytest

from baserate.stats.logistic import fit_maximum_likelihood
from baserate.stats.mixed import fit_random_effects
from baserate.stats.newton import ConvergenceError
from stats.model_data import RUN_TERMS, Cells, data, golden, runs, to_cells


def test_estimates_are_those_of_glmer_with_25_nodes() -> None:
    X, y, _ = data("blackmail")
    cells, prompt = to_cells(X, y, runs()["prompt"].to_numpy())
    found = fit_random_effects(*cells, [prompt], fit_maximum_likelihood(*cells))
    block = "glmer_nAGQ25"
    # lme4's optimizer stops within 1e-5, and its standard errors come from differences of the deviance
    assert found.coefficients == pytest.approx(golden(block, "coef", RUN_TERMS), abs=5e-6)
    assert found.deviations[0] == pytest.approx(golden(block, "sd")[0], abs=5e-6)
    assert found.log_likelihood == pytest.approx(golden(block, "logLik")[0], abs=1e-8)
    assert np.sqrt(np.diag(found.covariance))[:5] == pytest.approx(golden(block, "se", RUN_TERMS), abs=2e-5)


def test_more_nodes_change_nothing() -> None:
    X, y, _ = data("blackmail")
    cells, prompt = to_cells(X, y, runs()["prompt"].to_numpy())
    start = fit_maximum_likelihood(*cells)
    few, many = (fit_random_effects(*cells, [prompt], start, nodes) for nodes in (25, 60))
    assert few.coefficients == pytest.approx(many.coefficients, abs=1e-5)


def test_prompts_that_do_not_vary_leave_the_plain_fit() -> None:
    X = np.array([[1.0, v] for _ in range(10) for v in (0, 1)])
    cells = Cells(X, np.tile([3.0, 6.0], 10), np.full(20, 10.0))
    plain = fit_maximum_likelihood(*cells)
    found = fit_random_effects(*cells, [np.repeat(np.arange(10), 2)], plain)
    assert found.deviations[0] == pytest.approx(0, abs=1e-3)
    assert found.coefficients == pytest.approx(plain, abs=1e-6)


def test_separated_data_have_no_maximum() -> None:
    X = np.array([[1.0, v] for _ in range(6) for v in (0, 1)])
    cells = Cells(X, np.tile([0.0, 6.0], 6), np.full(12, 10.0))
    with pytest.raises(ConvergenceError):
        fit_random_effects(*cells, [np.repeat(np.arange(6), 2)], np.zeros(2))
