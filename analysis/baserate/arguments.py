"""What every call checks alike of what it was given."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from baserate.errors import BaserateError, require_known, shown

COUNTED = ("n", "events", "missing", "_graded", "_events", "_missing", "_outcome", "_runs")
"""Names that counting runs takes for its own columns."""


LEAST_LEVEL = 1e-9  # below it an interval is a point in floating point


def is_number(value: object) -> bool:
    """Tell whether a value is a real number that a float can hold.

    Parameters
    ----------
    value : object

    Returns
    -------
    bool
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


CALL, COMMAND, POLICY = "a call", "a command", "a policy"
_WAY: ContextVar[str] = ContextVar("way", default=CALL)


@contextmanager
def asked_in(way: str) -> Iterator[None]:
    """Let advice name arguments as they are written where the question was asked.

    Parameters
    ----------
    way : str
        `CALL`, `COMMAND` or `POLICY`.

    Yields
    ------
    None
    """
    before = _WAY.set(way)
    try:
        yield
    finally:
        _WAY.reset(before)


def way_asked() -> str:
    """Return how the question was asked: `CALL`, `COMMAND` or `POLICY`."""
    return _WAY.get()


def require_level(level: float) -> None:
    """Raise unless `level` is a confidence level between 0 and 1.

    Parameters
    ----------
    level : float

    Raises
    ------
    BaserateError
    """
    if not is_number(level):
        raise BaserateError(f"level must be a number between 0 and 1, such as 0.95; got {shown(level)}.")
    if not LEAST_LEVEL <= level <= 1 - 1e-9:
        hint = f" Did you mean {level / 100:g}?" if 1 < level < 100 else ""
        least = f" (it is at least {LEAST_LEVEL})" if 0 < level < 1 else ""
        raise BaserateError(f"level must lie between 0 and 1{least}, such as 0.95; got {shown(level)}.{hint}")


def require_method(method: str, known: Sequence[str]) -> None:
    """Raise unless `method` is known; methods go by their authors.

    Parameters
    ----------
    method : str
    known : sequence of str

    Raises
    ------
    BaserateError
    """
    require_known(method, known, "method")


def require_margin(margin: float | None, effect: str = "difference") -> None:
    """Raise unless a margin is one of the effect it is asked of.

    Parameters
    ----------
    margin : float or None
        A difference of rates between 0 and 1, or a factor above 1 of a ratio; None where none was named.
    effect : {"difference", "ratio", "odds-ratio"}

    Raises
    ------
    BaserateError
    """
    if margin is None:
        return
    if not is_number(margin):
        raise BaserateError(f"margin must be a number, such as 0.05 for five percentage points; got {shown(margin)}.")
    if effect == "difference" and not 0 < margin < 1:
        hint = f" Did you mean {margin / 100:g}?" if 1 < margin < 100 else ""
        raise BaserateError(f"margin is a difference of rates between 0 and 1, such as 0.05; got {margin!r}.{hint}")
    if effect != "difference" and not margin > 1:
        hint = f" Did you mean {1 / margin:.4g}?" if 0.5 < margin < 1 else ""
        named = effect.replace("-", " ")
        raise BaserateError(f"The margin of the {named} is a factor above 1, such as 1.25; got {margin!r}.{hint}")


def require_whole(name: str, value: float, least: int = 1) -> int:
    """Return a number of things, or say that it is none.

    Parameters
    ----------
    name : str
        The argument.
    value : int
    least : int

    Returns
    -------
    int

    Raises
    ------
    BaserateError
    """
    if not is_number(value) or not math.isfinite(value) or value != int(value) or value < least:
        raise BaserateError(f"{name} must be a whole number of at least {least}; got {shown(value)}.")
    return int(value)


@contextmanager
def writing(path: object) -> Iterator[None]:
    """Turn what the system refuses of a file to be written into a message.

    Parameters
    ----------
    path : path-like
        For the message.

    Yields
    ------
    None

    Raises
    ------
    BaserateError
    """
    try:
        yield
    except BaserateError:
        raise
    except (OSError, UnicodeError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else "its name is no text"
        raise BaserateError(f"{shown(str(path))} cannot be written: {why}. Name another file or folder.") from error
    except ValueError as error:  # a zero byte in a name
        raise BaserateError(f"{shown(str(path))} cannot be written: {error}. Name another file or folder.") from error


def require_free(names: Iterable[str], taken: Iterable[str]) -> None:
    """Raise where a column of the user has the name of a column of the result, which would hide it.

    Parameters
    ----------
    names : iterable of str
        The columns that are asked for.
    taken : iterable of str
        The columns of the result.

    Raises
    ------
    BaserateError
    """
    if clash := sorted(set(names) & set(taken)):
        raise BaserateError(
            f"The column {clash[0]!r} has the name of a column of the result. Rename it, as with "
            f"runs.rename(columns={{{clash[0]!r}: '{clash[0].strip('_')}_group'}})."
        )
