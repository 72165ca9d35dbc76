"""The columns that a formula names: whether they can be factors, and what of them is left out."""

from __future__ import annotations

import warnings
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from baserate.count_tables import count_columns
from baserate.counts import COUNTS, Counts
from baserate.engines import as_frame
from baserate.errors import BaserateError, DesignWarning, did_you_mean
from baserate.formula import Formula
from baserate.runs import outcomes

_NOT_A_FACTOR = ("prompt", "run_id", *COUNTS)


def check_columns(table: Any, formula: Formula) -> tuple[list[str], list[str]]:
    """Return which columns of the formula are numbers, and notes on what they are."""
    if isinstance(table, Counts):
        table = table.cells
    frame = nw.from_native(as_frame(table)).lazy()
    schema = frame.collect_schema()
    known_outcomes = outcomes(table) if isinstance(table, pd.DataFrame) else []
    filled_in = {"version"} if isinstance(table, pd.DataFrame) else set()
    numeric, notes = [], []
    for name in formula.columns:
        if name not in schema and name not in filled_in:
            raise BaserateError(f"There is no column {name!r} for the formula.{did_you_mean(name, schema.names())}")
        if name in _NOT_A_FACTOR:
            raise BaserateError(
                f"{name!r} cannot be a factor: it tells runs apart, or counts them. For prompts that vary use "
                "scope='sampled' or random='prompt'."
            )
        layout = count_columns(table, name) if isinstance(table, pd.DataFrame) else None
        if layout is not None and layout.events in (name, f"n_{name}"):
            raise BaserateError(
                f"{name!r} counts another outcome's events, which cannot be a factor. Fit it by itself."
            )
        if name in known_outcomes:
            notes.append(f"{name} is measured after the run: it is an outcome, not a randomized factor.")
            warnings.warn(notes[-1], DesignWarning, stacklevel=5)
        if name in schema and schema[name].is_numeric():
            numeric.append(name)
    return numeric, notes


def without_missing(cells: pd.DataFrame, formula: Formula) -> tuple[pd.DataFrame, list[str]]:
    """Leave out cells that lack a value of the formula's columns, and runs that were not graded."""
    lacking = cells[list(formula.columns)].isna().any(axis=1)
    known, notes = cells[~lacking], []
    for name in formula.columns:
        if pd.api.types.is_float_dtype(known[name]) and not np.isfinite(known[name].to_numpy(dtype=float)).all():
            raise BaserateError(f"{name!r} holds a value that is not finite. Mend it, or leave these runs out.")
    if lacking.any():
        lost = int(cells.loc[lacking, "n"].sum())
        notes.append(f"{lost} graded runs lack a value of {', '.join(formula.columns)} and were left out.")
    ungraded = int(known["missing"].sum())
    if ungraded:
        notes.append(f"{ungraded} runs without a verdict were left out; they are not counted as 'no'.")
    return known, notes


def drop_levels(cells: pd.DataFrame, name: str, table: Any) -> list[str]:
    """Drop, in place, the levels of a factor that have no graded run, also those that the table only declares."""
    if not isinstance(cells[name].dtype, pd.CategoricalDtype):
        return []
    before = list(cells[name].cat.categories)
    table = table.cells if isinstance(table, Counts) else table
    if isinstance(table, pd.DataFrame) and name in table and isinstance(table[name].dtype, pd.CategoricalDtype):
        before = list(map(str, table[name].cat.categories))
    cells[name] = cells[name].cat.remove_unused_categories()
    gone = [level for level in before if level not in set(cells[name].cat.categories)]
    return [f"{name}: no graded run has {', '.join(map(repr, gone))}, which the model leaves out."] if gone else []
