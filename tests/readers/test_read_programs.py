"""Files that the programs themselves wrote (`writers/`), against what each program says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.account import account_of
from baserate.errors import BaserateError

HERE = Path(__file__).parent / "fixtures"
INSPECT = HERE / "inspect"


def read(path: Path, **options: Any) -> pd.DataFrame:
    runs = br.read(path, **options)
    account = account_of(runs)
    assert account is not None
    assert account.balances
    return runs


def statuses(runs: pd.DataFrame) -> dict[str, int]:
    return {name: count for name, count in runs["status"].value_counts().items() if count}


def counts(runs: pd.DataFrame, outcome: str, **options: Any) -> dict[str, tuple[int, int, int]]:
    table = br.rates(runs, outcome, **options).table
    return {str(row.version): (row.events, row.n, row.missing) for row in table.itertuples()}


def findings(runs: pd.DataFrame) -> str:
    return " ".join(br.audit(runs).detail().split())


@pytest.mark.parametrize("filter", ["strict-match", "flexible-extract"])
def test_lm_eval_says_the_same_rate(filter: str) -> None:
    runs = read(HERE / "lm_eval", outcomes={"right": f"exact_match where filter == {filter}"})
    for path in (HERE / "lm_eval").rglob("results_*.json"):
        results = json.loads(path.read_text())
        version = path.parent.name.replace("__", "/")
        of_version = runs.loc[runs["version"] == version, "right"].astype(float)
        assert of_version.mean() == results["results"]["sums"][f"exact_match,{filter}"]
        assert len(of_version) == results["n-samples"]["sums"]["effective"]
    assert set(runs["version"]) == {"org/A", "org/B"}
    account = account_of(runs)
    assert account is not None
    assert account.files_left["read along with the logs"] == 2, "the results beside the samples"


def test_promptfoo_says_the_same_counts() -> None:
    stats = json.loads((HERE / "promptfoo/results.json").read_text())["results"]["stats"]
    both = [read(HERE / "promptfoo" / f"results.{ending}") for ending in ("json", "jsonl")]
    for runs in both:
        assert (runs["success"] == True).sum() == stats["successes"]  # noqa: E712  # <NA> is neither
        assert (runs["success"] == False).sum() == stats["failures"]  # noqa: E712
        assert statuses(runs).get("error", 0) == stats["errors"]
    same = ["run_id", "version", "prompt", "epoch", "status", "success"]
    pd.testing.assert_frame_equal(both[0][same], both[1][same])
    folder = read(HERE / "promptfoo")
    pd.testing.assert_frame_equal(folder[same], both[0][same])
    assert folder["copies"].tolist() == [1] * len(folder), "each run once, from two of three exports"


def test_promptfoo_as_csv_is_told_what_to_export() -> None:
    with pytest.raises(BaserateError, match="promptfoo export"):
        br.read(HERE / "promptfoo/results.csv")


def test_deepeval_says_the_same_verdicts() -> None:
    runs = read(HERE / "deepeval")
    assert counts(runs, "Honesty") == {"model_a": (2, 4, 0), "model_b": (2, 3, 1)}
    for path in (HERE / "deepeval").glob("*.json"):
        of_version = runs[runs["version"] == path.stem].reset_index(drop=True)
        cases = json.loads(path.read_text())["testCases"]
        assert len(of_version) == len(cases)
        for row, case in zip(of_version.itertuples(), cases, strict=True):
            for metric in case["metricsData"]:
                verdict = getattr(row, metric["name"])
                if metric.get("error") or row.status != "ok":
                    assert pd.isna(verdict)
                else:
                    assert verdict == metric["success"]


def test_petri_in_inspect() -> None:
    """The target is in a role; a refusal of the judge is no verdict; 1 on a scale of 10 is no yes."""
    runs = read(HERE / "petri")
    assert runs["version"].tolist() == ["mockllm/target-A"] * 2 + ["mockllm/target-B"] * 2
    assert runs["prompt"].nunique() == 2
    assert runs[["deception", "unrealistic"]].isna().all(axis=None)
    cut = read(HERE / "petri", outcomes={"deception": ("deception", 7)})
    assert counts(cut, "deception") == {"mockllm/target-A": (1, 2, 0), "mockllm/target-B": (0, 1, 1)}


def test_roles_and_a_scale_of_one_scorer() -> None:
    runs = read(INSPECT / "roles")
    assert runs["version"].unique().tolist() == ["mockllm/target-A", "mockllm/target-B"]
    assert runs["unrealistic"].isna().all(), "1 on every run, of a scorer that goes to 9"
    cut = read(INSPECT / "roles", outcomes={"deception": ("deception", 7), "calm": ("deception", "<", 7)})
    assert counts(cut, "deception") == {"mockllm/target-A": (6, 6, 0), "mockllm/target-B": (2, 6, 0)}
    assert counts(cut, "calm") == {"mockllm/target-A": (0, 6, 0), "mockllm/target-B": (4, 6, 0)}


def test_the_evaluated_model_grades_itself() -> None:
    runs = read(INSPECT / "graders")
    assert (runs["model_graded_qa_grader"] == runs["version"]).all()
    assert "grade" in findings(runs)
    role = read(INSPECT / "grader_role")
    assert set(role["model_graded_qa_grader"]) == {"mockllm/judge"}


def test_limits_and_errors_that_were_graded() -> None:
    runs = read(INSPECT / "limits")
    assert statuses(runs) == {"ok": 6, "limit": 6}
    assert counts(runs, "includes") == {"mockllm/A": (2, 3, 3), "mockllm/B": (1, 3, 3)}
    accepted = counts(runs, "includes", accept=["limit"])
    assert accepted == {"mockllm/A": (4, 6, 0), "mockllm/B": (2, 6, 0)}, "as Inspect counts them"
    assert "stopped" in str(br.rates(runs, "includes"))
    errors = read(INSPECT / "errors")
    assert statuses(errors) == {"ok": 4, "error": 2}
    assert errors["includes_logged"].notna().sum() == 1, "only with score_on_error"
    assert any("score_on_error=True" in text for text in errors["settings"])


def test_answers_kept_elsewhere_and_partial_grades() -> None:
    kept = read(INSPECT / "no_choices")
    assert statuses(kept) == {"ok": 3, "empty": 1}, "output tokens without choices are an answer, none are none"
    partial = read(INSPECT / "partial")
    assert statuses(partial) == {"ok": 2, "ungraded": 2}
    cut = read(INSPECT / "partial", outcomes={"right": ("model_graded_qa", 0.5)})
    assert counts(cut, "right") == {"mockllm/A": (2, 3, 1)}


def test_arguments_that_are_no_prompt() -> None:
    runs = read(INSPECT / "arguments")
    assert runs["prompt"].unique().tolist() == ["mails", "ledger", "mails | warned=True", "ledger | warned=True"]
    said = findings(runs)
    assert "conditions 2 of warned" in said
    assert "timeout=30" in said, "logs that differ in a setting are told"
    assert "timeout=600" in said


def test_values_of_after_the_run_are_no_condition() -> None:
    runs = read(INSPECT / "values")
    assert counts(runs, "lied") == {"mockllm/A": (1, 3, 0)}
    assert counts(runs, "aware") == {"mockllm/A": (1, 2, 1)}


def test_logs_without_samples_a_bundle_and_an_early_stop() -> None:
    with pytest.raises(BaserateError, match="log_samples=False"):
        br.read(INSPECT / "header_only")
    assert len(read(INSPECT / "bundle")) == 6
    early = read(INSPECT / "early")
    assert len(early) == 6
    assert "stopped early by its own rule" in " ".join(early["reading"])
