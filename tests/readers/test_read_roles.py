"""Who was tested, who graded, and what the header of an Inspect log says of its runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.reading import reading_notes

Make = Callable[..., Any]


def told(runs: pd.DataFrame) -> str:
    return " ".join(map(str, reading_notes(runs)))


def judged(**scores: float) -> dict[str, Any]:
    return {"alignment_judge": {"value": dict(scores), "explanation": "why"}}


def test_the_target_of_a_log_that_has_no_model_of_its_own(sample: Make, write_log: Make, tmp_path: Path) -> None:
    for name, score in (("A", 8.0), ("B", 1.0)):
        roles = {"target": {"model": f"mock/target-{name}"}, "auditor": {"model": "mock/auditor"}}
        samples = [sample(judged(blackmail=score, concern=3.0), id=i, uuid=f"{name}{i}") for i in range(3)]
        write_log(samples, f"{name}.eval", model="none/none", model_roles=roles, task_id=name, eval_id=name)
    runs = br.read(tmp_path, outcomes={"blackmail": ("blackmail", 7)})
    table = br.rates(runs, "blackmail").table
    assert table[["version", "events", "n"]].astype(str).to_numpy().tolist() == [
        ["mock/target-A", "3", "3"],
        ["mock/target-B", "0", "3"],
    ]
    assert runs["blackmail_grader"].unique().tolist() == ["alignment_judge"]


@pytest.mark.parametrize(
    ("roles", "version"),
    [
        ({"candidate": "m/x", "grader": "m/g"}, "m/x"),
        ({"advisor": {"model": "m/y"}, "judge": {"model": "m/g"}}, "m/y"),
        ({"one": {"model": "m/y"}, "two": {"model": "m/z"}}, None),
    ],
)
def test_other_roles(sample: Make, write_log: Make, roles: dict[str, Any], version: str | None) -> None:
    path = write_log([sample()], model="none/none", model_roles=roles)
    runs = br.read(path)
    assert runs["version"].astype(object).where(runs["version"].notna(), None).tolist() == [version]
    if version is None:
        assert "columns={'model_roles.one.model': 'version'}" in told(runs)
        assert br.read(path, columns={"model_roles.one.model": "version"})["version"].tolist() == ["m/y"]


@pytest.mark.parametrize("scorer", ["model_graded_qa", "inspect_ai/model_graded_fact"])
def test_a_scorer_that_asks_the_model_that_it_grades(
    sample: Make, write_log: Make, tmp_path: Path, scorer: str
) -> None:
    name = scorer.rpartition("/")[2]
    for model in ("m/a", "m/b"):
        log = {"model": model, "task_id": model, "eval_id": model, "scorers": [{"name": scorer, "options": {}}]}
        write_log(
            [sample({name: {"value": "C"}}, id=i, uuid=f"{model}{i}") for i in (1, 2)], f"{model[-1]}.eval", **log
        )
    runs = br.read(tmp_path)
    assert runs[f"{name}_grader"].tolist() == ["m/a", "m/a", "m/b", "m/b"]
    findings = {finding.what: finding for finding in br.audit(runs).findings}
    assert "itself" in findings[f"each version was graded by itself on {name}"].found


def test_a_grader_role_or_the_author_of_the_grading_is_the_judge(sample: Make, write_log: Make) -> None:
    options = {"scorers": [{"name": "model_graded_qa", "options": {}}]}
    runs = br.read(write_log([sample({"model_graded_qa": {"value": "C"}})], model_roles={"grader": "m/g"}, **options))
    assert runs["model_graded_qa_grader"].tolist() == ["m/g"]
    grading = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "GRADE: C", "model": "m/h"}]
    score = {"value": "C", "metadata": {"grading": grading}}
    assert br.read(write_log([sample({"own": score})]))["own_grader"].tolist() == ["m/h"]


def test_a_log_of_version_one(sample: Make, write_log: Make) -> None:
    samples = [sample(None, id=i) for i in range(4)]
    for i, one in enumerate(samples):
        one.pop("scores", None)
        one["score"] = {"value": float(i % 2), "explanation": "why"}
    runs = br.read(write_log(samples, "log.json", results={"scorer": {"name": "deception_scorer"}, "metrics": {}}))
    assert runs["deception_scorer"].tolist() == [False, True, False, True]


def test_an_answer_that_the_solver_kept_elsewhere(sample: Make, write_log: Make) -> None:
    kept = {"output": {"model": "", "choices": []}, "messages": [{"role": "user", "content": "q"}]}
    usage = {"model_usage": {"m/a": {"input_tokens": 9, "output_tokens": 900}}}
    silent = {"model_usage": {"m/a": {"input_tokens": 9, "output_tokens": 0}}}
    runs = br.read(write_log([sample(epoch=1, **kept, **usage), sample(epoch=2, **kept, **silent)]))
    assert runs["status"].tolist() == ["ok", "empty"]


def test_a_log_without_samples_beside_others(sample: Make, write_log: Make, tmp_path: Path) -> None:
    write_log([sample()], "a.json")
    write_log([], "b.json", results={"total_samples": 100, "completed_samples": 100}, status="success")
    runs = br.read(tmp_path)
    assert len(runs) == 1
    assert "holds no samples (written with log_samples=False): 100 runs, only their metrics" in told(runs)
    with pytest.raises(BaserateError, match="log_samples=False"):
        br.read(tmp_path / "b.json")


def test_limits_and_generation_are_kept(sample: Make, write_log: Make) -> None:
    config = {"epochs": 1, "message_limit": 9, "score_on_error": True, "fail_on_error": False}
    runs = br.read(write_log([sample()], config=config, model_generate_config={"temperature": 0.7}))
    assert runs["settings"].tolist() == ["message_limit=9; fail_on_error=False; score_on_error=True; temperature=0.7"]


@pytest.mark.parametrize(
    "odd",
    [
        {"results": {"total_samples": "x"}},
        {"scorers": 5},
        {"config": {"epochs": "x"}},
        {"dataset": {"sample_ids": 5, "samples": 1e30}},
        {"revision": {"dirty": "yes", "commit": [1]}},
        {"task_id": ["a"], "eval_id": {"a": 1}},
        {"model": {"name": "m"}},
        {"packages": [1]},
        {"task_args": 7},
    ],
)
def test_a_bad_field_of_the_header_costs_no_sample(sample: Make, write_log: Make, odd: dict[str, Any]) -> None:
    runs = br.read(write_log([sample(epoch=i) for i in (1, 2, 3)], **odd))
    assert runs["status"].tolist() == ["ok"] * 3


@pytest.mark.parametrize("field", ["uuid", "epoch", "metadata", "input", "messages", "limit", "error_retries"])
@pytest.mark.parametrize("odd", [[], {}, [1], {"a": 1}, 1e300, 10**400, "\ud800", "", True])
def test_a_bad_field_of_a_sample_costs_no_other(sample: Make, write_log: Make, field: str, odd: object) -> None:
    runs = br.read(write_log([sample(epoch=1), sample(epoch=2) | {field: odd}, sample(epoch=3)]))
    assert len(runs) == 3
    assert runs["status"].tolist()[::2] == ["ok", "ok"]
    assert br.audit(runs).accounting is not None


def test_one_contradiction_does_not_make_a_null_verdict_a_no(sample: Make, write_log: Make) -> None:
    def one(epoch: int, value: int, verdict: bool | None) -> dict[str, Any]:
        score = {"value": value, "metadata": {"is_bad": verdict}, "explanation": "why"}
        return dict(sample({"judge": score}, epoch=epoch))

    agree = [one(epoch, epoch % 2, bool(epoch % 2)) for epoch in range(1, 21)]
    runs = br.read(write_log([*agree, one(21, 1, False), one(22, 0, None)]))
    assert runs["status"].tolist()[-1] == "ungraded"
    assert runs["judge"].tolist()[:20] == [bool(epoch % 2) for epoch in range(1, 21)]


def test_arguments_that_are_settings_make_no_other_prompt_and_no_condition(
    sample: Make, write_log: Make, tmp_path: Path
) -> None:
    for name, limit in (("a", 30), ("b", 60)):
        arguments = {
            "data_path": f"/home/{name}/data.json",
            "api_url": f"https://{name}.example/v1",
            "timeout": limit,
            "n_samples": limit,
            "log_level": name,
            "mode": name,
        }
        samples = [sample({"judge": {"value": 1}}, id=i, uuid=f"{name}{i}") for i in range(3)]
        write_log(samples, f"{name}.eval", task_args=arguments, task_id=name, eval_id=name)
    runs = br.read(tmp_path)
    assert runs["prompt"].nunique() == 6, "mode changes what is asked"
    assert br.rates(runs, "judge", by="mode").table["n"].tolist() == [3, 3]
    assert not {"data_path", "api_url", "timeout", "n_samples", "log_level"} & set(runs.columns)


def test_metadata_written_after_the_run_is_no_condition(sample: Make, write_log: Make) -> None:
    def one(number: int, epoch: int) -> dict[str, Any]:
        after = {"outcome_case": "x" if epoch % 2 else "y"} | ({"tool_used": "mail"} if epoch == 2 else {})
        about = {"family": "f1" if number < 2 else "f2", **after}
        return dict(sample({"judge": {"value": 1}}, id=number, epoch=epoch, metadata=about))

    runs = br.read(write_log([one(number, epoch) for number in range(4) for epoch in (1, 2, 3)]))
    assert "family" in runs
    assert not {"outcome_case", "tool_used"} & set(runs.columns)
    assert br.read(write_log([one(0, 1), one(1, 2)]), columns={"tool_used": "tool"})["tool"].isna().sum() == 1
