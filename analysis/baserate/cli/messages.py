"""What the command line says on stderr: one line a message."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

from baserate.errors import DesignWarning
from baserate.escape import printable


def tolerate_narrow_terminals() -> None:
    """Let a terminal that lacks a sign, such as an en dash in ASCII, show a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


_SAID = {"quiet": False}


def be_quiet(quiet: bool) -> None:
    """Say errors only, or all."""
    _SAID["quiet"] = quiet


def say(kind: str, message: object) -> None:
    """Write one line to stderr.

    Parameters
    ----------
    kind : str
        ``"error"`` or ``"warning"``.
    message : object
        Its text; line breaks become spaces.
    """
    if _SAID["quiet"] and kind != "error":
        return
    print(f"baserate: {kind}: {' '.join(printable(message).split())}", file=sys.stderr)


@contextmanager
def one_line_warnings() -> Iterator[None]:
    """Show each warning once, as one line without the source code that raised it.

    Yields
    ------
    None
    """
    told: set[str] = set()

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in told:
            told.add(str(message))
            say("warning", message)

    with warnings.catch_warnings():
        warnings.simplefilter("always", DesignWarning)
        warnings.showwarning = show
        yield
