"""Runs that were stopped, but graded: which of their verdicts count, and what the others would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from baserate.errors import BaserateError, require_known
from baserate.runs import STATUSES, as_outcome
from baserate.tallies import STOPPED_COLUMNS, Counts

OK = "ok"
TOLD = ("limit", "content_filter", "error", "empty", "refusal", "invalidated")  # what a graded run may have ended by
ENDED, LEFT = "_ended", "_left"  # beside the keys of a count: a status, and a verdict that does not count; "" and -1
_LOGGED = "_logged"
_NO, _YES = ("false", "0", "0.0"), ("true", "1", "1.0")


def statuses(accept: str | Sequence[str]) -> tuple[str, ...]:
    """Bring ``accept=`` to one form.

    Parameters
    ----------
    accept : str or sequence of str
        The statuses whose verdicts count.

    Returns
    -------
    tuple of str
        "ok" first, whose verdicts always count; then the others, each once.

    Raises
    ------
    BaserateError
        If a status is unknown.
    """
    named = [accept] if isinstance(accept, str) else accept
    if not isinstance(named, (list, tuple, set, frozenset)):
        raise BaserateError(f"accept takes statuses, such as ('ok', 'limit'); got {accept!r}.")
    for status in named:
        require_known(str(status), STATUSES, "status")
    return tuple(dict.fromkeys([OK, *(s for s in STATUSES if s in named)]))


def accepting(frame: Any, outcome: str, accept: Sequence[str]) -> Any:
    """Let the logged verdicts of some statuses count as the outcome.

    Parameters
    ----------
    frame : DataFrame or LazyFrame
        Runs: pandas, or narwhals' own.
    outcome : str
    accept : sequence of str
        What `statuses` returns.

    Returns
    -------
    DataFrame or LazyFrame
        A verdict that the outcome's column holds stays, whatever the status.
    """
    logged, more = f"{outcome}{_LOGGED}", [status for status in accept if status != OK]
    if not more or not {"status", logged} <= set(names_of(frame)):
        return frame
    if isinstance(frame, pd.DataFrame):
        verdict = as_outcome(frame[outcome])
        return frame.assign(
            **{outcome: verdict.where(verdict.notna() | ~frame["status"].isin(more), _logged(frame[logged]))}
        )
    kind = frame.collect_schema()[outcome]
    if not (kind.is_numeric() or kind == nw.Boolean):
        return frame
    verdict = nw.col(outcome)
    if kind.is_float():
        verdict = nw.when(~verdict.is_nan()).then(verdict)
    waits = verdict.is_null() & _text("status").is_in(more)
    said = [nw.lit(value).cast(kind) if kind.is_numeric() else nw.lit(bool(value)) for value in (1, 0)]
    yes = nw.when(waits & _text(logged).is_in(_YES)).then(said[0])
    no = nw.when(waits & _text(logged).is_in(_NO)).then(said[1]).otherwise(verdict)
    return frame.with_columns(yes.otherwise(no).alias(outcome))


def marked(frame: Any, lazy: Any, verdict: Any, outcome: str) -> tuple[Any, list[str]]:
    """Mark the runs that were stopped, but graded, with two more columns to count by.

    Parameters
    ----------
    frame : DataFrame or LazyFrame
        Runs: pandas, or narwhals' own.
    lazy : LazyFrame
        The same runs.
    verdict : Series or Expr
        What counts of them.
    outcome : str

    Returns
    -------
    lazy : LazyFrame
        With the columns `ENDED` and `LEFT`, where there are such runs.
    names : list of str
        Of these columns; none where there is no such run.
    """
    names, logged = names_of(frame), f"{outcome}{_LOGGED}"
    if "status" not in names:
        return lazy, []
    if isinstance(frame, pd.DataFrame):
        stopped = frame["status"].isin(TOLD)
        if not stopped.any():
            return lazy, []
        left = _logged(frame[logged]) if logged in names else pd.Series(pd.NA, frame.index, dtype="boolean")
        left = left.where(stopped & verdict.isna())
        ended = frame["status"].astype(object).where(stopped & (verdict.notna() | left.notna()), "")
        marks = {ENDED: ended, LEFT: left.astype("Int64").fillna(-1).astype("int64")}
        return nw.from_native(frame.assign(**marks)).lazy(), list(marks)
    status, none = _text("status"), nw.lit(-1)
    yes, no = (
        (_text(logged).is_in(words) & verdict.is_null()) if logged in names else nw.lit(False) for words in (_YES, _NO)
    )
    stopped = status.is_in(TOLD) & (~verdict.is_null() | yes | no)
    code = nw.when(yes).then(nw.lit(1)).otherwise(nw.when(no).then(nw.lit(0)).otherwise(none))
    return lazy.with_columns(
        nw.when(stopped).then(status).otherwise(nw.lit("")).alias(ENDED),
        nw.when(stopped).then(code).otherwise(none).alias(LEFT),
    ), [ENDED, LEFT]


def stopped_of(cells: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    """Sum what `marked` told apart, for `Counts.stopped`.

    Parameters
    ----------
    cells : DataFrame
        As counted, perhaps with `ENDED` and `LEFT`.
    number : Series
        The row of the final cells that each belongs to.

    Returns
    -------
    DataFrame
    """
    if ENDED not in cells:
        return pd.DataFrame(columns=list(STOPPED_COLUMNS))
    own, cell = cells[cells[ENDED] != ""], number[cells[ENDED] != ""]
    accepted = own[LEFT] < 0
    parts = {
        "cell": cell,
        "status": own[ENDED].astype(str),
        "accepted": accepted,
        "n": own["n"].where(accepted, own["missing"]).astype("int64"),
        "events": own["events"].where(accepted, own["missing"] * own[LEFT]).astype("int64"),
    }
    summed = pd.DataFrame(parts).groupby(["cell", "status", "accepted"], sort=True)[["n", "events"]].sum()
    return summed.reset_index()


def recounted(counts: Counts, accept: Sequence[str]) -> Counts:
    """Let the logged verdicts of some statuses count in what was counted without them.

    Parameters
    ----------
    counts : Counts
    accept : sequence of str
        What `statuses` returns; what counts already stays.

    Returns
    -------
    Counts

    Raises
    ------
    BaserateError
        If the counts do not tell how runs ended.
    """
    require_runs(counts.layout.counted, accept)
    cells, stopped = counts.cells, counts.stopped
    more = stopped["status"].isin(list(accept)) & ~stopped["accepted"].astype(bool)
    if not more.any():
        return counts
    n, events = (
        np.bincount(stopped.loc[more, "cell"], stopped.loc[more, c], len(cells)).astype("int64")
        for c in ("n", "events")
    )
    cells = cells.assign(n=cells["n"] + n, events=cells["events"] + events, missing=cells["missing"] - n)
    kept = stopped.assign(accepted=stopped["accepted"] | more)
    kept = kept.groupby(["cell", "status", "accepted"], sort=True)[["n", "events"]].sum().reset_index()
    return replace(counts, cells=cells, stopped=kept)


def require_runs(counted: bool, accept: Sequence[str]) -> None:
    """Raise where counts of runs, which do not tell how runs ended, are asked to accept a status.

    Parameters
    ----------
    counted : bool
        Whether the table held counts.
    accept : sequence of str

    Raises
    ------
    BaserateError
    """
    if counted and set(accept) != {OK}:
        named = " or ".join(repr(status) for status in accept if status != OK)
        raise BaserateError(
            f"A table of counts does not tell which runs ended as {named}, so their verdicts cannot be accepted. "
            "Leave accept out, or count the runs themselves."
        )


def names_of(frame: Any) -> list[str]:
    """List the columns of a table: pandas, or narwhals' own."""
    return list(map(str, frame.columns if isinstance(frame, pd.DataFrame) else frame.collect_schema().names()))


def _logged(column: pd.Series) -> pd.Series:
    """Read logged verdicts, which a file may have made text, as `accepting` and `marked` read them in other engines."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype("boolean")
    text = column.astype(object).map(str, na_action="ignore").str.lower()
    return text.map({**dict.fromkeys(_NO, False), **dict.fromkeys(_YES, True)}).astype("boolean")


def _text(name: str) -> Any:
    """Read a column as text, so that categories and booleans of any engine compare alike."""
    return nw.col(name).cast(nw.String).str.to_lowercase()
