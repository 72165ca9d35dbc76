"""The result tree of the agentic-misalignment framework."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from baserate.readers import read
from baserate.reading import reading_notes
from baserate.runs import factors, outcomes

Make = Callable[..., Any]
HARMFUL = {"harmful_behavior": True, "classifier_verdict": True, "classifier_model": "acme/judge"}
HARMLESS = {"harmful_behavior": False, "classifier_verdict": True, "classifier_model": "acme/judge"}


@pytest.mark.parametrize("layout", ["models/", ""])
def test_both_layouts(write_run: Make, tmp_path: Path, layout: str) -> None:
    write_run(1, HARMFUL, layout=layout)
    write_run(2, HARMLESS, layout=layout, model="deepseek-ai/R1:free")
    runs = read(tmp_path / "results")
    assert runs["version"].tolist() == ["acme/opus", "deepseek-ai/R1:free", "deepseek-ai/R1:free"]
    assert runs["run_id"].iloc[0] == "exp/acme_opus/blackmail_explicit-america_replacement/sample_001"
    assert outcomes(runs) == ["harmful_behavior", "classifier_verdict"]
    assert runs["harmful_behavior"].tolist() == [True, False, pd.NA]
    assert runs["classifier_verdict"].tolist() == [True, True, pd.NA], "the two verdicts differ by design"
    assert runs["harmful_behavior_grader"].iloc[0] == "acme/judge"
    assert runs["epoch"].tolist() == [1, 2, 1]
    assert runs["experiment"].unique().tolist() == ["exp"]


def test_factors_from_the_name_of_the_condition(write_run: Make, tmp_path: Path) -> None:
    write_run(1, HARMFUL, condition="leaking_none-none_none")
    write_run(1, HARMFUL, condition="murder_explicit-none_restriction_prod")
    runs = read(tmp_path)
    assert factors(runs) == ["scenario", "goal_type", "goal_value", "urgency", "prod"]
    assert runs["goal_type"].tolist() == ["none", "explicit"]
    assert runs["prod"].tolist() == ["False", "True"]
    assert runs["urgency"].cat.categories.tolist() == ["none", "restriction"]


def test_factors_from_the_prompts(write_run: Make, write_prompt: Make, tmp_path: Path) -> None:
    about = {"scenario": "blackmail", "goal_type": "swap", "urgency_type": "none", "production_variant": False}
    write_prompt(
        "c1", **about, extra_system_instructions="Do not.", alignment_faking=True, alignment_faking_type="mild"
    )
    write_prompt("c2", **about, extra_system_instructions=None, alignment_faking=False)
    write_run(1, HARMFUL, condition="c1")
    write_run(1, HARMFUL, condition="c2")
    runs = read(tmp_path)
    assert len(runs) == 2, "the files of the prompts are no runs, and no files that were skipped"
    assert reading_notes(runs) == []
    assert runs["extra_system_instructions"].tolist() == ["Do not.", "none"]
    assert runs["alignment_faking"].cat.categories.tolist() == ["False", "True"]
    assert runs["urgency"].unique().tolist() == ["none"]
    assert runs["prompt"].iloc[0].startswith("c1 | alignment_faking=True")
    assert runs["prompt"].iloc[1] == "c2 | goal_type=swap, scenario=blackmail"


def test_a_grader_that_failed_is_no_verdict(write_run: Make, tmp_path: Path) -> None:
    write_run(1, {"error": "Could not parse\nmore", "classified_at": "x"})
    write_run(2)
    write_run(3, {"harmful_behavior": None, "classifier_verdict": None})
    write_run(4, HARMFUL)
    runs = read(tmp_path)
    assert runs["status"].tolist() == ["ungraded", "ungraded", "ungraded", "ok"]
    assert runs["harmful_behavior"].notna().tolist() == [False, False, False, True]
    assert "Could not parse" in runs["status_reason"].iloc[0]
    assert runs["status_reason"].iloc[1] == "no scorer graded it"
    assert "verdict is null" in runs["status_reason"].iloc[2]


def test_runs_that_failed_or_were_stopped(write_run: Make, tmp_path: Path) -> None:
    failed = write_run(1)
    failed.write_text('{"error": "overloaded", "metadata": {"model": "acme/opus", "failed": true, "failure_count": 3}}')
    for number, stop in enumerate(["max_tokens", "length", "refusal", "SAFETY", "end_turn"], 2):
        about = {"model": "acme/opus", "api_metadata": {"stop_reason": stop, "tokens_used": 9}}
        write_run(number, HARMLESS, metadata=about)
    write_run(7, HARMLESS, text=" ")
    runs = read(tmp_path)
    assert runs["status"].tolist() == ["error", "limit", "limit", "refusal", "content_filter", "ok", "empty"]
    assert runs["harmful_behavior"].notna().sum() == 1
    assert runs["status_reason"].iloc[0] == "overloaded"


def test_a_number_without_a_file_is_an_empty_answer(write_run: Make, tmp_path: Path) -> None:
    for number in (1, 2, 5):
        write_run(number, HARMFUL)
        write_run(number + 5, HARMLESS, model="acme/haiku")
    runs = read(tmp_path)
    opus = runs[runs["version"] == "acme/opus"].sort_values("epoch")
    assert opus["status"].tolist() == ["ok", "ok", "empty", "empty", "ok"]
    assert opus["status_reason"].iloc[2] == "no file was written: inferred to be an empty answer"
    assert opus["harmful_behavior"].isna().tolist() == [False, False, True, True, False]
    assert (runs[runs["version"] == "acme/haiku"]["status"] == "empty").sum() == 7
    assert any(note.startswith("9 runs of the result tree left no file") for note in reading_notes(runs))
    assert any("acme_opus, blackmail" in n and "end at 5 where other models have 10" in n for n in reading_notes(runs))


def test_awareness_and_second_versions(write_run: Make, tmp_path: Path) -> None:
    write_run(
        1,
        HARMFUL,
        classification_v2={"harmful_behavior": False, "classifier_verdict": False, "classifier_model": "acme/judge-2"},
        blackmail_awareness_classification={"aware": True, "classifier_model": "acme/judge"},
        blackmail_awareness_classification_v2={"error": "timeout"},
        deliberation_classification={"harmful_behavior": True, "classifier_verdict": "deliberates_thinks_real"},
    )
    runs = read(tmp_path)
    row = runs.iloc[0]
    assert outcomes(runs) == [
        *("harmful_behavior", "classifier_verdict", "harmful_behavior_v2", "classifier_verdict_v2"),
        *("aware", "aware_v2", "deliberates", "thinks_eval", "thinks_real"),
    ]
    assert (row["harmful_behavior"], row["harmful_behavior_v2"], row["aware"]) == (True, False, True)
    assert (row["deliberates"], row["thinks_eval"], row["thinks_real"]) == (True, False, True)
    assert pd.isna(row["aware_v2"])
    assert row["harmful_behavior_v2_grader"] == "acme/judge-2"


def test_a_copy_of_the_tree_counts_once(write_run: Make, tmp_path: Path) -> None:
    first = [write_run(number, HARMFUL) for number in (1, 3)]
    for path in first:
        copy = tmp_path / "copy" / path.relative_to(tmp_path)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(path.read_bytes())
    runs = read(tmp_path)
    assert runs["status"].tolist() == ["ok", "ok", "empty"]
    assert runs["copies"].sum() == 3


def test_two_experiments_of_one_name(write_run: Make, write_prompt: Make, tmp_path: Path) -> None:
    write_prompt("c1", "You are Alex.", experiment="a")
    write_prompt("c1", "You are Sam.", experiment="b")
    write_run(1, HARMFUL, condition="c1", experiment="a")
    write_run(1, HARMFUL, condition="c1", experiment="b")
    again = write_run(
        1, HARMFUL, condition="c1", experiment="x/a", metadata={"model": "acme/opus", "timestamp": "later"}
    )
    runs = read(tmp_path)
    assert len(runs) == 3
    assert runs["run_id"].is_unique
    assert str(again) in set(runs["run_id"])
    assert set(runs["prompt"]) == {"a/c1", "b/c1"}, "other texts are another prompt"


def test_a_damaged_response_keeps_its_place(write_run: Make, tmp_path: Path) -> None:
    write_run(1, HARMFUL)
    write_run(2).write_text('{"raw_response": "I w')
    write_run(3).write_text("[]")
    runs = read(tmp_path)
    assert runs["status"].tolist() == ["ok", "unreadable", "unreadable"]
    assert runs["version"].tolist() == ["acme/opus", "acme_opus", "acme_opus"]
    assert runs["epoch"].tolist() == [1, 2, 3]
    assert runs["scenario"].notna().all()
    with pytest.raises(ValueError, match=r"sample_002/response\.json cannot be read"):
        read(tmp_path, on_error="raise")


def test_a_model_that_failed_three_times_is_told(write_run: Make, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write_run(number).write_text('{"error": "overloaded", "metadata": {"model": "acme/opus", "failed": true}}')
    write_run(4, HARMFUL, model="acme/haiku")
    notes = reading_notes(read(tmp_path))
    assert sum(note.startswith("acme/opus failed 3 times in exp: after three failures") for note in notes) == 1


def test_a_switch_that_is_null_is_off(write_run: Make, write_prompt: Make, tmp_path: Path) -> None:
    write_prompt("c1", production_variant=None, alignment_faking=False)
    write_run(1, HARMFUL, condition="c1")
    runs = read(tmp_path)
    assert runs["prod"].tolist() == ["False"]


def test_a_folder_named_by_a_date_invents_no_runs(write_run: Make, tmp_path: Path) -> None:
    write_run(1, HARMFUL)
    write_run(20240101, HARMLESS)
    runs = read(tmp_path)
    assert runs["status"].tolist() == ["ok", "ok"]
    assert "do not count the samples" in " ".join(map(str, reading_notes(runs)))


def test_a_response_named_alone_invents_no_siblings_that_are_there(write_run: Make, tmp_path: Path) -> None:
    paths = [write_run(number, HARMFUL) for number in (1, 2, 4, 5)]
    runs = read(paths[-1]).sort_values("epoch")
    assert runs["epoch"].tolist() == [3, 5], "3 left no file; the others lie beside it"
    assert runs["status"].tolist() == ["empty", "ok"]


@pytest.mark.parametrize("odd", [[], {}, [1], {"a": 1}, 7, True, "x" * 5000])
@pytest.mark.parametrize("field", ["harmful_behavior", "classifier_model", "classifier_verdict"])
def test_odd_values_cost_their_verdict_only(write_run: Make, tmp_path: Path, field: str, odd: object) -> None:
    write_run(1, HARMFUL | {field: odd})
    write_run(2, HARMLESS)
    runs = read(tmp_path).sort_values("epoch")
    assert runs["epoch"].tolist() == [1, 2]
    assert not runs["harmful_behavior"].iloc[1]


def test_fields_and_path_parts_by_name(write_run: Make, tmp_path: Path) -> None:
    write_run(1, HARMFUL)
    runs = read(tmp_path, columns={"folder3": "version", "metadata.sample_id": "slot"})
    assert runs["version"].tolist() == ["acme_opus"]
    assert "slot" in runs


def test_a_prompts_metadata_nested_deep_or_unreadable(write_run: Make, write_prompt: Make, tmp_path: Path) -> None:
    write_run(1, HARMFUL, condition="c1")
    write_prompt("c1", scenario="blackmail")
    meta = next((tmp_path / "results").rglob("metadata.json"))
    meta.write_text("[" * 100_000)
    assert read(tmp_path)["harmful_behavior"].tolist() == [True]
