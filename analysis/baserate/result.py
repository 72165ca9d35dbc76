"""The one kind of result: a frozen table with its method, level, scope and notes, and the ways to show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from baserate.frames import own_frames
from baserate.note import coded
from baserate.reasons import reasons
from baserate.shown import CAUTION as CAUTION
from baserate.shown import Shown as Shown
from baserate.text import to_json_value

OF_WHAT = {
    "sampled": "for prompts like these, the runs on one prompt taken together",
    "fixed": "for these very prompts",
}


@own_frames("table")
@dataclass(frozen=True, eq=False, repr=False)
class Result(Shown):
    """What an estimate says of itself, whatever it estimates.

    Attributes
    ----------
    table : DataFrame
        One row an estimate, in broom's words (``estimate``, ``conf_low``, ``conf_high``, ``p_value``, ``n``,
        ``events``, ``missing``); rates and differences are proportions, not percent. A copy each time.
    outcome : str
        The graded behavior.
    method : str
        The method by name, as it was used.
    level : float
        The level of the intervals, such as 0.95.
    scope : str
        ``"fixed"`` (these prompts) or ``"sampled"`` (prompts like these).
    scope_reason : str
        Why that scope.
    notes : tuple of str
        What the reader should know.
    cautions : tuple of Note
        What the answer depends on.
    """

    table: pd.DataFrame
    outcome: str
    method: str
    level: float
    scope: str
    scope_reason: str
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @property
    def confidence(self) -> str:
        """The level in words: ``"95%"``."""
        return f"{100 * self.level:.4g}%"

    @property
    def computed(self) -> str:
        """A line on how the numbers were computed, in a reader's words."""
        return f"{self.confidence} intervals, {OF_WHAT.get(self.scope, self.scope)}."

    def reasons(self) -> list[str]:
        """Say why the methods were used, with their sources.

        Returns
        -------
        list of str
            A sentence a method.
        """
        return reasons(self.method)

    def described(self) -> str:
        """Say in plain words which method was used, and of what.

        Returns
        -------
        str
        """
        return f"{self.method}, {self.confidence} intervals. Scope {self.scope}: {self.scope_reason}."

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, as a dictionary.

        Returns
        -------
        dict
        """
        return {
            "outcome": self.outcome,
            "method": self.method,
            "level": self.level,
            "scope": self.scope,
            "scope_reason": self.scope_reason,
            "answer": self.answer,
            "cautions": [coded(text) for text in self.cautions],
            "notes": [str(note) for note in self.notes],
            "explanation": self.explain(),
            "rows": records(self.table),
        }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Write a table for JSON, row by row.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    list of dict
    """
    return [{str(k): to_json_value(v) for k, v in row.items()} for row in table.to_dict("records")]
