"""What every log format is brought to before it becomes rows: runs, each with its grades as logged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class Grade(Struct, frozen=True, gc=False):
    """One grade of one run, as logged.

    Attributes
    ----------
    scorer : str
        Who graded: the scorer's name, or the name of the classification.
    key : str
        Which of the scorer's values; empty where it gives only one.
    value : object
        The value as logged.
    failed : str
        Why there is no verdict although a value was logged; empty where there is one.
    grader : str
        The judge model, or the scorer where no model judges.
    """

    scorer: str
    key: str
    value: Any
    failed: str = ""
    grader: str = ""


class Run(Struct, frozen=True, gc=False):
    """One run as logged.

    Attributes
    ----------
    run_id, version, prompt, source : str or None
        As in the table of runs; None where an unreadable file does not tell.
    epoch : int or None
        Which repetition of the prompt.
    status : str
        Why there is nothing to grade; empty where the run answered.
    reason : str
        The same in one line.
    settings : mapping
        Values that may be factors of the scenario: text, numbers, booleans or None.
    grades : tuple of Grade
        All that were logged, in order.
    provenance : mapping
        Further columns.
    slots : tuple
        Identities: two runs that share one are the same run.
    rank : tuple
        Of two copies of a run the one with the higher rank is kept.
    name : str
        The sample's id or the condition, which is no factor.
    origin, digest : str
        The task or experiment, and a digest of the prompt as sent: they tell apart prompts that share a name.
    notes : tuple of str
        What reading its file had to say.
    copies_in : tuple of str
        The file of each copy of it that was left out.
    named : mapping
        The values of the fields that the user named in ``columns=``.
    inferred : bool
        Whether no file or member stands for it.
    """

    run_id: str | None
    version: str | None
    prompt: str | None
    epoch: int | None
    source: str
    status: str = ""
    reason: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    grades: tuple[Grade, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    slots: tuple[Any, ...] = ()
    rank: tuple[Any, ...] = ()
    name: str = ""
    origin: str = ""
    digest: str = ""
    notes: tuple[str, ...] = ()
    copies_in: tuple[str, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    inferred: bool = False


def unreadable(source: str, reason: str) -> Run:
    """Make the row that stands for a file, or a part of one, that could not be read.

    Parameters
    ----------
    source : str
        The file, with its member where there is one.
    reason : str
        What is wrong with it; only the first line is kept.

    Returns
    -------
    Run
        With status "unreadable".
    """
    return Run(source, None, None, None, source, status="unreadable", reason=one_line(reason), slots=(source,))


def one_line(text: object, width: int = 160) -> str:
    """Shorten a message to its first line.

    Parameters
    ----------
    text : object
        A message, perhaps of several lines.
    width : int
        The most characters.

    Returns
    -------
    str
    """
    lines = str(text).strip().splitlines()
    first = lines[0].strip() if lines else ""
    return first if len(first) <= width else first[: width - 1] + "…"


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object as it is, and anything else as an empty one.

    Parameters
    ----------
    value : object
        Something out of a log that should be an object.

    Returns
    -------
    dict
    """
    return value if isinstance(value, dict) else {}


def plain(value: Any) -> Any:
    """Keep a scalar, and write lists and objects as JSON, so that a value can be looked up and shown.

    Parameters
    ----------
    value : object

    Returns
    -------
    object
    """
    return json.dumps(value, default=str) if isinstance(value, (list, dict)) else value


def text_or(value: Any, otherwise: str | None) -> Any:
    """Return text as it is, and something else where a field that should hold text holds none.

    Parameters
    ----------
    value : object
    otherwise : str or None

    Returns
    -------
    str or None
    """
    return value if isinstance(value, str) and value else otherwise


def count_of(number: int, noun: str = "run") -> str:
    """Say how many.

    Parameters
    ----------
    number : int
        How many.
    noun : str
        Of what, in the singular.

    Returns
    -------
    str
        ``"1 run"``, ``"12 runs"``.
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
