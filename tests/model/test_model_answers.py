"""Rates, contrasts, odds ratios and tests from a logistic model."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from baserate.model import fit
from model.reference import FORMULA, separated, value_of


@pytest.mark.parametrize(
    ("scope", "block", "columns"),
    [
        ("fixed", "lrt_goal", {"statistic": "chisq", "df": "df", "p_value": "p"}),
        (
            "sampled",
            "glm_CR2_Wald_HTZ_goal",
            {"statistic": "Fstat", "df": "df_num", "df_denominator": "df_denom", "p_value": "p_val"},
        ),
    ],
)
def test_a_factor_is_tested_as_a_whole(runs: pd.DataFrame, scope: str, block: str, columns: dict[str, str]) -> None:
    row = fit(runs, FORMULA, scope=scope).test("goal").table.iloc[0]
    for ours, theirs in columns.items():
        assert row[ours] == pytest.approx(value_of(block, theirs), rel=1e-9)


def test_a_factor_is_tested_with_its_interactions(runs: pd.DataFrame) -> None:
    m = fit(runs, "blackmail ~ version * goal + threat", scope="fixed")
    interaction = m.test("goal:version")
    assert interaction.table["statistic"][0] == pytest.approx(value_of("lrt_version_x_goal", "chisq"), rel=1e-9)
    assert "interaction of log odds" in interaction.notes[0]
    assert m.test("version").table["df"][0] == 3
    assert "version, version:goal" in m.test("version").notes[0]
    one = m.test("version[T.B]:goal[T.none]").table
    assert one["p_value"][0] == pytest.approx(m.table["p_value"].iloc[-1], abs=1e-12)


@pytest.mark.parametrize(("scope", "block"), [("fixed", "gcomp_version_model_vcov"), ("sampled", "gcomp_version_CR2")])
def test_rates_and_contrasts_are_those_of_g_computation(runs: pd.DataFrame, scope: str, block: str) -> None:
    m = fit(runs, FORMULA, scope=scope)
    rates = m.rates("version").table
    for name, row in zip("AB", rates.itertuples(), strict=True):
        assert row.estimate == pytest.approx(value_of(block, f"avg_pred_{name}"), abs=1e-12)
        assert row.std_error == pytest.approx(value_of(block, f"se_{name}"), abs=1e-9)
        assert 0 < row.conf_low < row.estimate < row.conf_high < 1
    for scale, name in {"difference": "rd", "ratio": "log_rr", "odds-ratio": "log_or"}.items():
        row = m.contrasts("version", scale=scale).table.iloc[0]
        assert (row["candidate"], row["baseline"]) == ("B", "A")
        estimate = row["estimate"] if scale == "difference" else np.log(row["estimate"])
        assert estimate == pytest.approx(value_of(block, name), abs=1e-12)
        assert row["std_error"] == pytest.approx(value_of(block, f"{name}_se"), abs=1e-9)


def test_contrasts_within_levels_show_an_interaction(runs: pd.DataFrame) -> None:
    m = fit(runs, "blackmail ~ version * goal + threat", scope="fixed")
    within = m.contrasts("version", by="goal")
    assert list(within.table["goal"]) == ["america", "ethical", "none"]
    raw = runs.pivot_table(values="blackmail", index="goal", columns="version")
    # threat is balanced, so the averages are those observed, up to the additive threat
    assert list(within.table["estimate"]) == pytest.approx(list(raw["B"] - raw["A"]), abs=0.02)
    assert (within.table["p_adjusted"] >= within.table["p_value"]).all()


def test_all_pairs_or_against_a_baseline(runs: pd.DataFrame) -> None:
    m = fit(runs, FORMULA)
    pairs = m.contrasts("goal").table
    assert list(zip(pairs["candidate"], pairs["baseline"], strict=True)) == [
        ("ethical", "america"),
        ("none", "america"),
        ("none", "ethical"),
    ]
    against = m.contrasts("goal", baseline="none").table
    assert list(against["candidate"]) == ["america", "ethical"]
    assert against["estimate"].iloc[1] == pytest.approx(-pairs["estimate"].iloc[2], abs=1e-12)


def test_rates_of_separated_data_are_never_by_delta(runs: pd.DataFrame) -> None:
    m = separated(runs, "fixed")
    rates = m.rates("goal").table
    assert "std_error" not in rates
    assert ((rates["conf_low"] > 0) & (rates["conf_low"] < rates["estimate"])).all()
    # the added covariate makes the average of the predicted rates that of the observed
    overall = np.average(m.rates(["version", "goal", "threat"]).table["estimate"])
    assert overall == pytest.approx(runs["exfil"].mean(), abs=1e-9)
    difference = m.contrasts("threat").table.iloc[0]
    assert difference["p_value"] == pytest.approx(m.table["p_value"].iloc[-1], abs=0.01)
    assert difference["p_value"] < 0.05
    assert difference["conf_low"] > 0


def test_infinite_odds_ratios_are_shown(runs: pd.DataFrame) -> None:
    table = separated(runs).odds_ratios().table
    assert list(table["maximum_likelihood"]) == ["finite", "finite", "0", "∞"]
    assert table["term"].iloc[0] == "version[T.B]"
    assert np.isfinite(table["estimate"]).all()


def test_ungraded_runs_are_counted_beside_the_rate(runs: pd.DataFrame) -> None:
    m = fit(runs.assign(blackmail=runs["blackmail"].mask(runs.index < 3)), FORMULA)
    rates = m.rates("version").table
    assert list(rates["missing"]) == [3, 0]
    assert list(rates["n"]) == [117, 120]


def test_few_prompts_show_the_wild_score_bootstrap(runs: pd.DataFrame) -> None:
    few = runs[runs["prompt"].isin([f"p{i:02d}" for i in (1, 3, 4, 7, 9, 12, 13, 18)])]
    few = pd.concat([few, few, few], ignore_index=True)
    m = fit(few, "blackmail ~ version")
    test = m.test("version").table
    assert 2 / 2**8 <= test["p_wild"][0] <= 1
    assert any("Only 8 prompts" in note for note in m.notes)


def test_combinations_never_run_are_said(runs: pd.DataFrame) -> None:
    gap = runs[~((runs["goal"] == "none") & (runs["threat"] == "yes"))]
    m = fit(gap, FORMULA, scope="fixed")
    assert any(note.startswith("2 of the combinations") for note in m.rates("goal").notes)
    assert not any("combinations" in note for note in m.rates("version").notes)


def test_what_is_shown_fits_a_terminal_and_says_how(runs: pd.DataFrame) -> None:
    m = fit(runs, FORMULA)
    results = [m, m.odds_ratios(), m.rates("version"), m.contrasts("goal", by="threat"), m.test("goal")]
    for result in [*results, separated(runs), separated(runs).odds_ratios()]:
        assert max(map(len, str(result).splitlines())) <= 100
        assert result.scope_reason in result.explain()
        assert result.to_json()
        assert "baserate" in result._repr_html_()
    assert "76 runs of the rarer outcome for 5 coefficients" in m.explain()


def test_a_saturated_fit_is_the_observed_rates() -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n": [100, 100], "blackmail": [70, 84]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        m = fit(table, "blackmail ~ version")
    assert list(m.rates("version").table["estimate"]) == pytest.approx([0.70, 0.84], abs=1e-12)
    assert m.contrasts("version").table["estimate"][0] == pytest.approx(0.14, abs=1e-12)
