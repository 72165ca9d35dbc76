"""Rates by a nested factor are of the conditions that ran all of its levels."""

from __future__ import annotations

import pandas as pd
import pytest

import baserate as br
from baserate.figures import answer
from baserate.note import codes


def nested() -> pd.DataFrame:
    """Values of the replacement are varied where there is one; without a threat nobody blackmails."""
    rows = []
    for version in ("old", "new"):
        for urgency, values, rate in (("none", "none", 0), ("replacement", "none", 8), ("replacement", "shared", 8)):
            for prompt in range(4):
                rows += [(version, urgency, values, f"{urgency}{values}{prompt}", run < rate) for run in range(10)]
    return pd.DataFrame(rows, columns=["version", "urgency", "values", "prompt", "blackmail"])


def test_a_nested_factor_is_not_mixed_with_what_it_is_nested_in() -> None:
    found = {rates.by[1]: rates for rates in answer(nested(), "blackmail").by_factor}
    by_values = found["values"].table
    assert by_values["estimate"].tolist() == pytest.approx([0.8] * 4)
    assert "only-where-crossed" in codes(found["values"].cautions)
    (told,) = (c for c in found["values"].cautions if "crossed" in codes([c]).pop())
    assert told == "By values: only where urgency is replacement, since elsewhere not all levels ran."
    assert found["urgency"].table["n"].tolist() == [40] * 4


def test_a_factor_that_no_condition_crosses_is_not_drawn() -> None:
    runs = nested()
    runs = runs[(runs["urgency"] == "none") | (runs["values"] == "shared")]
    third = runs[runs["urgency"] == "none"].assign(urgency="restriction")
    third["prompt"] += "r"
    answers = answer(pd.concat([runs, third]), "blackmail")
    assert answers.by_factor == ()
    assert [note for note in answers.notes if "not-crossed" in codes([note])] == [
        "urgency is not drawn: no condition of values ran all of its levels.",
        "values is not drawn: no condition of urgency ran all of its levels.",
    ]


def test_crossed_factors_are_whole() -> None:
    runs = br.simulate({"old": 0.3, "new": 0.6}, prompts=12, epochs=4, seed=4)
    runs["goal"] = pd.Series(range(len(runs))).mod(2).map({0: "x", 1: "y"})
    (by_goal,) = answer(runs, "blackmail", conditions=["goal"]).by_factor
    assert by_goal.table["n"].sum() == len(runs)
    assert "only-where-crossed" not in codes(by_goal.cautions)
