"""Several outcomes at once: each named once, and what is said of all of them said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from baserate.errors import BaserateError
from baserate.note import Note, code_of

OUTCOME = "outcome"  # the column that names them


def require_each_once(outcomes: Sequence[str]) -> None:
    """Raise where no outcome is named, or one twice.

    Parameters
    ----------
    outcomes : sequence of str

    Raises
    ------
    BaserateError
    """
    if not outcomes or len(set(outcomes)) < len(outcomes):
        raise BaserateError(f"Name each outcome once; got {', '.join(outcomes) or 'none'}.")


def told_once(told: Sequence[tuple[str, Sequence[str]]], apart: Sequence[str] = ()) -> list[str]:
    """Say once what holds of all outcomes, and the rest under the name of its outcome.

    Parameters
    ----------
    told : sequence of (str, sequence of str)
        Each outcome with its notes.
    apart : sequence of str
        Codes of notes that are left out.

    Returns
    -------
    list of str
    """
    often = Counter(note for _, notes in told for note in dict.fromkeys(notes))
    shown: dict[str, None] = {}
    for outcome, notes in told:
        for note in notes:
            if code_of(note) not in apart:
                whole = often[note] == len(told) or outcome in note
                shown[note if whole else Note(code_of(note), f"{outcome}: {note}")] = None
    return list(shown)
