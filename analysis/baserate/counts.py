"""The waist: runs become counts per cell (version, factors, prompt), by one group-by in the engine that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from baserate.defaults import filled_in
from baserate.errors import BaserateError, did_you_mean
from baserate.reading import reading_notes
from baserate.runs import (
    as_category,
    as_outcome,
    check_runs,
    factors,
    is_simulated,
    looks_like_factor,
    outcomes,
)
from baserate.text import Note

COUNTS = ("n", "events", "missing")
SIMULATED = Note("simulated", "Simulated data: no model was asked anything.")

_TOTALS = ("n", "n_total")
_EVENTS = ("k", "events")


def count(table: Any, outcome: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count the runs of each cell: how many were graded, showed the behavior, could not be graded.

    Every estimate is computed from this table, so runs and counts of runs give the same numbers, and a table that lives
    in Polars, DuckDB or Spark is grouped where it lives.

    Parameters
    ----------
    table : DataFrame
        Runs, one row each: pandas, or any other table that narwhals knows. Or counts, one row a cell, with the columns
        ``n`` (graded runs) and the outcome's events (a column named by the outcome, ``n_<outcome>``, ``k`` or
        ``events``), and perhaps ``missing``.
    outcome : str
        The graded behavior.
    by : sequence of str
        Columns to keep besides the version, the scenario's factors and the prompt.

    Returns
    -------
    DataFrame
        One row a cell that occurs: ``version``, the factors and `by` (categories), ``prompt`` (text), then the integers
        ``n``, ``events`` and ``missing``; sorted by these columns. ``attrs["notes"]`` says what was filled in.

    Raises
    ------
    BaserateError
        If a column is not there, the outcome is not yes or no, or counts contradict each other.
    """
    if not isinstance(table, pd.DataFrame):
        return _finish(_count_elsewhere(nw.from_native(table).lazy(), outcome, by), [])
    events = events_column(table, outcome)
    if events is not None:
        told = f"Events of {outcome!r} are counted in the column {events!r}."
        named = [] if events == outcome else [Note("events-column", told)]
        if "prompt" not in table:
            alone = "Counts without prompts: the runs of a cell are taken as independent."
            named.append(Note("counts-without-prompts", alone))
        return _finish(_count_counts(table, outcome, events, by), [*named, *_caveats(table, counts=True)])
    runs = check_runs(table)
    _require_columns(list(map(str, runs.columns)), outcome, by, outcomes(runs))
    keys = _keys(factors(runs), by)
    small = runs[keys].assign(_outcome=as_outcome(runs[outcome]))
    return _finish(_group(nw.from_native(small).lazy(), keys), _caveats(runs))


def events_column(table: pd.DataFrame, outcome: str) -> str | None:
    """Find the column of event counts, if the table holds counts rather than runs.

    Parameters
    ----------
    table : DataFrame
        Runs or counts.
    outcome : str
        The graded behavior.

    Returns
    -------
    str or None
        None for a table of runs.
    """
    if not any(total in table for total in _TOTALS):
        return None
    for name in (outcome, f"n_{outcome}", *_EVENTS):
        if name in table and pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(table[name]):
            return None if name == outcome and _numbers_the_rows(table, name) else name
    return None


def _numbers_the_rows(table: pd.DataFrame, outcome: str) -> bool:
    """Tell a table of runs that has a running number called n from counts: yes or no, and cells that repeat."""
    total = next(name for name in _TOTALS if name in table)
    cell = [c for c in ("version", "model", "prompt", *factors(table)) if c in table]
    repeats = bool(table.duplicated(cell).any()) if cell else len(table) > 1
    return repeats and bool(table[outcome].dropna().isin([0, 1]).all()) and table[total].is_unique


def _caveats(table: pd.DataFrame, counts: bool = False) -> list[Note]:
    """List what was filled in, say if the runs are simulated, and point to the audit for how the runs were read."""
    read = len(reading_notes(table))
    told = f"Reading the runs left {read} note{'s' * (read > 1)}: see the audit."
    pointer = [Note("reading-notes", told)] if read else []
    made_up = [SIMULATED] if is_simulated(table) else []
    filled = [] if counts and not {"version", "prompt"} <= set(table) else filled_in(table)
    return [*made_up, *filled, *pointer]


def notes_of(cells: pd.DataFrame) -> tuple[str, ...]:
    """Return what counting had to say.

    Parameters
    ----------
    cells : DataFrame
        What `count` returns.

    Returns
    -------
    tuple of str
    """
    return tuple(cells.attrs["notes"])


def _keys(found: Sequence[str], by: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["version", *found, *by, "prompt"]))


def _require_columns(columns: list[str], outcome: str, by: Sequence[str], known_outcomes: Sequence[str]) -> None:
    for name in by:
        if name not in columns:
            raise BaserateError(f"There is no column {name!r} to group by.{did_you_mean(name, columns)}")
        if name == outcome:
            raise BaserateError(f"{name!r} is the outcome: grouping by it would show 0% and 100%. Group by a factor.")
    if len(set(by)) < len(by):
        raise BaserateError(f"A column is named twice in {', '.join(map(repr, by))}. Name each once.")
    if outcome not in columns:
        raise BaserateError(f"There is no outcome {outcome!r}.{did_you_mean(outcome, known_outcomes or columns)}")


def _group(frame: nw.LazyFrame[Any], keys: list[str]) -> pd.DataFrame:
    graded = nw.col("_outcome").cast(nw.Int64)  # Spark cannot sum booleans
    marked = frame.with_columns(_events=graded, _missing=nw.col("_outcome").is_null().cast(nw.Int64))
    counted = marked.group_by(keys, drop_null_keys=False).agg(
        nw.col("_events").count().alias("n"),
        nw.col("_events").sum().alias("events"),
        nw.col("_missing").sum().alias("missing"),
    )
    return counted.collect().to_pandas()


def _count_elsewhere(frame: nw.LazyFrame[Any], outcome: str, by: Sequence[str]) -> pd.DataFrame:
    """Count a table that is not pandas: text columns with few levels are its factors, as for pandas."""
    schema = frame.collect_schema()
    _require_columns(schema.names(), outcome, by, [c for c, t in schema.items() if t == nw.Boolean])
    text = [c for c, t in schema.items() if isinstance(t, (nw.String, nw.Categorical, nw.Enum)) and c != "prompt"]
    levels = [(c, frame.select(c).unique().head(1000).collect().to_pandas()[c]) for c in text]
    found = [c for c, column in levels if looks_like_factor(column.astype(object))]
    filled = frame
    if "version" not in schema.names():
        filled = filled.with_columns(nw.lit("all runs").alias("version"))
    if "prompt" not in schema.names():
        raise BaserateError(
            "A table outside pandas needs a column 'prompt' that says which runs share a prompt; "
            f"found {', '.join(schema.names())}. Add one, or give each row its own prompt."
        )
    if not (schema[outcome].is_numeric() or schema[outcome] == nw.Boolean):
        raise BaserateError(
            f"The outcome {outcome!r} must hold yes or no as booleans or 1/0, missing where not graded; found "
            f"{schema[outcome]}. Convert it, or read the runs with baserate.read."
        )
    verdict = nw.col(outcome)
    if schema[outcome].is_float():
        verdict = nw.when(~verdict.is_nan()).then(verdict)  # NaN is not null in these engines
    return _group(filled.with_columns(verdict.alias("_outcome")), _keys(found, by))


def _count_counts(table: pd.DataFrame, outcome: str, events: str, by: Sequence[str]) -> pd.DataFrame:
    """Enter at the waist with counts; without a prompt column, each combination of factors is one prompt."""
    total = next(name for name in _TOTALS if name in table)
    cells = table.copy()
    if "version" not in cells:
        cells["version"] = cells.get("model", "all runs")
    found = [c for c in factors(cells) if c != events]
    if "prompt" not in cells:
        cells["prompt"] = cells[found].astype(str).agg(", ".join, axis=1) if found else "one prompt"
    _require_columns(list(map(str, cells.columns)), events, by, [outcome])
    cells = cells.assign(n=cells[total], events=cells[events], missing=cells.get("missing", 0))
    check_counts(cells)
    grouped = cells.groupby(_keys(found, by), observed=True, dropna=False)[list(COUNTS)].sum()
    return pd.DataFrame(grouped.reset_index())


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
    numbers = cells[list(COUNTS)].astype(float)
    whole = (numbers == numbers.round()) & (numbers >= 0)
    bad = ~whole.all(axis=1) | (numbers["events"] > numbers["n"])
    if bad.any():
        row = int(bad.to_numpy().argmax())
        found = ", ".join(f"{name} = {cells[name].iloc[row]}" for name in COUNTS)
        raise BaserateError(
            f"Counts must be whole numbers with 0 <= events <= n; row {row} has {found}. "
            f"({int(bad.sum())} such rows.) Mend or drop them."
        )


def _finish(cells: pd.DataFrame, notes: Sequence[str]) -> pd.DataFrame:
    """Fix types, levels and order, so that the same runs give the same table whatever engine counted them."""
    keys = [c for c in cells.columns if c not in COUNTS]
    out = pd.DataFrame(index=cells.index)
    for name in keys:
        out[name] = cells[name].astype(str).astype(object) if name == "prompt" else as_category(cells[name])
    for name in COUNTS:
        out[name] = cells[name].fillna(0).astype("int64")
    out = out.sort_values(keys, kind="stable", ignore_index=True)
    out.attrs["notes"] = list(notes)
    return out


def total(cells: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add cells up to one row per group and prompt.

    Parameters
    ----------
    cells : DataFrame
        What `count` returns.
    by : sequence of str
        The columns that make a group.

    Returns
    -------
    DataFrame
        `by`, ``prompt``, ``n``, ``events``, ``missing``; groups in the order of the levels.
    """
    keys = list(dict.fromkeys([*by, "prompt"]))
    return cells.groupby(keys, observed=True, dropna=False, sort=True)[list(COUNTS)].sum().reset_index()
