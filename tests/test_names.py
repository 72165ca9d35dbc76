"""Names and levels that nobody expects: they are taken as they are, or refused in words."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError, DesignWarning
from baserate.frames import plain_frame
from baserate.runs import as_category, factors, outcomes


def runs(**columns: Any) -> pd.DataFrame:
    """Make 40 runs of two versions on ten prompts."""
    n = 40
    table = {
        "version": ["a", "b"] * (n // 2),
        "prompt": [f"p{i // 4}" for i in range(n)],
        "epoch": [1 + (i // 2) % 2 for i in range(n)],
        "blackmail": [i % 3 == 0 for i in range(n)],
    }
    return pd.DataFrame(table | columns)


def every_answer(table: pd.DataFrame) -> list[str]:
    """Ask all there is to ask without drawing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DesignWarning)  # of a condition that goes with the version
        answers = [br.rates(table, "blackmail"), br.compare(table, "blackmail"), br.fit(table, "blackmail ~ version")]
    return [str(answer) for answer in (*answers, br.audit(table), br.audit(table, "blackmail"))]


@pytest.mark.parametrize(
    "levels",
    [
        {"version": ["v2²", "v" + "9" * 5000] * 20},
        {"goal": ["x2²", "x١", "x٣", "x10"] * 10},
        {"version": pd.Categorical([1, "1", 1, "2"] * 10)},
        {"goal": pd.Categorical([1, "1"] * 20)},
        {"goal": [["x"], ["y"]] * 20},
        {"goal": [{"x": 1}, {"y": 2}] * 20},
        {"version": [["x"], ["y"]] * 20},
        {"prompt": [("x",), "", ("x", "y"), "y"] * 10},
        {"prompt": [[{"role": "user"}], [{"role": "user", "content": "y"}]] * 20},
    ],
)
def test_odd_levels(levels: dict[str, Any]) -> None:
    assert every_answer(runs(**levels))


def test_digits_sort_as_numbers_however_many() -> None:
    levels = ["v10", "v9", "v010", "v" + "9" * 5000, "v2²", "v2", "v"]
    assert list(as_category(pd.Series(levels)).cat.categories)[:6] == ["v", "v2", "v2²", "v9", "v010", "v10"]


def test_levels_that_read_alike_are_one() -> None:
    made = as_category(pd.Series(pd.Categorical([2, "1", 1], categories=[2, "1", 1])))
    assert list(made) == ["2", "1", "1"]
    assert list(made.cat.categories) == ["2", "1"]


def test_columns_of_any_name() -> None:
    table = runs().assign(**{"x": ["x", "y"] * 20}).rename(columns={"x": 0})
    table[None] = ["u", "w"] * 20
    assert every_answer(table)
    named = br.rates(runs().rename(columns={"blackmail": 0}), "0")
    assert named.table["estimate"].tolist() == br.rates(runs(), "blackmail").table["estimate"].tolist()


def test_a_named_index_is_a_column() -> None:
    expected = br.compare(runs(), "blackmail").table
    twice = runs().set_index("prompt", drop=False)
    for table in (runs().set_index("prompt"), runs().set_index(["prompt", "version"]), twice):
        pd.testing.assert_frame_equal(br.compare(table, "blackmail").table, expected)
        assert br.audit(table).explain() == br.audit(runs()).explain()


def test_a_plain_table_stays_itself() -> None:
    table = runs()
    assert plain_frame(table) is table


@pytest.mark.parametrize("name", ["n", "events", "missing", "_graded", "_runs", "estimate", "rate", "prompts"])
def test_a_group_must_not_hide_a_column_of_the_result(name: str) -> None:
    table = runs(**{name: ["x", "y", "y", "x"] * 10})
    with pytest.raises(BaserateError, match=rf"'{name}' (is what counts are called|has the name of a column).* Rename"):
        br.rates(table, "blackmail", by=name)


def test_nor_one_of_differences_or_of_a_model() -> None:
    table = runs(verdict=["x", "y", "y", "x"] * 10, estimate=["x", "y", "y", "x"] * 10)
    with pytest.raises(BaserateError, match="'verdict' has the name"):
        br.compare(table, "blackmail", by="verdict")
    model = br.fit(table, "blackmail ~ version + estimate")
    with pytest.raises(BaserateError, match="'estimate' has the name"):
        model.rates("estimate")
    with pytest.raises(BaserateError, match="'estimate' has the name"):
        model.contrasts("version", by="estimate")


@pytest.mark.parametrize("verdicts", [[True, False, True, True], [1, 0, 1, 1]])
def test_the_outcome_is_no_factor_whatever_holds_it(verdicts: list[Any]) -> None:
    plain = runs(blackmail=[bool(v) for v in verdicts] * 10)
    stored = runs(blackmail=pd.Categorical(verdicts * 10))
    pd.testing.assert_frame_equal(br.compare(stored, "blackmail").table, br.compare(plain, "blackmail").table)
    assert br.audit(stored, "blackmail").explain() == br.audit(plain, "blackmail").explain()


def test_categories_of_true_and_false_are_verdicts() -> None:
    table = runs(leak=pd.Categorical([True, False] * 20))
    assert outcomes(table) == ["blackmail", "leak"]
    assert factors(table) == []


def test_very_many_columns() -> None:
    table = runs(**{f"c{i}": ["x", "y", "y", "x"] * 10 for i in range(60)})
    shown = str(br.rates(table, "blackmail", by=[f"c{i}" for i in range(60)], conditions=[]))
    assert "c59" in shown


def test_prompts_that_are_not_told() -> None:
    nothing = br.rates(runs(prompt=[None] * 40), "blackmail")
    pd.testing.assert_frame_equal(nothing.table, br.rates(runs().drop(columns="prompt"), "blackmail").table)
    some = runs(prompt=[None] * 10 + ["p", "q", "r"] * 10)
    for ask in (br.rates, br.compare):
        with pytest.raises(BaserateError, match="10 graded runs have no prompt"):
            ask(some, "blackmail")
    with pytest.raises(BaserateError, match="10 graded runs have no prompt"):
        br.fit(some, "blackmail ~ version")
    ungraded = some.assign(blackmail=some["blackmail"].astype("boolean").mask(some["prompt"].isna()))
    assert br.rates(ungraded, "blackmail").table["missing"].sum() == 10


def test_no_version_at_all() -> None:
    with pytest.raises(BaserateError, match="No run has a version"):
        br.report(runs(version=[None] * 40), "blackmail")
