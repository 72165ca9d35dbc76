"""A user's own table becomes a runs table, with notes on what was filled in."""

from __future__ import annotations

import pandas as pd
import pytest

from baserate.defaults import filled_in
from baserate.errors import BaserateError
from baserate.runs import REQUIRED, as_category, as_outcome, check_runs, factors, outcomes


def test_a_bare_table_gets_every_required_column_and_a_note() -> None:
    runs = check_runs(pd.DataFrame({"blackmail": [True, False]}))
    assert set(REQUIRED) <= set(runs.columns)
    assert runs["prompt"].nunique() == 2
    assert any("No prompt column" in note for note in filled_in(runs))
    assert any("No version column" in note for note in filled_in(runs))


def test_the_users_table_is_not_changed() -> None:
    table = pd.DataFrame({"version": ["a", "b"], "blackmail": [1, 0]})
    before = table.copy()
    check_runs(table)
    pd.testing.assert_frame_equal(table, before)


def test_a_checked_table_is_returned_as_it_is() -> None:
    runs = check_runs(pd.DataFrame({"version": ["a", "b"], "blackmail": [1, 0]}))
    assert check_runs(runs) is runs


def test_factors_are_short_text_and_not_free_text_or_provenance() -> None:
    table = pd.DataFrame(
        {
            "version": ["a", "b", "a"],
            "threat": ["none", "replacement", "none"],
            "transcript": ["x" * 100, "y" * 90, "z" * 80],
            "source": ["l1", "l2", "l2"],
            "blackmail_grader": ["g1", "g2", "g1"],
            "seed": [1, 2, 3],
        }
    )
    assert factors(table) == ["threat"]


def test_boolean_columns_are_the_outcomes() -> None:
    table = pd.DataFrame(
        {"blackmail": pd.array([True, None], dtype="boolean"), "n_turns": [1, 2], "dirty": [True, False]}
    )
    assert outcomes(table) == ["blackmail"]


def test_levels_are_text_in_natural_order() -> None:
    column = as_category(pd.Series(["v10", "v2", None, "v1"]))
    assert list(column.cat.categories) == ["v1", "v2", "v10"]
    assert column.isna().sum() == 1


def test_levels_can_be_put_first_and_unused_ones_go() -> None:
    column = pd.Series(["b", "none", "a"])
    assert list(as_category(column, first=["none"]).cat.categories) == ["none", "a", "b"]
    dropped = as_category(pd.Series(pd.Categorical(["a"], categories=["z", "a"])))
    assert list(dropped.cat.categories) == ["a"]


@pytest.mark.parametrize("values", [[1, 0, None], [True, False, None], [1.0, 0.0, float("nan")], [1, 0, pd.NA]])
def test_a_missing_verdict_is_never_a_no(values: list[object]) -> None:
    outcome = as_outcome(pd.Series(values, name="blackmail"))
    assert outcome.dtype == "boolean"
    assert outcome.tolist()[:2] == [True, False]
    assert outcome.isna().tolist() == [False, False, True]


@pytest.mark.parametrize("values", [[0.5, 1], ["yes", "no"], [2, 0]])
def test_what_is_no_yes_or_no_is_refused(values: list[object]) -> None:
    with pytest.raises(BaserateError, match=r"'blackmail' must hold yes or no"):
        as_outcome(pd.Series(values, name="blackmail"))


def test_an_empty_table_an_unknown_status_and_a_column_twice_are_refused() -> None:
    with pytest.raises(BaserateError, match="holds no runs"):
        check_runs(pd.DataFrame({"blackmail": []}))
    with pytest.raises(BaserateError, match=r"'eror' is not one of .* Did you mean 'error'"):
        check_runs(pd.DataFrame({"version": ["a"], "status": ["eror"]}))
    with pytest.raises(BaserateError, match="occur twice: x"):
        check_runs(pd.DataFrame([[1, 2]], columns=["x", "x"]))
