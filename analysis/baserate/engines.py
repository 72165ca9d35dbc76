"""What counting asks of the engine that holds a table: levels, epochs, one group-by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from baserate.defaults import is_own_prompt
from baserate.errors import BaserateError
from baserate.layout import PROMPT, VERSION, is_setting, prompt_candidates
from baserate.runs import (
    MOST_LEVELS,
    NO_RUNS,
    are_outcomes,
    as_outcome,
    check_statuses,
    is_simulated,
    looks_like_factor,
    may_be_factor,
    no_verdicts,
)

_CELLS = 4096
_SAMPLE = 1000  # levels of a column that are looked at outside pandas


def as_frame(table: Any) -> Any:
    """Take a table of runs or counts: pandas, or what narwhals knows, whose columns have texts as names.

    Parameters
    ----------
    table : DataFrame
        Also an Arrow dataset, or a reader of record batches.

    Returns
    -------
    DataFrame or LazyFrame
        pandas, or narwhals' own.

    Raises
    ------
    BaserateError
        If it is no table.
    """
    if isinstance(table, pd.DataFrame):
        return table if all(isinstance(name, str) for name in table.columns) else table.rename(columns=str)
    for convert in ("read_all", "to_table"):  # of a reader of record batches, and of an Arrow dataset
        if type(table).__module__.startswith("pyarrow") and hasattr(table, convert):
            table = getattr(table, convert)()
    try:
        return nw.from_native(table).lazy()
    except TypeError:
        raise BaserateError(
            f"Runs are a table, such as baserate.read returns, in pandas or an engine that narwhals knows; got "
            f"{type(table).__name__}. Read them first: baserate.read(path)."
        ) from None


def verdict_columns(frame: Any) -> list[str]:
    """List the columns of truth values that are outcomes, outside pandas; see `baserate.runs.outcomes`.

    Parameters
    ----------
    frame : LazyFrame
        narwhals' own.

    Returns
    -------
    list of str

    Raises
    ------
    BaserateError
        If there is none.
    """
    schema = frame.collect_schema()
    found = are_outcomes(name for name, kind in schema.items() if kind == nw.Boolean)
    if not found:
        raise BaserateError(
            f"No column holds truth values; the columns are {', '.join(schema.names())}. Name the outcome."
        )
    return found


def graders_of(lazy: Any, known: Sequence[str], version: str | None, outcome: str) -> tuple[tuple[str, str], ...]:
    """List each version that has graded runs with each of its graders."""
    grader = f"{outcome}_grader"
    if grader not in known or version is None:
        return ()
    pairs = lazy.filter(~nw.col(outcome).is_null()).select(version, grader).unique().collect().to_pandas().dropna()
    return tuple(sorted((str(v), str(g)) for v, g in pairs.itertuples(index=False) if str(g)))


def find_prompt(lazy: Any, known: Sequence[str], version: str | None, epoch: str | None) -> tuple[str | None, bool]:
    """Find the column of prompts, and tell whether reading gave each row its own."""
    own = None
    for name, unsure in [*prompt_candidates(known), *prompt_candidates([c for c in known if c != PROMPT])]:
        if unsure and (epoch is None or not _numbers_runs(lazy, version, name, epoch)):
            continue
        first = lazy.select(name).head(1).collect().to_pandas()[name]
        if not len(first) or not is_own_prompt(first.iloc[0]):
            return name, False
        if not lazy.select(name).collect().to_pandas()[name].dropna().map(is_own_prompt).all():
            return name, False
        own = name  # reading numbered the rows: another column may tell
    return own, own is not None


def _numbers_runs(lazy: Any, version: str | None, prompt: str, epoch: str) -> bool:
    """Tell whether an epoch numbers the runs of what may be a prompt: few repeat, and most prompts have several."""
    keys = [c for c in (version, prompt) if c]
    each = lazy.group_by(keys).agg(nw.len().alias("runs"), nw.col(epoch).n_unique().alias("epochs")).collect()
    runs = each.to_pandas()
    return bool(len(runs) > 1 and runs["epochs"].sum() >= 0.9 * runs["runs"].sum() and (runs["runs"] > 1).mean() > 0.5)


def epochs_repeat(lazy: Any, version: str | None, prompt: str, epoch: str) -> bool:
    """Tell whether epochs repeat within a version and prompt: it was run in several conditions."""
    keys = [c for c in (version, prompt) if c]
    each = lazy.group_by(keys).agg(nw.len().alias("runs"), nw.col(epoch).n_unique().alias("epochs")).collect()
    runs = each.to_pandas()
    several = runs[runs["runs"] > 1]
    return bool(len(several) and ((several["epochs"] < several["runs"]) & (several["epochs"] > 0)).mean() > 0.5)


def factor_candidates(
    frame: Any, known: Sequence[str], outcome: str, apart: Sequence[str | None]
) -> dict[str, pd.Series]:
    """Find the columns of text with few levels that are no settings, with their levels."""
    names = [c for c in known if c not in (*apart, outcome)]
    if isinstance(frame, pd.DataFrame):
        found = {c: frame[c] for c in names if looks_like_factor(frame[c])}
    else:
        texts = (nw.String, nw.Categorical, nw.Enum)
        schema = frame.collect_schema()
        columns = {c: _levels(frame, c) for c in names if isinstance(schema[c], texts) and may_be_factor(c)}
        found = {c: column for c, column in columns.items() if looks_like_factor(column.astype(object))}
    levels = {c: pd.Series(column.unique(), dtype=object) for c, column in found.items()}
    return {c: column for c, column in levels.items() if not is_setting(c, column)}


def _levels(frame: Any, name: str) -> pd.Series:
    """List levels of a column, of a thousand at most; of free text only those of the first rows, which tell it."""
    first = frame.select(name).head(_SAMPLE).collect().to_pandas()[name]
    if first.nunique() > MOST_LEVELS:
        return first
    return frame.group_by(name).agg(nw.len().alias("_n")).head(_SAMPLE).collect().to_pandas()[name]


def verdict_of(frame: Any, lazy: Any, outcome: str) -> Any:
    """Return the outcome as what can be summed, missing where not graded."""
    if isinstance(frame, pd.DataFrame):
        return as_outcome(frame[outcome])
    kind = lazy.collect_schema()[outcome]
    if not (kind.is_numeric() or kind == nw.Boolean):
        raise BaserateError(
            f"The outcome {outcome!r} must hold yes or no as booleans or 1/0, missing where not graded; found "
            f"{kind}. Convert it, or read the runs with baserate.read."
        )
    verdict = nw.col(outcome)
    if kind.is_float():
        verdict = nw.when(~verdict.is_nan()).then(verdict)  # NaN is not null in these engines
    if kind.is_numeric():
        _require_yes_or_no(lazy.select(verdict.alias(outcome)), outcome)
    return verdict


def _require_yes_or_no(lazy: Any, outcome: str) -> None:
    other = (nw.col(outcome) != 0) & (nw.col(outcome) != 1) & ~nw.col(outcome).is_null()
    wrong = lazy.filter(other).group_by(outcome).agg(nw.len().alias("_n")).head(_SAMPLE).collect().to_pandas()
    if len(wrong):
        raise BaserateError(no_verdicts(outcome, wrong[outcome].tolist()))


def counted(lazy: Any, keys: list[str], verdict: Any) -> pd.DataFrame:
    """Add up the runs of each combination of keys, in the engine that holds them."""
    if isinstance(verdict, pd.Series):
        return _counted_in_pandas(lazy.select(keys).collect().to_native() if keys else verdict.to_frame()[[]], verdict)
    lazy = lazy.select([*keys, verdict.alias("_graded")]) if keys else lazy.select(verdict.alias("_graded"))
    graded = ~nw.col("_graded").is_null()
    yes = nw.when(graded).then(nw.col("_graded")).otherwise(nw.lit(0 if _is_numeric(lazy) else False))
    marked = lazy.with_columns(
        yes.cast(nw.Int64).alias("_events"),  # Spark cannot sum truth values, nor Dask cast missing ones
        graded.cast(nw.Int64).alias("_n"),
        (~graded).cast(nw.Int64).alias("_missing"),
    )
    totals = (
        nw.col("_n").sum().alias("n"),
        nw.col("_events").sum().alias("events"),
        nw.col("_missing").sum().alias("missing"),
    )
    if not keys:
        return pd.DataFrame(marked.select(*totals).collect().to_pandas())
    return pd.DataFrame(marked.group_by(keys, drop_null_keys=False).agg(*totals).collect().to_pandas())


def _counted_in_pandas(table: pd.DataFrame, verdict: pd.Series) -> pd.DataFrame:
    """Do the same by one number for each combination of levels; ten times a group-by, where there are many runs."""
    table = _with_levels(table, list(table))
    place, size = np.zeros(len(table), dtype=np.int64), 1
    for name in table:
        column = table[name]
        known = isinstance(column.dtype, pd.CategoricalDtype)
        codes, levels = (column.cat.codes.to_numpy(), column.cat.categories) if known else pd.factorize(column)
        place = place * (len(levels) + 1) + codes + 1  # the first is that of missing values
        size *= len(levels) + 1
        if size > max(_CELLS, 4 * len(table)):  # most combinations do not occur
            kept, place = np.unique(place, return_inverse=True)
            size = len(kept)
    missing = verdict.isna().to_numpy()
    yes = verdict.astype("Float64").to_numpy(dtype=np.float64, na_value=0.0)
    all_runs, events, lost = (np.bincount(place, of, size) for of in (None, yes, missing.astype(float)))
    first = np.zeros(size, dtype=np.int64)
    first[place[::-1]] = np.arange(len(table))[::-1]
    cells = np.flatnonzero(all_runs)
    found = table.iloc[first[cells]].reset_index(drop=True)
    counts = {"n": all_runs - lost, "events": events, "missing": lost}
    return found.assign(**{name: of[cells].astype(np.int64) for name, of in counts.items()})


def _is_numeric(lazy: Any) -> bool:
    return bool(lazy.collect_schema()["_graded"].is_numeric())


def _with_levels(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Write lists and objects, such as the messages of a prompt, as text that can be grouped by."""
    listed = [key for key in keys if table[key].dtype == object and not all(map(pd.api.types.is_scalar, table[key]))]
    return table.assign(**{key: table[key].map(str, na_action="ignore") for key in listed})


def calls_itself_simulated(frame: Any, known: Sequence[str]) -> bool:
    """Tell whether runs call themselves simulated; see `baserate.runs.is_simulated`."""
    if isinstance(frame, pd.DataFrame):
        return is_simulated(frame)
    schema = frame.collect_schema()
    named = [c for c in known if c in (VERSION, "task", "experiment", "source") or c.endswith("_grader")]
    texts = [c for c in named if isinstance(schema[c], (nw.String, nw.Categorical, nw.Enum))]
    return any(is_simulated(_levels(frame, c).to_frame()) for c in texts)


def declared_order(frame: Any, name: str) -> list[str] | None:
    """Return the declared order of a column's levels; None where there is none.

    A category of Polars has no order of its own: its levels come in the order in which threads met them.
    """
    if isinstance(frame, pd.DataFrame):
        return None  # a pandas category carries its own
    kind = frame.collect_schema()[name]
    if isinstance(kind, nw.Enum):
        return [str(level) for level in kind.categories or ()] or None
    native = frame.to_native()
    if isinstance(native, pa.Table) and pa.types.is_dictionary(native.schema.field(name).type):
        levels = native.column(name).combine_chunks()
        return [str(level) for level in getattr(levels, "chunks", [levels])[0].dictionary.to_pylist()]
    return None


def as_text(cells: pd.DataFrame, frame: Any) -> pd.DataFrame:
    """Take the categories out of what an engine counted, as their order means nothing there."""
    if isinstance(frame, pd.DataFrame):
        return cells
    kept = {c: cells[c].astype(object) for c in cells if isinstance(cells[c].dtype, pd.CategoricalDtype)}
    return cells.assign(**kept)


def require_rows(frame: Any, known: Sequence[str]) -> None:
    """Raise where an engine's table has no rows; `baserate.runs.check_runs` does it for pandas."""
    if not len(frame.select(known[0]).head(1).collect()):
        raise BaserateError(NO_RUNS)


def require_statuses(frame: Any, known: Sequence[str]) -> None:
    """Raise where an engine's table has a status that is unknown; `baserate.runs.check_runs` does it for pandas."""
    if "status" not in known or isinstance(frame, pd.DataFrame):
        return
    column = frame.group_by("status").agg(nw.len().alias("_n")).collect().to_pandas()["status"].dropna().astype(str)
    check_statuses(column)
