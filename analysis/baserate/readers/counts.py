"""A table of counts, one row a cell: how many runs were graded, and how many showed the behavior."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from baserate.account import ACCOUNT, Account
from baserate.count_tables import whole_counts
from baserate.errors import BaserateError, did_you_mean
from baserate.layout import EVENTS, MISSING, TOTALS, Layout
from baserate.readers.factor import REFERENCE
from baserate.readers.rate_cells import rates_of, with_events
from baserate.readers.request import Request
from baserate.readers.tables import Tables, load_tables
from baserate.readers.verdict import as_number, distinct, holds_numbers, is_missing, one_word, translate
from baserate.readers.wide import SOURCE
from baserate.reading import READING, Reading
from baserate.runs import as_category, looks_like_factor

_ALL = "n_total"  # graded or not, where n stands beside it


def holds_counts(columns: Iterable[str]) -> bool:
    """Tell a table of counts by its column names.

    Parameters
    ----------
    columns : iterable of str
        The names.

    Returns
    -------
    bool
        True for ``n_total`` or ``n`` with some ``n_<outcome>`` or a rate, and for ``n`` with ``k``, ``events`` or
        ``missing``; False for what `baserate.read` returned, which is runs.
    """
    names = set(columns)
    if not names & set(TOTALS) or names >= {"run_id", "status"}:
        return False
    return bool(_suffixed(names) or rates_of(names)) or ("n" in names and bool(names & {*EVENTS, *MISSING}))


def _suffixed(names: Iterable[str]) -> dict[str, str]:
    return {name[2:]: name for name in names if name.startswith("n_") and name not in (*TOTALS, *MISSING)}


def read_counts(paths: Tables, request: Request, kind: str = "") -> Reading:
    """Read tables of counts.

    Parameters
    ----------
    paths : sequence of Path, or DataFrame
        The files, or a table in memory.
    request : Request
        The options of `read`; ``n`` and ``events`` name the columns where they are not the usual ones.
    kind : {"csv", "jsonl", "parquet"}, optional
        What they are; left out, their endings tell.

    Returns
    -------
    Reading
        One row a cell: ``version``, the factors (categories), ``prompt`` if there is one, the integer ``n``,
        one integer column for each outcome named by it, and ``missing``: what a column of ungraded runs
        says, or ``n_total`` beside ``n``.

    Raises
    ------
    BaserateError
        If a column is not there, or a count is impossible.
    """
    frame, lost, notes = load_tables(paths, request, kind)
    total = _total(frame, request)
    if request.events is None and not _suffixed(map(str, frame.columns)) and not set(EVENTS) & set(frame.columns):
        frame, more = with_events(frame, total)
        notes += more
    events = _events(frame, total, request)
    missing = next((name for name in MISSING if name in frame), None)
    whole = None if total == _ALL or _ALL not in frame else _ALL
    alone = total == _ALL
    layout = Layout(True, n=None if alone else total, total=_ALL if alone else whole, missing=missing)
    spoken = {total, whole, SOURCE, READING, ACCOUNT, missing, *events.values()}
    table, more = _keys(frame.drop(columns=[c for c in frame if c in spoken]), request)
    numbers = pd.DataFrame({c: _whole(frame[c]) for c in (total, whole, missing) if c is not None}, index=frame.index)
    table["n"] = 0
    for outcome, column in events.items():
        shown = _whole(frame[column], numbers[total])
        graded = whole_counts(numbers.assign(_events=shown), replace(layout, events="_events"))
        table["n"], table[outcome], ungraded = graded["n"], graded["events"], graded["missing"]
    table["missing"] = ungraded
    table["source"] = frame[SOURCE].astype(str)
    notes += [*more, *(f"{source} could not be read: {reason}." for source, reason in lost.items())]
    if READING in frame:
        table[READING] = frame[READING]
    return Reading(table, notes, Account(seen=len(frame) + len(lost), left=_left(lost), rows=len(table)))


def _left(lost: Mapping[str, str]) -> dict[str, int]:
    return {"lines or files of counts that cannot be read": len(lost)} if lost else {}


def _total(frame: pd.DataFrame, request: Request) -> str:
    wanted = [request.n] if request.n is not None else [name for name in TOTALS if name in frame]
    if not wanted or wanted[0] not in frame:
        raise BaserateError(
            f"A table of counts needs a column of totals.{did_you_mean(request.n or 'n', frame.columns)} "
            "Name it: n='runs'."
        )
    return wanted[0]


def _events(frame: pd.DataFrame, total: str, request: Request) -> dict[str, str]:
    """Map each outcome to its column of events."""
    found = request.events
    if found is None:
        found = _suffixed(map(str, frame.columns))
        found |= {name: name for name in EVENTS if name in frame}
    if not found and total == "n":
        found = {str(c): str(c) for c in frame if c not in (total, *MISSING, "epoch") and _is_whole(frame[c])}
    if request.outcomes is not None and len(found) == len(request.outcomes) == 1:
        found = dict(zip(request.outcomes, found.values(), strict=True))
    elif request.outcomes is not None:
        known = found | {str(c): str(c) for c in frame if _is_whole(frame[c])}
        for source in request.outcomes.values():
            if source.column not in known:
                near = did_you_mean(source.column, found)
                raise BaserateError(f"There is no outcome {source.column!r} in the counts.{near}")
        found = {name: known[source.column] for name, source in request.outcomes.items()}
    for column in found.values():
        if column not in frame:
            raise BaserateError(f"There is no column {column!r} of events.{did_you_mean(column, frame.columns)}")
    if not found:
        names = ", ".join(map(str, frame.columns.drop(SOURCE)))
        raise BaserateError(f"No column of events was found among {names}. Name it: events={{'blackmail': 'hits'}}.")
    return found


def _is_whole(column: pd.Series) -> bool:
    return holds_numbers(column) and all(as_number(v) == round(as_number(v)) for v in distinct(column))


def _keys(keys: pd.DataFrame, request: Request) -> tuple[pd.DataFrame, list[str]]:
    """Build the columns that name a cell."""
    text = {str(c): translate(keys[c], lambda v: None if v is None else str(v), "object") for c in keys}
    guessed = [name for name, column in text.items() if looks_like_factor(column) and not holds_numbers(keys[name])]
    chosen = guessed if request.factors is None else list(request.factors)
    for name in chosen:
        if name not in text:
            raise BaserateError(f"There is no column {name!r} for a factor.{did_you_mean(name, text)}")
    factors = {name: as_category(text[name], first=REFERENCE) for name in chosen}
    version = {"version": as_category(text["version"])} if "version" in text else {}
    table = pd.DataFrame({**version, **factors}, index=keys.index)
    if "prompt" in text:
        table["prompt"] = text["prompt"]
    left = [name for name in text if name not in table]
    return table, [f"Columns that name no cell were left out: {', '.join(left)}."] if left else []


def _whole(column: pd.Series, most: pd.Series | None = None) -> pd.Series:
    """Read counts, and refuse what is none: a fraction, a negative number, an empty cell, more events than runs."""
    numbers = translate(column, lambda v: as_number(v) if not is_missing(v) else None, "Float64")
    wrong = (numbers.isna() | (numbers < 0) | (numbers != numbers.round())).fillna(True)
    if most is not None:
        wrong |= (numbers > most).fillna(True)
    if wrong.any():
        row = int(wrong.to_numpy(dtype=bool).argmax())
        of = "" if most is None else f" of n = {most.iloc[row]}"
        raise BaserateError(
            f"Counts must be whole numbers with 0 <= events <= n; row {row + 1} of {column.name!r} holds "
            f"{one_word(column.iloc[row])}{of}. ({int(wrong.sum())} such rows.) Mend or drop them."
        )
    return numbers.astype("int64")
