"""One thing that a reader of the numbers should know first."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

_NAMED = 3  # outcomes of one finding
_LINE = 80  # characters of what was found, where all findings are listed
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
    outcome : str
        The outcome that it is about, where it is about one: `what` holds its name.
    """

    severity: str
    what: str
    found: str
    do: str
    outcome: str = ""

    @property
    def kind(self) -> str:
        """What was found, whatever the outcome: findings of one kind are told in one line."""
        return self.what.replace(self.outcome, "{}", 1) if self.outcome else self.what


def ranked(findings: Sequence[Finding]) -> list[str]:
    """Write findings in a line each, however many outcomes one touches.

    Parameters
    ----------
    findings : sequence of Finding
        The worst first.

    Returns
    -------
    list of str
    """
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.severity, finding.kind), []).append(finding)
    return [_line(many) for many in alike.values()]


def _line(alike: Sequence[Finding]) -> str:
    first = alike[0]
    if len(alike) == 1:
        return f"{first.severity}: {first.what}: {_first_words(first.found)}"
    outcomes = [finding.outcome for finding in alike]
    same = f": {_first_words(first.found)}" if len({finding.found for finding in alike}) == 1 else ""
    what = first.kind.format(f"{len(outcomes)} outcomes")
    named = ", ".join(outcomes[:_NAMED]) + (", …" if len(outcomes) > _NAMED else "")
    return f"{first.severity}: {what} ({named}){same}"


def _first_words(found: str) -> str:
    shown = found.rstrip(".")
    return shown if len(shown) <= _LINE else textwrap.shorten(shown, _LINE, placeholder=" …")


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
