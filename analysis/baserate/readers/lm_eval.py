"""lm-evaluation-harness' sample files: a line a document and filter; the model is the folder's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from baserate.readers.declared import Field, Format
from baserate.readers.lookup import path_part
from baserate.readers.record import Grade, Run

_FILE = re.compile(r"samples_(?P<task>.+?)_(?P<time>\d{4}-\d{2}-\d{2}T[\d.:-]+)\.jsonl")


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell a file of samples by its name and keys."""
    start = head()
    return path.suffix == ".jsonl" and b'"doc_id"' in start and (b'"filtered_resps"' in start or b'"resps"' in start)


def _model(folder: str) -> str:
    """Undo how the harness writes a model's name as a folder: org__model."""
    return folder.replace("__", "/", 1)


def _refine(run: Run, record: dict[str, Any], document: Any) -> Run:
    """Take the metrics that the record lists, and the task and time out of the file's name."""
    path = Path(run.source.split("::")[0])
    file = _FILE.fullmatch(path.name)
    task, time = (file["task"], file["time"]) if file else (path_part(path, "file"), "")
    listed = record.get("metrics")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    values = {name: record.get(name) for name in names}
    grades = [Grade(name, "", value, "", name) for name, value in values.items() if not isinstance(value, (list, dict))]
    log = {"task": task, "created": time or None, "log_id": f"{path.parent.name}/{path.name}"}
    return replace(
        run,
        run_id=f"{run.version}/{task}/{time or path.name}/{run.prompt}",
        grades=tuple(grades),
        settings={**run.settings, "task": task},
        provenance={**run.provenance, **log},
        slots=(("lm-eval", run.version, task, time or str(path), run.prompt, str(record.get("doc_hash"))),),
        origin=task,
    )


FORMAT = Format(
    name="lm-eval",
    recognize=recognize,
    records="",
    fields=(
        Field("version", "folder", _model),
        Field("prompt", "doc_id"),
        Field("content", "doc", lambda doc: doc),
        Field("filter", "filter"),
    ),
    refine=_refine,
    one_of="filter",
    along=lambda path: path.name.startswith("results_") and path.suffix == ".json",
)
