"""Counts of two outcomes together, written out as runs: how many showed one, the other, and both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from baserate.count_tables import count_columns
from baserate.engines import as_frame
from baserate.errors import BaserateError
from baserate.layout import MISSING, TOTALS


def as_runs(table: Any, outcome: str, other: str) -> Any:
    """Write counts of two outcomes out as runs, one row each, of which the order tells nothing.

    Parameters
    ----------
    table : DataFrame
        Runs, which come back as they are; or counts, one row a cell, with graded runs, those of ``outcome``, those of
        ``other``, and those of both, in a column named by both in either order (``aware_harmful``).
    outcome, other : str

    Returns
    -------
    DataFrame
        Without prompts, which counts do not tell unless they have the column.

    Raises
    ------
    BaserateError
        If a column of counts is not there, or the counts contradict each other.
    """
    frame = as_frame(table)
    layout = count_columns(frame, outcome)
    if layout is None:
        return table
    cells = (frame if isinstance(frame, pd.DataFrame) else frame.collect().to_pandas()).reset_index(drop=True)
    both = _column(cells, (f"{other}_{outcome}", f"{outcome}_{other}"))
    alone, with_outcome = _column(cells, (other,)), layout.events
    total = layout.n or layout.total
    assert total is not None
    assert with_outcome is not None
    missing = cells[layout.missing] if layout.missing else 0
    graded = cells[total] if layout.n else cells[total] - missing
    a, h, ah = (cells[name].fillna(0).to_numpy(dtype="int64") for name in (alone, with_outcome, both))
    n = graded.to_numpy(dtype="int64")
    parts = {(True, True): ah, (True, False): h - ah, (False, True): a - ah, (False, False): n - h - a + ah}
    if any((part < 0).any() for part in parts.values()):
        place = next(int(np.argmax(part < 0)) for part in parts.values() if (part < 0).any())
        raise BaserateError(
            f"Row {place + 1} of the counts contradicts itself: of {n[place]} graded runs {h[place]} show {outcome}, "
            f"{a[place]} {other}, and {ah[place]} both. Mend it."
        )
    counted = {*TOTALS, *MISSING, alone, with_outcome, both}
    about = cells.drop(columns=[name for name in counted if name in cells])
    lost = np.broadcast_to(np.asarray(missing, dtype="int64"), n.shape)
    rows = [(places, yes, knew) for (yes, knew), places in parts.items()] + [(lost, None, None)]
    whole = [about.loc[about.index.repeat(places)].assign(**{outcome: yes, other: knew}) for places, yes, knew in rows]
    runs = pd.concat(whole, ignore_index=True)
    return runs.assign(**{name: runs[name].astype("boolean") for name in (outcome, other)})


def _column(cells: pd.DataFrame, names: tuple[str, ...]) -> str:
    known = [name for one in names for name in (one, f"n_{one}") if name in cells]
    if not known:
        raise BaserateError(
            f"These are counts, and have no column {names[0]!r}. How many runs showed both is needed beside how many "
            "showed either; or give the runs."
        )
    return known[0]
