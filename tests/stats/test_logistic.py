"""Maximum likelihood against R, against statsmodels on rows, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import chdtrc

from baserate.stats.logistic import fit_maximum_likelihood, likelihood
from baserate.stats.newton import ConvergenceError, Local, maximize
from stats.model_data import Floats, data, golden, patterns


def test_coefficients_and_standard_errors_are_those_of_glm() -> None:
    X, y, terms = data("blackmail")
    cells = patterns(X, y)
    beta = fit_maximum_likelihood(*cells)
    information = likelihood(*cells)(beta).information
    # R's glm stops at a relative change of the deviance of 1e-8, one quadratic step from 1e-12
    assert beta == pytest.approx(golden("glm", "coef", terms), abs=1e-12)
    assert np.sqrt(np.diag(np.linalg.inv(information))) == pytest.approx(golden("glm", "se", terms), abs=1e-8)
    assert likelihood(X, y, np.ones_like(y))(beta).value == pytest.approx(golden("glm", "logLik")[0], abs=1e-10)


def test_cells_give_what_statsmodels_gives_on_rows() -> None:
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    X, y, _ = data("sex2")
    X, y = X[:, :-1], y  # without dia, which separates
    # statsmodels stops on its deviance one step early unless it is told to watch the coefficients
    on_rows = GLM(y, X, family=Binomial()).fit(tol=1e-14, tol_criterion="params")
    cells = patterns(X, y)
    beta = fit_maximum_likelihood(*cells)
    std_error = np.sqrt(np.diag(np.linalg.inv(likelihood(*cells)(beta).information)))
    assert beta == pytest.approx(on_rows.params, abs=1e-12)
    assert std_error == pytest.approx(on_rows.bse, abs=1e-10)


def test_the_two_maximizers_agree() -> None:
    cells = patterns(*data("blackmail")[:2])
    assert maximize(likelihood(*cells), np.zeros(5)) == pytest.approx(fit_maximum_likelihood(*cells), abs=1e-13)


@pytest.mark.parametrize(("held", "block"), [([2, 3], "lrt_goal"), ([5, 6], "lrt_version_x_goal")])
def test_likelihood_ratios_are_those_of_anova(held: list[int], block: str) -> None:
    X, y, _ = data("blackmail")
    if block == "lrt_version_x_goal":
        X = np.column_stack([X, X[:, 1] * X[:, 2], X[:, 1] * X[:, 3]])
    surface = likelihood(*patterns(X, y))
    top = maximize(surface, np.zeros(X.shape[1]))
    free = ~np.isin(np.arange(X.shape[1]), held)
    chi2 = 2 * (surface(top).value - surface(maximize(surface, np.where(free, top, 0.0), free)).value)
    assert chi2 == pytest.approx(golden(block, "chisq")[0], rel=1e-10)
    assert chdtrc(2, chi2) == pytest.approx(golden(block, "p")[0], rel=1e-9)


def test_a_saturated_model_fits_without_a_warning() -> None:
    X = np.array([[1.0, 0.0], [1.0, 1.0]])
    beta = fit_maximum_likelihood(X, np.array([84.0, 70.0]), np.array([100.0, 100.0]))
    assert beta == pytest.approx([np.log(84 / 16), np.log(70 / 30) - np.log(84 / 16)], abs=1e-12)


def test_a_billion_runs_cost_and_err_no_more_than_a_hundred() -> None:
    X, y, _ = data("blackmail")
    X, events, n = patterns(X, y)
    small = fit_maximum_likelihood(X, events, n)
    assert fit_maximum_likelihood(X, 1e7 * events, 1e7 * n) == pytest.approx(small, abs=1e-11)


def test_a_likelihood_without_a_top_is_an_error_and_no_estimate() -> None:
    def slope(beta: Floats) -> Local:
        return Local(float(beta[0]), np.ones(1), -np.eye(1), np.eye(1), beta)

    with pytest.raises(ConvergenceError, match="200 Newton steps"):
        maximize(slope, np.zeros(1))
