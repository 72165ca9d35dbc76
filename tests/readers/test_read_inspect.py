"""Inspect logs written by Inspect's own writer (fixtures/, made by make_fixtures.py)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from baserate.readers import read
from baserate.reading import reading_notes
from baserate.runs import REQUIRED, factors, outcomes
from readers.conftest import Sample, WriteLog


def statuses(runs: pd.DataFrame) -> dict[str, int]:
    return dict(Counter(runs["status"]))


def test_each_status_of_a_complete_log(fixtures: Path) -> None:
    runs = read(fixtures / "office.eval", outcomes="blackmail_judge")
    assert statuses(runs) == {"ok": 4, "empty": 2, "content_filter": 2, "limit": 2, "ungraded": 2}
    by_epoch = runs.set_index(runs["epoch"].astype(int))
    assert by_epoch.loc[3, "status_reason"].unique().tolist() == ["no answer text"]
    assert by_epoch.loc[6, "status_reason"].unique().tolist() == ["blackmail_judge: the judge's verdict is null"]
    assert runs["status_reason"].isna().equals(runs["status"] == "ok")


def test_only_graded_runs_have_a_verdict(fixtures: Path) -> None:
    runs = read(fixtures / "office.eval", outcomes="blackmail_judge")
    assert runs["blackmail_judge"].dtype == "boolean"
    assert runs["blackmail_judge"].notna().equals(runs["status"] == "ok")
    assert runs["blackmail_judge"].sum() == 2
    assert runs["blackmail_judge_score"].tolist() == [1.0, 1.0] + [0.0] * 10, "the score stays as logged"


def test_the_table_of_a_log(fixtures: Path) -> None:
    runs = read(fixtures / "office.eval")
    assert list(runs.columns[:6]) == list(REQUIRED)
    assert runs["version"].unique().tolist() == ["mockllm/model"]
    assert runs["prompt"].unique().tolist() == [
        "blackmail_explicit-america_none",
        "blackmail_explicit-america_replacement",
    ]
    assert str(runs["epoch"].dtype) == "Int64"
    assert runs["run_id"].is_unique
    assert runs["source"].str.endswith("_epoch_1.json").sum() == 2
    assert factors(runs) == ["scenario", "goal_type", "urgency", "strategy"]
    assert runs["urgency"].cat.categories.tolist() == ["none", "replacement"]
    assert runs["strategy"].unique().tolist() == ["none"], "a null is the level none"
    assert outcomes(runs) == ["blackmail_judge", "overtness", "aware", "pleads"]
    assert runs["task_version"].unique().tolist() == ["2"]
    assert runs["log_status"].unique().tolist() == ["success"]
    assert runs["packages"].str.contains("inspect_ai").all()


def test_graders_are_kept_for_each_run(fixtures: Path) -> None:
    runs = read(fixtures / "office_edited.eval")
    assert runs["blackmail_judge_grader"].unique().tolist() == ["blackmail_judge"]
    assert runs["overtness_grader"].unique().tolist() == ["mock-judge-2"]
    assert runs["blackmail_judge1_grader"].unique().tolist() == ["mock-judge-3"]


def test_a_scale_is_no_verdict_without_a_cut(fixtures: Path) -> None:
    plain = read(fixtures / "office.eval")
    assert plain["overtness"].isna().all(), "a 1 on a scale to 9 is not yes"
    assert any("outcomes={'overtness': ('overtness', 7)}" in note for note in reading_notes(plain))
    cut = read(fixtures / "office.eval", outcomes={"overt": ("overtness", 7)})
    answered = cut[cut["status"] == "ok"]
    assert answered["overt"].tolist() == [True, True, False, False]
    assert answered["overt_score"].tolist() == [9.0, 9.0, 1.0, 1.0]
    assert cut["overt_cut"].unique().tolist() == [7.0]
    assert cut["overt_score"].isna().sum() == 2, "NaN in the JSON stays missing"


def test_accept_takes_other_statuses_as_graded(fixtures: Path) -> None:
    runs = read(fixtures / "office.eval", outcomes=["blackmail_judge"], accept=("ok", "empty"))
    assert runs["blackmail_judge"].notna().sum() == 6
    assert statuses(runs)["empty"] == 2, "the status stays"


def test_a_killed_log_is_read_without_its_header(fixtures: Path) -> None:
    runs = read(fixtures / "office_killed.eval")
    assert len(runs) == 9
    assert runs["log_status"].unique().tolist() == ["started"]
    assert reading_notes(runs)[0] == "office_killed.eval: a log of status started with 9 of 12 runs; they are kept."


def test_json_and_eval_of_one_log_count_once(fixtures: Path) -> None:
    both = read([fixtures / "office_warned.json", fixtures / "office_warned.eval"])
    alone = read(fixtures / "office_warned.eval")
    assert len(both) == len(alone) == 2
    assert both["source"].str.contains(".eval::", regex=False).all()
    assert both["copies"].tolist() == [1, 1]
    assert [Path(file).name for file in both["copies_in"]] == ["office_warned.json"] * 2
    json_alone = read(fixtures / "office_warned.json").drop(columns="source")
    pd.testing.assert_frame_equal(json_alone, alone.drop(columns="source"))


def test_an_edited_copy_replaces_the_first(fixtures: Path) -> None:
    runs = read([fixtures / "office.eval", fixtures / "office_edited.eval", fixtures / "office_killed.eval"])
    assert len(runs) == 12
    assert runs["copies"].sum() == 12 + 9
    first = runs[runs["epoch"] == 1]
    assert first["status"].tolist() == ["ok", "invalidated"]
    assert first["blackmail_judge"].tolist() == [False, pd.NA], "after an edit the value is right, not the metadata"
    assert first["blackmail_judge1"].tolist() == [True, pd.NA], "scoring again is an outcome of its own"
    assert first["status_reason"].tolist()[1] == "a wrong prompt"


def test_a_retry_fills_the_place_of_the_failed_attempt(fixtures: Path) -> None:
    failed = read(fixtures / "office_failed.eval")
    assert "error" in set(failed["status"])
    runs = read([fixtures / "office_failed.eval", fixtures / "office_retried.eval"])
    assert len(runs) == 4
    assert runs["status"].tolist() == ["ok"] * 4
    assert runs[["prompt", "epoch"]].duplicated().sum() == 0
    assert runs["copies"].sum() == len(failed)
    assert any("occurred again" in note for note in reading_notes(runs))


def test_task_arguments_are_part_of_the_prompt(fixtures: Path) -> None:
    runs = read([fixtures / "office_warned.eval", fixtures / "office_retried.eval"])
    assert set(runs["prompt"]) == {
        "blackmail_explicit-america_none",
        "blackmail_explicit-america_none | warned=True",
        "blackmail_explicit-america_replacement",
        "blackmail_explicit-america_replacement | warned=True",
    }
    assert "warned" in factors(runs)
    assert runs["warned"].cat.categories.tolist() == ["False", "True"]


def test_a_whole_folder(fixtures: Path, tmp_path: Path) -> None:
    for path in fixtures.glob("office*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    runs = read(tmp_path)
    assert len(runs) == 12 + 2 + 4
    assert runs["run_id"].is_unique
    assert not runs["status"].isna().any()


def test_acts_in_the_metadata_are_a_column_in_their_order(sample: Sample, write_log: WriteLog) -> None:
    listed: list[list[str]] = [["plea", "blackmail"], ["plea"], []]
    samples = [
        sample(id=f"p{i // 3}", epoch=i % 3 + 1, metadata={"acts": listed[i % 3], "tools": ["mail", "shell"]})
        for i in range(12)
    ]
    runs = read(write_log(samples))
    assert runs["acts"].tolist()[:3] == ["plea > blackmail", "plea", ""]
    assert "tools" not in runs  # the same in all runs of a prompt: no act
