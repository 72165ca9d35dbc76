"""What baserate says when it will not, or should not, answer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class BaserateError(ValueError):
    """A request that cannot be answered as put: the message says what was wrong, what was found, what to do."""


class DesignWarning(UserWarning):
    """The numbers are right for what was asked, but the design limits what they mean."""


class SeparationWarning(DesignWarning):
    """Some coefficient of a logistic model has no finite maximum-likelihood estimate."""


def did_you_mean(name: str, known: Iterable[object]) -> str:
    """Name the known names close to a misspelt one.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable
        What there is.

    Returns
    -------
    str
        ``" Did you mean 'version'?"``, or a list of what there is when nothing is close.
    """
    name, names = str(name), [str(k) for k in known]
    lowered = {n.lower(): n for n in reversed(names)}
    close = [lowered[c] for c in difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.6)]
    if close:
        return f" Did you mean {' or '.join(map(repr, close))}?"
    if not names:
        return ""
    shown = ", ".join(map(repr, names[:12])) + (", …" if len(names) > 12 else "")
    return f" There is: {shown}."


def require_known(name: str, known: Iterable[object], what: str) -> None:
    """Raise unless `name` is one of `known`.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable
        What there is.
    what : str
        What it is a name of, for the message: ``"column"``, ``"method"``.

    Raises
    ------
    BaserateError
        With the close names.
    """
    names = [str(k) for k in known]
    if name not in names:
        raise BaserateError(f"There is no {what} {name!r}.{did_you_mean(name, names)}")


def printable(text: object) -> str:
    """Replace signs that steer a terminal, or that no font has, by the sign for what cannot be shown.

    Parameters
    ----------
    text : object
        Such as a name out of a log.

    Returns
    -------
    str
    """
    return _CONTROL.sub("\ufffd", str(text))
