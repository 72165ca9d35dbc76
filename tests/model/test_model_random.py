"""Random intercepts of several groupings against lme4, priors, predictions for a new prompt, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, ndtri

from baserate.errors import BaserateError
from baserate.model import LogisticModel, fit
from baserate.model.averages import average_over
from baserate.note import codes
from model.reference import FORMULA

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="module")
def crossed() -> pd.DataFrame:
    return pd.read_csv(GOLDEN / "models_crossed.csv").rename(columns={"y": "leak"})


def reference(model: str) -> dict[str, float]:
    table = pd.read_csv(GOLDEN / "models_crossed_reference.csv")
    return dict(table.loc[table["model"] == model, ["quantity", "value"]].itertuples(index=False))


def deviations(model: LogisticModel) -> dict[str, float]:
    table = model.deviations().table
    return dict(zip(table["term"], table["estimate"], strict=True))


def test_crossed_groupings_are_those_of_glmer(crossed: pd.DataFrame) -> None:
    m = fit(crossed, "leak ~ version", random=["scenario", "prompt"])
    r = reference("scenario+prompt")
    # lme4 stops a little before the maximum
    assert list(m.table["estimate"]) == pytest.approx([r["(Intercept)"], r["versionB"]], abs=2e-4)
    assert m.table["std_error"][1] == pytest.approx(r["se versionB"], rel=0.01)
    found = m.deviations().table.set_index("term")
    for name in ("scenario", "prompt"):
        assert found.loc[name, "estimate"] == pytest.approx(r[f"sd {name}"], abs=1e-4)
        assert found.loc[name, "conf_low"] == pytest.approx(r[f"sd {name} low"], abs=1e-3)
        assert found.loc[name, "conf_high"] == pytest.approx(r[f"sd {name} high"], abs=2e-3)
    assert list(found["levels"]) == [6, 20]
    assert "Laplace" in m.method
    assert any("where quadrature finds" in note for note in m.notes)


def test_each_prompt_may_have_its_own_difference(crossed: pd.DataFrame) -> None:
    m = fit(crossed, "leak ~ version", random="prompt:version")
    r = reference("prompt+prompt:version")
    assert m.table["estimate"][1] == pytest.approx(r["versionB"], abs=2e-4)
    assert m.table["std_error"][1] == pytest.approx(r["se versionB"], rel=0.01)
    assert deviations(m) == pytest.approx(
        {"prompt": r["sd prompt"], "prompt:version": r["sd prompt:version"]}, abs=1e-4
    )
    assert not m.cautions
    alone = fit(crossed, "leak ~ version", random="prompt")
    assert "same-difference" in codes(alone.cautions)
    assert alone.table["std_error"][1] < m.table["std_error"][1]


def test_rates_average_over_all_levels_and_predict_a_new_one(crossed: pd.DataFrame) -> None:
    m = fit(crossed, "leak ~ version", random=["scenario", "prompt"])
    beta, spread = m.table["estimate"], np.sqrt(sum(v**2 for v in deviations(m).values()))
    draws = expit(beta[0] + beta[1] + spread * ndtri((np.arange(100_000) + 0.5) / 100_000))
    row = m.rates("version").table.iloc[1]
    assert row["estimate"] == pytest.approx(draws.mean(), abs=1e-5)
    observed = crossed.groupby("version")[["leak", "n"]].sum()
    assert row["estimate"] == pytest.approx(observed["leak"]["B"] / observed["n"]["B"], abs=0.02)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert row["new_low"] < low < row["conf_low"]
    assert row["conf_high"] < high < row["new_high"]
    rate = average_over(m.estimation, *m.design.rows_with({"version": "B"}))
    step = np.eye(4) * 1e-5
    slope = [(rate(m.estimation.theta + h)[0] - rate(m.estimation.theta - h)[0]) / 2e-5 for h in step]
    np.testing.assert_allclose(rate(m.estimation.theta)[1], slope, atol=1e-7)
    assert row["new_low"] == pytest.approx(low, abs=0.05)


def test_a_prior_where_the_data_separate(runs: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match="prior='weak'"):
        fit(runs, "exfil ~ version + threat", random="prompt")
    m = fit(runs, "exfil ~ version + threat", random="prompt", prior="weak")
    assert np.isfinite(m.table[["estimate", "std_error"]]).all(axis=None)
    assert (m.table["estimate"].iloc[1:].abs() < 10).all()
    assert "weakly informative" in m.method
    plain, weak = (fit(runs, FORMULA, random="prompt", prior=prior) for prior in (None, "weak"))
    assert list(weak.table["estimate"]) == pytest.approx(list(plain.table["estimate"]), abs=0.6)


def test_no_spread_is_no_boundary() -> None:
    rows = [(v, f"p{i}", 20, 8 + 4 * (v == "b")) for v in "ab" for i in range(10)]
    flat = pd.DataFrame(rows, columns=["version", "prompt", "n", "leak"])
    m = fit(flat, "leak ~ version", random="prompt")
    found = m.deviations().table.iloc[0]
    assert found["estimate"] == pytest.approx(0, abs=1e-3)
    assert found["conf_low"] == 0
    assert 0.05 < found["conf_high"] < 1
    assert deviations(fit(flat, "leak ~ version", random="prompt", prior="weak"))["prompt"] > 0.01


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"random": "scenarios"}, "scenarios"),
        ({"random": []}, "names columns"),
        ({"random": "prompt", "prior": "strong"}, "no prior 'strong'"),
        ({"prior": "weak"}, "is for random="),
        ({"random": "prompt", "cluster": "scenario"}, "do not go together"),
        ({"random": "one"}, "at least two"),
        ({"random": "prompt", "method": "CR2"}, "Leave one of them out"),
    ],
)
def test_what_is_refused(crossed: pd.DataFrame, options: dict[str, Any], said: str) -> None:
    with pytest.raises(BaserateError, match=said):
        fit(crossed.assign(one="x"), "leak ~ version", **options)


def test_no_deviation_without_random_intercepts(crossed: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match="no random intercepts"):
        fit(crossed, "leak ~ version").deviations()
