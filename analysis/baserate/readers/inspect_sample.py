"""One sample of an Inspect log as a run: who answered which prompt, what came of it, and how it was graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from baserate.readers.inspect_log import DAMAGE, SAMPLE, Log, open_log
from baserate.readers.inspect_score import graders, grades, mirrors
from baserate.readers.logs import each_file, to_table, why_unreadable
from baserate.readers.prompt import digest, prompt_key
from baserate.readers.record import Grade, Run, mapping, one_line, unreadable
from baserate.readers.request import Request
from baserate.readers.status import NO_ANSWER, has_answer, status_of_stop
from baserate.reading import Reading


def read_inspect(paths: Sequence[Path], request: Request) -> Reading:
    """Read the runs of Inspect logs.

    Parameters
    ----------
    paths : sequence of Path
        ``.eval`` or ``.json`` logs.
    request : Request
        The options of `read`.

    Returns
    -------
    Reading
        The table of runs.
    """
    runs, notes = each_file(paths, _read_log, lambda path, reason: unreadable(str(path), reason), request)
    return to_table(runs, notes, request)


def _read_log(path: Path) -> tuple[list[Run], list[str]]:
    log = open_log(path)
    spec = mapping(log.header.get("eval"))
    good = [s for s in log.samples if isinstance(s, dict)]
    judges = graders(spec, (name for s in good for name in mapping(s.get("scores"))))
    repeats = mirrors(good)
    shared = _provenance(log.header, log.finished)
    runs = []
    for member, sample in zip(log.members, log.samples, strict=True):
        if isinstance(sample, str):
            runs.append(_lost(log, member, sample))
            continue
        try:
            graded = grades(sample, _only_judge(sample, spec) | judges, repeats)
            runs.append(_run(log, member, sample, shared, graded))
        except DAMAGE as error:
            runs.append(_lost(log, member, why_unreadable(error)))
    return runs, _log_notes(log, shared)


def _run(log: Log, member: str, sample: dict[str, Any], shared: Mapping[str, Any], graded: tuple[Grade, ...]) -> Run:
    spec = mapping(log.header.get("eval"))
    arguments = mapping(spec.get("task_args"))
    epoch = int(sample.get("epoch") or 1)
    uuid = sample.get("uuid")
    status, reason = _status(sample)
    slot = (spec.get("task_id") or spec.get("eval_id"), str(sample["id"]), epoch)
    return Run(
        run_id=uuid or f"{shared['log_id']}/{sample['id']}/{epoch}",
        version=spec.get("model"),
        prompt=prompt_key(sample["id"], arguments),
        epoch=epoch,
        source=f"{log.path}::{member}",
        status=status,
        reason=reason,
        settings={**arguments, **mapping(sample.get("metadata"))},
        grades=graded,
        provenance={**shared, "stop_reason": _choice(sample).get("stop_reason"), **_retries(sample)},
        slots=(slot, ("uuid", uuid)) if uuid else (slot,),
        rank=_rank(log, sample, shared),
        name=str(sample["id"]),
        origin=str(spec.get("task", "")),
        digest=digest(sample.get("input")),
    )


def _lost(log: Log, member: str, reason: str) -> Run:
    """Make the row of a sample that could not be read; the archive still tells its version, prompt and epoch."""
    spec = mapping(log.header.get("eval"))
    row = unreadable(f"{log.path}::{member}", reason)
    arguments = mapping(spec.get("task_args"))
    shared: dict[str, Any] = {
        "version": spec.get("model"),
        "settings": arguments,
        "provenance": _provenance(log.header, log.finished),
        "rank": (-1, 0, "", 0, 0),
        "origin": str(spec.get("task", "")),
    }
    named = SAMPLE.match(member)
    if named is None:
        return replace(row, **shared)
    sample, epoch = named["id"], int(named["epoch"])
    slots = ((spec.get("task_id") or spec.get("eval_id"), sample, epoch),)
    key = prompt_key(sample, arguments)
    return replace(row, **shared, prompt=key, epoch=epoch, name=sample, slots=slots)


def _status(sample: Mapping[str, Any]) -> tuple[str, str]:
    """Say why a sample has nothing to grade; the first that holds of: invalidated, error, limit, filter, empty."""
    if sample.get("invalidation"):
        return "invalidated", one_line(mapping(sample["invalidation"]).get("reason") or "no reason given")
    if sample.get("error"):
        return "error", one_line(mapping(sample["error"]).get("message") or sample["error"])
    if sample.get("limit"):
        limit = mapping(sample["limit"])
        return "limit", f"{limit.get('type')} limit {limit.get('limit')}"
    choice = _choice(sample)
    stop = choice.get("stop_reason")
    stopped = status_of_stop(stop, mapping(choice.get("stop_details")).get("type"))
    if stopped:
        return stopped, f"stop reason {stop}"
    if not has_answer(mapping(sample.get("output")), sample.get("messages") or []):
        return "empty", NO_ANSWER
    return "", ""


def _choice(sample: Mapping[str, Any]) -> dict[str, Any]:
    choices = mapping(sample.get("output")).get("choices") or [{}]
    return mapping(choices[0])


def _retries(sample: Mapping[str, Any]) -> dict[str, int]:
    return {"error_retries": len(sample.get("error_retries") or [])}


def _only_judge(sample: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, str]:
    """Guess the judge of a single scorer: the one model besides the evaluated one that the sample used."""
    others = [name for name in mapping(sample.get("model_usage")) if name != spec.get("model")]
    scorers = list(mapping(sample.get("scores")))
    return {scorers[0]: others[0]} if len(others) == len(scorers) == 1 else {}


def _rank(log: Log, sample: Mapping[str, Any], shared: Mapping[str, Any]) -> tuple[Any, ...]:
    """Order copies of a sample: edited or invalidated by hand, then with more scores, then newer, then finished."""
    scores = [mapping(score) for score in mapping(sample.get("scores")).values()]
    edits = sum(len(score.get("history") or []) for score in scores) + bool(sample.get("invalidation"))
    return (edits, len(scores), str(shared["created"]), int(log.finished), int(log.path.suffix == ".eval"))


def _provenance(header: Mapping[str, Any], finished: bool) -> dict[str, Any]:
    spec = mapping(header.get("eval"))
    revision = mapping(spec.get("revision"))
    version = mapping(spec.get("metadata")).get("full_task_version") or spec.get("task_version")
    packages = mapping(spec.get("packages"))
    return {
        "log_id": spec.get("eval_id"),
        "log_status": header.get("status") if finished else "started",
        "created": spec.get("created"),
        "task": spec.get("task"),
        "task_version": None if version is None else str(version),
        "commit": revision.get("commit"),
        "dirty": revision.get("dirty"),
        "packages": ", ".join(f"{k} {v}" for k, v in sorted(packages.items())) or None,
    }


def _log_notes(log: Log, shared: Mapping[str, Any]) -> list[str]:
    expected = _expected(log.header)
    found = len(log.samples)
    if not found:
        return [f"{log.path.name}: the log holds no finished run (status {shared['log_status']})."]
    if shared["log_status"] == "success" and found >= expected:
        return []
    of = f" of {expected}" if expected else ""
    return [f"{log.path.name}: a log of status {shared['log_status']} with {found}{of} runs; they are kept."]


def _expected(header: Mapping[str, Any]) -> int:
    """Count the runs that a log was to hold."""
    total = mapping(header.get("results")).get("total_samples")
    if total is not None:
        return int(total)
    spec = mapping(header.get("eval"))
    dataset = mapping(spec.get("dataset"))
    ids: Sequence[Any] = dataset.get("sample_ids") or range(int(dataset.get("samples") or 0))
    return len(ids) * int(mapping(spec.get("config")).get("epochs") or 1)
