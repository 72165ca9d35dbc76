"""A user's own table, one row a run: which columns are outcomes and which are factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from baserate.errors import BaserateError, did_you_mean
from baserate.readers.duplicate import file_of
from baserate.readers.factor import REFERENCE, SCENARIO
from baserate.readers.request import Request
from baserate.readers.tables import SOURCE, load_tables
from baserate.readers.verdict import (
    as_number,
    as_scores,
    as_verdict,
    cut_at,
    distinct,
    holds_numbers,
    one_word,
    translate,
)
from baserate.reading import COPIES, COPIES_IN, READING, Reading, with_copies
from baserate.runs import BESIDE_AN_OUTCOME, RESERVED, STATUSES, as_category, looks_like_factor

_MOST_WORDS = 24  # ways to write yes, no and nothing
_NO_VALUE = ("none", "null")  # missing in an outcome, but a level in a factor: no ground to guess an outcome

Sources = Mapping[str, tuple[str, float | None]]


def read_rows(paths: Sequence[Path], request: Request, kind: str = "") -> Reading:
    """Read tables with one row a run.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    request : Request
        The options of `read`.
    kind : {"csv", "jsonl", "parquet"}, optional
        What they are; left out, their endings tell.

    Returns
    -------
    Reading
        The table of runs. Factors are read as text, so that "none" and "NA" are levels; an empty cell is missing.

    Raises
    ------
    BaserateError
        If there is no outcome, or a column does not hold what it should.
    """
    frame, lost, notes = load_tables(paths, request, kind)
    frame, copies_in = _drop_copies(frame)
    sources = request.outcomes if request.outcomes is not None else guess_outcomes(frame, request.factors or ())
    table, factors = _columns(frame, sources, request)
    if request.outcomes is None or request.factors is None:
        notes.append(_guess_note(list(sources), factors))
    notes += _missing_notes(table, factors)
    unreadable = pd.DataFrame(
        {"run_id": list(lost), "status": "unreadable", SOURCE: list(lost), "status_reason": list(lost.values())}
    )
    if lost:
        table = pd.concat([table, unreadable], ignore_index=True).astype({c: table[c].dtype for c in factors})
    return Reading(with_copies(table, [*copies_in, *([] for _ in lost)]), notes)


def _drop_copies(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[list[str]]]:
    """Count a run once: drop rows that repeat another one, and refuse rows that contradict another one.

    The files of the copies that are dropped come back for each row that is kept.
    """
    if "run_id" not in frame:
        return frame, [[] for _ in range(len(frame))]
    content = frame.drop(columns=[SOURCE, READING, COPIES, COPIES_IN], errors="ignore")
    repeats = content.duplicated()
    clash = content[~repeats & frame["run_id"].notna()]["run_id"]
    if clash.duplicated().any():
        name = clash[clash.duplicated()].iloc[0]
        raise BaserateError(
            f"The run_id {one_word(name)} stands for {int((clash == name).sum())} different rows. If it is no "
            "identity of a run, rename it: columns={'run_id': 'case'}; else drop the rows that are not to count."
        )
    named = frame["run_id"].astype(object).where(frame["run_id"].notna(), None)
    first = {run: place for place, run in reversed(list(enumerate(named[~repeats])))}
    copies_in: list[list[str]] = [[] for _ in range(int((~repeats).sum()))]
    for run, source in zip(named[repeats], frame[SOURCE][repeats], strict=True):
        copies_in[first[run]].append(file_of(str(source)))
    return frame[~repeats].reset_index(drop=True), copies_in


def guess_outcomes(frame: pd.DataFrame, factors: Sequence[str] = ()) -> dict[str, tuple[str, float | None]]:
    """Find the columns that hold only true and false, or 0 and 1; those of yes and no only where there is none.

    Parameters
    ----------
    frame : DataFrame
        As loaded.
    factors : sequence of str
        Columns that are no outcomes.

    Returns
    -------
    dict
        Name of each outcome to its column, without a cut.

    Raises
    ------
    BaserateError
        If there is none.
    """
    apart = {*RESERVED, *SCENARIO, *factors}
    names = [str(c) for c in frame if c not in apart and not BESIDE_AN_OUTCOME.match(str(c))]
    verdicts = [name for name in names if _holds_verdicts(frame[name])]
    plain = [name for name in verdicts if not set(map(_word, distinct(frame[name]))) <= {"yes", "no"}]
    if not verdicts:
        counts = " If the table holds counts per cell, read it with format='counts'." if "n" in frame else ""
        raise BaserateError(
            f"No column holds only yes and no (true/false, 1/0); the columns are {', '.join(names)}. Name the outcome: "
            "outcomes=['blackmail'], or outcomes={'blackmail': ('score', 7)} for a score and the lowest that counts."
            f"{counts}"
        )
    return {name: (name, None) for name in plain or verdicts}


def _holds_verdicts(column: pd.Series) -> bool:
    words = pd.unique(column.dropna().astype(object))
    if len(words) > _MOST_WORDS or set(map(_word, words)) & set(_NO_VALUE):
        return False
    values = distinct(column)
    return bool(values) and all(as_verdict(v) is not None for v in values)


def _word(value: object) -> str:
    return str(value).strip().lower()


def _columns(frame: pd.DataFrame, sources: Sources, request: Request) -> tuple[pd.DataFrame, list[str]]:
    """Build the table: the required columns, the factors, the outcomes, then all the rest."""
    for source, _ in sources.values():
        if source not in frame:
            raise BaserateError(f"There is no column {source!r} for an outcome.{did_you_mean(source, frame.columns)}")
    if own := [name for name in sources if name in (READING, COPIES, COPIES_IN)]:
        raise BaserateError(
            f"The outcome {own[0]!r} has the name of a column that says how the runs were read. Give it another: "
            f"outcomes={{'{own[0]}_seen': {own[0]!r}}}."
        )
    used = {source for source, _ in sources.values()}
    rest = {str(c): _as_stored(frame[c]) for c in frame if c not in used and c not in sources}
    factors = _factors(frame, rest, request.factors)
    if request.factors is not None:  # the other columns of few levels would be taken for factors too
        rest = {name: column for name, column in rest.items() if not looks_like_factor(column)}
    status = _status(frame)
    outcomes: dict[str, pd.Series] = {}
    graded = pd.Series(False, index=frame.index)
    for name, (source, cut) in sources.items():
        verdicts = _verdicts(frame[source], cut, name)
        graded |= verdicts.notna()
        outcomes[name] = verdicts.where(status.isin(request.accept))
        if cut is not None:
            outcomes |= {f"{name}_score": as_scores(frame[source]), f"{name}_cut": pd.Series(cut, index=frame.index)}
    status = status.mask((status == "ok") & ~graded, "ungraded")
    identity = {"run_id": _run_ids(frame), "status": status}
    categories = {name: as_category(_text(frame[name]), first=REFERENCE) for name in factors}
    return pd.DataFrame({**rest, **identity, **categories, **outcomes}, index=frame.index), factors


def _factors(frame: pd.DataFrame, rest: Mapping[str, pd.Series], chosen: Sequence[str] | None) -> list[str]:
    if chosen is None:
        return [name for name, column in rest.items() if name in SCENARIO or looks_like_factor(column)]
    for name in chosen:
        if name not in frame:
            raise BaserateError(f"There is no column {name!r} for a factor.{did_you_mean(name, frame.columns)}")
    return list(chosen)


def _status(frame: pd.DataFrame) -> pd.Series:
    if "status" not in frame:
        return pd.Series("ok", index=frame.index, dtype=object)
    status = frame["status"].astype(object).where(frame["status"].notna(), "ok").astype(str).astype(object)
    unknown = sorted(set(status) - set(STATUSES))
    if unknown:
        raise BaserateError(
            f"The column 'status' holds {unknown[0]!r}, which is not one of {', '.join(STATUSES)}. If it means "
            "something else, rename it: columns={'status': 'log_status'}."
        )
    return status


def _run_ids(frame: pd.DataFrame) -> pd.Series:
    if "run_id" not in frame:
        return frame[SOURCE].astype(object)
    return frame["run_id"].astype(object).where(frame["run_id"].notna(), frame[SOURCE]).astype(str).astype(object)


def _verdicts(column: pd.Series, cut: float | None, name: str) -> pd.Series:
    values = distinct(column)
    if cut is not None:
        wrong = [v for v in values if pd.isna(as_number(v))]
        if wrong:
            raise BaserateError(
                f"The score {column.name!r} must hold numbers to be cut at {cut:g}; found {one_word(wrong[0])}. Clear "
                "these cells where there is no score."
            )
        return cut_at(column, cut)
    wrong = [v for v in values if as_verdict(v) is None]
    if wrong:
        shown = ", ".join(map(one_word, wrong[:4]))
        raise BaserateError(
            f"The outcome {column.name!r} must hold yes or no (true/false, 1/0, or empty); found {shown}. "
            f"For a score, say from where on it counts: outcomes={{{name!r}: ({column.name!r}, 7)}}."
        )
    return translate(column, as_verdict, "boolean")


def _text(column: pd.Series) -> pd.Series:
    """Read a factor as text: an empty cell is missing, and every word is a level."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    return translate(column, lambda v: None if v is None else str(v), "object")


def _as_stored(column: pd.Series) -> pd.Series:
    """Turn a column of a CSV into numbers where all of its cells are."""
    name = str(column.name)
    if name == "epoch":
        return pd.to_numeric(column).astype("Int64")
    if name == "dirty":
        return translate(column, as_verdict, "boolean")
    if column.dtype != object or name in RESERVED or name in SCENARIO:
        return column
    if holds_numbers(column) and all(isinstance(v, str) for v in distinct(column)):
        return translate(column, as_number, "Float64").astype("float64")
    return column


def _guess_note(outcomes: Sequence[str], factors: Sequence[str]) -> str:
    return (
        f"Taken as outcomes: {', '.join(outcomes)}; as factors: {', '.join(factors) or 'none'}. "
        "outcomes= and factors= choose others."
    )


def _missing_notes(table: pd.DataFrame, factors: Sequence[str]) -> list[str]:
    counts: dict[str, Any] = {name: int(table[name].isna().sum()) for name in factors}
    return [f"The factor {name!r} is missing in {n} of {len(table)} rows." for name, n in counts.items() if n]
