"""Rates by a factor where its levels can be held against each other: among conditions that ran all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from baserate.counts import Counts
from baserate.note import Note
from baserate.text import in_words

_SHOWN = 3  # levels that are named


def crossed(counts: Counts, name: str, others: Sequence[str]) -> tuple[Counts | None, list[Note]]:
    """Keep the conditions in which every level of a factor was run.

    Rates by a factor that is nested in another would compare what the other did: where different values were given to
    the replacement in one kind of threat alone, runs "without values" are of all kinds.

    Parameters
    ----------
    counts : Counts
    name : str
        The factor.
    others : sequence of str
        The other factors of the scenario.

    Returns
    -------
    counts : Counts or None
        None where no condition ran all levels.
    notes : list of Note
        What was left out.
    """
    cells = counts.cells
    others = [other for other in others if other != name]
    if not others:
        return counts, []
    graded = cells[cells["n"] > 0]
    combination = graded[others].astype(str).agg(" · ".join, axis=1)
    levels = graded[name].astype(str).groupby(combination).nunique()
    whole = levels.index[levels == graded[name].nunique()]
    if len(whole) == len(levels):
        return counts, []
    if not len(whole):
        told = (
            f"{in_words(name)} is not drawn: no condition of {', '.join(map(in_words, others))} ran all of its levels."
        )
        return None, [Note("not-crossed", told)]
    keep = cells[others].astype(str).agg(" · ".join, axis=1).isin(whole)
    told = f"By {in_words(name)}: only where {_where(cells[keep], cells, others)}, since elsewhere not all levels ran."
    return counts.where(keep), [Note("only-where-crossed", told)]


def _where(kept: pd.DataFrame, cells: pd.DataFrame, others: Sequence[str]) -> str:
    """Name the levels that are kept of the factors that lose some."""
    told = []
    for name in others:
        levels = list(dict.fromkeys(kept[name].astype(str)))
        if len(levels) < cells[name].nunique():
            told.append(f"{in_words(name)} is {' or '.join(levels[:_SHOWN])}")
    return " and ".join(told) or "all of its levels ran"
