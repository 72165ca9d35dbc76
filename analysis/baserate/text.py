"""How results are written: numbers as people read them, and notes that code can tell apart."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd

from baserate.escape import WIDTH as WIDTH
from baserate.escape import one_line, printable, terminal_width

_NARROWEST = 8  # characters of the widest column: a table of very many columns is wider than the terminal


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


def points(estimate: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write a difference of rates in percentage points, with its interval where there is one.

    Parameters
    ----------
    estimate, low, high : float
        Differences of proportions.

    Returns
    -------
    str
        ``"+14.0 [2.3, 25.5]"``, with a true minus sign.
    """
    if math.isnan(estimate):
        return "–"
    limits = f" {interval(low, high)}" if not (math.isnan(low) and math.isnan(high)) else ""
    return f"{100 * estimate:+.1f}{limits}".replace("-", "−").replace("−0.0", "+0.0", 1)


def ratio(estimate: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write a ratio, with its interval where there is one, to as many digits as the interval's width leaves.

    Parameters
    ----------
    estimate, low, high : float

    Returns
    -------
    str

    Examples
    --------
    >>> ratio(178.9, 61.5629, 519.3347), ratio(1.273, 0.688, 2.314)
    ('179 [61.6, 519]', '1.27 [0.69, 2.31]')
    """
    if math.isnan(estimate):
        return "–"
    limits = f" [{_three(low)}, {_three(high)}]" if not (math.isnan(low) and math.isnan(high)) else ""
    return f"{_three(estimate)}{limits}"


def _three(value: float) -> str:
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.1e}".replace("e+0", "e").replace("e-0", "e−")
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{min(digits, 2 if abs(value) >= 0.1 else 4)}f}"


def in_words(name: object) -> str:
    """Write a column's name in plain words: ``copies_weights`` becomes "copies weights".

    Parameters
    ----------
    name : object

    Returns
    -------
    str
    """
    return printable(name).replace("_", " ")


def p_equals(p: float) -> str:
    """Write a p value within a sentence.

    Parameters
    ----------
    p : float

    Returns
    -------
    str
        ``"p = 0.019"``, ``"p < 0.001"``.
    """
    shown = p_value(p)
    return f"p < {shown[1:]}" if shown.startswith("<") else f"p = {shown}"


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


def text_table(frame: pd.DataFrame, width: int | None = None) -> str:
    """Lay a table of strings out for a terminal, wrapping the widest columns until it fits.

    Parameters
    ----------
    frame : DataFrame
        Of strings.
    width : int, optional
        The most columns of the terminal to use; the terminal tells (`baserate.escape.terminal_width`).

    Returns
    -------
    str
    """
    width = terminal_width() if width is None else width
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
