"""What every call checks alike of what it was given."""

from __future__ import annotations

import inspect
import math
import numbers
import os
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import narwhals as nw
import numpy as np
import pandas as pd

from baserate.errors import BaserateError, require_known, shown

P = ParamSpec("P")
R = TypeVar("R")

_WORDS: dict[Any, tuple[str, str]] = {
    str: ("text", "texts"),
    float: ("a number", "numbers"),
    int: ("a whole number", "whole numbers"),
    bool: ("True or False", "True or False"),
    Path: ("a path", "paths"),
    type(None): ("None", "None"),
}
_EXAMPLES = {
    "outcome": "'blackmail'",
    "across": "'version'",
    "by": "'version' or ['version', 'goal']",
    "formula": "'blackmail ~ version * goal'",
    "level": "0.95",
    "margin": "0.05",
    "rates": "(0.84, 0.7), or in simulate() {'new': 0.84}",
    "conditions": "['urgency', 'goal']",
    "mix": "'planned' or {'none': 0.2, 'replacement': 0.8}",
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function refuse arguments of another type than its annotations name.

    Lists may come as anything that holds several values, such as a pandas Index, and a single text where texts are
    asked for.

    Parameters
    ----------
    function : callable
        Annotated with ``str, int, float, bool, Path, None``, sequences and mappings of these, unions, and ``Any``.

    Returns
    -------
    callable
        Raises `BaserateError`, naming the argument, what it takes, and what was found.

    Examples
    --------
    >>> @checked
    ... def half(value: float) -> float:
    ...     return value / 2
    >>> half("3")
    Traceback (most recent call last):
    baserate.errors.BaserateError: value must be a number; got '3' (str). See help(half).
    """
    signature = inspect.signature(function)
    kinds: dict[str, Any] = {}

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)  # Python's own words for arguments that are not there
        if not kinds:
            kinds.update(get_type_hints(function))
        for name, value in bound.arguments.items():
            bound.arguments[name] = _as_asked(function, name, value, kinds.get(name, Any))
        return function(*bound.args, **bound.kwargs)

    return call


def _as_asked(function: Callable[..., Any], name: str, value: Any, kind: Any) -> Any:
    try:
        return _fitted(value, kind)
    except TypeError:
        example = f", such as {_EXAMPLES[name]}" if name in _EXAMPLES else ""
        do = "Ask for several one by one." if isinstance(value, (list, tuple)) else f"See help({function.__name__})."
        found = f"{shown(value)} ({type(value).__name__})"
        raise BaserateError(f"{name} must be {_described(kind)}{example}; got {found}. {do}") from None


def _fitted(value: Any, kind: Any) -> Any:
    """Return a value in the form that its kind has, or raise TypeError."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        for one in inner:
            try:
                return _fitted(value, one)
            except TypeError:
                continue
        raise TypeError
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise TypeError
        return {_fitted(k, inner[0]): _fitted(v, inner[1]) for k, v in value.items()}
    if origin is not None and issubclass(origin, Sequence):
        return _several(value, inner[0])
    if not _is_a(value, kind):
        raise TypeError
    return value


def _several(value: Any, kind: Any) -> list[Any]:
    if isinstance(value, str) and kind is str:
        return [value]
    if isinstance(value, (str, bytes, Mapping, pd.DataFrame)) or not isinstance(value, Iterable):
        raise TypeError
    return [_fitted(one, kind) for one in value]


def _is_a(value: Any, kind: Any) -> bool:
    if kind is bool:
        return isinstance(value, (bool, np.bool_))
    if kind in (int, float):
        return isinstance(value, numbers.Real) and not isinstance(value, bool) and _fits_a_float(value)
    return isinstance(value, os.PathLike) if kind is Path else isinstance(value, kind)


def _fits_a_float(value: Any) -> bool:
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _described(kind: Any) -> str:
    """Say in words what an annotation takes."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        words = [_described(one) for one in inner]
        return " or ".join([", ".join(words[:-1]), words[-1]])
    if origin is not None and issubclass(origin, Mapping):
        return f"a dictionary of {_WORDS[inner[1]][1]}" if inner[1] in _WORDS else "a dictionary"
    if origin is not None and issubclass(origin, Sequence):
        return f"a list of {_WORDS[inner[0]][1]}"
    return _WORDS[kind][0] if kind in _WORDS else f"a {kind.__name__}"


def lazy_table(table: Any) -> Any:
    """Take any table that narwhals knows.

    Parameters
    ----------
    table : DataFrame
        pandas, Polars, DuckDB, Arrow, Spark, or narwhals' own.

    Returns
    -------
    LazyFrame
        narwhals' own.

    Raises
    ------
    BaserateError
        If it is no table.
    """
    try:
        return nw.from_native(table).lazy()
    except TypeError:
        found = f"{shown(table)} ({type(table).__name__})"
        hint = (
            "Read it first: baserate.read(…)." if isinstance(table, (str, Path)) else "Try pandas.DataFrame(…) first."
        )
        raise BaserateError(f"runs must be a table of runs or of counts; got {found}. {hint}") from None


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
    if not 0 < level < 1:
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
    number = isinstance(value, numbers.Real) and not isinstance(value, bool) and _fits_a_float(value)
    if not number or not math.isfinite(value) or value != int(value) or value < least:
        raise BaserateError(f"{name} must be a whole number of at least {least}; got {shown(value)}.")
    return int(value)
