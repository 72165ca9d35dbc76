"""How conditions and prompts are weighed: by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes

CELLS = pd.DataFrame(
    {
        "version": ["a"] * 3 + ["b"] * 3,
        "goal": ["x", "x", "y"] * 2,
        "prompt": ["p", "q", "r"] * 2,
        "n": [10, 30, 20, 10, 30, 20],
        "k": [1, 15, 18, 2, 15, 10],
        "missing": [0, 0, 40, 0, 0, 0],
    }
)


def rate(**asked: object) -> float:
    return float(br.rates(CELLS, "k", **asked).table["estimate"][0])  # type: ignore[arg-type]  # one of several


def test_each_prompt_counts_once_and_conditions_as_planned() -> None:
    x, y = (0.1 + 0.5) / 2, 0.9
    assert rate(mix="balanced") == pytest.approx((x + y) / 2)
    planned = 80 / 160  # of all runs of both versions, failed ones included
    assert rate() == pytest.approx(planned * x + (1 - planned) * y)
    assert rate(mix={"x": 3, "y": 1}) == pytest.approx(0.75 * x + 0.25 * y)
    assert rate(weights="runs") == pytest.approx(34 / 60)
    assert rate(conditions=[]) == pytest.approx((0.1 + 0.5 + 0.9) / 3)


def test_a_condition_of_no_weight_is_left_out() -> None:
    result = br.rates(CELLS, "k", mix={"x": 0, "y": 1}).table
    assert result["estimate"].tolist() == pytest.approx([0.9, 0.5])


@pytest.mark.parametrize(
    ("mix", "message"),
    [
        ("even", "no mix 'even'"),
        ({"x": 1}, "gives no weight to 'y'"),
        ({"x": 1, "y": 1, "z": 1}, "names the condition 'z'"),
        ({"x": -1, "y": 1}, "at least 0"),
        ({"x": 0, "y": 0}, "at least 0"),
    ],
)
def test_impossible_mixes(mix: object, message: str) -> None:
    with pytest.raises(BaserateError, match=message):
        rate(mix=mix)


def test_impossible_weights() -> None:
    with pytest.raises(BaserateError, match="no weights 'run'"):
        rate(weights="run")


def test_runs_of_no_known_condition_stay_counted() -> None:
    failed = pd.DataFrame({"version": ["a"], "goal": [None], "prompt": ["p"], "n": [0], "k": [0], "missing": [7]})
    counts = br.count(pd.concat([CELLS, failed], ignore_index=True), "k")
    assert counts.cells["missing"].sum() == 47
    runs = br.simulate({"a": 0.5, "b": 0.5}, prompts=4, epochs=5, seed=1)
    lost = runs.assign(version=runs["version"].astype(object).where(runs.index > 2))
    result = br.rates(lost.assign(blackmail=runs["blackmail"].where(runs.index > 2)), "blackmail")
    assert result.table["n"].sum() == 37
    assert any("3 failed or unreadable runs have no version" in note for note in result.notes)


def test_a_rate_of_another_mix_says_so() -> None:
    result = br.rates(CELLS[:5], "k")
    assert "conditions-differ" in codes(result.cautions)


def test_clusters_are_the_sample() -> None:
    rng = np.random.default_rng(1)
    rows = [
        ("a", f"family {f}", f"p{f}-{i}", 10, int(rng.binomial(10, theta)))
        for f, theta in enumerate(rng.beta(2, 2, 8))
        for i in range(5)
    ]
    table = pd.DataFrame(rows, columns=["version", "family", "prompt", "n", "k"])
    by_prompt, by_family = (br.rates(table, "k", cluster=c, conditions=[]).table.iloc[0] for c in (None, "family"))
    assert by_family["estimate"] == pytest.approx(by_prompt["estimate"])
    means = table.groupby("family")["k"].mean() / 10
    assert by_family["std_error"] == pytest.approx(means.std(ddof=1) / np.sqrt(8))
    assert by_family["std_error"] > 1.5 * by_prompt["std_error"]
    assert "levels of family" in br.rates(table, "k", cluster="family", conditions=[]).scope_reason
