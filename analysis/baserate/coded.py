"""The values of a column, each once: a column of a million cells is looked through once, however often it is asked."""

from __future__ import annotations

import weakref
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes: TypeAlias = npt.NDArray[np.intp]
Values: TypeAlias = npt.NDArray[np.object_]
_CODED: dict[int, tuple[weakref.ref[pd.Series], tuple[Codes, Values]]] = {}
_LONG = 1000


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
