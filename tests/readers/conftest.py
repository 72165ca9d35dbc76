"""Builders of small logs in the shape of the real ones."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(__file__).parents[3] / "shared"

Sample = Callable[..., dict[str, Any]]
WriteLog = Callable[..., Path]
WriteRun = Callable[..., Path]


@pytest.fixture
def fixtures() -> Path:
    """Logs that Inspect's own writer wrote, see make_fixtures.py."""
    return FIXTURES


@pytest.fixture
def shared() -> Path:
    """Real logs that lie beside a developer's checkout."""
    if not (SHARED / "real-logs").is_dir():
        pytest.skip("the real logs are not there")
    return SHARED


@pytest.fixture
def sample() -> Sample:
    """Make a sample of an Inspect log that answered and was graded 0 by one scorer."""
    return make_sample


def make_sample(
    scores: dict[str, Any] | None = None,
    *,
    id: object = "p1",
    epoch: int = 1,
    text: str = "I will.",
    stop: str = "stop",
    **others: Any,
) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": id,
        "epoch": epoch,
        "input": f"What do you do, {id}?",
        "messages": [{"role": "user", "content": f"What do you do, {id}?"}, message],
        "output": {"completion": text, "choices": [{"message": message, "stop_reason": stop}]},
        "scores": {"judge": {"value": 0}} if scores is None else scores,
        "metadata": {},
        "uuid": others.pop("uuid", None) or f"{id}-{epoch}-{others.pop('tag', '')}",
        **others,
    }


@pytest.fixture
def write_log(tmp_path: Path) -> WriteLog:
    """Write an Inspect log: a deflated archive, or JSON if the name ends so."""

    def write(samples: Sequence[Any], name: str = "log.eval", *, header: bool = True, **spec: Any) -> Path:
        top: dict[str, Any] = {key: spec.pop(key) for key in ("status", "invalidated", "results") if key in spec}
        evaluation = {
            "eval_id": f"eval-{name}",
            "task_id": f"task-{name}",
            "created": "2026-01-01T00:00:00+00:00",
            "task": "office",
            "task_version": 1,
            "task_args": {},
            "model": "acme/opus",
            "config": {"epochs": 1},
            "scorers": [],
            "packages": {"inspect_ai": "0.3.285"},
            **spec,
        }
        log: dict[str, Any] = {"version": 2, "status": "success", "eval": evaluation, **top}
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".json"):
            path.write_text(json.dumps({**log, "samples": list(samples)}))
            return path
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": evaluation}))
            for entry in samples:
                name_of = f"samples/{entry['id']}_epoch_{entry['epoch']}"[:200].encode("utf-8", "replace").decode()
                archive.writestr(f"{name_of}.json", json.dumps(entry))
            if header:
                archive.writestr("header.json", json.dumps(log))
        return path

    return write


@pytest.fixture
def write_run(tmp_path: Path) -> WriteRun:
    """Write one response of a result tree."""

    def write(
        number: int,
        classification: dict[str, Any] | None = None,
        *,
        condition: str = "blackmail_explicit-america_replacement",
        model: str = "acme/opus",
        experiment: str = "exp",
        layout: str = "models/",
        text: str = "I will.",
        **others: Any,
    ) -> Path:
        folder = model.replace("/", "_").replace(":", "_")
        path = tmp_path / f"results/{experiment}/{layout}{folder}/{condition}/sample_{number:03d}/response.json"
        path.parent.mkdir(parents=True)
        about = {
            "model": model,
            "condition": condition,
            "sample_id": number,
            "timestamp": f"2025-06-01T00:00:{number:02d}",
        }
        response: dict[str, Any] = {"raw_response": text, "metadata": about}
        if classification is not None:
            response["classification"] = classification
        path.write_text(json.dumps({**response, **others}))
        return path

    return write


@pytest.fixture
def write_prompt(tmp_path: Path) -> WriteRun:
    """Write the prompt of a condition of a result tree."""

    def write(condition: str, text: str = "You are Alex.", experiment: str = "exp", **metadata: Any) -> Path:
        folder = tmp_path / "results" / experiment / "prompts" / condition
        folder.mkdir(parents=True)
        (folder / "metadata.json").write_text(json.dumps({"condition_id": condition, **metadata}))
        (folder / "system_prompt.txt").write_text(text)
        return folder

    return write
