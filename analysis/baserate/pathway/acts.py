"""A run's acts in order: from columns of yes and no, or from a list of events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from baserate.errors import BaserateError, require_known
from baserate.runs import as_outcome

_BETWEEN = re.compile(r"\s*(?:->|→|[>,;|/])\s*")
NEVER = np.inf  # the place of an act that did not occur


def acts_of(table: pd.DataFrame, acts: Sequence[str], order: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tell which acts occurred in each run, and in what order.

    Parameters
    ----------
    table : DataFrame
        Runs.
    acts : sequence of str
        Columns of yes and no, or names in the column of events.
    order : str, optional
        The column of events: text such as ``"plea > threat > blackmail"``, or a list. Left out, acts occurred in the
        order in which they are named.

    Returns
    -------
    occurred : DataFrame
        Nullable booleans, a column an act; missing where the run was not graded.
    place : DataFrame
        When each occurred first; `NEVER` where it did not.

    Raises
    ------
    BaserateError
        If fewer than two acts are named, one twice, or a column is not there.
    """
    if len(acts) < 2 or len(set(acts)) < len(acts):
        raise BaserateError(f"A path has two acts or more, each named once; got {', '.join(acts) or 'none'}.")
    if order is None:
        for act in acts:
            require_known(act, table.columns, "act")
        occurred = pd.DataFrame({act: as_outcome(table[act]).astype("boolean") for act in acts})
        places = {act: np.where(occurred[act].fillna(False), i, NEVER) for i, act in enumerate(acts)}
        return occurred, pd.DataFrame(places, index=table.index)
    require_known(order, table.columns, "column of events")
    events = [_events(cell) for cell in table[order]]
    known = {event for listed in events if listed for event in listed}
    for act in acts:
        if act not in known:
            require_known(act, sorted(known), "event")
    found = {act: [_place(listed, act) for listed in events] for act in acts}
    place = pd.DataFrame(found, index=table.index, dtype=float)
    return place.lt(NEVER).astype("boolean").mask(place.isna()), place.fillna(NEVER)


def _events(cell: Any) -> list[str] | None:
    """List the events of a cell; None where the run was not graded, and none where it is empty text."""
    if isinstance(cell, (list, tuple, np.ndarray)):
        return [str(event).strip() for event in cell]
    if cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)):
        return None
    text = str(cell).strip().strip("[]")
    return [event.strip("'\" ") for event in _BETWEEN.split(text) if event.strip("'\" ")]


def _place(listed: list[str] | None, act: str) -> float:
    if listed is None:
        return float("nan")
    return float(listed.index(act)) if act in listed else NEVER
