"""Runs and counts of runs give the same cells, whatever engine counts them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from baserate.counts import COUNTS, count, notes_of, total
from baserate.errors import BaserateError
from baserate.scope import choose_scope
from baserate.simulation import simulate


@pytest.fixture
def runs() -> pd.DataFrame:
    table = simulate({"a": 0.3, "b": 0.6}, prompts=6, epochs=4, ungraded=0.2, seed=3)
    table["threat"] = np.where(table["prompt"] < "p004", "none", "replacement")
    return table


def test_cells_add_up_to_the_runs(runs: pd.DataFrame) -> None:
    cells = count(runs, "blackmail")
    assert list(cells.columns) == ["version", "threat", "prompt", *COUNTS]
    assert cells["n"].sum() == runs["blackmail"].notna().sum()
    assert cells["events"].sum() == runs["blackmail"].sum()
    assert cells["missing"].sum() == runs["blackmail"].isna().sum()


def test_row_order_does_not_matter(runs: pd.DataFrame) -> None:
    shuffled = runs.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(count(runs, "blackmail"), count(shuffled, "blackmail"))


def test_counts_enter_at_the_waist(runs: pd.DataFrame) -> None:
    cells = count(runs, "blackmail")
    again = count(cells.rename(columns={"events": "blackmail"}), "blackmail")
    pd.testing.assert_frame_equal(cells, again)


def test_another_engine_counts_the_same(runs: pd.DataFrame) -> None:
    arrow = pa.table(
        {
            "version": runs["version"].astype(str).tolist(),
            "threat": runs["threat"].tolist(),
            "prompt": runs["prompt"].tolist(),
            "blackmail": [None if pd.isna(v) else bool(v) for v in runs["blackmail"]],
        }
    )
    pd.testing.assert_frame_equal(count(arrow, "blackmail"), count(runs, "blackmail"), check_dtype=True)


def test_nan_is_not_a_no_in_another_engine(runs: pd.DataFrame) -> None:
    arrow = pa.table({"version": ["a", "a"], "prompt": ["p", "p"], "blackmail": [1.0, float("nan")]})
    cells = count(arrow, "blackmail")
    assert cells[list(COUNTS)].to_numpy().tolist() == [[1, 1, 1]]


@pytest.mark.parametrize(
    ("n", "k"), [("n", "k"), ("n", "blackmail"), ("n_total", "n_blackmail"), ("n", "events")], ids="/".join
)
def test_names_of_count_columns(n: str, k: str) -> None:
    cells = count(pd.DataFrame({"version": ["a", "b"], n: [10, 20], k: [1, 2]}), "blackmail")
    assert cells[list(COUNTS)].to_numpy().tolist() == [[10, 1, 0], [20, 2, 0]]


@pytest.mark.parametrize(("n", "k"), [(10, 11), (10, -1), (10, 1.5), (float("nan"), 1)])
def test_impossible_counts_are_refused(n: float, k: float) -> None:
    with pytest.raises(BaserateError, match="row 1 has"):
        count(pd.DataFrame({"version": ["a", "b"], "n": [10, n], "k": [1, k]}), "k")


def test_misspelt_names_get_the_close_ones(runs: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match=r"no outcome 'blackmial'. Did you mean 'blackmail'"):
        count(runs, "blackmial")
    with pytest.raises(BaserateError, match=r"no column 'thraet' to group by. Did you mean 'threat'"):
        count(runs, "blackmail", ["thraet"])


def test_a_level_called_none_is_kept(runs: pd.DataFrame) -> None:
    assert set(count(runs, "blackmail")["threat"]) == {"none", "replacement"}


def test_total_keeps_the_order_of_levels(runs: pd.DataFrame) -> None:
    runs["version"] = runs["version"].cat.reorder_categories(["b", "a"])
    assert list(total(count(runs, "blackmail"), ["version"])["version"].unique()) == ["b", "a"]


def test_billions_of_runs_stay_whole_numbers() -> None:
    cells = count(pd.DataFrame({"version": ["a"], "n": [10**12], "k": [10**12 - 1]}), "k")
    assert cells["events"].iloc[0] == 10**12 - 1


class TestScope:
    def test_several_prompts_a_condition_are_a_sample(self, runs: pd.DataFrame) -> None:
        scope, reason = choose_scope(count(runs, "blackmail"))
        assert scope == "sampled"
        assert "3 prompts" in reason

    def test_prompts_that_differ_by_the_factors_are_the_design(self) -> None:
        table = pd.DataFrame(
            {
                "version": ["a"] * 4,
                "threat": ["none", "none", "replacement", "replacement"],
                "prompt": ["p1", "p1", "p2", "p2"],
                "blackmail": [0, 1, 1, 1],
            }
        )
        assert choose_scope(count(table, "blackmail"))[0] == "fixed"

    def test_one_prompt_cannot_be_a_sample(self, two_versions: pd.DataFrame) -> None:
        with pytest.raises(BaserateError, match="at least two prompts"):
            choose_scope(count(two_versions, "blackmail"), "sampled")

    def test_an_unknown_scope_is_refused(self, two_versions: pd.DataFrame) -> None:
        with pytest.raises(BaserateError, match=r"not 'sample'. Did you mean 'sampled'"):
            choose_scope(count(two_versions, "blackmail"), "sample")


def test_a_running_number_called_n_does_not_make_runs_counts() -> None:
    rows = pd.DataFrame({"version": ["a", "b"] * 20, "blackmail": [1, 0, 1, 1] * 10, "n": range(1, 41)})
    cells = count(rows, "blackmail")
    assert cells.groupby("version", observed=True)[["n", "events"]].sum().to_numpy().tolist() == [[20, 20], [20, 10]]


def test_rare_events_are_still_counts() -> None:
    cells = count(pd.DataFrame({"version": ["a", "b"], "n": [100, 100], "k": [0, 1]}), "k")
    assert cells["n"].tolist() == [100, 100]


def test_what_is_assumed_of_prompts_is_said() -> None:
    counts = count(pd.DataFrame({"version": ["a", "b"], "n": [100, 100], "k": [0, 1]}), "weights")
    assert any("counted in the column 'k'" in note for note in notes_of(counts))
    assert "do not tell prompts" in choose_scope(counts)[1]
    rows = count(pd.DataFrame({"version": ["a", "b"] * 3, "blackmail": [1, 0] * 3}), "blackmail")
    assert "runs are taken as independent" in choose_scope(rows)[1]


def test_grouping_by_the_outcome_or_twice_is_refused(runs: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match="is the outcome"):
        count(runs, "blackmail", ["blackmail"])
    with pytest.raises(BaserateError, match="named twice"):
        count(runs, "blackmail", ["threat", "threat"])


def test_text_verdicts_of_another_engine_are_refused() -> None:
    with pytest.raises(BaserateError, match="must hold yes or no"):
        count(pa.table({"version": ["a"], "prompt": ["p"], "blackmail": ["yes"]}), "blackmail")
