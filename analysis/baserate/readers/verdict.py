"""What a logged value says: yes, no, a number on a scale, or nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

_YES = frozenset(("true", "yes", "y", "t", "1", "1.0"))
_NO = frozenset(("false", "no", "n", "f", "0", "0.0"))
_MISSING = frozenset(("", "na", "n/a", "nan", "none", "null", "<na>"))
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
    cells = pd.Series(pd.unique(values.dropna().astype(object)), dtype=object)
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


def on_scale(values: pd.Series) -> bool:
    """Tell whether some value is a number other than 0 and 1, so that no number here is a verdict by itself.

    On a scale from 1 to 10 a 1 is the lowest score and no "yes".

    Parameters
    ----------
    values : Series
        Values as logged.

    Returns
    -------
    bool
    """
    return any(as_number(v) not in (0.0, 1.0) for v in distinct(values) if _is_figure(v))


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
    return [v for v in pd.unique(values.astype(object)) if not is_missing(v)]


def read_grades(values: pd.Series, cut: float | None = None) -> pd.Series:
    """Turn the values that a scorer logged into verdicts.

    Parameters
    ----------
    values : Series
        As logged; None where there is no grade.
    cut : float, optional
        The lowest score that counts as yes.

    Returns
    -------
    Series
        Of dtype ``boolean``; missing where the value is no verdict, which all numbers on a scale without a cut are.
    """
    if cut is not None:
        return cut_at(values, cut)
    scale = on_scale(values)
    return translate(values, lambda v: None if scale and _is_figure(v) else as_verdict(v, letters=True), "boolean")


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
    codes, distinct = pd.factorize(values.astype(object))
    translated = pd.array([*(function(v) for v in distinct), function(None)], dtype=dtype)
    return pd.Series(translated.take(codes % len(translated)), index=values.index, name=values.name)


def _is_figure(value: Any) -> bool:
    return not isinstance(value, bool) and value not in _LETTERS and not math.isnan(as_number(value))


def cut_at(values: pd.Series, cut: float) -> pd.Series:
    """Turn scores into verdicts: yes from the cut upwards.

    Parameters
    ----------
    values : Series
        Scores.
    cut : float
        The lowest score that counts as yes.

    Returns
    -------
    Series
        Of dtype ``boolean``, missing where the score is.
    """
    return translate(values, lambda v: None if math.isnan(as_number(v)) else as_number(v) >= cut, "boolean")


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


def why_no_verdict(value: Any) -> str:
    """Say why a logged value is neither yes nor no.

    Parameters
    ----------
    value : object
        As logged.

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
        return "a score on a scale needs a cut"
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
