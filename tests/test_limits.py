"""Limits on designs at their edges: no variance that is 0, and conditions with a single prompt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

import baserate as br


def test_prompts_that_move_together_leave_the_variance_of_the_runs() -> None:
    events = np.array([1, 9, 2, 8, 5, 5, 3, 7])
    table = pd.concat(
        pd.DataFrame({"version": v, "prompt": [f"p{i}" for i in range(8)], "n": 10, "k": events + gap})
        for v, gap in (("a", 0), ("b", 1))
    )
    for method in (None, "t"):
        row = br.compare(table, "k", baseline="a", method=method).table.iloc[0]
        assert row["conf_high"] - row["conf_low"] > 0.1
        assert row["p_value"] > 0.05


def test_t_is_the_test_of_paired_prompt_means() -> None:
    runs = br.simulate({"a": 0.3, "b": 0.6}, prompts=12, epochs=5, icc=0.3, seed=4)
    row = br.compare(runs, "blackmail", baseline="a", method="t").table.iloc[0]
    means = runs.pivot_table("blackmail", "prompt", "version", observed=True).astype(float)
    asked = ttest_rel(means["b"], means["a"])
    low, high = asked.confidence_interval(0.95)
    assert [row["conf_low"], row["conf_high"], row["p_value"]] == pytest.approx([low, high, asked.pvalue], abs=1e-9)


def test_many_prompts_that_agree_cost_next_to_nothing() -> None:
    runs = br.simulate({"a": 0.05}, prompts=100, epochs=50, icc=0.0, seed=2)
    width = [
        float((t["conf_high"] - t["estimate"]).item())
        for t in (br.rates(runs, "blackmail", method=m).table for m in (None, "wilson"))
    ]
    # a variance seen on some ninety prompts is not fifty times too small
    assert width[0] < 1.08 * width[1]


def test_a_lone_prompt_is_not_surer_than_its_runs() -> None:
    rows = [("a", "x", f"p{i}", 50, 25) for i in range(6)] + [("a", "y", "q", 10, 5)]
    table = pd.DataFrame(rows, columns=["version", "goal", "prompt", "n", "k"])
    row = br.rates(table, "k", mix="balanced").table.iloc[0]
    # six prompts that agree say nothing against runs that vary: y alone has 1/4 of 1/4 / 10
    assert row["std_error"] >= np.sqrt(0.25 * 0.25 / 10)


@pytest.mark.parametrize("effect", ["difference", "ratio", "odds-ratio"])
@pytest.mark.parametrize("events", [0, 10])
def test_unanimous_runs_have_limits(effect: str, events: int) -> None:
    table = pd.concat(
        pd.DataFrame({"version": v, "prompt": [f"p{i}" for i in range(8)], "n": 10, "k": events}) for v in "ab"
    )
    row = br.compare(table, "k", effect=effect).table.iloc[0]
    assert row["conf_low"] < row["conf_high"]
    assert row["verdict"] == "inconclusive"


def test_another_level_is_nested_and_the_p_value_inverts_it() -> None:
    runs = br.simulate({"a": 0.3, "b": 0.6}, prompts=10, epochs=5, icc=0.2, seed=1)
    rows = [br.compare(runs, "blackmail", level=level).table.iloc[0] for level in (0.8, 0.95, 0.99)]
    assert rows[0]["conf_low"] > rows[1]["conf_low"] > rows[2]["conf_low"]
    at_p = br.compare(runs, "blackmail", level=1 - rows[0]["p_value"]).table.iloc[0]
    assert at_p["conf_low"] == pytest.approx(0, abs=1e-7)


def test_one_prompt_against_several_is_no_pooled_table() -> None:
    one = pd.DataFrame({"version": "a", "prompt": ["p"], "n": [60], "k": [30]})
    several = pd.DataFrame({"version": "b", "prompt": ["q", "r", "s"], "n": [20] * 3, "k": [20, 0, 10]})
    result = br.compare(pd.concat([one, several]), "k", scope="fixed")
    assert "within-prompt" in result.method
    pooled = br.compare(pd.concat([one, several]), "k", scope="fixed", method="miettinen-nurminen")
    width = [float((r.table["conf_high"] - r.table["conf_low"]).item()) for r in (result, pooled)]
    assert width[0] < 0.95 * width[1]
