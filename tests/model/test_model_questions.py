"""What a fitted model is asked: numbers, margins, interactions, and whether one prompt carries it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import baserate as br
from baserate.errors import BaserateError
from baserate.model import fit
from model.reference import FORMULA


@pytest.fixture
def warm(runs: pd.DataFrame) -> pd.DataFrame:
    return runs.assign(temperature=(runs["epoch"] - 1) / 4, y=runs["blackmail"].astype(float))


def test_the_intercept_alone_is_the_rate(runs: pd.DataFrame) -> None:
    m = fit(runs, "blackmail ~ 1")
    assert list(m.table["term"]) == ["Intercept"]
    overall = m.rates().table
    assert overall["estimate"].item() == pytest.approx(runs["blackmail"].mean())
    assert (overall["n"].item(), overall["events"].item()) == (240, 164)
    assert overall["std_error"].item() > fit(runs, "blackmail ~ 1", scope="fixed").rates().table["std_error"].item()


def test_slopes_are_those_of_statsmodels(warm: pd.DataFrame) -> None:
    ours = fit(warm, "blackmail ~ version * temperature + goal", scope="fixed")
    peer = smf.logit("y ~ C(version) * temperature + C(goal)", warm).fit(disp=0)
    # a slope of the interaction too, so by differences rather than get_margeff
    step = 1e-5
    more, less = (peer.predict(warm.assign(temperature=warm["temperature"] + h)) for h in (step, -step))
    assert ours.slopes("temperature").table["estimate"].item() == pytest.approx(
        (more - less).mean() / 2 / step, rel=1e-6
    )
    plain = fit(warm, "blackmail ~ version + temperature", scope="fixed").slopes("temperature").table
    margins = smf.logit("y ~ C(version) + temperature", warm).fit(disp=0).get_margeff().summary_frame().iloc[-1]
    assert plain["estimate"].item() == pytest.approx(margins.iloc[0], rel=1e-6)
    assert plain["std_error"].item() == pytest.approx(margins.iloc[1], rel=1e-5)
    assert plain["p_value"].item() == pytest.approx(margins.iloc[3], rel=1e-4)


def test_slopes_by_version_and_over_random_intercepts(warm: pd.DataFrame) -> None:
    by = fit(warm, "blackmail ~ version * temperature").slopes("temperature", by="version").table
    assert list(by["version"]) == ["A", "B"]
    mixed = fit(warm, "blackmail ~ version + temperature", random="prompt").slopes("temperature").table
    marginal = fit(warm, "blackmail ~ version + temperature").slopes("temperature").table
    assert mixed["estimate"].item() == pytest.approx(marginal["estimate"].item(), abs=0.02)


def test_rates_at_values_and_along_a_number(warm: pd.DataFrame) -> None:
    m = fit(warm, "blackmail ~ version + temperature", scope="fixed")
    peer = smf.logit("y ~ C(version) + temperature", warm).fit(disp=0)
    table = m.rates("version", at={"temperature": [0, 2]}).table
    expected = peer.predict(pd.DataFrame({"version": ["A", "A", "B", "B"], "temperature": [0, 2, 0, 2]}))
    np.testing.assert_allclose(table["estimate"], expected, rtol=1e-6)
    curve = m.curve("temperature", by="version", points=5).table
    assert list(curve["temperature"]) == [0, 0.25, 0.5, 0.75, 1] * 2
    assert (curve["conf_low"] < curve["estimate"]).all()


def test_an_interaction_on_both_scales(runs: pd.DataFrame) -> None:
    m = fit(runs, "blackmail ~ version * threat", scope="fixed")
    table = m.interaction("version", "threat").table
    rate = runs.groupby(["version", "threat"])["blackmail"].mean().astype(float)
    change = (rate["B", "yes"] - rate["A", "yes"]) - (rate["B", "no"] - rate["A", "no"])
    odds = rate / (1 - rate)
    ratio = (odds["B", "yes"] / odds["A", "yes"]) / (odds["B", "no"] / odds["A", "no"])
    assert list(table["estimate"]) == pytest.approx([change, ratio], rel=1e-8)
    assert table["p_value"].iloc[1] == pytest.approx(m.table["p_value"].iloc[-1], abs=0.02)  # Wald beside a ratio test
    n = runs.groupby(["version", "threat"])["blackmail"].size()
    reach = 1.959964 * np.sqrt((rate * (1 - rate) / n).sum())
    assert table["conf_high"].iloc[0] == pytest.approx(change + reach, rel=1e-5)
    with pytest.raises(BaserateError, match="version:threat"):
        fit(runs, "blackmail ~ version + threat").interaction("version", "threat")


def test_a_margin_is_that_of_compare(runs: pd.DataFrame) -> None:
    for margin, equivalent, not_worse in ((0.1, "inconclusive", "refuted"), (0.9, "shown", "shown")):
        row = fit(runs, "blackmail ~ version").contrasts("version", margin=margin).table.iloc[0]
        t = br.compare(runs, "blackmail", across="version", margin=margin, method="t").table.iloc[0]
        assert row["estimate"] == pytest.approx(t["estimate"], abs=1e-10)
        assert (row["equivalent"], row["not_worse"]) == (t["equivalent"], t["not_worse"])
        assert (row["equivalent"], row["not_worse"]) == (equivalent, not_worse) or margin == 0.1
        assert row["verdict"] == t["verdict"]
    ratio = fit(runs, FORMULA).contrasts("version", scale="ratio", margin=3).table.iloc[0]
    assert ratio["not_worse"] == "shown"
    with pytest.raises(BaserateError, match="margin"):
        fit(runs, FORMULA).contrasts("version", margin=5)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda m: m.slopes("version"), "no number 'version'"),
        (lambda m: m.slopes("temprature"), "Did you mean 'temperature'"),
        (lambda m: m.curve("goal"), "no number 'goal'"),
        (lambda m: m.rates("version", at={"goal": [1]}), "'goal' is none"),
        (lambda m: m.rates("temperature"), r"slopes\('temperature'\)"),
    ],
)
def test_what_cannot_be_asked(warm: pd.DataFrame, ask: Any, said: str) -> None:
    with pytest.raises(BaserateError, match=said):
        ask(fit(warm, "blackmail ~ version + goal + temperature"))


def test_one_prompt_carries_it() -> None:
    ks = {"a": [4, 6, 5, 7, 5, 6], "b": [9, 12, 9, 13, 10, 2]}
    rows = [(v, f"p{i}", 20, k) for v, of in ks.items() for i, k in enumerate(of)]
    d = fit(pd.DataFrame(rows, columns=["version", "prompt", "n", "leak"]), "leak ~ version").diagnose()
    turning = d.influence[d.influence["turns"]]
    assert list(turning["prompt"]) == ["p5"]
    without = fit(
        pd.DataFrame([r for r in rows if r[1] != "p5"], columns=["version", "prompt", "n", "leak"]), "leak ~ version"
    )
    expected = without.contrasts("version").table.iloc[0]
    for name in ("estimate", "conf_low", "conf_high", "p_value"):
        assert turning[name].item() == pytest.approx(expected[name], abs=1e-10)
    assert any("One prompt carries the verdict on b − a: without p5" in note for note in d.notes)
    assert turning["change"].item() > 0.02  # it had the fewest events of b


def test_a_diagnosis_of_cells_and_spread(runs: pd.DataFrame) -> None:
    m = fit(runs, FORMULA)
    d = m.diagnose()
    cells = d.table
    assert cells["events"].sum() == runs["blackmail"].sum()
    pearson = (cells["rate"] - cells["predicted"]) / np.sqrt(cells["predicted"] * (1 - cells["predicted"]) / cells["n"])
    np.testing.assert_allclose(cells["residual"], pearson)
    assert d.dispersion["fit_df"].item() == len(cells) - len(m.table)
    assert d.dispersion["fit_chi2"].item() == pytest.approx((pearson**2).sum())
    wide = pd.DataFrame([("a", f"p{i}", 20, 20 * (i % 2)) for i in range(10)], columns=["version", "prompt", "n", "y"])
    found = fit(wide, "y ~ 1").diagnose()
    assert found.dispersion["dispersion"].item() == pytest.approx(10 * 20 / 9)  # nothing but prompts tells runs apart
    assert found.influence.empty
    assert "22.2 times as much as chance" in found.explain()


def test_a_level_of_one_prompt_is_said() -> None:
    rows = [("a", "p0", 20, 5), ("a", "p1", 20, 7), ("b", "p2", 20, 9)]
    d = fit(pd.DataFrame(rows, columns=["version", "prompt", "n", "y"]), "y ~ version", scope="fixed").diagnose()
    assert any("without p2 the model cannot be fitted" in note for note in d.notes)


def test_all_runs_share_a_prompt() -> None:
    counts = pd.DataFrame({"version": ["a", "b"], "n": [40, 40], "leak": [9, 20]})
    d = fit(counts, "leak ~ version").diagnose()
    assert d.influence.empty
    assert len(d.table) == 2
