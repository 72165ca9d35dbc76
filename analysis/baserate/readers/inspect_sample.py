"""One sample of an Inspect log as a run: who answered which prompt, what came of it, and how it was graded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from baserate.readers.inspect_header import Header, notes_on_log, read_header
from baserate.readers.inspect_log import DAMAGE, SAMPLE, open_log
from baserate.readers.inspect_score import graders, grades, mirrors, scores_of
from baserate.readers.logs import each_file, to_table, why_unreadable
from baserate.readers.named import find_named
from baserate.readers.prompt import digest, prompt_key
from baserate.readers.record import Grade, Run, mapping, one_line, plain, text_or, unreadable
from baserate.readers.record_cache import FileRead
from baserate.readers.request import Request
from baserate.readers.status import NO_ANSWER, has_answer, status_of_stop
from baserate.readers.verdict import as_number
from baserate.reading import Reading

Key = Callable[[str], str]


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
    read_one = partial(_read_log, request.columns, request.max_bytes)
    read = each_file(paths, read_one, lambda path, reason: unreadable(str(path), reason), request)
    return to_table(read, request)


def _read_log(columns: Mapping[str, str], max_bytes: int, path: Path) -> FileRead:
    log = open_log(path, max_bytes, whole=bool(columns))
    header = read_header(log.header, log.finished)
    good = [_scored(s, log.header) for s in log.samples if isinstance(s, dict)]
    judges = graders(header.spec, {name for s in good for name in scores_of(s)}, header.tested)
    repeats = mirrors(good)
    key = cache(partial(_key, header.arguments))
    runs = []
    for member, sample in zip(log.members, log.samples, strict=True):
        if isinstance(sample, str):
            runs.append(_lost(log.path, header, member, sample))
            continue
        try:
            graded = grades(sample, _only_judge(sample, header) | judges, repeats)
            run = _run(log.path, header, member, sample, graded, key)
            layers = (sample, mapping(sample.get("metadata")), header.arguments, header.spec, log.header)
            runs.append(replace(run, named=find_named(columns, layers, path)) if columns else run)
        except DAMAGE as error:
            runs.append(_lost(log.path, header, member, why_unreadable(error)))
    return FileRead(runs, notes_on_log(header, path.name, len(log.samples), log.header.get("results")))


def _run(path: Path, header: Header, member: str, sample: dict[str, Any], graded: tuple[Grade, ...], key: Key) -> Run:
    identity, epoch = plain(sample["id"]), _epoch(sample.get("epoch"))
    uuid = text_or(sample.get("uuid"), None)
    status, reason = _status(sample)
    slot = (header.task_id, str(identity), epoch if epoch is not None else f"{path}::{member}")
    stop = text_or(_choice(sample).get("stop_reason"), None)
    return Run(
        run_id=uuid or f"{header.log_id}/{identity}/{epoch or member}",
        version=header.tested,
        prompt=key(str(identity)),
        epoch=epoch,
        source=f"{path}::{member}",
        status=status,
        reason=reason,
        settings={**header.arguments, **mapping(sample.get("metadata"))},
        grades=graded,
        provenance={**header.provenance, "stop_reason": stop, **_retries(sample)},
        slots=(slot, ("uuid", uuid)) if uuid else (slot,),
        rank=_rank(path, header, sample),
        name=str(identity),
        origin=header.task,
        digest=digest(sample.get("input")),
    )


def _key(arguments: Mapping[str, Any], identity: str) -> str:
    return prompt_key(identity, arguments)


def _scored(sample: dict[str, Any], header: Mapping[str, Any]) -> dict[str, Any]:
    """Put the one score of a log of version 1 where later ones have theirs, in place."""
    if "score" in sample and not scores_of(sample) and sample["score"] is not None:
        scorer = mapping(mapping(header.get("results")).get("scorer")).get("name")
        sample["scores"] = {text_or(scorer, "score"): sample["score"]}
    return sample


def _epoch(value: Any) -> int | None:
    """Read the epoch; None where it is no count."""
    number = 1.0 if value is None else math.nan if isinstance(value, bool) else as_number(value)
    return int(number) if 1 <= number < 1e9 and number == int(number) else None


def _lost(path: Path, header: Header, member: str, reason: str) -> Run:
    """Make the row of a sample that could not be read; the archive still tells its version, prompt and epoch."""
    row = replace(
        unreadable(f"{path}::{member}", reason),
        version=header.tested,
        settings=header.arguments,
        provenance=header.provenance,
        rank=(-1, 0, "", 0, 0),
        origin=header.task,
    )
    named = SAMPLE.match(member)
    if named is None:
        return row
    sample, epoch = named["id"], _epoch(named["epoch"])
    slots = ((header.task_id, sample, epoch),)
    return replace(row, prompt=prompt_key(sample, header.arguments), epoch=epoch, name=sample, slots=slots)


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
    stop = text_or(choice.get("stop_reason"), None)
    stopped = status_of_stop(stop, text_or(mapping(choice.get("stop_details")).get("type"), None))
    if stopped:
        return stopped, f"stop reason {stop}"
    messages = sample.get("messages")
    if not has_answer(mapping(sample.get("output")), messages if isinstance(messages, list) else []):
        return ("", "") if not choice and _wrote(sample) else ("empty", NO_ANSWER)
    return "", ""


def _wrote(sample: Mapping[str, Any]) -> bool:
    """Tell whether a model wrote something that the log does not show: the solver kept the answer elsewhere."""
    usage = mapping(sample.get("model_usage")).values()
    return any(as_number(mapping(one).get("output_tokens")) > 0 for one in usage)


def _choice(sample: Mapping[str, Any]) -> dict[str, Any]:
    choices = mapping(sample.get("output")).get("choices")
    return mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _retries(sample: Mapping[str, Any]) -> dict[str, int]:
    retries = sample.get("error_retries")
    return {"error_retries": len(retries) if isinstance(retries, list) else 0}


def _only_judge(sample: Mapping[str, Any], header: Header) -> dict[str, str]:
    """Guess the judge of a single scorer: the one model besides the evaluated one that the sample used."""
    others = [name for name in mapping(sample.get("model_usage")) if name != header.tested]
    scorers = list(scores_of(sample))
    only = len(others) == len(scorers) == 1 and not mapping(header.spec.get("model_roles"))
    return {scorers[0]: others[0]} if only else {}


def _rank(path: Path, header: Header, sample: Mapping[str, Any]) -> tuple[Any, ...]:
    """Order copies of a sample: edited or invalidated by hand, then with more scores, then newer, then finished."""
    scores = [mapping(score) for score in scores_of(sample).values()]
    histories = [score.get("history") for score in scores]
    edits = sum(len(h) for h in histories if isinstance(h, list)) + bool(sample.get("invalidation"))
    return (edits, len(scores), header.created, int(header.finished), int(path.suffix == ".eval"))
