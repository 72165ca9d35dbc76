"""Small valid logs of every format: eight runs of two versions on four prompts, and what each run's verdict is."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

Verdicts = dict[tuple[str, str], bool]  # (version, prompt) to verdict
VERDICTS: Verdicts = {(v, f"p{i}"): (i + (v == "b")) % 2 == 1 for v in ("a", "b") for i in range(4)}
OUTCOME = "bad"


def _sample(version: str, prompt: str, verdict: bool) -> dict[str, Any]:
    message = {"role": "assistant", "content": "I will."}
    return {
        "id": prompt,
        "epoch": 1,
        "input": f"What, {prompt}?",
        "messages": [{"role": "user", "content": "What?"}, message],
        "output": {"completion": "I will.", "choices": [{"message": message, "stop_reason": "stop"}]},
        "scores": {OUTCOME: {"value": int(verdict), "explanation": "why", "metadata": {"n": 1}}},
        "metadata": {"family": "f"},
        "uuid": f"{version}-{prompt}",
        "model_usage": {version: {"input_tokens": 1, "output_tokens": 2}},
    }


def _log(version: str) -> dict[str, Any]:
    spec = {
        "eval_id": f"e{version}",
        "task_id": f"t{version}",
        "created": "2026-01-01T00:00:00+00:00",
        "task": "office",
        "task_version": 1,
        "task_args": {},
        "model": version,
        "config": {"epochs": 1},
        "scorers": [{"name": OUTCOME}],
        "packages": {"inspect_ai": "0.3.285"},
        "revision": {"commit": "abc", "dirty": False},
    }
    return {"version": 2, "status": "success", "eval": spec, "results": {"total_samples": 4}}


def _samples(version: str) -> list[dict[str, Any]]:
    return [_sample(v, p, verdict) for (v, p), verdict in VERDICTS.items() if v == version]


def inspect_archives(folder: Path) -> None:
    for version in ("a", "b"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": _log(version)["eval"]}))
            for one in _samples(version):
                archive.writestr(f"samples/{one['id']}_epoch_1.json", json.dumps(one))
            archive.writestr("header.json", json.dumps(_log(version)))
        (folder / f"{version}.eval").write_bytes(buffer.getvalue())


def inspect_json(folder: Path) -> None:
    for version in ("a", "b"):
        (folder / f"{version}.json").write_text(json.dumps(_log(version) | {"samples": _samples(version)}))


def result_tree(folder: Path) -> None:
    numbers: dict[str, int] = {}
    for (version, prompt), verdict in VERDICTS.items():
        condition = f"blackmail_explicit-{prompt}_replacement"
        numbers[version] = numbers.get(version, 0) + 1
        path = folder / f"results/exp/models/{version}/{condition}/sample_001/response.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {"model": version, "condition": condition, "sample_id": 1, "timestamp": "2026"}
        judged = {OUTCOME: verdict, "harmful_behavior": verdict, "classifier_model": "judge"}
        path.write_text(json.dumps({"raw_response": "I will.", "metadata": about, "classification": judged}))


def _rows() -> list[dict[str, Any]]:
    return [{"version": v, "prompt": p, OUTCOME: verdict} for (v, p), verdict in VERDICTS.items()]


def csv(folder: Path) -> None:
    pd.DataFrame(_rows()).to_csv(folder / "runs.csv", index=False)


def jsonl(folder: Path) -> None:
    (folder / "runs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in _rows()))


def json_list(folder: Path) -> None:
    (folder / "runs.json").write_text(json.dumps(_rows(), indent=1))


def parquet(folder: Path) -> None:
    pd.DataFrame(_rows()).to_parquet(folder / "runs.parquet", index=False)


def petri(folder: Path) -> None:
    for (version, prompt), verdict in VERDICTS.items():
        scores = {OUTCOME: 9 if verdict else 2, "tone": 4}
        about = {
            "transcript_id": f"{version}{prompt}",
            "auditor_model": "auditor",
            "target_model": version,
            "seed_instruction": f"{{'id': '{prompt}'}}",
            "judge_output": {"justification": "why", "scores": scores},
        }
        (folder / f"transcript_{version}{prompt}.json").write_text(json.dumps({"metadata": about, "events": []}))


def promptfoo(folder: Path) -> None:
    rows = [
        {
            "id": f"{v}{p}",
            "testIdx": i,
            "promptIdx": 0,
            "provider": {"id": v},
            "success": verdict,
            "failureReason": 0 if verdict else 1,
            "vars": {"q": p},
            "namedScores": {OUTCOME: int(verdict)},
            "response": {"output": "x"},
        }
        for i, ((v, p), verdict) in enumerate(VERDICTS.items())
    ]
    (folder / "results.json").write_text(json.dumps({"evalId": "e", "results": {"version": 3, "results": rows}}))


SEEDS: dict[str, Callable[[Path], None]] = {
    "inspect-archive": inspect_archives,
    "inspect-json": inspect_json,
    "result-tree": result_tree,
    "csv": csv,
    "jsonl": jsonl,
    "json": json_list,
    "parquet": parquet,
    "petri": petri,
    "promptfoo": promptfoo,
}
