"""The header of an Inspect log: who was tested, by which task and code, under which limits, and what it was to hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from baserate.layout import holds_setting
from baserate.readers.record import count_of, mapping, plain, text_or
from baserate.readers.verdict import as_number

_NO_MODEL = ("none", "none/none")
_TESTED_ROLES = ("target", "candidate", "subject", "evaluated", "policy")
_OTHER_ROLES = ("grader", "judge", "auditor", "scorer", "monitor", "user", "critic")
_LIMITS = ("message_limit", "token_limit", "time_limit", "working_limit", "cost_limit")
_ON_ERROR = ("fail_on_error", "score_on_error", "continue_on_fail")
_GENERATION = ("temperature", "top_p", "max_tokens", "reasoning_effort", "seed", "system_message")


@dataclass(frozen=True)
class Header:
    """What a log says of all its samples; a field of the wrong type is as if it were not there.

    Attributes
    ----------
    spec : dict
        The log's ``eval``.
    tested : str or None
        The model that was tested.
    log_id, task_id, task, created : str
    arguments : dict
        The task's.
    finished : bool
        Whether the header was written, which a killed run never does.
    status : str
    provenance : dict
        Columns that are the same for all runs of the log.
    notes : tuple of str
    expected : int
        How many runs the log was to hold; 0 where it does not tell.
    """

    spec: dict[str, Any]
    tested: str | None
    log_id: str
    task_id: str
    task: str
    created: str
    arguments: dict[str, Any]
    finished: bool
    status: str
    provenance: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    expected: int = 0


def read_header(header: Mapping[str, Any], finished: bool) -> Header:
    """Read what a log says of all its samples.

    Parameters
    ----------
    header : mapping
        The log without its samples.
    finished : bool
        Whether the header was written.

    Returns
    -------
    Header
    """
    spec = mapping(header.get("eval"))
    tested, notes = tested_model(spec)
    log_id = text_or(spec.get("eval_id"), None) or text_or(spec.get("run_id"), "") or ""
    status = text_or(header.get("status"), "started") if finished else "started"
    return Header(
        spec=spec,
        tested=tested,
        log_id=log_id,
        task_id=text_or(spec.get("task_id"), log_id),
        task=text_or(spec.get("task"), ""),
        created=text_or(spec.get("created"), ""),
        arguments=mapping(spec.get("task_args")),
        finished=finished,
        status=status,
        provenance=_provenance(header, spec, log_id, status),
        notes=tuple(notes),
        expected=_expected(header, spec),
    )


def tested_model(spec: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    """Find the model that was tested: the log's, or the one in the role of the target where the log has none.

    Parameters
    ----------
    spec : mapping
        The log's ``eval``.

    Returns
    -------
    model : str or None
    notes : list of str
        What to write where the roles do not tell.
    """
    model = text_or(spec.get("model"), None)
    if model is not None and model not in _NO_MODEL:
        return model, []
    roles = {str(name): role_model(value) for name, value in mapping(spec.get("model_roles")).items()}
    named = next((name for name in _TESTED_ROLES if roles.get(name)), None)
    if named is not None:
        return roles[named], []
    others = [name for name, found in roles.items() if found and name not in _OTHER_ROLES]
    if len(others) == 1:
        told = f"The log has no model of its own: the one in the role {others[0]!r} is taken as the version."
        return roles[others[0]], [told]
    if not roles:
        return model, []
    ask = next(iter(others or roles))
    told = (
        f"The log has no model of its own, and models in the roles {', '.join(roles)}: say which was tested, as in "
        f"columns={{'model_roles.{ask}.model': 'version'}}."
    )
    return None, [told]


def role_model(value: Any) -> str:
    """Name the model of a role: text, or an object with a model, or a list of these.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Empty where there is none.
    """
    if isinstance(value, dict):
        value = value.get("model")
    if isinstance(value, list):
        return ", ".join(filter(None, map(role_model, value)))
    return value if isinstance(value, str) else ""


def _provenance(header: Mapping[str, Any], spec: Mapping[str, Any], log_id: str, status: str) -> dict[str, Any]:
    revision, packages = mapping(spec.get("revision")), mapping(spec.get("packages"))
    version = mapping(spec.get("metadata")).get("full_task_version") or spec.get("task_version")
    dirty = revision.get("dirty")
    return {
        "log_id": log_id or None,
        "log_status": status,
        "created": text_or(spec.get("created"), None),
        "task": text_or(spec.get("task"), None),
        "task_version": None if version is None else str(plain(version)),
        "commit": text_or(revision.get("commit"), None),
        "dirty": dirty if isinstance(dirty, bool) else None,
        "packages": ", ".join(f"{k} {plain(v)}" for k, v in sorted(packages.items())) or None,
        "settings": "; ".join(_settings(header, spec)) or None,
    }


def _settings(header: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """List the limits, the handling of errors and the settings of generation under which the log was made."""
    config, generate = mapping(spec.get("config")), mapping(spec.get("model_generate_config"))
    generate = generate | mapping(mapping(header.get("plan")).get("config"))
    arguments = mapping(spec.get("task_args"))
    beside = [name for name, value in arguments.items() if holds_setting(str(name), plain(value))]
    for source, names in ((arguments, beside), (config, (*_LIMITS, *_ON_ERROR)), (generate, _GENERATION)):
        yield from (f"{name}={plain(source[name])!s:.60}" for name in names if source.get(name) is not None)
    stopping = mapping(mapping(header.get("results")).get("early_stopping"))
    if stopping:
        yield f"early_stopping={text_or(stopping.get('manager'), 'yes')}"


def _expected(header: Mapping[str, Any], spec: Mapping[str, Any]) -> int:
    total = _whole(mapping(header.get("results")).get("total_samples"))
    if total:
        return total
    dataset = mapping(spec.get("dataset"))
    ids = dataset.get("sample_ids")
    samples = len(ids) if isinstance(ids, list) else _whole(dataset.get("samples"))
    return samples * (_whole(mapping(spec.get("config")).get("epochs")) or 1)


def _whole(value: Any) -> int:
    number = as_number(value)
    return int(number) if 0 <= number < 1e12 else 0


def notes_on_log(header: Header, name: str, samples: int, results: Any) -> list[str]:
    """Say what a log lacks.

    Parameters
    ----------
    header : Header
    name : str
        The file's.
    samples : int
        How many the log holds.
    results : object
        The log's ``results``.

    Returns
    -------
    list of str
    """
    told = list(header.notes)
    if not samples and header.status == "success":
        runs = f"{count_of(header.expected)}, " if header.expected else ""
        told.append(f"{name} holds no samples (written with log_samples=False): {runs}only their metrics.")
    elif not samples:
        told.append(f"{name}: the log holds no finished run (status {header.status}).")
    elif header.status != "success" or samples < header.expected:
        of = f" of {header.expected}" if header.expected else ""
        early = " (stopped early by its own rule)" if mapping(mapping(results).get("early_stopping")) else ""
        told.append(f"{name}: a log of status {header.status} with {samples}{of} runs{early}; they are kept.")
    return told
