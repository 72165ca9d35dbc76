"""deepeval's saved test runs: test cases, each with metrics that have a score, a threshold and a success."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from baserate.readers.declared import Field, Format, is_json
from baserate.readers.lookup import path_part
from baserate.readers.prompt import digest
from baserate.readers.record import Grade, Run, mapping, one_line, text_or


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell a test run by its keys."""
    start = head()
    return (is_json(path, start) or path.name.startswith(".deepeval")) and b'"testCases"' in start


def _metrics(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    listed = record.get("metricsData")
    yield from (mapping(one) for one in listed if mapping(one)) if isinstance(listed, list) else ()


def _refine(run: Run, record: dict[str, Any], document: Any) -> Run:
    """Take whether each metric was met; its score and threshold stand beside it."""
    grades: list[Grade] = []
    beside: dict[str, Any] = {}
    for metric in _metrics(record):
        name = text_or(metric.get("name"), "metric")
        failed = f"the judge failed: {one_line(metric['error'], 80)}" if metric.get("error") else ""
        judge = text_or(metric.get("evaluationModel"), name)
        grades.append(Grade(name, "", metric.get("success"), failed, judge))
        beside |= {f"{name}_points": metric.get("score"), f"{name}_threshold": metric.get("threshold")}
    case = text_or(record.get("name"), None) or digest(record.get("input"))
    return replace(
        run,
        version=run.version or path_part(Path(run.source.split("::")[0]), "file"),
        prompt=digest(record["input"]) if isinstance(record.get("input"), str) else case,
        name=case,
        grades=tuple(grades),
        provenance={**run.provenance, **beside},
    )


FORMAT = Format(
    name="deepeval",
    recognize=recognize,
    records="testCases",
    fields=(
        Field("version", "hyperparameters.model|testRun.hyperparameters.model"),
        Field("answer", "actualOutput"),
        Field("case", "name"),
        Field("provenance.log_id", "identifier|testFile"),
    ),
    refine=_refine,
)
