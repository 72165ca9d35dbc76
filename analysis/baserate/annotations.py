"""Functions that refuse arguments of another type than their annotations name."""

from __future__ import annotations

import inspect
import os
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import (
    Annotated,
    Any,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np
import pandas as pd

from baserate.arguments import is_number
from baserate.errors import BaserateError, shown
from baserate.frames import plain_frame

Table = Annotated[Any, "runs"]
"""Runs or counts of runs: a DataFrame of any engine that narwhals knows, or `baserate.counts.Counts`."""

AS_GIVEN = "as given"
"""Marks what a function looks at itself: ``Annotated[…, AS_GIVEN]``."""

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
            kinds.update(get_type_hints(function, include_extras=True))
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
    if kind == Table:
        return _table(value)
    if origin is Annotated:
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
        return is_number(value)
    paths = kind is Path or get_origin(kind) is os.PathLike
    return isinstance(value, os.PathLike) if paths else isinstance(value, kind)


def _described(kind: Any) -> str:
    """Say in words what an annotation takes."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind == Table:
        return "a table of runs, such as baserate.read(…) returns, or of counts"
    if origin in (Union, types.UnionType):
        words = [_described(one) for one in inner]
        return " or ".join([", ".join(words[:-1]), words[-1]])
    if origin is not None and issubclass(origin, Mapping):
        return f"a dictionary of {_WORDS[inner[1]][1]}" if inner[1] in _WORDS else "a dictionary"
    if origin is not None and issubclass(origin, Sequence):
        return f"a list of {_WORDS[inner[0]][1]}"
    if origin is os.PathLike:
        return "a path"
    return _WORDS[kind][0] if kind in _WORDS else f"a {kind.__name__}"


def _table(value: Any) -> Any:
    """Bring a table of pandas into a plain form; what else is no table is said where it is counted."""
    return plain_frame(value) if isinstance(value, pd.DataFrame) else value
