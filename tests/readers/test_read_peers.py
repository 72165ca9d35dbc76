"""Against Inspect's own reader: the same samples with the same scores."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

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
