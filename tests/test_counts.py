"""Runs and counts of runs give the same cells, whatever engine counts them, and columns get the right roles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import baserate as br
from baserate.counts import COUNTS, count
from baserate.design import build_design
from baserate.errors import BaserateError
from baserate.note import codes
from baserate.simulation import simulate


@pytest.fixture
def runs() -> pd.DataFrame:
    table = simulate({"a": 0.3, "b": 0.6}, prompts=6, epochs=4, ungraded=0.2, seed=3)
    table["threat"] = np.where(table["prompt"] < "p004", "none", "replacement")
    return table


def arrow(runs: pd.DataFrame) -> Any:
    return pa.table(
        {
            "version": runs["version"].astype(str).tolist(),
            "threat": runs["threat"].tolist(),
            "prompt": runs["prompt"].tolist(),
            "epoch": runs["epoch"].tolist(),
            "blackmail": [None if pd.isna(v) else bool(v) for v in runs["blackmail"]],
        }
    )


def test_cells_add_up_to_the_runs(runs: pd.DataFrame) -> None:
    cells = count(runs, "blackmail").cells
    assert list(cells.columns) == ["version", "threat", "prompt", *COUNTS]
    assert cells["n"].sum() == runs["blackmail"].notna().sum()
    assert cells["events"].sum() == runs["blackmail"].sum()
    assert cells["missing"].sum() == runs["blackmail"].isna().sum()


def test_row_order_does_not_matter(runs: pd.DataFrame) -> None:
    shuffled = runs.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(count(runs, "blackmail").cells, count(shuffled, "blackmail").cells)


def test_counts_enter_at_the_waist(runs: pd.DataFrame) -> None:
    once = count(runs, "blackmail")
    for again in (once.cells.rename(columns={"events": "blackmail"}), once):
        pd.testing.assert_frame_equal(once.cells, count(again, "blackmail").cells)


def test_what_is_simulated_stays_so_when_counted(runs: pd.DataFrame) -> None:
    named = runs.assign(experiment="simulated")
    assert "simulated" in codes(br.rates(named, "blackmail").notes)
    assert "simulated" in codes(br.rates(br.count(named, "blackmail"), "blackmail").notes)


def test_cells_cannot_be_changed_from_outside(runs: pd.DataFrame) -> None:
    counts = count(runs, "blackmail")
    counts.cells.insert(0, "another", 1)
    assert "another" not in counts.cells


def test_another_engine_counts_the_same(runs: pd.DataFrame) -> None:
    one, two = count(arrow(runs), "blackmail"), count(runs, "blackmail")
    pd.testing.assert_frame_equal(one.cells, two.cells)
    assert one.layout == two.layout


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pyarrow"])
def test_counts_are_counts_whatever_engine_holds_them(engine: str) -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n": [100, 100], "k": [1, 3]})
    held: Any = pa.Table.from_pandas(table)
    if engine == "polars":
        held = pytest.importorskip("polars").from_pandas(table)
    if engine == "duckdb":
        held = pytest.importorskip("duckdb").from_df(table)
    assert br.rates(held, "k").table["estimate"].tolist() == [0.01, 0.03]


def test_nan_is_not_a_no_in_another_engine() -> None:
    held = pa.table({"version": ["a", "a"], "prompt": ["p", "p"], "blackmail": [1.0, float("nan")]})
    assert count(held, "blackmail").cells[list(COUNTS)].to_numpy().tolist() == [[1, 1, 1]]


def test_a_table_without_prompts_is_counted_in_any_engine() -> None:
    held = pa.table({"version": ["a", "a", "b"], "blackmail": [True, False, True]})
    counts = count(held, "blackmail")
    assert counts.cells[list(COUNTS)].to_numpy().tolist() == [[2, 1, 0], [1, 1, 0]]
    assert not counts.prompts_known


@pytest.mark.parametrize(
    ("n", "k"), [("n", "k"), ("n", "blackmail"), ("n_total", "n_blackmail"), ("n", "events")], ids="/".join
)
def test_names_of_count_columns(n: str, k: str) -> None:
    cells = count(pd.DataFrame({"version": ["a", "b"], n: [10, 20], k: [1, 2]}), "blackmail").cells
    assert cells[list(COUNTS)].to_numpy().tolist() == [[10, 1, 0], [20, 2, 0]]


def test_a_table_that_reading_returned_holds_runs_whatever_a_column_is_called() -> None:
    named = {"n": [4, 8], "run_id": ["r1", "r2"], "status": ["ok", "ok"]}
    runs = pd.DataFrame({"version": ["a", "b"], "k": [1, 0], **named})
    assert count(runs, "k").cells[list(COUNTS)].sum().tolist() == [2, 1, 0]


@pytest.mark.parametrize("missing", ["missing", "n_missing", "n_ungraded", "ungraded"])
def test_names_of_ungraded_runs(missing: str) -> None:
    cells = count(pd.DataFrame({"version": ["a"], "n": [80], "k": [60], missing: [20]}), "k").cells
    assert cells[list(COUNTS)].to_numpy().tolist() == [[80, 60, 20]]


def test_n_beside_n_total_is_graded_of_all() -> None:
    cells = count(pd.DataFrame({"version": ["a"], "n": [80], "n_total": [100], "n_blackmail": [60]}), "blackmail").cells
    assert cells[list(COUNTS)].to_numpy().tolist() == [[80, 60, 20]]


@pytest.mark.parametrize(("n", "k"), [(10, 11), (10, -1), (10, 1.5), (float("nan"), 1)])
def test_impossible_counts_are_refused(n: float, k: float) -> None:
    with pytest.raises(BaserateError, match="row 1 has"):
        count(pd.DataFrame({"version": ["a", "b"], "n": [10, n], "k": [1, k]}), "k")


def test_misspelt_names_get_the_close_ones(runs: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match=r"no outcome 'blackmial'. Did you mean 'blackmail'"):
        count(runs, "blackmial")
    with pytest.raises(BaserateError, match=r"no column 'thraet' to group by. Did you mean 'threat'"):
        count(runs, "blackmail", ["thraet"])
    with pytest.raises(BaserateError, match=r"no column 'thraet' for conditions="):
        count(runs, "blackmail", conditions=["thraet"])
    with pytest.raises(BaserateError, match=r"outcome must be text, such as .*Ask for several one by one"):
        count(runs, ["blackmail"])  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(BaserateError, match="'leak' was not counted"):
        count(count(runs, "blackmail"), "leak")


def test_billions_of_runs_stay_whole_numbers() -> None:
    cells = count(pd.DataFrame({"version": ["a"], "n": [10**12], "k": [10**12 - 1]}), "k").cells
    assert cells["events"].iloc[0] == 10**12 - 1


def test_a_running_number_called_n_does_not_make_runs_counts() -> None:
    rows = pd.DataFrame({"version": ["a", "b"] * 20, "blackmail": [1, 0, 1, 1] * 10, "n": range(1, 41)})
    cells = count(rows, "blackmail").cells
    assert cells.groupby("version", observed=True)[["n", "events"]].sum().to_numpy().tolist() == [[20, 20], [20, 10]]
    read = simulate({"a": 0.5}, prompts=3, epochs=2)
    numbered = read.assign(n=range(10, 16), blackmail=read["blackmail"].astype(int))
    assert count(numbered, "blackmail").cells["n"].sum() == 6


def test_grouping_by_the_outcome_or_twice_is_refused(runs: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match="is the outcome"):
        count(runs, "blackmail", ["blackmail"])
    with pytest.raises(BaserateError, match="named twice"):
        count(runs, "blackmail", ["threat", "threat"])


def test_verdicts_that_are_none_are_refused_in_any_engine() -> None:
    with pytest.raises(BaserateError, match="must hold yes or no"):
        count(pa.table({"version": ["a"], "prompt": ["p"], "blackmail": ["yes"]}), "blackmail")
    with pytest.raises(BaserateError, match=r"found 0\.9"):
        count(pa.table({"version": ["a"], "prompt": ["p"], "blackmail": [0.9]}), "blackmail")


class TestRoles:
    def table(self, **columns: object) -> pd.DataFrame:
        runs = simulate({"a": 0.3, "b": 0.6}, prompts=8, epochs=6, seed=1)[["version", "prompt", "epoch", "blackmail"]]
        return runs.assign(**columns)

    def test_a_title_of_each_prompt_is_a_label(self) -> None:
        runs = self.table()
        runs["title"] = "Title of " + runs["prompt"]
        counts = count(runs, "blackmail")
        assert counts.layout.labels == ("title",)
        pd.testing.assert_frame_equal(counts.cells, count(runs.drop(columns="title"), "blackmail").cells)
        assert "label-column" in codes(counts.notes)

    def test_what_differs_between_the_runs_of_a_prompt_was_measured_after_them(self) -> None:
        runs = self.table()
        runs["tone"] = np.random.default_rng(1).choice(["calm", "angry", "sad"], len(runs))
        assert count(runs, "blackmail").layout.measured == ("tone",)

    def test_prompts_run_in_every_condition_are_crossed_with_it(self) -> None:
        runs = self.table()
        crossed = pd.concat([runs.assign(threat=t) for t in ("none", "replacement")])
        assert count(crossed, "blackmail").conditions == ("threat",)
        assert count(crossed.drop(columns="epoch"), "blackmail").conditions == ("threat",)

    def test_prompts_nested_in_conditions(self) -> None:
        runs = self.table()
        runs["goal"] = np.where(runs["prompt"] < "p005", "x", "y")
        assert count(runs, "blackmail").conditions == ("goal",)

    def test_what_graded_runs_lack_and_settings_are_no_conditions(self) -> None:
        runs = self.table()
        side = runs["prompt"] < "p005"
        runs["goal"] = pd.Series(np.where(runs["prompt"] < "p003", "x", "y")).where(side.to_numpy()).to_numpy()
        runs["file_path"] = np.where(side, "logs/a.json", "logs/b.json")
        runs["endpoint"] = np.where(side, "https://one", "https://two")
        runs["seed"] = np.where(side, "one", "two")
        counts = count(runs, "blackmail")
        assert counts.conditions == ()
        assert counts.layout.incomplete == ("goal",)

    def test_conditions_can_be_named(self) -> None:
        runs = self.table()
        runs["title"] = "Title of " + runs["prompt"]
        assert count(runs, "blackmail", conditions="title").conditions == ("title",)
        assert count(runs, "blackmail", conditions=[]).conditions == ()

    @pytest.mark.parametrize("name", ["question_id", "scenario_id", "task_id", "item_id", "doc_id", "scenario", "item"])
    def test_names_that_mean_the_prompt(self, name: str) -> None:
        runs = self.table().rename(columns={"prompt": name})
        counts = count(runs, "blackmail")
        assert counts.layout.prompt == name
        assert "prompt-column" in codes(counts.notes)
        assert len(counts.cells) == 16

    def test_a_scenario_without_epochs_is_a_condition(self) -> None:
        runs = self.table().rename(columns={"prompt": "scenario"}).drop(columns="epoch")
        counts = count(runs, "blackmail")
        assert counts.conditions == ("scenario",)
        assert "no-prompt-column" in codes(counts.notes)


class TestScope:
    def scope(self, table: pd.DataFrame, outcome: str = "blackmail", scope: str | None = None) -> tuple[str, str]:
        design = build_design(count(table, outcome), ["version"], scope)
        return design.scope, design.scope_reason

    def test_several_prompts_a_condition_are_a_sample(self, runs: pd.DataFrame) -> None:
        scope, reason = self.scope(runs)
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
        assert self.scope(table)[0] == "fixed"

    def test_one_prompt_cannot_be_a_sample(self, two_versions: pd.DataFrame) -> None:
        with pytest.raises(BaserateError, match="at least two prompts"):
            self.scope(two_versions, scope="sampled")

    def test_an_unknown_scope_is_refused(self, two_versions: pd.DataFrame) -> None:
        with pytest.raises(BaserateError, match=r"not 'sample'. Did you mean 'sampled'"):
            self.scope(two_versions, scope="sample")

    def test_without_prompts_nothing_is_said_of_prompts_like_these(self) -> None:
        rows = pd.DataFrame({"version": ["a", "b"] * 3, "blackmail": [1, 0] * 3})
        scope, reason = self.scope(rows)
        assert scope == "fixed"
        assert "runs are taken as independent" in reason
