"""What an audit looks at: the rows, the counts of each outcome, and the combinations of factors that occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from baserate.acceptance import accepting, statuses
from baserate.account import Account, account_of
from baserate.count_tables import holds_counts
from baserate.counts import COUNTS, Counts, count
from baserate.defaults import filled_in
from baserate.engines import as_frame, verdict_columns
from baserate.errors import BaserateError
from baserate.note import Note, code_of
from baserate.reading import copies_left_out, reading_notes
from baserate.runs import RESERVED, as_category, check_runs, factors, outcomes
from baserate.stopped import Said, said_of_stopped

NOT_RECORDED = "not recorded"
_LAYOUT_NOTES = ("prompt-column", "label-column", "measured-after-column", "incomplete-column")


@dataclass(frozen=True, eq=False)
class Evidence:
    """One table, seen the ways that the findings need.

    Attributes
    ----------
    rows : DataFrame or None
        The runs, one row each, unreadable ones included; None where the table holds counts.
    runs : DataFrame or None
        The runs that could be read.
    cells : dict of str to DataFrame
        For each outcome, the cells that `baserate.counts.count` returns.
    counts : Counts or None
        Of the first outcome, as counted; None where there is none.
    account : Account or None
        Where each file and run of the read went; None where the table does not tell.
    cautions : tuple of Note
        Of runs that were stopped, but graded.
    accepted : int
        Runs of another status than "ok" that count as graded.
    design : DataFrame
        The combinations of version, factors and prompt that occur, one row each; without the runs of which no factor
        was recorded, as a run that failed early.
    factors : list of str
        The factors that vary.
    notes : tuple of str
        What reading, filling in and counting had to say.
    copies : int
        Copies of runs that reading left out.
    """

    rows: pd.DataFrame | None
    runs: pd.DataFrame | None
    cells: dict[str, pd.DataFrame]
    design: pd.DataFrame
    factors: list[str]
    notes: tuple[str, ...]
    copies: int = 0
    counts: Counts | None = None
    cautions: tuple[Note, ...] = ()
    accepted: int = 0
    account: Account | None = None


def gather(table: Any, outcome: str | None, accept: str | Sequence[str] = ("ok",)) -> Evidence:
    """See a table the ways that the findings need.

    Parameters
    ----------
    table : DataFrame
        Runs, or counts of runs; pandas or what narwhals knows.
    outcome : str, optional
        The one outcome to look at; without it all of them.
    accept : str or sequence of str
        The statuses whose logged verdicts count beside those of "ok".

    Returns
    -------
    Evidence

    Raises
    ------
    BaserateError
        If the outcome is not there, or no column of a table outside pandas holds truth values.
    """
    if isinstance(table, Counts):
        return _of_counts({table.outcome: count(table, outcome or table.outcome, accept=accept)}, ())
    return replace(_gather(table, outcome, accept), account=account_of(table))


def _gather(table: Any, outcome: str | None, accept: str | Sequence[str]) -> Evidence:
    frame = as_frame(table)
    if not isinstance(frame, pd.DataFrame) and holds_counts(frame.collect_schema().names()):
        table = frame.collect().to_pandas()
    elif not isinstance(frame, pd.DataFrame):
        names = [outcome] if outcome else verdict_columns(frame)
        counted = {name: count(table, name, accept=accept) for name in names}
        return replace(_of_counts(counted, reading_notes(table)), copies=copies_left_out(table))
    if holds_counts(table):
        names = [outcome] if outcome else counted_outcomes(table)
        return _of_counts({name: count(table, name, accept=accept) for name in names}, reading_notes(table))
    return _of_runs(check_runs(table), outcome, statuses(accept))


def counted_outcomes(table: pd.DataFrame) -> list[str]:
    """List the outcomes of a table of counts.

    Parameters
    ----------
    table : DataFrame
        With a column ``n`` or ``n_total``.

    Returns
    -------
    list of str
        The other columns of numbers, without a leading ``n_``; ``["events"]`` where the events are not named.

    Raises
    ------
    BaserateError
        If there is none.
    """
    numbers = table.select_dtypes("number").columns
    named = [str(c).removeprefix("n_") for c in numbers if c not in RESERVED and c != "k"]
    if not named and not {"k", "events"} & set(numbers):
        raise BaserateError(
            f"The table holds counts of runs, and no count of events; found {', '.join(map(str, table.columns))}. "
            "Add a column such as 'n_blackmail' or 'events'."
        )
    return named or ["events"]


def _of_counts(counted: dict[str, Counts], notes: Sequence[str]) -> Evidence:
    cells = {outcome: named(one.cells, _keys(one.cells)) for outcome, one in counted.items()}
    first = next(iter(cells.values()))
    design = first[_keys(first)]
    found = [c for c in design if c not in ("version", "prompt")]
    told = (*notes, *(note for note in next(iter(counted.values())).notes if code_of(note) in _LAYOUT_NOTES))
    whole, stopped = next(iter(counted.values())), _stopped(counted)
    told = (*told, *stopped.notes)
    recorded = _recorded(design, found)
    return Evidence(None, None, cells, *recorded, told, counts=whole, cautions=stopped.cautions)


def _stopped(counted: dict[str, Counts]) -> Said:
    """Say of all outcomes what stopped runs change of their rates."""
    said = [said_of_stopped(counts, ["version"]) for counts in counted.values()]
    return Said(tuple(n for one in said for n in one.notes), tuple(c for one in said for c in one.cautions))


def _of_runs(rows: pd.DataFrame, outcome: str | None, accept: Sequence[str]) -> Evidence:
    if outcome is not None:
        count(rows, outcome)  # refuses an outcome that is not there
    for name in [outcome] if outcome else outcomes(rows):
        rows = accepting(rows, name, accept)
    found = [name for name in factors(rows) if name != outcome]
    runs = named(rows[rows["status"] != "unreadable"], ["version", *found, "prompt"])
    names = [outcome] if outcome else outcomes(rows)
    counted = {name: count(runs, name) for name in names} if len(runs) else {}
    cells = {name: count(runs, name, found).cells for name in names} if len(runs) else {}
    first = next(iter(counted.values()), None)
    laid_out = [note for note in first.notes if code_of(note) in _LAYOUT_NOTES] if first is not None else []
    stopped = _stopped(counted)
    told = tuple(dict.fromkeys([*reading_notes(rows), *filled_in(rows), *laid_out, *stopped.notes]))
    accepted = int((runs[names].notna().any(axis=1) & (runs["status"] != "ok")).sum())
    design = runs[["version", *found, "prompt"]].drop_duplicates(ignore_index=True)
    return Evidence(
        rows, runs, cells, *_recorded(design, found), told, copies_left_out(rows), first, stopped.cautions, accepted
    )


def _recorded(design: pd.DataFrame, found: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Keep the combinations with a recorded factor, and pick the factors that vary over them."""
    kept = with_factors(design, found)
    return kept, [name for name in found if kept[name].nunique() > 1]


def with_factors(table: pd.DataFrame, found: Sequence[str]) -> pd.DataFrame:
    """Keep the rows of which at least one factor was recorded.

    Parameters
    ----------
    table : DataFrame
        Cells or combinations.
    found : sequence of str
        The factors.

    Returns
    -------
    DataFrame
        All rows where there are no factors.
    """
    return table[(table[list(found)].astype(str) != NOT_RECORDED).any(axis=1)] if found else table


def named(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Give missing levels a name, so that no run drops out of a table.

    Parameters
    ----------
    table : DataFrame
        Runs or cells.
    keys : sequence of str
        The columns that hold levels.

    Returns
    -------
    DataFrame
        The same table where no level is missing.
    """
    gaps = {key: table[key].astype(object).fillna(NOT_RECORDED) for key in keys if table[key].isna().any()}
    return table.assign(**{key: column if key == "prompt" else as_category(column) for key, column in gaps.items()})


def _keys(cells: pd.DataFrame) -> list[str]:
    return [c for c in cells if c not in COUNTS]


def condition_label(row: pd.Series, names: Sequence[str]) -> str:
    """Name a condition by its factors' levels.

    Parameters
    ----------
    row : Series
        One cell.
    names : sequence of str
        The factors that vary.

    Returns
    -------
    str
        ``"urgency=none, goal=explicit"``.
    """
    return ", ".join(f"{name}={row[name]}" for name in names) or "all runs"
