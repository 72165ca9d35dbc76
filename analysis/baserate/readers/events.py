"""Lists of words, such as a run's acts in order, kept as text: ``"plea > blackmail"``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from baserate.readers.verdict import is_missing

_LONGEST = 60  # characters of an act


def in_order(cells: Iterable[Any]) -> list[str | None] | None:
    """Write lists of words as text.

    Parameters
    ----------
    cells : iterable of object
        Of one column.

    Returns
    -------
    list of str or None
        One a cell, empty for an empty list and None where there is none; None where a cell holds anything else.
    """
    texts: list[str | None] = []
    for cell in cells:
        if isinstance(cell, (list, tuple, np.ndarray)):
            words = [word.strip() if isinstance(word, str) else "" for word in cell]
            if not all(word and len(word) <= _LONGEST and "\n" not in word and ">" not in word for word in words):
                return None
            texts.append(" > ".join(words))
        elif is_missing(cell):
            texts.append(None)
        else:
            return None
    return texts
