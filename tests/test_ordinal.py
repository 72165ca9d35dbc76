"""Ratings: the proportional-odds model against R's clm and statsmodels, its clusters, averages, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes
from baserate.stats.cumulative import chances, fit_cumulative, jackknife_covariance

FORMULA = "overtness ~ version + goal"
CLM = {  # ordinal::clm, R 4.2.2
    "thresholds": [-0.9004869259, -0.1846712995, 0.4490710009, 1.1433678590, 2.0648635117],
    "threshold_se": [0.2297522590, 0.2216843912, 0.2236437610, 0.2350419167, 0.2713500380],
    "estimate": [0.6501020712, -0.5179763804],
    "se": [0.2438805053, 0.2431036236],
    "log_likelihood": -371.65007215,
}


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parent / "golden" / "ordinal.csv")


def arrays(runs: pd.DataFrame) -> tuple[Any, Any, Any]:
    X = np.column_stack([runs["version"] == "B", runs["goal"] == "none"]).astype(float)
    ratings = np.sort(runs["overtness"].unique())
    return X, (runs["overtness"].to_numpy()[:, None] == ratings).astype(float), runs["prompt"].to_numpy()


def test_estimates_are_those_of_clm(runs: pd.DataFrame) -> None:
    m = br.fit_ordinal(runs, FORMULA, scope="fixed")
    assert list(m.thresholds["estimate"]) == pytest.approx(CLM["thresholds"], abs=1e-7)
    assert list(m.thresholds["std_error"]) == pytest.approx(CLM["threshold_se"], abs=1e-7)
    assert list(m.table["estimate"]) == pytest.approx(CLM["estimate"], abs=1e-7)
    assert list(m.table["std_error"]) == pytest.approx(CLM["se"], abs=1e-7)
    assert m.fitted.log_likelihood == pytest.approx(CLM["log_likelihood"], abs=1e-7)


def test_estimates_are_those_of_statsmodels(runs: pd.DataFrame) -> None:
    X, counts, _ = arrays(runs)
    peer = OrderedModel(runs["overtness"], X, distr="logit").fit(method="bfgs", disp=0, gtol=1e-8)
    found = fit_cumulative(X, counts)
    assert found.theta[5:] == pytest.approx(peer.params.to_numpy()[:2], abs=1e-5)
    assert found.log_likelihood == pytest.approx(peer.llf, abs=1e-6)


def test_two_ratings_are_a_logistic_model(runs: pd.DataFrame) -> None:
    table = runs.assign(high=(runs["overtness"] >= 7).astype(int), yes=runs["overtness"] >= 7)
    ordinal = br.fit_ordinal(table, "high ~ version + goal", scope="fixed").table
    logistic = br.fit(table.drop(columns="high"), "yes ~ version + goal", scope="fixed").table
    assert list(ordinal["estimate"]) == pytest.approx(list(logistic["estimate"][1:]), abs=1e-8)
    assert list(ordinal["std_error"]) == pytest.approx(list(logistic["std_error"][1:]), abs=1e-8)


def test_clusters_are_left_out_in_turn(runs: pd.DataFrame) -> None:
    X, counts, prompt = arrays(runs)
    one_step = np.sqrt(np.diag(jackknife_covariance(X, counts, prompt)))
    whole = fit_cumulative(X, counts).theta
    left = np.array([fit_cumulative(X[prompt != p], counts[prompt != p]).theta for p in np.unique(prompt)])
    exact = np.sqrt(17 / 18 * ((left - whole) ** 2).sum(axis=0))
    np.testing.assert_allclose(one_step, exact, rtol=0.03)
    m = br.fit_ordinal(runs, FORMULA)
    assert m.scope == "sampled"
    assert list(m.table["std_error"]) == pytest.approx(list(one_step[5:]), abs=1e-10)
    assert (m.table["df"] == 17).all()


def test_averages_are_of_the_predicted_chances(runs: pd.DataFrame) -> None:
    m = br.fit_ordinal(runs, FORMULA)
    by_goal = [chances(m.fitted.theta, np.array([[1.0, g]]), 6)[0][0] for g in (0.0, 1.0)]
    chance = np.mean(by_goal, axis=0)
    rates = m.rates("version", at_least=7).table.set_index("version")
    assert rates.loc["B", "estimate"] == pytest.approx(chance[3:].sum())
    assert (rates.loc["B", "n"], rates.loc["B", "events"]) == (108, 51)
    assert rates.loc["B", "conf_low"] < chance[3:].sum() < rates.loc["B", "conf_high"]
    means = m.means("version").table.set_index("version")
    assert means.loc["B", "estimate"] == pytest.approx(chance @ [1, 3, 5, 7, 8, 10])
    apart = m.contrasts("version").table.iloc[0]
    assert apart["estimate"] == pytest.approx(means.loc["B", "estimate"] - means.loc["A", "estimate"])
    points = m.contrasts("version", at_least=7).table.iloc[0]
    assert points["estimate"] == pytest.approx(rates.loc["B", "estimate"] - rates.loc["A", "estimate"])


def test_superiority_is_the_chance_of_a_higher_rating(runs: pd.DataFrame) -> None:
    m = br.fit_ordinal(runs, "overtness ~ version", scope="fixed")
    a, b = (chances(m.fitted.theta, np.array([[v]]), 6)[0][0] for v in (0.0, 1.0))
    brute = sum(a[i] * b[j] * ((j > i) + (j == i) / 2) for i in range(6) for j in range(6))
    row = m.superiority("version").table.iloc[0]
    assert row["estimate"] == pytest.approx(brute)
    groups = [runs.loc[runs["version"] == v, "overtness"].to_numpy() for v in "AB"]
    seen = np.mean((groups[1][:, None] > groups[0]) + (groups[1][:, None] == groups[0]) / 2)
    assert row["estimate"] == pytest.approx(seen, abs=0.02)
    assert row["p_value"] == pytest.approx(m.table["p_value"].item(), abs=0.01)


def test_standard_errors_are_those_of_differences(runs: pd.DataFrame) -> None:
    m = br.fit_ordinal(runs, FORMULA, scope="fixed")
    theta, step = m.fitted.theta, 1e-6

    def mean_of(theta: Any) -> float:
        rows = [chances(theta, np.array([[1.0, g]]), 6)[0][0] @ m.ratings for g in (0.0, 1.0)]
        return float(np.mean(rows))

    slope = np.array([(mean_of(theta + h) - mean_of(theta - h)) / 2 / step for h in np.eye(7) * step])
    row = m.means("version").table.iloc[1]
    assert row["std_error"] == pytest.approx(np.sqrt(slope @ m.covariance @ slope), rel=1e-5)


def test_a_rating_of_runs_that_showed_the_act(runs: pd.DataFrame) -> None:
    act = np.tile([True, True, False], len(runs) // 3)
    given = runs.assign(blackmail=act, overtness=runs["overtness"].where(act))
    whole = br.fit_ordinal(given, FORMULA, given="blackmail")
    alone = br.fit_ordinal(runs[act], FORMULA)
    pd.testing.assert_frame_equal(whole.table, alone.table)
    assert "given" in codes(whole.notes)
    assert any("between different runs" in str(note) for note in whole.notes)
    declared = br.fit_ordinal(given.assign(overtness_given="blackmail"), FORMULA)
    pd.testing.assert_frame_equal(whole.table, declared.table)


def test_what_was_read_with_a_cut_has_its_scores_beside_it() -> None:
    logs = br.read(Path(__file__).parents[1] / "data" / "example-logs")
    m = br.fit_ordinal(logs, "overtness ~ version", given="blackmail")
    assert m.ratings.max() > 1
    assert m.design.cell_n.sum() <= int(logs["blackmail"].fillna(False).sum())


def test_uneven_prompts_count_once(runs: pd.DataFrame) -> None:
    often = pd.concat([runs, *[runs[runs["prompt"] == "p1"]] * 9], ignore_index=True)
    once = br.fit_ordinal(runs, FORMULA, scope="fixed").table["estimate"]
    by_prompt, by_run = (
        br.fit_ordinal(often, FORMULA, scope="fixed", weights=of).table["estimate"] for of in ("prompts", "runs")
    )
    assert abs(by_prompt - once).max() < abs(by_run - once).max() / 3


@pytest.mark.parametrize(
    ("change", "formula", "said"),
    [
        ({}, "overtnes ~ version", "Did you mean 'overtness'"),
        ({"overtness": "high"}, FORMULA, "holds no ratings"),
        ({"overtness": 5}, FORMULA, "1 different values"),
        ({"overtness": range(216)}, FORMULA, "216 different values"),
        ({"overtness": lambda d: (d["version"] == "B") * 9 + 1}, FORMULA, "extreme ratings alone"),
        ({"blackmail": False}, FORMULA, "No run has blackmail"),
    ],
)
def test_refusals(runs: pd.DataFrame, change: dict[str, Any], formula: str, said: str) -> None:
    given = "blackmail" if "blackmail" in change else None
    with pytest.raises(BaserateError, match=said):
        br.fit_ordinal(runs.assign(**change), formula, given=given)


def test_it_is_shown(runs: pd.DataFrame) -> None:
    m = br.fit_ordinal(runs, FORMULA)
    answers = (m, m.rates("version", at_least=7), m.means("goal"), m.contrasts("version"), m.superiority("version"))
    for result in answers:
        assert max(map(len, str(result).splitlines())) <= 100
        assert "Scope sampled" in result.explain()
    with pytest.raises(BaserateError, match="parts no ratings"):
        m.rates("version", at_least=11)
