"""Which method a logistic model takes, its coefficients, and what it says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from baserate.errors import BaserateError, DesignWarning, SeparationWarning
from baserate.model import fit
from baserate.stats.student import t_quantile
from model.reference import FORMULA, TERMS, close, golden, separated, value_of


def test_sampled_prompts_have_cluster_robust_t_intervals(runs: pd.DataFrame) -> None:
    m = fit(runs, FORMULA)
    block = "glm_clubSandwich_CR2"
    assert m.scope == "sampled"
    assert list(m.table["term"]) == TERMS
    assert list(m.table["estimate"]) == pytest.approx(golden("glm", "coef"), abs=1e-12)
    assert list(m.table["std_error"]) == pytest.approx(golden(block, "SE"), abs=1e-10)
    assert list(m.table["df"]) == pytest.approx(golden(block, "df_Satt"), abs=1e-9)
    assert list(m.table["p_value"]) == pytest.approx(golden(block, "p_Satt"), abs=1e-10)
    assert "CR2" in m.method
    assert "24 prompts" in m.method


def test_fixed_prompts_have_profile_intervals(runs: pd.DataFrame) -> None:
    m = fit(runs, FORMULA, scope="fixed")
    assert list(m.table["std_error"]) == pytest.approx(golden("glm", "se"), abs=1e-8)
    # R interpolates by splines
    assert list(m.table["conf_low"]) == pytest.approx(golden("glm_profile_ci", "2.5 %"), abs=1e-4)
    assert "profile" in m.method
    assert any("differ by more than chance" in note for note in m.notes)


def test_separated_data_warn_and_have_finite_penalized_intervals(runs: pd.DataFrame) -> None:
    m = separated(runs, "fixed")
    block = "firth_logistf_exfil"
    assert list(m.table["estimate"]) == pytest.approx(golden(block, "coef"), abs=1e-10)
    assert list(m.table["std_error"]) == pytest.approx(golden("brglm2_AS_mean_exfil", "se"), abs=1e-10)
    assert list(m.table["conf_low"]) == pytest.approx(golden(block, "ci_lower"), abs=1e-8)
    assert list(m.table["conf_high"]) == pytest.approx(golden(block, "ci_upper"), abs=1e-8)
    assert list(m.table["p_value"]) == pytest.approx(golden(block, "p_plrt"), abs=1e-9)
    assert list(m.table["maximum_likelihood"]) == ["−∞", "finite", "finite", "−∞", "+∞"]
    joint = m.test("goal").table.iloc[0]
    assert joint["p_value"] == pytest.approx(value_of("firth_plrt_exfil_goal_2df", "p"), rel=1e-9)


def test_separated_data_over_sampled_prompts_take_the_wild_score_bootstrap(runs: pd.DataFrame) -> None:
    m = separated(runs)
    assert m.scope == "sampled"
    assert "wild score bootstrap" in m.method
    assert list(m.table["estimate"]) == pytest.approx(golden("firth_logistf_exfil", "coef"), abs=1e-10)
    row = m.table.set_index("term")
    assert row.loc["threat[T.yes]", "conf_high"] == np.inf
    assert np.isnan(row.loc["threat[T.yes]", "std_error"])
    assert row.loc["goal[T.none]", "conf_low"] == -np.inf
    for term, p in zip(m.table["term"], m.table["p_value"], strict=True):
        inside = row.loc[term, "conf_low"] <= 0 <= row.loc[term, "conf_high"]
        assert inside == (p >= 0.05), term
    goal = m.test("goal").table.iloc[0]
    two = row.loc[["goal[T.ethical]", "goal[T.none]"], "p_value"]
    assert goal["p_value"] == pytest.approx(min(1, 2 * two.min()))
    rates = m.rates("threat").table
    assert rates["conf_low"][0] == 0
    assert rates["conf_high"][0] > separated(runs, "fixed").rates("threat").table["conf_high"][0]


def test_few_events_take_firth_without_a_warning(runs: pd.DataFrame) -> None:
    few = runs[runs["prompt"].isin([f"p{i:02d}" for i in (3, 4, 7, 8, 13, 15, 18, 19, 20)])]
    m = fit(few, "blackmail ~ version + goal")
    assert m.method.startswith("Firth")
    assert m.scope == "sampled"
    assert "CR2" in m.method
    assert any("fewer than 10 each" in note for note in m.notes)


def test_rows_and_counts_agree(runs: pd.DataFrame, counts: pd.DataFrame) -> None:
    by_count = counts.assign(exfil=counts["n_exfil"]).drop(columns=["blackmail", "n_exfil"])
    for scope in ("fixed", "sampled"):
        close(separated(runs, scope).table, separated(by_count, scope).table)
        one, two = fit(runs, FORMULA, scope=scope), fit(counts, FORMULA, scope=scope)
        close(one.table, two.table)
        close(one.rates("goal").table, two.rates("goal").table)
        close(one.contrasts("goal", by="version").table, two.contrasts("goal", by="version").table)
        close(one.test("goal").table, two.test("goal").table)
    close(fit(runs, FORMULA, random="prompt").table, fit(counts, FORMULA, random="prompt").table)


def test_the_order_of_rows_does_not_matter(runs: pd.DataFrame) -> None:
    close(fit(runs, FORMULA).table, fit(runs.sample(frac=1, random_state=1), FORMULA).table)


def test_random_intercepts_are_those_of_glmer(runs: pd.DataFrame) -> None:
    m = fit(runs, FORMULA, random="prompt")
    block = "glmer_nAGQ25"
    assert list(m.table["estimate"]) == pytest.approx(golden(block, "coef"), abs=5e-6)
    assert list(m.table["std_error"]) == pytest.approx(golden(block, "se"), abs=2e-5)
    assert m.prompt_deviation == pytest.approx(value_of(block, "sd"), abs=5e-6)
    assert m.scope == "sampled"
    # averaged over prompts, the rates are near those observed
    assert list(m.rates("version").table["estimate"]) == pytest.approx([68 / 120, 96 / 120], abs=0.01)
    assert m.test("goal").table["df"][0] == 2


def test_numbers_are_covariates(runs: pd.DataFrame) -> None:
    m = fit(runs.assign(temperature=runs["epoch"] / 10), "blackmail ~ version + temperature")
    assert list(m.table["term"]) == ["Intercept", "version[T.B]", "temperature"]
    assert m.test("temperature").table["df"][0] == 1
    with pytest.raises(BaserateError, match="'temperature' is a number"):
        m.rates("temperature")


def test_a_level_without_graded_runs_is_dropped_and_counted(runs: pd.DataFrame) -> None:
    blank = runs.assign(blackmail=runs["blackmail"].mask(runs["goal"] == "none"))
    m = fit(blank, FORMULA)
    assert list(m.table["term"]) == [t for t in TERMS if t != "goal[T.none]"]
    assert any("goal: no graded run has 'none'" in note for note in m.notes)
    assert any("80 runs without a verdict" in note for note in m.notes)


def test_an_outcome_as_factor_is_warned_of(runs: pd.DataFrame) -> None:
    with pytest.warns(DesignWarning, match="measured after the run"):
        m = fit(runs, "blackmail ~ version + exfil")
    assert any("measured after the run" in note for note in m.notes)
    assert m.table["term"].iloc[-1] == "exfil[T.True]"


def test_one_prompt_level_has_no_interval_for_prompts_like_it(runs: pd.DataFrame) -> None:
    lone = runs[~((runs["goal"] == "none") & (runs["prompt"] != "p20"))]
    m = fit(lone, "blackmail ~ version + goal")
    row = m.table.set_index("term").loc["goal[T.none]"]
    assert np.isnan(row["std_error"])
    assert np.isnan(row["p_value"])
    assert (row["conf_low"], row["conf_high"]) == (-np.inf, np.inf)
    assert any("one prompt alone determines it" in note for note in m.notes)
    assert np.isfinite(m.table.set_index("term").loc["version[T.B]", "std_error"])
    with pytest.raises(BaserateError, match="rest on one prompt"):
        m.test("goal")


@pytest.mark.parametrize("events", [0, 40])
def test_no_event_or_only_events(events: int) -> None:
    table = pd.DataFrame({"version": ["a", "b", "c"], "n": [40, 40, 40], "leak": [events] * 3})
    with pytest.warns(SeparationWarning):
        m = fit(table, "leak ~ version")
    assert np.isfinite(m.table[["conf_low", "conf_high"]]).all(axis=None)
    contrasts = m.contrasts("version").table
    assert (contrasts["p_value"] > 0.9).all()
    assert ((contrasts["conf_low"] < 0) & (contrasts["conf_high"] > 0)).all()


@pytest.mark.shared
def test_real_separated_counts(shared: Path) -> None:
    # 2 of 6,645 runs are blackmail, against 1,507 of 6,637 leaks
    cells = pd.read_csv(shared / "eval_awareness_counts.csv", keep_default_na=False)
    cells = cells.rename(columns={"model": "version", "n_total": "n", "n_harmful": "harmful"})
    blackmail = cells[cells["scenario"] == "blackmail"]
    assert (blackmail["harmful"].sum(), blackmail["n"].sum()) == (2, 6645)
    with pytest.warns(SeparationWarning):
        m = fit(blackmail, "harmful ~ version + warning")
    assert np.isfinite(m.table[["conf_low", "conf_high"]]).all(axis=None)
    rates = m.rates("version").table
    assert (rates["conf_high"] < 0.01).all()
    leaks = fit(cells[cells["scenario"] == "leaking"], "harmful ~ version * warning + urgency")
    assert "maximum likelihood" in leaks.method


def test_the_published_methods_are_one_argument_away(runs: pd.DataFrame) -> None:
    rows = [
        (v, f"p{i}", 20, int(k))
        for v, ks in (("a", (0, 0, 4, 0, 1, 0, 2, 0)), ("b", (1, 0, 0, 0, 0, 2, 0, 0)))
        for i, k in enumerate(ks)
    ]
    few = pd.DataFrame(rows, columns=["version", "prompt", "n", "leak"])
    default, cr2, wild = (fit(few, "leak ~ version", method=method).table.iloc[1] for method in (None, "CR2", "wild"))
    assert default["p_value"] > max(cr2["p_value"], wild["p_value"])
    reach = t_quantile(cr2["df"], 0.975) * cr2["std_error"]
    assert cr2["conf_low"] == pytest.approx(cr2["estimate"] - reach)
    assert default["conf_low"] <= min(cr2["conf_low"], wild["conf_low"])
    assert default["conf_high"] >= max(cr2["conf_high"], wild["conf_high"])
    plain = fit(runs, FORMULA)
    close(plain.table, fit(runs, FORMULA, method="CR2").table)
