"""promptfoo's results: one row a provider, prompt, test and repeat, graded by assertions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from baserate.readers.declared import Field, Format, Score
from baserate.readers.record import Run, one_line

_ERROR = 2  # failureReason: 0 none, 1 an assertion, 2 an error


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell promptfoo's results by their first keys."""
    start = head()
    return path.suffix == ".json" and b'"results"' in start and (b'"evalId"' in start or b'"promptIdx"' in start)


def _vars(given: Any) -> str:
    return json.dumps(given, sort_keys=True, ensure_ascii=False)


def _refine(run: Run, record: dict[str, Any], document: Any) -> Run:
    """Tell an error from a failed assertion, whose message stands in the same field, and name the prompt."""
    run = replace(run, prompt=f"{record.get('testIdx')}: {_vars(record.get('vars'))}", name=str(record.get("testIdx")))
    if record.get("failureReason") == _ERROR:
        return replace(run, status="error", reason=one_line(record.get("error") or "the run failed"))
    return run


FORMAT = Format(
    name="promptfoo",
    recognize=recognize,
    records="results.results",
    fields=(
        Field("run_id", "id"),
        Field("version", "provider.label|provider.id|provider"),
        Field("answer", "response.output"),
        Field("stop_reason", "response.finishReason"),
        Field("plugin", "testCase.metadata.pluginId|metadata.pluginId"),
        Field("provenance.log_id", "evalId"),
    ),
    scores=(Score("success", "success"), Score("named", "namedScores")),
    refine=_refine,
)
