"""Bloom's judgments: variations of a scenario, each repeated, scored from 1 to 10; the stored summary is never used."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from baserate.readers.declared import Field, Format, is_json
from baserate.readers.json_text import decode
from baserate.readers.prompt import digest
from baserate.readers.record import Grade, Run, mapping, one_line, text_or

_NO_SCORE = re.compile(r".*_number|num_.*|total_.*|.*_(index|count|id)")


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell a file of judgments by its name and keys."""
    start = head()
    return is_json(path, start) and path.name == "judgment.json" and b'"behavior_name"' in start


def _document(path: Path, document: Any) -> dict[str, Any]:
    """Add the target, which the rollouts beside the judgments name, and the judgments that failed."""
    told = dict(mapping(document))
    try:
        rollout = mapping(decode((path.parent / "rollout.json").read_bytes()))
    except (OSError, ValueError):
        rollout = {}
    target = text_or(mapping(rollout.get("metadata")).get("target"), None)
    failed = told.get("failed_judgments")
    lost = [{**mapping(one), "failed": True} for one in failed] if isinstance(failed, list) else []
    judged = told.get("judgments")
    return told | {
        "target": target or path.parent.name,
        "judgments": [*judged, *lost] if isinstance(judged, list) else judged,
    }


def _refine(run: Run, record: dict[str, Any], document: Any) -> Run:
    """Take every score of the judge; judgments that say the same of the same run, in another folder, are one."""
    told = mapping(document)
    judge = text_or(told.get("model"), "judge")
    scores = {key: value for key, value in record.items() if _is_score(key, value)}
    failed = "the judge failed" if record.get("failed") else ""
    keys = scores or {"behavior_presence": None}
    grades = tuple(Grade("judgment", key, value, failed, judge) for key, value in keys.items())
    identity = (told.get("behavior_name"), run.version, judge, run.prompt, run.epoch, digest(record))
    reason = one_line(record.get("error") or "") if failed else ""
    return replace(run, grades=grades, slots=(("bloom", *map(str, identity)),), reason=reason)


def _is_score(key: str, value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and not _NO_SCORE.fullmatch(key)


FORMAT = Format(
    name="bloom",
    recognize=recognize,
    records="judgments",
    document=_document,
    fields=(
        Field("version", "target"),
        Field("prompt", "variation_number"),
        Field("epoch", "repetition_number", int),
        Field("behavior", "behavior_name"),
        Field("provenance.stop_reason", "stop_reason"),
    ),
    refine=_refine,
    along=lambda path: path.name in ("rollout.json", "ideation.json", "understanding.json", "decomposition.json"),
)
