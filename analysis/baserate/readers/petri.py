"""Petri's transcripts: one file a run, in which a judge gives each dimension a score from 1 to 10."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from baserate.readers.declared import Field, Format, Score, is_json
from baserate.readers.prompt import short

_ID = re.compile(r"""['"](?:id|seed_id)['"]\s*:\s*['"]?([^'",}]+)""")
_FAILED = re.compile(r"\s*(failed to|partial|partially) pars", re.IGNORECASE)


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell a transcript by its metadata, or by its name where the events come first."""
    start = head()
    if not is_json(path, start) or b'"rollouts"' in start:
        return False
    named = path.name.startswith("transcript") and (b'"events"' in start or b'"messages"' in start)
    return named or (b'"target_model"' in start and (b'"auditor_model"' in start or b'"judge_output"' in start))


def _seed(instruction: Any) -> str:
    """Name a seed: its id, where the instruction spells out an object that has one, else its text."""
    found = _ID.search(str(instruction)[:2000])
    return found[1].strip() if found else short(instruction)


def _failed_parse(justification: Any) -> str | None:
    """Tell a judge whose answer could not be parsed, which leaves every dimension at 1."""
    return "the judge's answer could not be parsed" if _FAILED.match(str(justification)) else None


FORMAT = Format(
    name="petri",
    recognize=recognize,
    records="",
    fields=(
        Field("run_id", "metadata.transcript_id"),
        Field("version", "metadata.target_model"),
        Field("prompt", "metadata.seed_id|metadata.seed_instruction|metadata.description", _seed),
        Field("ungraded", "metadata.judge_output.justification", _failed_parse),
        Field("auditor", "metadata.auditor_model"),
        Field("provenance.task_version", "metadata.version"),
        Field("provenance.created", "metadata.created_at"),
    ),
    scores=(Score("judge", "metadata.judge_output.scores", grader="metadata.judge_model"),),
)
