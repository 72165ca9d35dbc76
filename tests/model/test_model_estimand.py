"""One estimand: the saturated model's rates and contrasts are those of `rates` and `compare`, with their errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.stats.student import t_quantile

CELLS = pd.read_csv(Path(__file__).parents[1] / "golden" / "survey_cells.csv").rename(columns={"k": "blackmail"})
SEPARATED = ("design1_nested_shared", "design2_crossed_shared", "design2_nested_own")
DESIGNS = [design for design in sorted(CELLS["design"].unique()) if design not in SEPARATED]


def table(design: str) -> pd.DataFrame:
    part = CELLS[CELLS["design"] == design].drop(columns="design")
    return part.assign(prompt=part["prompt"] + part["version"]) if "own" in design else part


@pytest.mark.parametrize("mix", ["planned", "balanced", {"c1": 3, "c2": 1, "c3": 1}])
@pytest.mark.parametrize("design", DESIGNS)
def test_the_saturated_model_agrees(design: str, mix: Any) -> None:
    cells = table(design)
    if isinstance(mix, dict):
        mix = {level: i + 1 for i, level in enumerate(sorted(cells["condition"].unique()))}
    asked: dict[str, Any] = {"scope": "sampled", "mix": mix}
    model = br.fit(cells, "blackmail ~ version * condition", **asked)
    rates, compared = br.rates(cells, "blackmail", **asked), br.compare(cells, "blackmail", **asked)
    modeled = model.rates("version").table
    for name in ("estimate", "std_error"):
        assert modeled[name].to_numpy() == pytest.approx(rates.table[name].to_numpy(), abs=1e-10)
        assert model.contrasts("version").table[name].item() == pytest.approx(compared.table[name].item(), abs=1e-10)


def test_within_a_condition_too() -> None:
    cells = table("design2_nested_shared")
    model = br.fit(cells, "blackmail ~ version * condition", scope="sampled")
    one = model.contrasts("version", by="condition").table
    two = br.compare(cells, "blackmail", by="condition", scope="sampled").table
    for name in ("estimate", "std_error"):
        assert one[name].to_numpy() == pytest.approx(two[name].to_numpy(), abs=1e-10)


def test_uneven_runs_of_fixed_prompts_agree_in_the_estimate() -> None:
    cells = table("design1_nested_own")
    model = br.fit(cells, "blackmail ~ version * condition", scope="fixed")
    rates = br.rates(cells, "blackmail", scope="fixed").table
    assert model.rates("version").table["estimate"].to_numpy() == pytest.approx(rates["estimate"].to_numpy(), abs=1e-8)


def test_runs_may_count_each_by_itself() -> None:
    cells = table("design1_nested_own")
    model = br.fit(cells, "blackmail ~ version", weights="runs")
    raw = cells.groupby("version")[["blackmail", "n"]].sum()
    assert model.rates("version").table["estimate"].to_numpy() == pytest.approx(raw["blackmail"] / raw["n"], abs=1e-10)
    plain = br.rates(cells, "blackmail", weights="runs").table
    assert plain["estimate"].to_numpy() == pytest.approx((raw["blackmail"] / raw["n"]).to_numpy())
    assert plain["estimate"].to_numpy() == pytest.approx(plain["raw"].to_numpy())


def test_counts_that_agree_on_both_sides_are_no_difference() -> None:
    rng = np.random.default_rng(2)
    events = rng.binomial(10, 0.2, 12)
    both = pd.concat(
        pd.DataFrame({"version": v, "prompt": [f"p{i}" for i in range(12)], "n": 10, "k": events}) for v in "ab"
    )
    row = br.fit(both, "k ~ version").table.set_index("term").loc["version[T.b]"]
    assert row["p_value"] == pytest.approx(1.0)
    assert row["conf_low"] < -0.1
    assert row["conf_high"] > 0.1


def test_rare_outcomes_take_the_wild_score_bootstrap_too() -> None:
    rng = np.random.default_rng(4)
    rows = [(v, f"p{i}", 20, int(k)) for v in "ab" for i, k in enumerate(rng.binomial(20, 0.03, 20))]
    model = br.fit(pd.DataFrame(rows, columns=["version", "prompt", "n", "k"]), "k ~ version")
    assert "wild score bootstrap where it is wider" in model.method
    row = model.table.iloc[1]
    reach = t_quantile(row["df"], 0.975) * row["std_error"]
    assert row["conf_low"] <= row["estimate"] - reach
    assert row["conf_high"] >= row["estimate"] + reach
    assert row["conf_high"] - row["conf_low"] > 2 * reach


def test_uneven_runs_of_fixed_prompts_are_worth_what_their_mean_is() -> None:
    cells = pd.DataFrame(
        {"version": ["a"] * 2 + ["b"] * 2, "prompt": list("pqpq"), "n": [10, 90] * 2, "k": [5, 45, 4, 36]}
    )
    row = br.fit(cells, "k ~ version", scope="fixed").rates("version").table.iloc[0]
    assert row["estimate"] == pytest.approx(0.5)
    assert row["std_error"] == pytest.approx(np.sqrt(0.25 * (1 / 10 + 1 / 90) / 4), rel=1e-6)
