"""What every call checks alike of what it was given."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from baserate.errors import BaserateError, require_known

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
    if not isinstance(level, (int, float)) or isinstance(level, bool):
        raise BaserateError(f"level must be a number between 0 and 1, such as 0.95; got {level!r}.")
    if not 1e-9 <= level <= 1 - 1e-9:
        hint = f" Did you mean {level / 100:g}?" if 1 < level < 100 else ""
        raise BaserateError(f"level must lie between 0 and 1, such as 0.95; got {level!r}.{hint}")


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
    if not isinstance(margin, (int, float)) or isinstance(margin, bool):
        raise BaserateError(f"margin must be a number, such as 0.05 for five percentage points; got {margin!r}.")
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
    if isinstance(value, bool) or not math.isfinite(value) or value != int(value) or value < least:
        raise BaserateError(f"{name} must be a whole number of at least {least}; got {value!r}.")
    return int(value)
