"""Levels of a column: text, in the order that was declared, else in the order of their text and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

_LONGEST_NUMBER = 18  # digits; longer ones are names


def as_category(column: pd.Series, first: Iterable[str] = ()) -> pd.Series:
    """Make a column a category whose levels are text, so that "none" is a level and "2" sorts before "10".

    Parameters
    ----------
    column : Series
        Text, numbers or categories; a category keeps the order of its levels.
    first : iterable of str
        Levels to put first; the first level is the reference in a model.

    Returns
    -------
    Series
        Of category dtype; levels that do not occur are dropped, missing values stay missing.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        kept = column.cat.remove_unused_categories()
        levels = [str(level) for level in kept.cat.categories]
        if len(set(levels)) == len(levels):
            return kept.cat.rename_categories(levels)
        first, column = dict.fromkeys(levels), column.astype(object)  # 1 and "1" are one level
    text = column.map(str, na_action="ignore").astype(object)
    present = set(text.dropna())
    ahead = [level for level in first if level in present]
    levels = ahead + sorted(present - set(ahead), key=natural)
    return pd.Series(pd.Categorical(text, categories=levels), index=column.index, name=column.name)


def natural(text: str) -> tuple[Any, ...]:
    """Make the key by which levels are sorted: numbers in them by their size.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple
    """
    return tuple((0, int(p), "") if _is_number(p) else (1, 0, p) for p in re.split(r"(\d+)", text) if p)


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= _LONGEST_NUMBER
