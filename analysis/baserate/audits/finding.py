"""One thing that a reader of the numbers should know first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SEVERITIES = ("problem", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that a reader of the numbers should know first.

    Attributes
    ----------
    severity : {"problem", "warning", "note"}
        A problem makes some question unanswerable or some run lost; a warning makes an answer doubtful; a note is worth
        knowing.
    what : str
        The kind of finding, in a few words.
    found : str
        What was found, with the numbers.
    do : str
        What to do about it.
    """

    severity: str
    what: str
    found: str
    do: str


def listed(names: Sequence[object], most: int = 4) -> str:
    """Join names for a sentence, the first few of many.

    Parameters
    ----------
    names : sequence
        What to list.
    most : int
        How many to name.

    Returns
    -------
    str
        ``"a, b, c, d (of 9)"``.
    """
    shown = ", ".join(map(str, names[:most]))
    return f"{shown}, … ({len(names)} in all)" if len(names) > most else shown
