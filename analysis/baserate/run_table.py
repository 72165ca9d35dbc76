"""Runs of any engine in pandas, with their versions and prompts under those names: what is looked at run by run."""

from __future__ import annotations

from typing import Any

import pandas as pd

from baserate.count_tables import holds_counts
from baserate.counts import ALL_RUNS, count
from baserate.engines import as_frame
from baserate.errors import BaserateError
from baserate.layout import PROMPT, VERSION
from baserate.levels import as_category
from baserate.runs import as_outcome, is_text
from baserate.tallies import Counts

LABELS = ("human", "label", "labels", "gold", "manual", "truth", "expert")  # what columns of labels by people end in

_WORDS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def run_table(runs: Any, outcome: str) -> tuple[pd.DataFrame, Counts]:
    """Take runs out of the engine that holds them, and name the columns that counting takes as version and prompt.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each: pandas, or what narwhals knows.
    outcome : str
        A graded behavior, by which it is told which columns are which.

    Returns
    -------
    table : DataFrame
        With ``version`` (a category), and ``prompt`` where a column tells it; numbered from 0.
    counts : Counts
        Of the outcome.

    Raises
    ------
    BaserateError
        If these are counts, which do not tell one run from another, or the outcome is not there.
    """
    frame = None if isinstance(runs, Counts) else as_frame(runs)
    if frame is None or holds_counts(frame if isinstance(frame, pd.DataFrame) else frame.collect_schema().names()):
        raise BaserateError("Counts do not tell one run from another. Give the runs.")
    counts = count(runs, outcome)
    table = frame if isinstance(frame, pd.DataFrame) else frame.collect().to_pandas()
    table = table.reset_index(drop=True)
    names = {counts.layout.version: VERSION, counts.layout.prompt: PROMPT}
    told = {theirs: ours for theirs, ours in names.items() if theirs is not None and theirs != ours}
    table = table.drop(columns=[ours for ours in told.values() if ours in table]).rename(columns=told)
    if VERSION not in table:
        table = table.assign(**{VERSION: ALL_RUNS})
    if counts.layout.prompt is None:
        table = table.drop(columns=PROMPT, errors="ignore")
    return table.assign(**{VERSION: as_category(table[VERSION])}), counts


def renamed(name: str, counts: Counts) -> str:
    """Return what a column of the user is called in the table of `run_table`.

    Parameters
    ----------
    name : str
    counts : Counts

    Returns
    -------
    str
    """
    return {counts.layout.version: VERSION, counts.layout.prompt: PROMPT}.get(name, name)


def labels_of(column: pd.Series, name: str) -> pd.Series:
    """Read a column of labels by people, who write yes and no in words.

    Parameters
    ----------
    column : Series
    name : str
        Of the column, for the message.

    Returns
    -------
    Series
        Of nullable booleans.

    Raises
    ------
    BaserateError
        If a label is neither yes nor no.
    """
    if not is_text(column):
        return as_outcome(column).astype("boolean")
    words = column.map(lambda v: None if pd.isna(v) or not str(v).strip() else str(v).strip().lower())
    wrong = sorted({word for word in words.dropna() if word not in _WORDS})
    if wrong:
        raise BaserateError(
            f"The label {wrong[0]!r} in {name!r} is neither yes nor no. Write yes or no, or leave it empty."
        )
    return words.map(_WORDS).astype("boolean")
