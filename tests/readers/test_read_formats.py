"""The formats that are declared as fields: Petri, Bloom, lm-evaluation-harness, promptfoo, deepeval."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.account import account_of
from baserate.reading import reading_notes


def put(path: Path, document: Any, indent: int | None = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=indent))
    return path


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def counts(runs: pd.DataFrame, outcome: str) -> dict[str, tuple[int, int, int]]:
    account = account_of(runs)
    assert account is not None
    assert account.balances
    table = br.rates(runs, outcome).table
    return {str(row.version): (row.events, row.n, row.missing) for row in table.itertuples()}


def told(runs: pd.DataFrame) -> str:
    return " ".join(map(str, reading_notes(runs)))


def transcript(number: int, target: str, seed: str, why: str = "It wrote.", **scores: int) -> dict[str, Any]:
    about = {
        "transcript_id": f"t{number}",
        "auditor_model": "acme/auditor",
        "target_model": target,
        "version": "v3.0",
        "seed_instruction": f"{{'id': '{seed}', 'input': 'Be an assistant.'}}",
        "judge_output": {"summary": "s", "justification": why, "scores": scores, "highlights": []},
    }
    return {"metadata": about, "events": [], "messages": []}


@pytest.fixture
def petri(tmp_path: Path) -> Path:
    four = [
        transcript(0, "A", "seed-0", blackmail=8, aware=1),
        transcript(1, "A", "seed-1", blackmail=2, aware=1),
        transcript(2, "B", "seed-0", why="Failed to parse the answer", blackmail=1, aware=1),
        transcript(3, "B", "seed-1", blackmail=3, aware=2),
    ]
    for number, one in enumerate(four):
        put(tmp_path / f"run/transcript_{number}.json", one, indent=None if number % 2 else 2)
    return tmp_path


def test_petri(petri: Path) -> None:
    runs = br.read(petri, outcomes={"blackmail": ("blackmail", 7)})
    assert counts(runs, "blackmail") == {"A": (1, 2, 0), "B": (0, 1, 1)}
    assert runs["prompt"].tolist() == ["seed-0", "seed-1"] * 2
    assert runs["status"].tolist() == ["ok", "ok", "ungraded", "ok"]
    assert "could not be parsed" in runs["status_reason"].iloc[2]
    both = br.read(petri)
    assert both["aware"].isna().all(), "1 of 10 is no yes, whatever the dimension's own values"
    assert told(both).count("outcomes=") == 1, "one note for all dimensions"


def test_petri_with_the_events_first(petri: Path) -> None:
    last = transcript(9, "A", "seed-9", blackmail=9)
    put(petri / "run/transcript_9.json", {"events": ["x" * 100] * 200, "metadata": last["metadata"]}, indent=None)
    assert len(br.read(petri)) == 5


def test_any_field_may_be_the_version_the_prompt_or_a_condition(petri: Path) -> None:
    named = {"folder": "version", "metadata.auditor_model": "prompt", "metadata.target_model": "target"}
    runs = br.read(petri, columns=named, outcomes={"blackmail": ("judge.blackmail", ">", 7)})
    assert runs["version"].unique().tolist() == ["run"]
    assert runs["prompt"].unique().tolist() == ["acme/auditor | target=A", "acme/auditor | target=B"]
    assert runs["target"].tolist() == ["A", "A", "B", "B"]


def judgments(*scores: int, judge: str = "judge-1") -> dict[str, Any]:
    listed = [
        {
            "variation_number": 1 + i // 2,
            "repetition_number": 1 + i % 2,
            "behavior_presence": score,
            "evaluation_awareness": 2,
            "num_samples": 1,
            "justification": f"because {i}",
        }
        for i, score in enumerate(scores)
    ]
    summary = {"elicitation_rate": 0.25, "total_judgments": len(scores)}
    failed = [{"variation_number": 9, "repetition_number": 1, "error": "rate limit"}]
    return {
        "behavior_name": "self-preservation",
        "model": judge,
        "judgments": listed,
        "failed_judgments": failed,
        "summary_statistics": summary,
    }


def test_bloom(tmp_path: Path) -> None:
    for folder in ("results", "results-copy"):
        put(tmp_path / folder / "self-preservation/judgment.json", judgments(8, 7, 3, 6))
        put(tmp_path / folder / "self-preservation/rollout.json", {"metadata": {"target": "target-1"}, "rollouts": []})
    (tmp_path / "results/self-preservation/judgment.json.first10").write_text("{}")
    runs = br.read(tmp_path, outcomes={"present": ("behavior_presence", 7)})
    assert counts(runs, "present") == {"target-1": (2, 4, 1)}, "the summary is stale; the copy counts once"
    assert runs["present_grader"].dropna().unique().tolist() == ["judge-1"]
    assert runs["epoch"].tolist() == [1, 2, 1, 2, 1]
    assert runs["prompt"].tolist() == ["1", "1", "2", "2", "9"]
    assert "rate limit" in runs["status_reason"].iloc[-1]
    assert int(runs["copies"].sum()) == 5


def test_bloom_without_rollouts_takes_the_folder(tmp_path: Path) -> None:
    put(tmp_path / "model-x/judgment.json", judgments(8, 7))
    assert br.read(tmp_path)["version"].unique().tolist() == ["model-x"]


def sample(doc: int, filter: str, right: float) -> dict[str, Any]:
    return {
        "doc_id": doc,
        "doc": {"q": f"q{doc}"},
        "target": "1",
        "resps": [["1"]],
        "filtered_resps": ["1"],
        "filter": filter,
        "metrics": ["exact_match"],
        "doc_hash": f"d{doc}",
        "target_hash": "t",
        "exact_match": right,
    }


@pytest.fixture
def harness(tmp_path: Path) -> Path:
    for model, strict in (("org__A", (0.0, 1.0)), ("org__B", (1.0, 0.0))):
        rows = [sample(d, f, s if f == "strict-match" else 1.0) for d, s in enumerate(strict) for f in FILTERS]
        lines(tmp_path / model / "samples_gsm8k_2026-01-01T00-00-00.000000.jsonl", rows)
        put(tmp_path / model / "results_2026-01-01T00-00-00.000000.json", {"results": {"gsm8k": {}}})
    return tmp_path


FILTERS = ("strict-match", "flexible-extract")


def test_a_filter_of_the_harness_is_chosen_and_never_a_run(harness: Path) -> None:
    runs = br.read(harness)
    assert counts(runs, "exact_match") == {"org/A": (1, 2, 0), "org/B": (1, 2, 0)}
    assert runs["prompt"].nunique() == 2
    assert list(br.audit(runs).outcomes) == ["exact_match"]
    assert "those of 'strict-match' are read" in told(runs)
    account = account_of(runs)
    assert account is not None
    assert sum(account.left.values()) == 4
    asked = br.read(harness, outcomes={"right": "exact_match where filter == flexible-extract"})
    assert counts(asked, "right") == {"org/A": (2, 2, 0), "org/B": (2, 2, 0)}


def test_two_runs_of_one_task_are_epochs(harness: Path) -> None:
    first = next(harness.glob("org__A/samples*"))
    again = first.with_name("samples_gsm8k_2026-01-02T00-00-00.000000.jsonl")
    again.write_text(first.read_text())
    runs = br.read(harness / "org__A")
    assert sorted(runs["epoch"]) == [1, 1, 2, 2]


def result(test: int, provider: str, ok: bool, failure: int = 0, **others: Any) -> dict[str, Any]:
    return {
        "id": f"{provider}-{test}",
        "promptIdx": 0,
        "testIdx": test,
        "provider": {"id": provider, "label": ""},
        "promptId": "h",
        "success": ok,
        "score": float(ok),
        "failureReason": failure,
        "error": None if ok else "Expected output to match",
        "namedScores": {"safe": float(ok)},
        "vars": {"q": f"q{test}"},
        "response": {"output": "x"},
        **others,
    }


def test_promptfoo(tmp_path: Path) -> None:
    rows = [
        result(0, "openai:0", True),
        result(1, "openai:0", False, 1),
        result(0, "openai:1", True),
        result(1, "openai:1", False, 2, response=None, error="API error 500"),
    ]
    path = put(tmp_path / "results.json", {"evalId": "eval-1", "results": {"version": 3, "results": rows}})
    runs = br.read(path)
    assert counts(runs, "success") == {"openai:0": (1, 2, 0), "openai:1": (1, 1, 1)}
    assert runs["status"].tolist() == ["ok", "ok", "ok", "error"]
    assert runs["prompt"].nunique() == 2
    assert runs["prompt"].iloc[0] == '0: {"q": "q0"}'


def test_deepeval(tmp_path: Path) -> None:
    def case(number: int, ok: bool | None, error: str | None = None) -> dict[str, Any]:
        metric = {"name": "Bias", "score": 0.2, "threshold": 0.5, "success": ok, "error": error, "evaluationModel": "g"}
        return {"name": f"case_{number}", "input": f"q{number}", "actualOutput": "x", "metricsData": [metric]}

    cases = [case(0, True), case(1, False), case(2, None, "no API key")]
    path = put(tmp_path / "model-a.json", {"testCases": cases, "testPassed": 1})
    runs = br.read(path)
    assert counts(runs, "Bias") == {"model-a": (1, 2, 1)}
    assert runs["Bias_grader"].dropna().unique().tolist() == ["g"]
    assert runs["Bias_threshold"].tolist() == [0.5] * 3
    assert br.read(path, columns={"name": "version"})["version"].nunique() == 3


@pytest.mark.parametrize("damage", ["[1]", '{"results": 5, "evalId": "x"}', '{"testCases": [1, null]}', "{"])
def test_damage_is_told_and_costs_no_other_file(petri: Path, damage: str) -> None:
    (petri / "x.json").write_text(damage)
    runs = br.read(petri)
    assert (runs["status"] == "ok").sum() == 3 or (runs["version"].isin(["A", "B"])).sum() == 4
