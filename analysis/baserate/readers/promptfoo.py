"""promptfoo's results: a record for each provider, prompt, test and repeat, graded by assertions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from baserate.readers.declared import JSON_LINES, Field, Format, Score, is_json
from baserate.readers.prompt import short
from baserate.readers.record import Run, one_line

_ERROR = 2  # failureReason: 0 none, 1 an assertion, 2 an error
_SHEET = (b"Status", b"Score", b"Named Scores", b"Grader Reason")


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell promptfoo's results by their first keys, in one document or a line for each."""
    start = head()
    if path.suffix.lower() in JSON_LINES:
        return b'"testCase"' in start or (b'"promptIdx"' in start and b'"provider"' in start)
    return is_json(path, start) and b'"results"' in start and any(k in start for k in (b'"evalId"', b'"promptIdx"'))


def is_sheet(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell promptfoo's CSV, a line a test with the same columns for each provider, by its header."""
    first = head().split(b"\n", 1)[0]
    return path.suffix.lower() == ".csv" and all(name in first.split(b",") for name in _SHEET)


def _refine(run: Run, record: dict[str, Any], document: Any) -> Run:
    """Name the test, and tell an error from a failed assertion, whose message stands in the same field."""
    test = json.dumps(record.get("vars"), sort_keys=True, ensure_ascii=False, default=str)
    number = record.get("testIdx")
    run = replace(run, prompt=short(test if number is None else f"{number}: {test}"), name=str(number))
    if isinstance(record.get("id"), str) and record["id"]:  # unique: the same run in an export of another kind
        run = replace(run, slots=(("promptfoo", record["id"]),))
    if record.get("failureReason") == _ERROR or (record.get("error") and not record.get("response")):
        return replace(run, status="error", reason=one_line(record.get("error") or "the run failed"))
    return run


FORMAT = Format(
    name="promptfoo",
    recognize=recognize,
    records="results.results",
    fields=(
        Field("run_id", "id"),
        Field("version", "provider.label|provider.id|provider", lambda name: name if isinstance(name, str) else None),
        Field("answer", "response.output"),
        Field("stop_reason", "response.finishReason"),
        Field("template", "promptId"),
        Field("plugin", "testCase.metadata.pluginId|metadata.pluginId"),
        Field("provenance.log_id", "evalId"),
    ),
    scores=(Score("success", "success"), Score("named", "namedScores")),
    refine=_refine,
)
