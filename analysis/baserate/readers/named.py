"""Fields that the user named in ``columns=``, put where they belong: version, prompt, epoch, or a setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from baserate.errors import BaserateError
from baserate.readers.lookup import ABSENT, look_up
from baserate.readers.record import Run

_ROLES = ("run_id", "version", "prompt", "epoch")


def find_named(columns: Mapping[str, str], layers: Sequence[Mapping[str, Any]], path: Path) -> dict[str, Any]:
    """Find the fields of one run that the user named.

    Parameters
    ----------
    columns : mapping
        The user's names to baserate's.
    layers : sequence of mapping
        Where to look for them, first to last: the run's record, then the file's.
    path : Path
        The file.

    Returns
    -------
    dict
        Their names to their values, without those that the run does not have.
    """
    found = {name: look_up(name, layers, path) for name in columns}
    return {name: value for name, value in found.items() if value is not ABSENT}


def apply_columns(runs: Iterable[Run], columns: Mapping[str, str]) -> tuple[list[Run], set[str]]:
    """Put the named fields where they belong.

    Parameters
    ----------
    runs : iterable of Run
    columns : mapping
        The user's names to baserate's.

    Returns
    -------
    runs : list of Run
    settings : set of str
        The settings that were named so; they are factors.

    Raises
    ------
    BaserateError
        If an epoch is no whole number.
    """
    runs = list(runs)
    if not columns:
        return runs, set()
    given = {columns[theirs] for run in runs for theirs in run.named}
    return [_applied(run, columns) if run.named else run for run in runs], given - set(_ROLES)


def _applied(run: Run, columns: Mapping[str, str]) -> Run:
    values = {columns[theirs]: value for theirs, value in run.named.items()}
    roles: dict[str, Any] = {name: values.pop(name) for name in _ROLES if name in values}
    if "epoch" in roles:
        roles["epoch"] = _whole(roles["epoch"])
    for name in {"run_id", "version", "prompt"} & set(roles):
        roles[name] = None if roles[name] is None else str(roles[name])
    if "prompt" in roles:
        roles |= {"digest": "", "name": roles["prompt"] or ""}
    left = {name: value for name, value in run.settings.items() if name not in run.named}
    return replace(run, **roles, settings=left | values)


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    try:
        if float(value) == int(float(value)) and abs(float(value)) < 1e15:
            return int(float(value))
    except (TypeError, ValueError, OverflowError):
        pass
    raise BaserateError(f"The epoch must be a whole number; found {value!r}. Name another field in columns=.")
