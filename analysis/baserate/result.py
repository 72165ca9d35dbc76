"""The one kind of result: a frozen table with its method, level, scope and notes, and the ways to show it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from baserate.escape import one_line, paragraph
from baserate.frames import own_frames
from baserate.latex import latex, latex_table
from baserate.text import coded, is_number_column, markdown_table, plain, text_table, to_json_value

CAUTION = "Caution: "


class Shown:
    """What every result can do, whatever it holds: a table, what must be said of it, and the ways to show both.

    Attributes
    ----------
    table : DataFrame
        A copy each time, so that nothing done to it changes the result.
    notes : tuple of str
        What the reader should know.
    cautions : tuple of str
        What the answer depends on; shown before the notes. Each is a `baserate.text.Note` with a code.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    cautions: tuple[str, ...]

    def explain(self) -> str:
        """Say in plain words what this is and how it came about.

        Returns
        -------
        str
        """
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, as a dictionary.

        Returns
        -------
        dict
        """
        raise NotImplementedError

    @property
    def answer(self) -> str:
        """The answer in one plain sentence."""
        return first_sentence(self.explain())

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table, unrounded.

        Returns
        -------
        DataFrame
        """
        return self.table

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people: rounded, intervals in brackets.

        Returns
        -------
        DataFrame
            Of strings.
        """
        return self.table.map(plain)

    def to_markdown(self) -> str:
        """Return the table for people, with explanation, cautions and notes, as GitHub's Markdown.

        Returns
        -------
        str
        """
        shown = self.pretty()
        table = markdown_table(shown, [is_number_column(shown[c]) for c in shown.columns])
        told = [*(f"- **{CAUTION.strip()}** {text}" for text in self.cautions), *(f"- {text}" for text in self.notes)]
        return "\n".join([table, "", *map(one_line, (f"*{self.explain()}*", *told))]) + "\n"

    def to_latex(self) -> str:
        """Return the table for people as LaTeX, with the rules of the package booktabs.

        Returns
        -------
        str
            A ``table`` with the explanation as its caption, cautions below it and notes as comments; all is escaped.
        """
        told = [rf"\par\smallskip{{\footnotesize {latex(CAUTION + text)}}}" for text in self.cautions]
        told += [f"% {latex(text)}" for text in self.notes]
        head = [r"\begin{table}", r"\centering", rf"\caption{{{latex(self.explain())}}}"]
        return "\n".join([*head, latex_table(self.pretty()), *told, r"\end{table}"]) + "\n"

    def to_json(self) -> str:
        """Return everything as strict JSON: missing numbers are null, infinite ones "Infinity" and "-Infinity".

        Returns
        -------
        str
        """
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def _repr_html_(self) -> str:
        table = html_table(self.pretty())
        return f'<div class="baserate">{table}<p><em>{html.escape(self.explain())}</em></p>{self._told_html()}</div>'

    def _told_html(self, first: str = "") -> str:
        told = first + "".join(
            f"<li><strong>{CAUTION.strip()}</strong> {html.escape(text)}</li>" for text in self.cautions
        )
        told += "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<ul>{told}</ul>" if told else ""

    def _told(self) -> list[str]:
        """Write cautions, then notes, as paragraphs of a terminal."""
        texts = [*(CAUTION + text for text in self.cautions), *self.notes]
        return [paragraph(text, "- ", "  ") for text in texts]

    def __str__(self) -> str:
        """Return the table, explanation, cautions and notes, at most 100 columns wide."""
        return "\n".join([text_table(self.pretty()), "", paragraph(self.explain()), *self._told()])

    def __repr__(self) -> str:
        """Show the result where an expression ends a cell."""
        return str(self)


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

    def explain(self) -> str:
        """Say in plain words which method was used and why.

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


def html_table(shown: pd.DataFrame) -> str:
    """Write a table of strings as HTML, escaped.

    Parameters
    ----------
    shown : DataFrame

    Returns
    -------
    str
    """
    return str(shown.to_html(index=False, escape=True, border=0, classes="baserate"))


def first_sentence(text: str) -> str:
    """Cut a text after its first sentence.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", text, maxsplit=1)[0]
