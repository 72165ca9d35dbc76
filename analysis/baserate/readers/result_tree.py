"""The result tree of the agentic-misalignment framework: one folder a condition, one `response.json` a run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from baserate.readers.classification import classifications
from baserate.readers.gaps import missing_runs
from baserate.readers.json_text import decode
from baserate.readers.logs import each_file, to_table
from baserate.readers.named import find_named
from baserate.readers.no_log import POINTER, WHY_POINTER
from baserate.readers.prompt import digest, prompt_key
from baserate.readers.record import Run, mapping, one_line, plain, text_or
from baserate.readers.record_cache import FileRead
from baserate.readers.request import Request
from baserate.readers.status import NO_ANSWER, status_of_stop
from baserate.reading import Reading

_SAMPLE = re.compile(r"sample_(\d+)")
_CONDITION = re.compile(
    r"(?P<scenario>[^_]+)_(?P<goal_type>[^_-]+)-(?P<goal_value>[^_]+)_(?P<urgency>[^_]+)(?P<prod>_prod)?"
)
_FACTORS = {
    "scenario": "scenario",
    "goal_type": "goal_type",
    "goal_value": "goal_value",
    "urgency_type": "urgency",
    "production_variant": "prod",
    "extra_system_instructions": "extra_system_instructions",
    "alignment_faking": "alignment_faking",
    "alignment_faking_type": "alignment_faking_type",
}
_TEXTS = ("system_prompt.txt", "user_prompt.txt", "email_content.txt")


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell a response of the framework by its place in the tree.

    Parameters
    ----------
    path : Path
        A file.
    head : callable
        Not needed here.

    Returns
    -------
    bool
    """
    return path.name == "response.json" and _SAMPLE.fullmatch(path.parent.name) is not None


def belongs(path: Path) -> bool:
    """Tell whether a file is a prompt of the tree, which is read along with the responses.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    bool
    """
    return path.parent.parent.name == "prompts" and path.name in (*_TEXTS, "metadata.json")


def read_tree(paths: Sequence[Path], request: Request) -> Reading:
    """Read the runs of a result tree.

    Parameters
    ----------
    paths : sequence of Path
        The files ``.../<model>/<condition>/sample_NNN/response.json``.
    request : Request
        The options of `read`.

    Returns
    -------
    Reading
        The table of runs, with rows for the runs that seem to have left no file.
    """
    place = _Places()
    read = each_file(paths, partial(_read_response, place, request.columns), partial(_lost, place), request)
    gaps, more = missing_runs(read.runs, place)
    return to_table(FileRead([*read.runs, *gaps], read.notes + more, read.left), request)


def _read_response(place: Callable[[Path], Run], columns: Mapping[str, str], path: Path) -> FileRead:
    with open(path, "rb", buffering=0) as file:
        data = file.read()
    if data.startswith(POINTER):
        raise ValueError(WHY_POINTER)
    response = mapping(decode(data))
    about = mapping(response.get("metadata"))
    if not about and "raw_response" not in response:
        raise ValueError("it is no response of the framework: it has neither metadata nor raw_response")
    run = place(path)
    status, reason = _status(response)
    model, stamp = text_or(about.get("model"), run.version), plain(about.get("timestamp"))
    stop = text_or(mapping(about.get("api_metadata")).get("stop_reason"), None)
    return FileRead(
        [
            replace(
                run,
                version=model,
                status=status,
                reason=reason,
                grades=tuple(classifications(response)),
                provenance={**run.provenance, "timestamp": stamp, "stop_reason": stop},
                slots=((run.origin, model, run.name, run.epoch, stamp),),
                rank=(0,),
                named=find_named(columns, (response, about, run.settings), path) if columns else {},
            )
        ],
        [],
    )


def _lost(place: Callable[[Path], Run], path: Path, reason: str) -> Run:
    return replace(place(path), status="unreadable", reason=reason, slots=(str(path),), rank=(-1,))


class _Places:
    """Tells from a path alone which run it is; the prompt of each condition is read once in a process.

    An executor's processes begin without any.
    """

    def __init__(self) -> None:
        self._known: dict[str, Run] = {}

    def __call__(self, path: Path) -> Run:
        source = str(path)
        above, _, _ = source.rpartition(os.sep)
        condition, _, sample = above.rpartition(os.sep)
        if condition not in self._known:
            self._known[condition] = _of_condition(path.parent.parent)
        common = self._known[condition]
        number = _SAMPLE.fullmatch(sample) if len(sample) < 25 else None
        epoch = int(number[1]) if number else None
        return replace(common, run_id=f"{common.run_id}/{sample}", epoch=epoch, source=source)

    def __reduce__(self) -> tuple[type[_Places], tuple[()]]:
        return _Places, ()


def _of_condition(condition: Path) -> Run:
    """Make what the runs of a condition share; an older layout has no folder ``models``."""
    model = condition.parent
    experiment = model.parent.parent if model.parent.name == "models" else model.parent
    settings, texts = _prompt(experiment / "prompts" / condition.name)
    return Run(
        run_id="/".join((experiment.name, model.name, condition.name)),
        version=model.name,
        prompt=prompt_key(condition.name, settings),
        epoch=None,
        source="",
        settings=settings,
        provenance={"experiment": experiment.name, "condition_id": condition.name},
        name=condition.name,
        origin=experiment.name,
        digest=texts,
    )


def _prompt(folder: Path) -> tuple[dict[str, Any], str]:
    """Read the factors of a condition from its prompt's metadata, or else from its name, and fingerprint its texts."""
    named = _CONDITION.fullmatch(folder.name)
    settings: dict[str, Any] = {} if named is None else {**named.groupdict(), "prod": named["prod"] is not None}
    try:
        logged = mapping(decode((folder / "metadata.json").read_bytes()))
    except (OSError, ValueError):
        logged = {}
    settings |= {ours: plain(logged[theirs]) for theirs, ours in _FACTORS.items() if theirs in logged}
    settings |= {name: False for name in ("prod", "alignment_faking") if name in settings and settings[name] is None}
    texts = [text for name in _TEXTS if (text := _bytes(folder / name)) is not None]
    return settings, digest(b"\n".join(texts).decode("utf-8", "replace")) if texts else ""


def _bytes(path: Path) -> bytes | None:
    """Read a prompt's text; None where it is not there, or may not be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _status(response: dict[str, Any]) -> tuple[str, str]:
    about = mapping(response.get("metadata"))
    if response.get("error") or about.get("failed"):
        return "error", one_line(response.get("error") or "the run failed")
    stop = text_or(mapping(about.get("api_metadata")).get("stop_reason"), None)
    stopped = status_of_stop(stop)
    if stopped:
        return stopped, f"stop reason {stop}"
    return ("", "") if str(response.get("raw_response") or "").strip() else ("empty", NO_ANSWER)
