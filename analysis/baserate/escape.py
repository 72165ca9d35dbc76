"""Text from elsewhere, made harmless where it is written: terminals, Markdown, XML."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap

WIDTH = 100  # columns where nothing is known of a terminal, as in a pipe
_WIDEST, _NARROWEST = 120, 40

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: object) -> str:
    r"""Write what a terminal would obey, such as escape sequences and marks that turn text around, as its code.

    Parameters
    ----------
    text : object

    Returns
    -------
    str
        Line breaks and tabs stay.

    Examples
    --------
    >>> print(printable("red: " + chr(27) + "[31m"))
    red: \x1b[31m
    """
    return _OBEYED.sub(lambda found: repr(found.group())[1:-1], str(text))


def xml_text(text: str) -> str:
    """Replace characters that XML cannot hold.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return _NOT_XML.sub("�", text)


def one_line(text: object) -> str:
    """Write a text on one line, so that nothing in it begins a heading or a row.

    Parameters
    ----------
    text : object

    Returns
    -------
    str
    """
    return " ".join(str(text).splitlines())


def paragraph(text: str, first: str = "", rest: str = "") -> str:
    """Fill the lines of a paragraph for a terminal.

    Parameters
    ----------
    text : str
    first, rest : str
        Before the first line, and before the others.

    Returns
    -------
    str
    """
    return textwrap.fill(printable(text), terminal_width(), initial_indent=first, subsequent_indent=rest)


def terminal_width() -> int:
    """Ask how many columns to fill: those of the terminal, 40 to 120; 100 where the output is no terminal.

    Returns
    -------
    int
    """
    if sys.stdout is None or not sys.stdout.isatty():
        return WIDTH
    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, _NARROWEST), _WIDEST)
