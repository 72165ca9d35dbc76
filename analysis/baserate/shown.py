"""What every result can do, whatever it holds: the answer first, then what it depends on, then the numbers."""

from __future__ import annotations

import html
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from baserate.arguments import CALL, COMMAND, POLICY, way_asked
from baserate.errors import BaserateError
from baserate.escape import one_line, paragraph
from baserate.latex import latex, latex_table
from baserate.note import brief, code_of, has_more
from baserate.text import is_number_column, markdown_table, plain, text_table

CAUTION = "Caution: "
SIMULATED = "simulated"  # the code of the note that is said once, at the top


class Shown:
    """What every result can do: a table, what must be said of it, and the ways to show both.

    Attributes
    ----------
    table : DataFrame
        A copy each time, so that nothing done to it changes the result.
    notes : tuple of str
        What the reader should know.
    cautions : tuple of str
        What the answer depends on; shown before the table. Each is a `baserate.note.Note` with a code.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    cautions: tuple[str, ...]

    @property
    def answer(self) -> str:
        """The answer in one plain sentence, with number, interval and verdict."""
        return first_sentence(self.described())

    @property
    def computed(self) -> str:
        """A line on how the numbers were computed, in a reader's words."""
        return ""

    def described(self) -> str:
        """Say what the numbers are, by which method, and of what.

        Returns
        -------
        str
        """
        raise NotImplementedError

    def reasons(self) -> list[str]:
        """Say why the methods were used, with their sources.

        Returns
        -------
        list of str
            A sentence a method.
        """
        return []

    def explain(self) -> str:
        """Say what the numbers are, how they were computed and why so, and in full what was shown in brief.

        Returns
        -------
        str
            Paragraphs.
        """
        whole = [*(CAUTION + text for text in has_more(self.cautions)), *has_more(self.notes)]
        described = self.described()
        first = [] if described.startswith(self.answer) else [self.answer]
        return "\n".join([*first, described, *self.reasons(), *whole])

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, as a dictionary.

        Returns
        -------
        dict
        """
        raise NotImplementedError

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

    def plot(self, ax: Any = None, **settings: Any) -> Any:
        """Draw the result as the figure that fits it.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure otherwise.
        **settings
            ``title``, ``caption``, ``order``, ``labels`` and ``palette``: see `baserate.plot.draw`.

        Returns
        -------
        Axes

        Raises
        ------
        BaserateError
            If a setting does not fit.
        """
        figures = import_module("baserate.plot.any_result")  # drawing is above results, and is loaded when asked for
        return figures.draw(self, ax, **settings)

    def style(self) -> Any:
        """Return the table for people as a pandas Styler, for LaTeX, HTML or Excel of one's own making.

        Returns
        -------
        Styler

        Raises
        ------
        BaserateError
            If Jinja2 is not installed.
        """
        try:
            return self.pretty().style.hide(axis="index").set_caption(self.answer)
        except (ImportError, AttributeError):
            raise BaserateError(
                "style() needs Jinja2: pip install jinja2, or this package's extra [jupyter]."
            ) from None

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Write the table, unrounded, as CSV.

        Parameters
        ----------
        path : str or Path, optional
            Left out, the text is returned.

        Returns
        -------
        str or None
        """
        text = str(self.to_frame().to_csv(index=False, lineterminator="\n"))
        if path is None:
            return text
        Path(path).write_text(text, encoding="utf-8")
        return None

    def to_markdown(self) -> str:
        """Return answer, cautions, table and how it was computed, as GitHub's Markdown.

        Returns
        -------
        str
        """
        shown = self.pretty()
        table = markdown_table(shown, [is_number_column(shown[c]) for c in shown.columns])
        head = [f"**{one_line(self.answer)}**", *map(one_line, self._simulated())]
        told = [f"- **{CAUTION.strip()}** {one_line(text)}" for text in brief(self.cautions)]
        foot = [*filter(None, [f"*{one_line(self._how())}*" * bool(self._how())]), *self._listed()]
        blocks = ["\n\n".join(head), "\n".join(told), table, "\n".join(map(one_line, foot))]
        return "\n\n".join(filter(None, blocks)) + "\n"

    def to_latex(self) -> str:
        """Return the table for people as LaTeX, with the rules of the package booktabs.

        Returns
        -------
        str
            A ``table`` with answer and method as its caption, cautions below it and notes as comments; all is escaped.
        """
        told = [rf"\par\smallskip{{\footnotesize {latex(CAUTION + text)}}}" for text in brief(self.cautions)]
        told += [f"% {latex(text)}" for text in self.notes]
        caption = " ".join(filter(None, (self.answer, self.computed)))
        head = [r"\begin{table}", r"\centering", rf"\caption{{{latex(caption)}}}"]
        return "\n".join([*head, latex_table(self.pretty()), *told, r"\end{table}"]) + "\n"

    def to_json(self) -> str:
        """Return everything as strict JSON: missing numbers are null, infinite ones "Infinity" and "-Infinity".

        Returns
        -------
        str
        """
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def _simulated(self) -> list[str]:
        return [text for text in self.notes if code_of(text) == SIMULATED]

    def _listed(self) -> list[str]:
        """List the notes that stand below the table."""
        return [f"- {text}" for text in brief(note for note in self.notes if code_of(note) != SIMULATED)]

    def _how(self) -> str:
        told = {COMMAND: "--explain", POLICY: "explain()", CALL: "explain()"}[way_asked()]
        return f"How this was computed: {self.computed} {told} says why." if self.computed else ""

    def _repr_html_(self) -> str:
        head = "".join(f"<p>{html.escape(text)}</p>" for text in self._simulated())
        head += f"<p><strong>{html.escape(self.answer)}</strong></p>"
        table, how = html_table(self.pretty()), html.escape(self._how())
        foot = f"<p><em>{how}</em></p>" if how else ""
        return f'<div class="baserate">{head}{self._cautions_html()}{table}{foot}{self._notes_html()}</div>'

    def _cautions_html(self) -> str:
        told = (f"<li><strong>{CAUTION.strip()}</strong> {html.escape(text)}</li>" for text in brief(self.cautions))
        return f"<ul>{''.join(told)}</ul>" if self.cautions else ""

    def _notes_html(self, first: str = "") -> str:
        told = first + "".join(f"<li>{html.escape(text.removeprefix('- '))}</li>" for text in self._listed())
        return f"<ul>{told}</ul>" if told else ""

    def _head(self) -> list[str]:
        """Write answer and cautions as paragraphs of a terminal."""
        told = [paragraph(CAUTION + text, "- ", "  ") for text in brief(self.cautions)]
        return [*map(paragraph, self._simulated()), paragraph(self.answer), *told]

    def _foot(self) -> list[str]:
        """Write how it was computed, and the notes, as paragraphs of a terminal."""
        told = [paragraph(text, "", "  ") for text in self._listed()]
        return [*([paragraph(self._how())] if self.computed else []), *told]

    def __str__(self) -> str:
        """Return answer, cautions, table and how it was computed, as wide as the terminal."""
        foot = self._foot()
        return "\n".join([*self._head(), "", text_table(self.pretty()), *([""] if foot else []), *foot])

    def __repr__(self) -> str:
        """Show the result where an expression ends a cell."""
        return str(self)


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
