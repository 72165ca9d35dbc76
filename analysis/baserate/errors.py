"""What baserate says when it will not, or should not, answer."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 80  # characters of a value in a message


class BaserateError(ValueError):
    """A request that cannot be answered as put: the message says what was wrong, what was found, what to do."""


class DesignWarning(UserWarning):
    """The numbers are right for what was asked, but the design limits what they mean."""


class SeparationWarning(DesignWarning):
    """Some coefficient of a logistic model has no finite maximum-likelihood estimate."""


def shown(value: object) -> str:
    """Show a value in a message: on one line, and cut where it is long.

    Parameters
    ----------
    value : object

    Returns
    -------
    str

    Examples
    --------
    >>> shown([1, 2]), shown(10**5000)
    ('[1, 2]', 'an int without a short form')
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # an int of thousands of digits, or any object's own repr
        return f"an {type(value).__name__} without a short form"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Name the known names close to a misspelt one.

    Parameters
    ----------
    name : object
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
    close = [lowered[c] for c in difflib.get_close_matches(str(name).lower(), lowered, n=3, cutoff=0.6)]
    if close:
        return f" Did you mean {' or '.join(map(repr, close))}?"
    if not names:
        return ""
    shown = ", ".join(map(repr, names[:12])) + (", …" if len(names) > 12 else "")
    return f" There is: {shown}."


def require_known(name: object, known: Iterable[object], what: str) -> None:
    """Raise unless `name` is one of `known`.

    Parameters
    ----------
    name : object
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
    if not isinstance(name, str) or name not in names:
        raise BaserateError(f"There is no {what} {shown(name)}.{did_you_mean(name, names)}")
