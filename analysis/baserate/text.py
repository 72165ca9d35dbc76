"""How results are written: numbers as people read them, and notes that code can tell apart."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from baserate.escape import WIDTH as WIDTH
from baserate.escape import one_line, printable

_NARROWEST = 8  # characters of the widest column: a table of very many columns is wider than the terminal


class Note(str):
    """A sentence for the reader, with a code by which programs know it; rewording it changes nothing but the words.

    It is a string in every way: equality, printing and JSON are those of its text.

    Parameters
    ----------
    code : str
        Short, in kebab case: ``"no-prompt-column"``.
    text : str
        The sentence.

    Examples
    --------
    >>> note = Note("no-events", "No event in a.")
    >>> note, note.code, note == "No event in a."
    ('No event in a.', 'no-events', True)
    """

    code: str

    def __new__(cls, code: str, text: str) -> Note:
        """Make a string that keeps its code."""
        note = super().__new__(cls, text)
        note.code = code
        return note

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # str's own takes its text alone
        """Give pickle and copy what makes the same note."""
        return self.code, str(self)


def codes(notes: Iterable[str]) -> set[str]:
    """Collect the codes of notes.

    Parameters
    ----------
    notes : iterable of str

    Returns
    -------
    set of str
        Without those that carry none.
    """
    return {note.code for note in notes if isinstance(note, Note)}


def code_of(note: str) -> str:
    """Return the code of a note.

    Parameters
    ----------
    note : str

    Returns
    -------
    str
        Empty where it carries none.
    """
    return note.code if isinstance(note, Note) else ""


def coded(note: str) -> dict[str, str]:
    """Write a note for JSON.

    Parameters
    ----------
    note : str

    Returns
    -------
    dict
        ``code`` (empty where it carries none) and ``text``.
    """
    return {"code": code_of(note), "text": str(note)}


def worded(message: Warning | str) -> str:
    """Return what a warning says; a note that was warned of stays one.

    Parameters
    ----------
    message : Warning or str

    Returns
    -------
    str
    """
    said = message.args[0] if isinstance(message, Warning) and message.args else message
    return said if isinstance(said, Note) else str(said)


def percent(value: float, digits: int = 1) -> str:
    """Write a proportion as percent; what would round to 0 or 100 without being it says so.

    Parameters
    ----------
    value : float
        A proportion.
    digits : int
        Decimals.

    Returns
    -------
    str
        ``"84.0%"``; ``"–"`` where there is no number.
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{value:+}".replace("inf", "∞")
    least = 10.0**-digits
    if 0 < 100 * value < least / 2:
        return f"<{least:g}%"
    if 0 < 100 * (1 - value) < least / 2:
        return f">{100 - least:g}%"
    return f"{100 * value:.{digits}f}%".replace("-0.0%", "0.0%")


def interval(low: float, high: float, digits: int = 1, scale: float = 100.0) -> str:
    """Write an interval in brackets.

    Parameters
    ----------
    low, high : float
        The limits.
    digits : int
        Decimals.
    scale : float
        What to multiply by: 100 writes proportions in percent.

    Returns
    -------
    str
        ``"[75.6, 89.9]"``; infinite limits as ∞, missing ones as –.
    """

    def one(value: float) -> str:
        if math.isnan(value):
            return "–"
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        text = f"{scale * value:.{digits}f}"
        return text.lstrip("-") if float(text) == 0 else text

    return f"[{one(low)}, {one(high)}]"


def p_value(value: float) -> str:
    """Write a p value to two significant digits, at least 0.001.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
        ``"0.019"``, ``"<0.001"``, ``"–"`` where there is none.
    """
    if math.isnan(value):
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def to_json_value(value: Any) -> Any:
    """Turn one cell of a table into what strict JSON can hold.

    Parameters
    ----------
    value : object

    Returns
    -------
    object
        None for a missing value, the strings "Infinity" and "-Infinity" for infinite ones.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value if isinstance(value, (str, bool, int, float, list, dict)) else str(value)


def plain(value: Any) -> str:
    """Write one cell of a table for people: numbers to four digits, a dash where nothing is known.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
    """
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def text_table(frame: pd.DataFrame, width: int = WIDTH) -> str:
    """Lay a table of strings out for a terminal, wrapping the widest columns until it fits.

    Parameters
    ----------
    frame : DataFrame
        Of strings.
    width : int
        The most columns of the terminal to use.

    Returns
    -------
    str
    """
    columns = [[printable(name), *map(printable, frame[name])] for name in frame.columns]
    widths = [max(map(len, column), default=0) for column in columns]
    right = [is_number_column(frame[name]) for name in frame.columns]
    words = [max((len(word) for text in column for word in text.split()), default=0) for column in columns]
    while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > _NARROWEST:
        spare = [w - least if w > least else 0 for w, least in zip(widths, words, strict=True)]
        prose = [0 if number else more for more, number in zip(spare, right, strict=True)]
        best = prose if any(prose) else spare if any(spare) else [w if w > 1 else 0 for w in widths]
        if not any(best):
            break  # more columns than a terminal is wide
        widths[best.index(max(best))] -= 1
    lines = []
    for row in zip(*columns, strict=True):
        cells = [textwrap.wrap(text, w) or [""] for text, w in zip(row, widths, strict=True)]
        for i in range(max(map(len, cells))):
            parts = [cell[i] if i < len(cell) else "" for cell in cells]
            padded = [p.rjust(w) if r else p.ljust(w) for p, w, r in zip(parts, widths, right, strict=True)]
            lines.append("  ".join(padded).rstrip())
        if len(lines) and row == tuple(column[0] for column in columns):
            lines.append("  ".join("─" * w for w in widths))
    return "\n".join(lines)


def markdown_table(frame: pd.DataFrame, right: Sequence[bool] | None = None) -> str:
    """Write a table as Markdown.

    Parameters
    ----------
    frame : DataFrame
        Of strings, or of what reads well as one.
    right : sequence of bool, optional
        The columns that are aligned to the right, as numbers are.

    Returns
    -------
    str
        Lines without a last newline; pipes and backslashes in cells are escaped.
    """
    rule = ["---:" if side else "---" for side in right or [False] * frame.shape[1]]
    rows = [list(frame.columns), rule, *frame.itertuples(index=False)]
    return "\n".join("| " + " | ".join(map(_markdown_cell, row)) + " |" for row in rows)


def _markdown_cell(value: object) -> str:
    return one_line(value).replace("\\", "\\\\").replace("|", "\\|")


def is_number_column(column: pd.Series) -> bool:
    """Tell whether a column of strings holds numbers, which are aligned to the right.

    Parameters
    ----------
    column : Series

    Returns
    -------
    bool
    """
    filled = [str(v) for v in column if str(v) not in ("", "–")]
    return bool(filled) and all(v.lstrip("+-−<~")[:1].isdigit() or v[:1] in "[∞" for v in filled)
