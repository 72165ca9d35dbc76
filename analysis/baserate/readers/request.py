"""What the user asked `read` for, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baserate.acceptance import statuses
from baserate.errors import require_known
from baserate.readers.inspect_log import MAX_BYTES
from baserate.readers.outcome import Outcomes, Source, read_outcomes

Events = str | Sequence[str] | Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """The options of `read`.

    Attributes
    ----------
    outcomes : dict or None
        Name of each outcome to its source. None where the outcomes are to be guessed.
    factors : tuple of str or None
        None where they are to be guessed.
    columns : dict
        The user's column names to baserate's.
    aliases : dict
        Names of versions to those they are merged under.
    accept : tuple of str
        The statuses whose verdict counts.
    on_error : str
        ``"row"`` or ``"raise"``.
    progress : bool or None
        Whether to show a progress bar; None for "on a terminal".
    n : str or None
        The column of totals of a counts table.
    events : dict or None
        Name of each outcome to its column of events in a counts table.
    max_bytes : int
        What a compressed file, or a member of one, may expand to.
    executor : Executor or None
        What reads logs, if not this process.
    cache : Path or None
        The folder of the records of files that were read before.
    """

    outcomes: dict[str, Source] | None = None
    factors: tuple[str, ...] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    accept: tuple[str, ...] = ("ok",)
    on_error: str = "row"
    progress: bool | None = None
    n: str | None = None
    events: dict[str, str] | None = None
    max_bytes: int = MAX_BYTES
    executor: Executor | None = None
    cache: Path | None = None


def as_request(
    outcomes: Outcomes | None,
    factors: str | Sequence[str] | None,
    accept: str | Sequence[str],
    on_error: str,
    events: Events | None,
    **others: Any,
) -> Request:
    """Bring the options of `read` to one form.

    Parameters
    ----------
    outcomes, factors, accept, on_error, events
        As in `baserate.readers.read`.
    **others
        The options that need no check.

    Returns
    -------
    Request

    Raises
    ------
    BaserateError
        If a status or a choice is unknown, or a cut is no number.
    """
    require_known(on_error, ("row", "raise"), "choice of on_error")
    return Request(
        outcomes=read_outcomes(outcomes),
        factors=None if factors is None else _names(factors),
        accept=statuses(accept),
        on_error=on_error,
        events=None if events is None else _columns(events),
        **others,
    )


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _columns(events: Events) -> dict[str, str]:
    if isinstance(events, Mapping):
        return dict(events)
    return {name: name for name in _names(events)}
