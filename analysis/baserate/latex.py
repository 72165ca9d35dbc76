"""Tables and sentences in LaTeX."""

from __future__ import annotations

import re

import pandas as pd

from baserate.text import is_number_column

_LATEX = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a line break it would be an optional argument
    "]": "{]}",
    "–": "--",
    "−": "$-$",
    "∞": r"$\infty$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
}
_IN_LATEX = re.compile("|".join(map(re.escape, _LATEX)))


def latex_table(frame: pd.DataFrame) -> str:
    """Write a table as LaTeX with the rules of the package booktabs.

    Parameters
    ----------
    frame : DataFrame
        Of strings.

    Returns
    -------
    str
        A ``tabular``; everything in it is escaped, columns of numbers are aligned to the right.
    """
    sides = "".join("r" if is_number_column(frame[name]) else "l" for name in frame.columns)
    head, *rows = (" & ".join(map(latex, row)) for row in [list(frame.columns), *frame.itertuples(index=False)])
    lines = [rf"{head} \\", r"\midrule", *(rf"{row} \\" for row in rows)]
    return "\n".join([rf"\begin{{tabular}}{{{sides}}}", r"\toprule", *lines, r"\bottomrule", r"\end{tabular}"])


def latex(text: object) -> str:
    """Escape text for LaTeX.

    Parameters
    ----------
    text : object

    Returns
    -------
    str
        In one line.
    """
    return _IN_LATEX.sub(lambda found: _LATEX[found[0]], " ".join(str(text).split()))
