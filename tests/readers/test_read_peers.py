"""Against Inspect's own reader: the same samples with the same scores."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from baserate.errors import BaserateError
from baserate.readers import read

pytestmark = pytest.mark.peers


def flat(scores: dict[str, Any]) -> dict[str, Any]:
    """Put the values of a sample's scores under the names of the table's columns."""
    values: dict[str, Any] = {}
    for scorer, score in scores.items():
        parts = score.value if isinstance(score.value, dict) else {scorer: score.value}
        for key, value in parts.items():
            values.setdefault(key, value)
    return values


HERE = Path(__file__).parent / "fixtures"
BESIDE = Path(__file__).parents[3] / "shared"
LOGS = sorted(
    path
    for folder in (HERE, BESIDE / "real-logs", BESIDE / "cases/reading")
    for path in folder.rglob("*")
    if path.suffix == ".eval" or (path.suffix == ".json" and b'"eval"' in path.read_bytes()[:4096])
)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem[-40:])
def test_every_log_that_inspect_reads(path: Path) -> None:
    """Compare ids, epochs, scores, errors and limits, sample by sample."""
    log_module = pytest.importorskip("inspect_ai.log")
    try:
        log = log_module.read_eval_log(str(path))
    except Exception:
        pytest.skip("Inspect cannot read this one")
    if not log.samples:
        with pytest.raises(BaserateError, match=r"no samples|no finished run"):
            read(path)
        return
    runs = read(path)
    assert len(runs) == len(log.samples)
    for sample in log.samples:
        mine = runs["source"].str.contains(f"/{sample.id}_epoch_{sample.epoch}.json", regex=False)
        if not mine.any():  # a log in JSON: its samples have no names
            named = runs["prompt"].str.split(" | ", regex=False).str[0] == str(sample.id)
            mine = (runs["run_id"] == sample.uuid) | named
            mine &= runs["epoch"] == sample.epoch
        assert mine.sum() == 1, (sample.id, sample.epoch)
        row = runs[mine].iloc[0]
        assert row["epoch"] == sample.epoch
        assert (row["status"] == "error") is (sample.error is not None and sample.invalidation is None)
        if sample.limit is not None and sample.error is None and sample.invalidation is None:
            assert row["status"] == "limit"
        for outcome, value in flat(sample.scores or {}).items():
            if f"{outcome}_score" in runs:
                same(row[f"{outcome}_score"], value)


def same(logged: Any, value: Any) -> None:
    if isinstance(value, bool | int | float) and not isinstance(logged, str):
        assert logged == float(value) or (math.isnan(logged) and math.isnan(float(value)))
    elif value is None:
        assert logged is None or logged != logged
    else:
        assert str(logged) == str(value)


@pytest.mark.parametrize("name", ["office.eval", "office_edited.eval", "office_warned.json", "office_retried.eval"])
def test_samples_and_scores(fixtures: Path, name: str) -> None:
    log_module = pytest.importorskip("inspect_ai.log")
    log = log_module.read_eval_log(str(fixtures / name))
    runs = read(fixtures / name, accept=("ok", "empty", "limit", "content_filter", "invalidated")).set_index("run_id")
    assert sorted(runs.index) == sorted(sample.uuid for sample in log.samples)
    for sample in log.samples:
        row = runs.loc[sample.uuid]
        assert (row["epoch"], row["stop_reason"]) == (sample.epoch, sample.output.stop_reason)
        assert row["prompt"].split(" | ")[0] == sample.id
        for outcome, value in flat(sample.scores).items():
            logged = row[f"{outcome}_score"]
            expected = float(value) if isinstance(value, (int, float)) else value
            assert logged == expected or (math.isnan(logged) and math.isnan(expected)), (outcome, sample.id)
