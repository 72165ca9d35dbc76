"""Tables that hold counts of runs rather than runs: which column is n, which the events, which the ungraded runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from baserate.errors import BaserateError
from baserate.layout import EVENTS, MISSING, TOTALS, Layout
from baserate.runs import factors

_MOST = 2**53  # runs of a cell: beyond it a number is no count
_HEAD = 10_000  # rows that tell a running number called n from a count
_OF_RUNS = ("run_id", "status")  # what reading gives every row of a table of runs


def holds_counts(table: pd.DataFrame | Sequence[str]) -> bool:
    """Tell whether a table holds counts, by its columns alone: what `baserate.read` returned is runs.

    Parameters
    ----------
    table : DataFrame or sequence of str
        Or the names of its columns.

    Returns
    -------
    bool
    """
    return any(total in table for total in TOTALS) and not all(name in table for name in _OF_RUNS)


def count_columns(frame: Any, outcome: str) -> Layout | None:
    """Find which columns hold the counts, if the table holds counts rather than runs.

    Parameters
    ----------
    frame : DataFrame or LazyFrame
        pandas, or narwhals' own.
    outcome : str
        The graded behavior.

    Returns
    -------
    Layout or None
        None for a table of runs, such as one that `baserate.read` returned, whatever its columns are called.
    """
    schema = _kinds(frame)
    if all(name in schema for name in _OF_RUNS) or not any(total in schema for total in TOTALS):
        return None
    for name in (outcome, f"n_{outcome}", *EVENTS):
        if schema.get(name) == "number":
            if name == outcome and _numbers_the_rows(frame, outcome):
                return None
            found = [next((c for c in names if c in schema), None) for names in (("n",), ("n_total",), MISSING)]
            return Layout(True, events=name, n=found[0], total=found[1], missing=found[2])
    return None


def _kinds(frame: Any) -> dict[str, str]:
    """Tell numbers from everything else, column by column."""
    if isinstance(frame, pd.DataFrame):
        numeric, boolean = pd.api.types.is_numeric_dtype, pd.api.types.is_bool_dtype
        return {str(c): "number" if numeric(frame[c]) and not boolean(frame[c]) else "other" for c in frame}
    return {c: "number" if t.is_numeric() else "other" for c, t in frame.collect_schema().items()}


def _numbers_the_rows(frame: Any, outcome: str) -> bool:
    """Tell a table of runs that has a running number called n from counts: yes or no, and cells that repeat."""
    table = frame if isinstance(frame, pd.DataFrame) else frame.head(_HEAD).collect().to_pandas()
    total = next(name for name in TOTALS if name in table)
    cell = [c for c in ("version", "model", "prompt", *factors(table)) if c in table]
    repeats = bool(table.duplicated(cell).any()) if cell else len(table) > 1
    return repeats and bool(table[outcome].dropna().isin([0, 1]).all()) and table[total].is_unique


def whole_counts(cells: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Bring counts to ``n`` graded runs, ``events`` and ``missing``.

    ``n`` beside ``n_total`` is graded runs of all runs: the rest has no verdict. ``n_total`` alone is graded runs,
    less those that a column of ungraded ones takes.

    Parameters
    ----------
    cells : DataFrame
    layout : Layout
        What `count_columns` returns.

    Returns
    -------
    DataFrame
        With the three columns as whole numbers.

    Raises
    ------
    BaserateError
        If counts contradict each other, naming the first row that does.
    """
    ungraded = cells[layout.missing] if layout.missing else 0
    if layout.n is not None:
        n = cells[layout.n]
        if layout.total is not None and layout.missing is None:
            ungraded = cells[layout.total] - n
    else:
        n = cells[layout.total] - ungraded
    filled = cells.assign(n=n, events=cells[layout.events], missing=ungraded)
    check_counts(filled)
    return filled


def check_counts(cells: pd.DataFrame) -> None:
    """Raise unless ``n``, ``events`` and ``missing`` are counts with events within n.

    Parameters
    ----------
    cells : DataFrame
        With these three columns.

    Raises
    ------
    BaserateError
        Naming the first row that is wrong.
    """
    names = ["n", "events", "missing"]
    numbers = cells[names].astype(float)
    whole = (numbers == numbers.round()) & (numbers >= 0) & (numbers <= _MOST)
    bad = ~whole.all(axis=1) | (numbers["events"] > numbers["n"])
    if bad.any():
        row = int(bad.to_numpy().argmax())
        found = ", ".join(f"{name} = {cells[name].iloc[row]}" for name in names)
        raise BaserateError(
            f"Counts must be whole numbers with 0 <= events <= n; row {row} has {found}. "
            f"({int(bad.sum())} such rows.) Mend or drop them."
        )
