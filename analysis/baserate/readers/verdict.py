"""What one logged value says: yes, no, a number, or nothing."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Container
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

_YES = frozenset(("true", "yes", "y", "t", "1", "1.0"))
_NO = frozenset(("false", "no", "n", "f", "0", "0.0"))
_MISSING = frozenset(("", "na", "n/a", "nan", "none", "null", "<na>"))
_LONG = 1000
Codes: TypeAlias = npt.NDArray[np.intp]
Values: TypeAlias = npt.NDArray[np.object_]
_CODED: dict[int, tuple[weakref.ref[pd.Series], tuple[Codes, Values]]] = {}
_LETTERS = {"C": 1.0, "I": 0.0, "P": 0.5}  # Inspect's correct, incorrect, partial; N is "no answer"


def is_missing(value: Any) -> bool:
    """Tell whether a cell is empty.

    Parameters
    ----------
    value : object
        One cell.

    Returns
    -------
    bool
        True for None, NaN, and text such as "" or "NA".
    """
    if isinstance(value, str):
        return value.strip().lower() in _MISSING
    return value is None or bool(pd.api.types.is_scalar(value) and pd.isna(value))


def as_number(value: Any) -> float:
    """Read a value as a number.

    Parameters
    ----------
    value : object
        A number, a boolean, a number as text, or one of Inspect's letters C, P and I.

    Returns
    -------
    float
        NaN where the value is none of these.
    """
    if isinstance(value, str):
        if value in _LETTERS:
            return _LETTERS[value]
        try:
            return float(value)
        except ValueError:
            return math.nan
    if is_missing(value) or not pd.api.types.is_number(value):
        return float(value) if isinstance(value, bool) else math.nan
    return float(value)


def holds_numbers(values: pd.Series) -> bool:
    """Tell whether a column of text holds numbers, so that it is no factor.

    Parameters
    ----------
    values : Series
        Scalars.

    Returns
    -------
    bool
        True where every cell is a number or "NA"; a cell that says "none" is a level.
    """
    cells = pd.Series(coded(values)[1], dtype=object)
    numbers = pd.to_numeric(cells, errors="coerce")
    return bool(numbers.notna().any()) and all(map(_is_na, cells[numbers.isna()]))


def _is_na(value: Any) -> bool:
    return str(value).strip().lower() in ("", "na", "n/a", "nan")


def as_verdict(value: Any, letters: bool = False) -> bool | None:
    """Read a value as yes or no.

    Parameters
    ----------
    value : object
        A boolean, 0 or 1, or a word such as "yes".
    letters : bool
        Whether Inspect's C and I are verdicts too; "N" is then "no answer" rather than "no".

    Returns
    -------
    bool or None
        None where the value is neither.
    """
    if letters and isinstance(value, str) and value in ("C", "I", "P", "N"):
        return {"C": True, "I": False}.get(value)
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _YES else False if word in _NO else None
    number = as_number(value)
    return bool(number) if number in (0.0, 1.0) else None


def distinct(values: pd.Series) -> list[Any]:
    """List the values that occur, without the missing ones.

    Parameters
    ----------
    values : Series
        Scalars.

    Returns
    -------
    list
        In the order of appearance.
    """
    return [v for v in coded(values)[1] if not is_missing(v)]


def coded(values: pd.Series) -> tuple[Codes, Values]:
    """Give each value that occurs a number; a column is looked through once, however often it is asked.

    Parameters
    ----------
    values : Series
        Scalars, which nobody changes in place.

    Returns
    -------
    codes : ndarray of int
        The place of each cell's value; -1 where it is None or NaN.
    distinct : ndarray of object
        In the order of appearance.
    """
    key = id(values)
    if key in _CODED and _CODED[key][0]() is values:
        return _CODED[key][1]
    if len(values) < _LONG:
        found = _coded_one_by_one(values.tolist())
    else:
        codes, distinct = pd.factorize(values)  # as they are stored: as objects they would be ten times slower
        found = (codes, np.asarray(pd.Index(distinct).astype(object), dtype=object))
    _CODED[key] = (weakref.ref(values, lambda _: _CODED.pop(key, None)), found)
    return found


def _coded_one_by_one(cells: list[Any]) -> tuple[Codes, Values]:
    """Do the same for a few cells, of which a table may have ten thousand columns."""
    place: dict[Any, int] = {}
    gone = (type(None), type(pd.NA), type(pd.NaT))
    codes = [-1 if isinstance(v, gone) or v != v else place.setdefault(v, len(place)) for v in cells]
    distinct = np.empty(len(place), dtype=object)
    distinct[:] = list(place)
    return np.array(codes, dtype=np.intp), distinct


def translate(values: pd.Series, function: Callable[[Any], Any], dtype: str) -> pd.Series:
    """Apply a function to each distinct value once.

    Parameters
    ----------
    values : Series
        Scalars.
    function : callable
        Value to new value; a missing value is passed as None.
    dtype : str
        Of the result.

    Returns
    -------
    Series
        With the same index.
    """
    codes, distinct = coded(values)
    translated = pd.array([*(function(v) for v in distinct), function(None)], dtype=dtype)
    return pd.Series(translated.take(codes % len(translated)), index=values.index, name=values.name)


def is_figure(value: Any) -> bool:
    """Tell whether a value is a number, or text that spells one; truth values and letters are none.

    Parameters
    ----------
    value : object

    Returns
    -------
    bool
    """
    return not isinstance(value, bool) and value not in _LETTERS and not math.isnan(as_number(value))


def as_scores(values: pd.Series) -> pd.Series:
    """Keep values as logged: as numbers where all of them are, else as text.

    Parameters
    ----------
    values : Series
        As logged.

    Returns
    -------
    Series
        Of floats, or of text.
    """
    if all(v not in _LETTERS and not math.isnan(as_number(v)) for v in distinct(values)):
        return translate(values, as_number, "Float64").astype("float64")
    return translate(values, lambda v: None if is_missing(v) else str(v), "object")


def why_no_verdict(value: Any, sentinels: Container[float] = ()) -> str:
    """Say why a logged value is neither yes nor no.

    Parameters
    ----------
    value : object
        As logged.
    sentinels : container of float
        Numbers that stand for "no score".

    Returns
    -------
    str
        A clause.
    """
    if value == "N":
        return "no answer to grade"
    if is_missing(value):
        return "no score" if value is None else f"the score is {value}"
    if value == "P":
        return "partial credit needs a cut"
    if not math.isnan(as_number(value)):
        return f"{value} stands for no score" if as_number(value) in sentinels else "a score on a scale needs a cut"
    return f"{one_word(value)} is neither yes nor no"


def one_word(value: Any) -> str:
    """Show a value in a message, shortened.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
    """
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"
