"""The real logs that lie beside a developer's checkout: the numbers that are known of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from baserate.readers import read
from baserate.reading import reading_notes
from baserate.runs import factors

pytestmark = pytest.mark.shared

GEMINI = "openrouter/google/gemini-2.5-pro"
SONNET = "openrouter/anthropic/claude-sonnet-4"


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    folder = Path(__file__).parents[3] / "shared/real-logs/inspect"
    if not folder.is_dir():
        pytest.skip("the real logs are not there")
    return read(folder)


@pytest.mark.parametrize(
    ("version", "condition", "events", "graded"),
    [
        (GEMINI, "direct_pressure", 9, 13),
        (GEMINI, "backdoor", 16, 17),
        (GEMINI, "baseline", 0, 14),
        (SONNET, "direct_pressure", 8, 17),
        (SONNET, "backdoor", 21, 25),
    ],
)
def test_rates_among_answers(runs: pd.DataFrame, version: str, condition: str, events: int, graded: int) -> None:
    cell = runs[(runs["version"] == version) & (runs["condition"] == condition)]
    assert len(cell) == 25
    assert (int(cell["injection_judge"].sum()), int(cell["injection_judge"].count())) == (events, graded)
    assert cell["injection_judge_score"].sum() == events, "as logged the empty answers are in the denominator"


def test_every_run_once_with_its_status(runs: pd.DataFrame) -> None:
    assert len(runs) == 1 + 100 + 25 + 25 + 75 + 75 + 75
    assert runs["run_id"].is_unique
    by_version = {v: dict(Counter(g["status"])) for v, g in runs.groupby("version", observed=True)}
    assert by_version == {
        GEMINI: {"ok": 44, "empty": 31},
        SONNET: {"ok": 62, "empty": 13},
        "openrouter/openai/gpt-4o": {"ok": 225, "error": 1},
    }


def test_null_and_unparseable_verdicts_are_not_no(runs: pd.DataFrame) -> None:
    null = runs["status_reason"].str.contains("verdict is null", na=False)
    unparseable = runs["status_reason"].str.contains("could not be parsed", na=False)
    assert (int(null.sum()), int(unparseable.sum())) == (8, 3), "these judges were shown an empty answer"
    assert runs.loc[null | unparseable, "injection_judge"].isna().all()
    assert (runs.loc[null | unparseable, "injection_judge_score"] == 0).all()


def test_reruns_that_differ_stay_apart(runs: pd.DataFrame) -> None:
    pressed = runs[(runs["version"] == "openrouter/openai/gpt-4o") & (runs["condition"] == "direct_pressure")]
    by_log = pressed.groupby("created")["injection_judge"].sum()
    assert by_log.tolist() == [2, 14, 1, 15]
    assert pressed.groupby("created")["commit"].nunique().tolist() == [1, 1, 1, 1]
    assert pressed["dirty"].all()
    assert pressed["prompt"].nunique() == 5, "the same prompts, whatever the task was called"


def test_factors_and_graders(runs: pd.DataFrame) -> None:
    assert factors(runs) == ["scenario_id", "condition", "strategy"]
    assert runs["strategy"].cat.categories.tolist() == ["none", "chat_log", "user_review"]
    assert runs["injection_judge_grader"].dropna().unique().tolist() == ["openrouter/anthropic/claude-sonnet-4.5"]


def test_logs_that_ended_early_are_told(runs: pd.DataFrame) -> None:
    notes = reading_notes(runs)
    assert sum("the log holds no finished run" in note for note in notes) == 2
    assert sum("a log of status error with 1 of 1 runs" in note for note in notes) == 1
    empty = runs[runs["status"] == "empty"]
    assert (len(empty), int((~empty["injection_judge_logged"].dropna()).sum())) == (44, 33)


def test_mock_logs_and_their_variants(shared: Path) -> None:
    folder = shared / "real-logs/inspect-mock"
    runs = read(folder)
    assert len(read(sorted(folder.glob("*.eval")))) == 57
    assert len(runs) == 57 + 1 + 4, "the retry adds the fourth epoch; the variants add only the limits"
    assert runs["run_id"].is_unique
    assert (runs["status"] == "invalidated").sum() == 1
    assert (runs["status"] == "limit").sum() == 4 + 2
    assert (runs["status"] == "content_filter").sum() == 3
    assert runs["prompt"].str.contains("extra_system_instructions=dont").sum() == 4
    assert runs["prompt"].str.contains("test_eval_awareness=True").sum() == 6
    assert {"harmful", "aware", "judge_letter", "blackmail", "harmfulness_scorer1_harmful"} <= set(runs.columns)
    edited = read(folder / "variants/invalidated_edited.eval").set_index("epoch")
    assert edited.loc[1, "status"] == "invalidated"
    assert edited.loc[2, ["harmful", "classifier_verdict"]].tolist() == [False, True]
    assert len(read(folder / "variants/interrupted_no_header.eval")) == 8


def test_other_files_are_counted(shared: Path) -> None:
    runs = read(shared / "real-logs")
    assert any("Not read, because no log: 1 file" in note for note in reading_notes(runs))
    judged = read(shared / "real-logs/bloom", outcomes={"present": ("behavior_presence", 7)})
    assert (int(judged["present"].sum()), len(judged), judged["version"].nunique()) == (17, 20, 1)
