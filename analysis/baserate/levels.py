"""Levels of a column: text, in the order that was declared, else in the order of their text and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from baserate.errors import BaserateError


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
    codes, values = pd.factorize(column)
    texts = [str(value) for value in values]
    present = set(texts)
    ahead = [level for level in first if level in present]
    levels = ahead + sorted(present - set(ahead), key=natural)
    place = {level: code for code, level in enumerate(levels)}
    new = np.array([*(place[text] for text in texts), -1])  # the last is where a missing value's code, -1, points
    made = pd.Categorical.from_codes(new[codes], levels or pd.Index([], dtype=object))
    return pd.Series(made, index=column.index, name=column.name)


def natural(text: str) -> tuple[Any, ...]:
    """Make the key by which levels are sorted: numbers in them by their size, however many digits they have.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple
    """
    parts = (part for part in re.split(r"([0-9]+)", text) if part)
    return tuple((0, len(p.lstrip("0")), p.lstrip("0"), p) if p[0] in "0123456789" else (1, 0, p, "") for p in parts)


def prompts_of(cells: pd.DataFrame) -> pd.Series:
    """Return the prompts of counted cells as text.

    Parameters
    ----------
    cells : DataFrame
        With ``prompt`` and ``n``.

    Returns
    -------
    Series
        Runs that were not graded may lack a prompt, as one that failed early.

    Raises
    ------
    BaserateError
        If graded runs lack a prompt that others have: nothing tells which of them are alike.
    """
    lost = int(cells.loc[cells["prompt"].isna(), "n"].sum())
    if lost:
        raise BaserateError(
            f"{lost} graded runs have no prompt, so nothing tells which of them are alike. Fill the column of prompts, "
            "or leave these runs out."
        )
    prompts = cells["prompt"].astype(object)
    return prompts.where(prompts.notna(), "unknown prompt").astype(str).astype(object)
