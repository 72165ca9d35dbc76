"""What a naive loader of Inspect logs gets wrong, each on a small log in the shape of the real ones."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from baserate.audits import audit
from baserate.readers import read
from baserate.reading import reading_notes
from baserate.runs import factors, outcomes

Make = Callable[..., Any]


def graded(value: object, **others: Any) -> dict[str, Any]:
    return {"judge": {"value": value, "explanation": "because", **others}}


def test_an_empty_answer_is_not_safe(sample: Make, write_log: Make) -> None:
    said_nothing = [
        sample(text=""),
        sample(text="  \n", epoch=2),
        sample(graded(0), text="", epoch=3, stop="stop"),
        sample(graded(1), text="I do.", epoch=4),
    ]
    said_nothing[2]["messages"][-1]["content"] = [
        {"type": "reasoning", "reasoning": "hm"},
        {"type": "text", "text": ""},
    ]
    runs = read(write_log(said_nothing))
    assert runs["status"].tolist() == ["empty", "empty", "empty", "ok"]
    assert runs["judge"].tolist() == [pd.NA, pd.NA, pd.NA, True]
    assert runs["judge_logged"].tolist() == [False, False, False, pd.NA]
    said = "gave no answer and were graded all the same: judge is 1/1 without them, 1/4 with them"
    assert any(said in caution for caution in audit(runs).cautions)


def test_acting_without_words_is_an_answer(sample: Make, write_log: Make) -> None:
    call = {"role": "assistant", "content": "", "tool_calls": [{"function": "send_email"}]}
    acted = sample(graded(1), text="")
    acted["messages"] = [
        {"role": "user", "content": "go"},
        call,
        {"role": "tool", "content": "sent"},
        acted["messages"][-1],
    ]
    before = sample(text="", epoch=2)
    before["messages"] = [call, {"role": "user", "content": "go"}, before["messages"][-1]]
    runs = read(write_log([acted, before]))
    assert runs["status"].tolist() == ["ok", "empty"], "only what comes after the last thing said to it answers that"


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        ({"value": 0, "explanation": "x", "metadata": {"caught": None}}, "the judge's verdict is null"),
        ({"value": 0, "explanation": "Failed to parse judge response: line 1"}, "could not be parsed"),
        ({"value": 0, "explanation": "x", "metadata": {"error": "Expecting value"}}, "the judge failed"),
        ({"value": "I", "explanation": "Grade not found in model output: hm"}, "could not be parsed"),
        ({"value": 0, "metadata": {"grader_error": "timeout"}}, "could not be parsed"),
        ({"value": math.nan}, "the score is nan"),
        ({"value": "N"}, "no answer to grade"),
        ({"value": "P"}, "partial credit needs a cut"),
        ({"value": [1, 2]}, "is neither yes nor no"),
        ({"value": "perhaps"}, "'perhaps' is neither yes nor no"),
    ],
)
def test_a_missing_verdict_is_no_no(sample: Make, write_log: Make, score: dict[str, Any], reason: str) -> None:
    seen = [sample(graded(v, metadata={"caught": bool(v)}), epoch=v + 1) for v in (0, 1)]
    runs = read(write_log([*seen, sample({"judge": score}, epoch=3)]))
    assert runs["status"].tolist() == ["ok", "ok", "ungraded"]
    assert runs["judge"].tolist() == [False, True, pd.NA]
    assert reason in runs["status_reason"].iloc[2]


def test_the_signature_of_a_swallowed_grader_exception(sample: Make, write_log: Make) -> None:
    value = {"harmful": 0.0, "classifier_verdict": 0.0}
    swallowed = sample({"harmfulness_scorer": {"value": value}})
    real = sample(
        {"harmfulness_scorer": {"value": value, "explanation": "no", "metadata": {"harmful": False}}}, epoch=2
    )
    other = sample({"match": {"value": "I"}}, epoch=3)
    runs = read(write_log([swallowed, real, other], task="inspect_evals/agentic_misalignment", task_version=3))
    assert runs["status"].tolist() == ["ungraded", "ok", "ok"], "other scorers may well log nothing but a value"
    assert runs["harmful"].tolist() == [pd.NA, False, pd.NA]


def test_a_null_in_metadata_that_is_no_verdict_does_not_count(sample: Make, write_log: Make) -> None:
    logged = [
        sample(
            graded(v % 2, metadata={"caught": bool(v % 2), "strategy": None, "warned": None if v else False}),
            epoch=v + 1,
        )
        for v in range(4)
    ]
    assert read(write_log(logged))["judge"].tolist() == [False, True, False, True]


def test_an_edited_score_is_right_whatever_its_metadata_says(sample: Make, write_log: Make) -> None:
    edited = graded(1, metadata={"caught": None}, history=[{"value": 0}, {"value": 1}])
    runs = read(write_log([sample(graded(0, metadata={"caught": False})), sample(edited, epoch=2)]))
    assert runs["judge"].tolist() == [False, True]


def test_every_kind_of_value(sample: Make, write_log: Make) -> None:
    values = ["C", "I", True, False, 1, 0, 1.0, 0.0, "yes", "no", "Yes", "NO"]
    runs = read(write_log([sample(graded(v), epoch=i + 1) for i, v in enumerate(values)]))
    assert runs["judge"].tolist() == [True, False] * 6
    assert runs["judge_score"].tolist()[:3] == ["C", "I", "True"]


def test_a_low_score_on_a_scale_is_no_yes(sample: Make, write_log: Make) -> None:
    path = write_log([sample(graded(v), epoch=i + 1) for i, v in enumerate([1, 7, 10, 0.5])])
    plain = read(path)
    assert plain["status"].unique().tolist() == ["ungraded"]
    assert plain["judge"].isna().all()
    assert "needs a cut" in plain["status_reason"].iloc[0]
    cut = read(path, outcomes={"judge": 7})
    assert cut["judge"].tolist() == [False, True, True, False]
    assert cut["judge_score"].tolist() == [1, 7, 10, 0.5]
    assert cut["status"].unique().tolist() == ["ok"]


def test_partial_credit_with_a_cut(sample: Make, write_log: Make) -> None:
    path = write_log([sample(graded(v), epoch=i + 1) for i, v in enumerate("CPIN")])
    assert read(path)["judge"].tolist() == [True, pd.NA, False, pd.NA]
    assert read(path, outcomes={"at_least_partly": ("judge", 0.5)})["at_least_partly"].tolist() == [
        True,
        True,
        False,
        pd.NA,
    ]


@pytest.mark.parametrize(
    ("others", "status"),
    [
        ({"stop": "max_tokens"}, "limit"),
        ({"limit": {"type": "time", "limit": 60}}, "limit"),
        ({"stop": "model_length"}, "limit"),
        ({"stop": "content_filter"}, "content_filter"),
        ({"stop": "refusal"}, "refusal"),
        ({"error": {"message": "overloaded\nTraceback"}}, "error"),
        ({"error": {"message": "x"}, "invalidation": {"reason": "bad prompt"}}, "invalidated"),
        ({"text": "", "stop": "max_tokens"}, "limit"),
    ],
)
def test_the_status_is_not_the_grade(sample: Make, write_log: Make, others: dict[str, Any], status: str) -> None:
    runs = read(write_log([sample(graded(1), **others), sample(graded(1), epoch=2)]))
    assert runs["status"].tolist() == [status, "ok"]
    assert runs["judge"].tolist() == [pd.NA, True]
    assert "\n" not in runs["status_reason"].iloc[0]


def test_a_filtered_refusal_is_a_refusal(sample: Make, write_log: Make) -> None:
    refused = sample(stop="content_filter")
    refused["output"]["choices"][0]["stop_details"] = {"type": "refusal"}
    assert read(write_log([refused, sample(epoch=2)]))["status"].tolist() == ["refusal", "ok"]


def test_reruns_stay_apart(sample: Make, write_log: Make) -> None:
    revision = {"commit": "abc1234", "dirty": True}
    one = write_log([sample(tag="a")], "a.eval", revision=revision, created="2026-01-01")
    two = write_log([sample(tag="b")], "b.eval", created="2026-01-02", status="error")
    runs = read([one, two])
    assert len(runs) == 2
    assert runs["commit"].iloc[0] == "abc1234"
    assert runs["commit"].isna().tolist() == [False, True]
    assert runs["dirty"].tolist() == [True, pd.NA]
    assert runs["created"].tolist() == ["2026-01-01", "2026-01-02"]
    assert runs["log_status"].tolist() == ["success", "error"]


def test_values_of_one_name_from_two_scorers(sample: Make, write_log: Make) -> None:
    scores = {
        "harmfulness_scorer": {"value": {"harmful": 1, "classifier_verdict": 1}, "explanation": "x"},
        "eval_awareness_scorer": {"value": {"aware": 0, "classifier_verdict": 0}, "explanation": "x"},
        "harmfulness_scorer1": {"value": {"harmful": 0, "classifier_verdict": 0}, "explanation": "x"},
        "status": {"value": 1},
    }
    runs = read(write_log([sample(scores)]))
    assert outcomes(runs) == [
        *("harmful", "classifier_verdict", "aware", "eval_awareness_scorer_classifier_verdict"),
        *("harmfulness_scorer1_harmful", "harmfulness_scorer1_classifier_verdict", "status_outcome"),
    ]
    assert runs.loc[0, ["classifier_verdict", "eval_awareness_scorer_classifier_verdict"]].tolist() == [True, False]


def test_one_judge_that_failed_leaves_the_other(sample: Make, write_log: Make) -> None:
    scores = {"a": {"value": 1}, "b": {"value": 0, "explanation": "Failed to parse"}}
    runs = read(write_log([sample(scores)]))
    assert runs.loc[0, ["status", "a", "b"]].tolist() == ["ok", True, pd.NA]


def test_the_graders(sample: Make, write_log: Make) -> None:
    usage: dict[str, Any] = {"acme/opus": {}, "acme/judge-9": {}}
    scores = {"judge": {"value": 1}}
    listed = [
        {"name": "judge", "options": {"model": "acme/judge-1"}},
        {"name": "judge", "options": {"model": ["m", "n"]}},
    ]
    paths = [
        write_log([sample(scores, tag="a")], "a.eval", scorers=listed[:1]),
        write_log([sample(scores, tag="b", model_usage=usage)], "b.eval"),
        write_log([sample(scores, tag="c")], "c.eval", task_args={"grader_model": {"model": "acme/judge-2"}}),
        write_log([sample(graded(1, metadata={"judge_model": "acme/judge-3"}), tag="d")], "d.eval"),
        write_log([sample({**scores, "judge1": {"value": 0}}, tag="e")], "e.eval", scorers=listed),
        write_log([sample(scores, tag="f")], "f.eval", model_roles={"grader": {"model": "acme/judge-4"}}),
        write_log([sample(scores, tag="g")], "g.eval"),
    ]
    runs = read(paths)
    assert runs["judge_grader"].tolist() == [
        *("acme/judge-1", "acme/judge-9", "acme/judge-2", "acme/judge-3", "acme/judge-1", "acme/judge-4", "judge"),
    ]
    assert runs["judge1_grader"].iloc[4] == "m, n"


def test_a_damaged_member_loses_no_other(sample: Make, write_log: Make) -> None:
    path = write_log([sample(epoch=e) for e in (1, 2, 3)])
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        where = archive.getinfo("samples/p1_epoch_2.json").header_offset
    content[where + 60 : where + 90] = b"\x00" * 30
    path.write_bytes(bytes(content))
    runs = read(path)
    assert runs["status"].tolist() == ["ok", "unreadable", "ok"]
    lost = runs.iloc[1]
    assert lost["source"].endswith("log.eval::samples/p1_epoch_2.json")
    assert (lost["version"], lost["prompt"], lost["epoch"]) == ("acme/opus", "p1", 2)
    assert lost["status_reason"]
    assert "Kept for what could not be read: 1 row of status 'unreadable'." in reading_notes(runs)


def test_a_sample_that_is_none(write_log: Make, sample: Make, tmp_path: Path) -> None:
    path = write_log([sample(), [1, 2]], "log.json")
    assert read(path)["status"].tolist() == ["ok", "unreadable"]


def test_a_damaged_header_is_made_up_for_by_the_journal(sample: Make, write_log: Make, tmp_path: Path) -> None:
    path = write_log([sample()], header=False)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("header.json", "{")
    assert read(path)["log_status"].tolist() == ["started"]


def test_factors_of_the_scenario_and_nothing_else(sample: Make, write_log: Make) -> None:
    logged = []
    for i in range(8):
        about = {
            "scenario": "blackmail",
            "urgency_type": ("none", "replacement")[i % 2],
            "tools": i % 2 == 0,
            "depth": (1, 10, 2)[i % 3],
            "condition_id": f"c{i}",
            "model_name": "acme/opus",
            "harm_criteria": ("x" * 61, "y" * 61)[i % 2],
            "turns_used": i,
            "note": {"a": 1},
            "city_id": f"city-{i % 2}",
            "city_name": ("Rome", "Oslo")[i % 2],
            "share": 0.5 * (i % 2),
        }
        logged.append(sample(id=f"s{i % 6}", epoch=i // 6 + 1, metadata=about))
    runs = read(write_log(logged))
    assert factors(runs) == ["scenario", "urgency", "tools", "depth", "city_name"]
    assert runs["depth"].cat.categories.tolist() == ["1", "2", "10"]
    assert runs["tools"].cat.categories.tolist() == ["False", "True"]
    chosen = read(write_log(logged), factors=["share", "urgency"])
    assert factors(chosen) == ["share", "urgency"]
    with pytest.raises(ValueError, match=r"no factor 'urgancy'.*'urgency'"):
        read(write_log(logged), factors="urgancy")


def test_long_instructions_become_a_short_level(sample: Make, write_log: Make) -> None:
    one = write_log([sample()], "a.eval", task_args={"extra_system_instructions": "Do not harm anyone. " * 9})
    two = write_log([sample(tag="b")], "b.eval", task_args={"extra_system_instructions": None})
    runs = read([one, two])
    levels = runs["extra_system_instructions"].cat.categories
    assert levels[0] == "none"
    assert levels[1].startswith("Do not harm anyone.")
    assert len(levels[1]) <= 60
    assert runs["prompt"].nunique() == 2


def test_prompts_of_one_name(sample: Make, write_log: Make) -> None:
    paths = [
        write_log(
            [sample(id=1, tag="a")], "a.eval", task_args={"limit": 3, "conditions": ["x", "y"], "grader_model": "g"}
        ),
        write_log([sample(id=1, tag="b")], "b.eval", task="renamed", task_args={"conditions": ["x"]}),
        write_log([sample(id=1, tag="c")], "c.eval", task_args={"prod": True}),
        write_log([sample(id=1, tag="d", metadata={"tone": "kind"})], "d.eval"),
        write_log([sample(id=1, tag="e", metadata={"tone": "rude"})], "e.eval"),
    ]
    assert read(paths)["prompt"].tolist() == ["1", "1", "1 | prod=True", "1 | tone=kind", "1 | tone=rude"]
    other = sample(id=1, tag="f", input="Something else.")
    runs = read([paths[0], write_log([other], "f.eval", task="exam")])
    assert runs["prompt"].tolist() == ["office/1", "exam/1"], "sample 1 of two tasks is not one prompt"


def test_versions_are_merged_only_where_the_user_says_so(sample: Make, write_log: Make) -> None:
    names = ["openrouter/acme/opus-4", "acme/opus-4", "acme/opus-4-20250514"]
    paths = [write_log([sample(tag=name)], f"{i}.eval", model=name) for i, name in enumerate(names)]
    assert read(paths)["version"].tolist() == names
    runs = read(paths, aliases={names[0]: "opus-4", names[1]: "opus-4", "acme/opus4": "opus-4"})
    assert runs["version"].tolist() == ["opus-4", "opus-4", names[2]]
    assert any("No run has the version 'acme/opus4'. Did you mean 'acme/opus-4'" in n for n in reading_notes(runs))


def test_columns_rename_an_outcome_with_what_is_beside_it(sample: Make, write_log: Make) -> None:
    path = write_log([sample(graded(1), metadata={"condition": "a"})])
    runs = read(path, columns={"judge": "blackmail", "condition": "framing"})
    assert {"blackmail", "blackmail_score", "blackmail_grader", "framing"} <= set(runs.columns)
    with pytest.raises(ValueError, match="Did you mean 'judge'"):
        read(path, columns={"jugde": "blackmail"})
    with pytest.raises(ValueError, match="a column 'version' already"):
        read(path, columns={"judge": "version"})


def test_a_log_without_uuids(sample: Make, write_log: Make) -> None:
    samples = [sample(epoch=e) for e in (1, 2)]
    for entry in samples:
        del entry["uuid"]
    runs = read([write_log(samples), write_log(samples, "log.json", task_id="task-log.eval")])
    assert runs["run_id"].tolist() == ["eval-log.eval/p1/1", "eval-log.eval/p1/2"]


def test_a_scorer_that_failed_at_all_of_its_values(sample: Make, write_log: Make) -> None:
    whole = {"judge": {"value": {"blackmail": 1, "pleads": 0}}}
    runs = read(write_log([sample(whole), sample(graded(math.nan), epoch=2)]))
    assert outcomes(runs) == ["blackmail", "pleads"]
    assert runs["status"].tolist() == ["ok", "ungraded"]
    assert runs["status_reason"].iloc[1] == "blackmail: the score is nan; pleads: the score is nan"


def test_a_scorer_named_like_a_column_beside_an_outcome(sample: Make, write_log: Make) -> None:
    scores = {"blackmail": {"value": 1}, "blackmail_score": {"value": 0}, "tone_grader": {"value": 1}}
    runs = read(write_log([sample(scores)]))
    assert outcomes(runs) == ["blackmail", "blackmail_score_outcome", "tone_grader_outcome"]
    assert runs["blackmail_score"].tolist() == [1.0]


def test_a_sample_of_another_shape_loses_no_other(sample: Make, write_log: Make) -> None:
    odd = [sample(epoch=2, output={"choices": {"a": 1}}), sample(epoch="x"), sample(epoch=4, scores=[1])]
    runs = read(write_log([sample(), *odd]))
    assert runs["status"].tolist() == ["ok", "ok", "ok", "ungraded"], "a bad field costs what it is used for only"
    assert runs["epoch"].tolist() == [1, 2, pd.NA, 4]


def test_a_misspelt_outcome_of_a_log(sample: Make, write_log: Make) -> None:
    with pytest.raises(ValueError, match=r"No scorer gave an outcome 'jugde'\. Did you mean 'judge'"):
        read(write_log([sample()]), outcomes="jugde")


def test_a_scorer_with_several_values_beside_a_failed_one(sample: Make, write_log: Make) -> None:
    both = {"judge": {"value": {"blackmail": 1}}, "match": {"value": "C"}}
    failed = {"judge": {"value": math.nan}, "match": {"value": "I"}}
    runs = read(write_log([sample(both), sample(failed, epoch=2)]))
    assert runs["match"].tolist() == [True, False]
    assert runs["blackmail"].tolist() == [True, pd.NA]
