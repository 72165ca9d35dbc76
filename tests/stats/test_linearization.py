"""Rates, variances and covariances over conditions and prompts against R's survey package, and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from baserate.stats.cell_means import CellMeans, distinct
from baserate.stats.linearization import agreed_variance, contrast, effective_units, linearize, telling_units
from stats.flat import cells_of, one_group

GOLDEN = Path(__file__).parents[1] / "golden"
CELLS = pd.read_csv(GOLDEN / "survey_cells.csv")
REFERENCE = pd.read_csv(GOLDEN / "survey_reference.csv").set_index("design")


@pytest.mark.parametrize("design", REFERENCE.index)
def test_as_r_survey_linearizes(design: str) -> None:
    versions = sorted(CELLS["version"].unique())
    found = linearize(cells_of(CELLS[CELLS["design"] == design], versions, "condition", own="own" in design))
    expected = REFERENCE.loc[design]
    assert found.cells.estimate == pytest.approx([expected["rate_a"], expected["rate_b"]], abs=1e-11)
    assert np.sqrt(found.variance) == pytest.approx([expected["se_a"], expected["se_b"]], abs=1e-12)
    assert contrast(found).covariance[0] == pytest.approx(expected["covariance"], abs=1e-13)


def test_one_condition_is_the_variance_of_a_mean() -> None:
    found = linearize(one_group([3, 0, 1, 5, 2, 0], 5))
    shares = np.array([0.6, 0, 0.2, 1, 0.4, 0])
    assert found.variance == pytest.approx([shares.var(ddof=1) / 6])
    assert found.df == pytest.approx([5])


def test_nested_conditions_have_welchs_degrees_of_freedom() -> None:
    shares = [np.array([0.1, 0.5, 0.9, 0.3]), np.array([0.2, 0.25, 0.3])]
    table = pd.concat(
        pd.DataFrame({"version": "a", "c": c, "prompt": [f"{c}{i}" for i in range(len(s))], "n": 20, "k": 20 * s})
        for c, s in enumerate(shares)
    )
    found = linearize(cells_of(table, ["a"], "c"))
    v = np.array([s.var(ddof=1) / len(s) / 4 for s in shares])
    assert found.variance == pytest.approx([v.sum()])
    assert found.df == pytest.approx([v.sum() ** 2 / (v**2 / [3, 2]).sum()])


def test_the_same_prompts_in_every_condition_are_as_many_units_as_prompts() -> None:
    rng = np.random.default_rng(1)
    rows = [(c, f"p{i}", int(rng.integers(0, 11))) for c in "xyz" for i in range(7)]
    table = pd.DataFrame(rows, columns=["c", "prompt", "k"]).assign(version="a", n=10)
    found = linearize(cells_of(table, ["a"], "c"))
    means = table.groupby("prompt")["k"].mean() / 10
    assert found.variance == pytest.approx([means.var(ddof=1) / 7])
    assert found.df == pytest.approx([6])


def test_the_variance_of_paired_means_is_that_of_their_differences() -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"version": ["a"] * 9 + ["b"] * 9, "prompt": [f"p{i}" for i in range(9)] * 2, "n": 20})
    table["k"] = rng.integers(0, 21, 18)
    found = linearize(cells_of(table, ["a", "b"]))
    both = contrast(found)
    difference = stats.ttest_rel(table["k"][:9] / 20, table["k"][9:] / 20)
    spread = found.variance.sum() - 2 * both.covariance[0]
    assert (found.cells.estimate[0] - found.cells.estimate[1]) / np.sqrt(spread) == pytest.approx(difference.statistic)
    assert both.df == pytest.approx([8])


def test_a_condition_with_one_prompt_takes_the_design_effect_of_the_others() -> None:
    table = pd.DataFrame(
        {"version": "a", "c": ["x"] * 4 + ["y"], "prompt": list("pqrst"), "n": 10, "k": [9, 1, 8, 2, 5]}
    )
    found = linearize(cells_of(table, ["a"], "c"))
    assert found.borrowed.tolist() == [True]
    several = np.var([0.9, 0.1, 0.8, 0.2], ddof=1) / 4
    plain = [20.5 / 41 * 20.5 / 41 / 40, 5.5 / 11 * 5.5 / 11 / 10]
    assert found.variance == pytest.approx([several / 4 + plain[1] / 4 * several / plain[0]])


def test_units_that_tell_and_units_that_agree() -> None:
    cells = one_group([5, 0, 0, 0, 5, 0, 0, 0, 0, 0], 5)
    assert telling_units(cells, np.array([True])) == pytest.approx([2])
    assert effective_units(cells) == pytest.approx([10])
    p = 10.5 / 51
    assert agreed_variance(cells) == pytest.approx([p * (1 - p) / 10])


def test_a_group_without_cells_has_no_rate() -> None:
    one = one_group([1, 2], 5)
    two = CellMeans(one.stratum, one.unit, one.events, one.n, one.share, one.group, one.weight, 2)
    assert np.isnan(two.estimate).tolist() == [False, True]
    assert distinct(np.array([0, 0, 0, 2]), np.array([4, 4, 5, 4]), 3).tolist() == [2, 0, 1]
