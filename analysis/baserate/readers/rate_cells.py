"""Cells that hold a rate and n in place of a count of events: the count that gives the rate back."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from baserate.errors import BaserateError
from baserate.readers.verdict import as_number, one_word

_RATE = re.compile(r"(?:(?P<outcome>.+)_)?(rate|share|proportion|fraction|pct|percent|percentage)")


def rates_of(columns: Iterable[str]) -> dict[str, str]:
    """Find the columns that hold rates.

    Parameters
    ----------
    columns : iterable of str

    Returns
    -------
    dict
        Name of each outcome to its column of rates.
    """
    found = {name: _RATE.fullmatch(name.lower()) for name in columns}
    return {match["outcome"] or "events": name for name, match in found.items() if match}


def with_events(frame: pd.DataFrame, total: str) -> tuple[pd.DataFrame, list[str]]:
    """Add the counts of events that cells of a rate and n stand for.

    Parameters
    ----------
    frame : DataFrame
    total : str
        The column of n.

    Returns
    -------
    frame : DataFrame
        With a column ``n_<outcome>`` for each column of rates, which is dropped.
    notes : list of str

    Raises
    ------
    BaserateError
        If no count, or more than one, gives a rate back to the digits that it is written with.
    """
    rates = rates_of(map(str, frame.columns))
    notes = []
    for outcome, column in rates.items():
        numbers = frame[column].map(as_number)
        percent = bool((numbers > 1).any()) or column.lower().endswith(("pct", "percent", "percentage"))
        rows = zip(frame[column], frame[total], strict=True)
        events = [_events(rate, n, percent, column, row) for row, (rate, n) in enumerate(rows, 1)]
        frame = frame.drop(columns=column).assign(**{f"n_{outcome}": events})
        notes.append(f"Events of {outcome!r} are the counts that give the rates of {column!r} back.")
    return frame, notes


def _events(rate: object, n: object, percent: bool, column: str, row: int) -> int | None:
    share, runs = as_number(rate) / (100 if percent else 1), as_number(n)
    if share != share or runs != runs:
        return None
    digits = len(str(rate).strip().rpartition(".")[2]) if "." in str(rate) else 0
    reach = 0.5 * 10.0**-digits / (100 if percent else 1) * (1 + 1e-9)
    count = round(share * runs)
    if runs <= 0 or abs(count / runs - share) > reach or reach * runs > 0.5 + 1e-9:
        why = "no count gives it back" if runs <= 0 or abs(count / runs - share) > reach else "several counts give it"
        raise BaserateError(
            f"Row {row}: the rate {one_word(rate)} of {column!r} with n = {one_word(n)}: {why}. Give the counts "
            f"themselves, as a column n_<outcome>."
        )
    return count
