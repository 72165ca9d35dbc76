"""The types of arguments, held to what a function's signature says, in one place for all public functions."""

from __future__ import annotations

import inspect
import numbers
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, wraps
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from baserate.errors import BaserateError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_WORDS = {str: "text", float: "a number", int: "a whole number", bool: "True or False", type(None): "None"}


def checked(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a function refuse arguments of another type than its signature says, with what it was given.

    Parameters
    ----------
    function : callable
        Its annotations of text, numbers, truth values, and lists and mappings of these are held to; others are not
        looked at.

    Returns
    -------
    callable
    """
    signature = inspect.signature(function)

    @cache
    def hints() -> dict[str, Any]:
        return get_type_hints(function)

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        given = signature.bind(*args, **kwargs).arguments
        for name, value in given.items():
            hint = hints().get(name)
            if hint is not None and not _fits(value, hint):
                raise BaserateError(f"{name} must be {_said(hint)}; got {_short(value)}.")
        return function(*args, **kwargs)

    return call


def _fits(value: Any, hint: Any) -> bool:
    """Tell whether a value is of a type; a type that is not known here takes everything."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, part) for part in inner)
    if origin is Literal:
        return value in inner
    if hint in (float, int):
        kind = numbers.Real if hint is float else numbers.Integral
        return isinstance(value, kind) and not isinstance(value, bool)
    if hint in (str, bool, type(None)):
        return isinstance(value, hint)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping)
    if origin in (Sequence, list, tuple, Iterable) and inner and inner[0] in (str, float, int):
        listed = isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))
        return listed and all(_fits(part, inner[0]) for part in value)
    return True


def _said(hint: Any) -> str:
    """Say in words what a type takes."""
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    words = dict.fromkeys(filter(None, map(_word, parts)))
    return " or ".join(words)


def _word(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _WORDS:
        return _WORDS[hint]
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return "a mapping"
    if origin in (Sequence, list, tuple, Iterable) and inner:
        return {str: "a list of texts"}.get(inner[0], "a list of numbers")
    return ""


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{type(value).__name__} {shown[:50]}…"
