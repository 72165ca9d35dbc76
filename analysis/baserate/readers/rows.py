"""A user's own table, one row a run: which columns are outcomes and which are factors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from baserate.account import ACCOUNT, Account
from baserate.errors import BaserateError, did_you_mean
from baserate.layout import VERSION
from baserate.readers.duplicate import file_of
from baserate.readers.factor import REFERENCE, SCENARIO
from baserate.readers.graded import Graded, beside, grade, note_on_scores, notes_on
from baserate.readers.guess import constant_note, guess_note, guess_outcomes
from baserate.readers.outcome import Source, word_of
from baserate.readers.request import Request
from baserate.readers.row_roles import Columns, scales, status_of_rows
from baserate.readers.scale import LETTERS, NOTHING, Scale
from baserate.readers.tables import Tables, load_tables
from baserate.readers.verdict import as_number, as_verdict, distinct, holds_numbers, is_figure, one_word, translate
from baserate.readers.wide import SOURCE
from baserate.reading import COPIES, COPIES_IN, READING, Reading, with_copies
from baserate.runs import RESERVED, as_category, is_text, looks_like_factor


def read_rows(paths: Tables, request: Request, kind: str = "") -> Reading:
    """Read tables with one row a run.

    Parameters
    ----------
    paths : sequence of Path, or DataFrame
        The files, or a table in memory.
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
    seen = len(frame) + len(lost)
    frame, copies_in = _drop_copies(frame)
    columns = {str(name): frame[name] for name in frame}
    sources = request.outcomes if request.outcomes is not None else guess_outcomes(columns, request.factors or ())
    table, factors, more = _columns(columns, sources, request)
    notes += more
    if request.outcomes is None or request.factors is None:
        notes.append(guess_note(list(sources), factors))
    if request.outcomes is None:
        notes += constant_note(columns, sources)
    if request.outcomes is None and VERSION not in frame and len(sources) > 1:
        told = ", ".join(f"{name!r}: 'version'" for name in sources)
        notes.append(f"If each of these columns is a version, say so: columns={{{told}}}.")
    notes += _missing_notes(table, factors)
    unreadable = pd.DataFrame(
        {"run_id": list(lost), "status": "unreadable", SOURCE: list(lost), "status_reason": list(lost.values())}
    )
    if lost:
        table = pd.concat([table, unreadable], ignore_index=True).astype({c: table[c].dtype for c in factors})
    account = Account(seen=seen, copies=seen - len(table), rows=len(table))
    return Reading(with_copies(table, copies_in), notes, account)


def _drop_copies(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    """Count a run once: drop rows that repeat another one, and refuse rows that contradict another one.

    The files of the copies that are dropped come back by the place of the row that is kept.
    """
    if "run_id" not in frame:
        return frame, {}
    content = frame.drop(columns=[SOURCE, READING, COPIES, COPIES_IN, ACCOUNT], errors="ignore")
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
    copies_in: dict[int, list[str]] = defaultdict(list)
    for run, source in zip(named[repeats], frame[SOURCE][repeats], strict=True):
        copies_in[first[run]].append(file_of(str(source)))
    return frame[~repeats].reset_index(drop=True), copies_in


def _columns(
    columns: Columns, sources: Mapping[str, Source], request: Request
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Build the table: the required columns, the factors, the outcomes, then all the rest."""
    _require_sources(columns, sources)
    used = {source.column for source in sources.values()}
    rest = {str(c): _as_stored(columns[c]) for c in columns if c not in used and c not in sources}
    factors = _factors(columns, rest, request.factors)
    if request.factors is not None:  # the other columns of few levels would be taken for factors too
        rest = {name: column for name, column in rest.items() if not looks_like_factor(column)}
    status, reason = status_of_rows(columns, used)
    scale = scales(columns)
    outcomes: dict[str, pd.Series] = {}
    has_verdict = pd.Series(False, index=status.index)
    counts = status.isin(request.accept)
    notes: list[str] = []
    every: dict[str, tuple[Source, Graded]] = {}
    for name, source in sources.items():
        graded = grade(source, columns.__getitem__, scale)
        every[name] = (source, graded)
        _require_verdicts(name, source, graded)
        has_verdict |= graded.verdicts.notna() | ~graded.asked.fillna(True).astype(bool)
        outcomes |= beside(name, source, graded, counts)
        notes += notes_on(name, source, graded)
    notes += note_on_scores(every)
    status = status.mask((status == "ok") & ~has_verdict, "ungraded")
    identity = {"run_id": _run_ids(columns), "status": status}
    if reason is not None and "status_reason" not in columns:
        identity["status_reason"] = reason
    categories = {name: as_category(columns[name], first=REFERENCE) for name in factors}
    return pd.DataFrame({**rest, **identity, **categories, **outcomes}, index=status.index), factors, notes


def _require_sources(columns: Columns, sources: Mapping[str, Source]) -> None:
    for source in sources.values():
        for column in source.columns:
            if column not in columns:
                known = did_you_mean(column, columns)
                raise BaserateError(f"There is no column {column!r} for an outcome.{known}")
    if own := [name for name in sources if name in (READING, COPIES, COPIES_IN, ACCOUNT)]:
        raise BaserateError(
            f"The outcome {own[0]!r} has the name of a column that says how the runs were read. Give it another: "
            f"outcomes={{'{own[0]}_seen': {own[0]!r}}}."
        )


def _factors(columns: Columns, rest: Mapping[str, pd.Series], chosen: Sequence[str] | None) -> list[str]:
    if chosen is None:
        return [name for name, column in rest.items() if name in SCENARIO or looks_like_factor(column)]
    for name in chosen:
        if name not in columns:
            raise BaserateError(f"There is no column {name!r} for a factor.{did_you_mean(name, columns)}")
    return list(chosen)


def _run_ids(columns: Columns) -> pd.Series:
    if "run_id" not in columns:
        return columns[SOURCE]
    return columns["run_id"].astype(object).where(columns["run_id"].notna(), columns[SOURCE]).astype(str).astype(object)


def _require_verdicts(name: str, source: Source, graded: Graded) -> None:
    """Refuse what the user named as an outcome, and what is none."""
    values = distinct(graded.logged)
    if source.words is not None:
        return
    numbers = [test for test in source.tests if test.column == source.column and not isinstance(test.value, str)]
    texts = [v for v in values if isinstance(v, str) and not is_figure(v) and word_of(v) not in NOTHING]
    wrong = [v for v in texts if not (graded.scale.letters and v in LETTERS)]
    if numbers and wrong:
        raise BaserateError(
            f"The score {source.column!r} must hold numbers to be cut at {numbers[0].value:g}; found "
            f"{one_word(wrong[0])}. Clear these cells where there is no score."
        )
    if source.tests:
        return
    read = {one_word(v): graded.scale.verdict(v) for v in values if not _says_nothing(v, graded.scale)}
    if wrong := [shown for shown, verdict in read.items() if verdict is None]:
        told = ", ".join(f"{shown}: None" for shown in wrong[:4])
        raise BaserateError(
            f"The outcome {source.column!r} must hold yes or no (true/false, 1/0, or empty); found "
            f"{', '.join(wrong[:4])}. For a score, say from where on it counts: outcomes={{{name!r}: "
            f"({source.column!r}, 7)}}; for words, what each means: outcomes={{{name!r}: ({source.column!r}, "
            f"{{{told}}})}} with True for yes, False for no."
        )


def _says_nothing(value: Any, scale: Scale) -> bool:
    if scale.letters and value in ("P", "N"):
        return True
    return as_number(value) in scale.sentinels or (word_of(value) in scale.words and not is_figure(value))


def _as_stored(column: pd.Series) -> pd.Series:
    """Turn a column of a CSV into numbers where all of its cells are."""
    name = str(column.name)
    if name == "epoch":
        return translate(column, as_number, "Float64").astype("Int64")
    if name == "dirty":
        return translate(column, as_verdict, "boolean")
    if name in RESERVED or name in SCENARIO or not is_text(column):
        return column
    if holds_numbers(column) and all(isinstance(v, str) for v in distinct(column)):
        return translate(column, as_number, "Float64").astype("float64")
    return column


def _missing_notes(table: pd.DataFrame, factors: Sequence[str]) -> list[str]:
    counts: dict[str, Any] = {name: int(table[name].isna().sum()) for name in factors}
    return [f"The factor {name!r} is missing in {n} of {len(table)} rows." for name, n in counts.items() if n]
