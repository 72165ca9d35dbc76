"""Outcomes that are asked of some runs only: what does not apply to a run is not missing in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from baserate.errors import BaserateError, require_known
from baserate.note import Note
from baserate.runs import are_outcomes, as_outcome

GIVEN = "_given"  # the column beside an outcome that names what it is conditional on
ASKED = "_asked"  # the column beside an outcome that tells of which runs it was asked
_AND = ", "


def written(acts: Sequence[str]) -> str:
    """Write the columns that an outcome is conditional on into a cell.

    Parameters
    ----------
    acts : sequence of str

    Returns
    -------
    str
    """
    return _AND.join(acts)


def given_of(frame: Any, known: Sequence[str], outcome: str, given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Tell what an outcome is conditional on: what was said, else what the column ``<outcome>_given`` declares.

    Parameters
    ----------
    frame : DataFrame or LazyFrame
        Runs: pandas, or narwhals' own.
    known : sequence of str
        Its columns.
    outcome : str
    given : str or sequence of str, optional
        Columns of yes and no.

    Returns
    -------
    tuple of str
        All of them must be yes for the outcome to apply; empty where it applies to every run.

    Raises
    ------
    BaserateError
        If a column is not there, or is the outcome itself.
    """
    if given is None:
        given = _declared(frame, known, f"{outcome}{GIVEN}")
    acts = (given,) if isinstance(given, str) else tuple(given)
    for act in acts:
        require_known(act, known, "column for given=")
        if act == outcome:
            raise BaserateError(f"{outcome!r} cannot be given itself: its rate would be 1. Name another outcome.")
    return acts


def _declared(frame: Any, known: Sequence[str], name: str) -> tuple[str, ...]:
    if name not in known:
        return ()
    if isinstance(frame, pd.DataFrame):
        found = frame[name].dropna().unique().tolist()
    else:
        found = frame.select(name).drop_nulls().unique().collect()[name].to_list()
    texts = sorted({str(text) for text in found})
    if len(texts) > 1:
        raise BaserateError(
            f"The column {name!r} declares two conditions ({texts[0]!r}, {texts[1]!r}) for one outcome. Say which "
            "holds: given=…"
        )
    return tuple(texts[0].split(_AND)) if texts else ()


def perhaps_given(frame: Any, known: Sequence[str], outcome: str) -> list[Note]:
    """Tell of an outcome whose verdicts are missing just where another one is no: it may be conditional on that one.

    Parameters
    ----------
    frame : DataFrame or LazyFrame
        Runs: pandas, or narwhals' own.
    known : sequence of str
        Its columns.
    outcome : str

    Returns
    -------
    list of Note
    """
    lazy = nw.from_native(frame).lazy() if isinstance(frame, pd.DataFrame) else frame
    schema = lazy.collect_schema()
    acts = [name for name in are_outcomes(n for n in known if schema[n] == nw.Boolean) if name != outcome]
    if not acts or schema[outcome] != nw.Boolean:
        return []
    gone = nw.col(outcome).is_null()
    tallies = [gone.cast(nw.Int64).sum().alias("_gone")]
    for i, act in enumerate(acts):
        no, yes = ~nw.col(act), nw.col(act)
        tallies.append((gone & no).cast(nw.Int64).sum().alias(f"_no{i}"))
        tallies.append((~gone & (no | yes.is_null())).cast(nw.Int64).sum().alias(f"_against{i}"))
        tallies.append((~gone & yes).cast(nw.Int64).sum().alias(f"_yes{i}"))
    found = {name: int(value or 0) for name, value in lazy.select(*tallies).collect().to_pandas().iloc[0].items()}
    for i, act in enumerate(acts):
        if found[f"_no{i}"] > found["_gone"] / 2 and not found[f"_against{i}"] and found[f"_yes{i}"]:
            told = (
                f"{outcome} has a verdict only in runs with {act}: {found[f'_no{i}']} of the {found['_gone']} runs "
                f"without one did not show {act}. If it is a question of these runs alone, say so: given={act!r}; then "
                "the others are not missing."
            )
            return [Note("perhaps-given", told)]
    return []


def applicable(frame: Any, outcome: str, acts: Sequence[str]) -> tuple[Any, list[Note]]:
    """Keep the runs that an outcome applies to; where that is not known, the outcome is not known either.

    Parameters
    ----------
    frame : DataFrame or LazyFrame
        Runs: pandas, or narwhals' own.
    outcome : str
    acts : sequence of str
        What `given_of` returns.

    Returns
    -------
    frame : DataFrame or LazyFrame
        Without the runs of which an act is known to be absent.
    notes : list of Note

    Raises
    ------
    BaserateError
        If an act is not yes or no, or no run has it.
    """
    if not acts:
        return frame, []
    if isinstance(frame, pd.DataFrame):
        states = [as_outcome(frame[act]) for act in acts]
        no = pd.Series(False, index=frame.index)
        unknown = pd.Series(False, index=frame.index)
        for state in states:
            no |= ~state.fillna(True).astype(bool)
            unknown |= state.isna()
        kept = frame[~no]
        kept = kept.assign(**{outcome: as_outcome(kept[outcome]).mask(unknown[~no])})
        left, rest = int(no.sum()), len(kept)
    else:
        kept, left, rest = _lazily(frame, outcome, acts)
    if not rest:
        raise BaserateError(f"No run has {written(acts)}, so there is nothing to ask {outcome!r} of.")
    told = (
        f"{outcome} is asked of runs with {written(acts)}: it does not apply to {left} of {left + rest} runs, which "
        "are not missing. Versions differ in which of their runs come so far, so a difference here is one between "
        "different runs."
    )
    return kept, [Note("given", told)]


def _lazily(frame: Any, outcome: str, acts: Sequence[str]) -> tuple[Any, int, int]:
    schema = frame.collect_schema()
    no, unknown = nw.lit(False), nw.lit(False)
    for act in acts:
        kind = schema[act]
        if not (kind.is_numeric() or kind == nw.Boolean):
            raise BaserateError(f"given={act!r} must be a column of yes and no; found {kind}.")
        state = nw.col(act)
        if kind.is_float():
            state = nw.when(~state.is_nan()).then(state)  # NaN is not null in these engines
        no = no | (~state.is_null() & ((state == 0) if kind.is_numeric() else ~state))
        unknown = unknown | state.is_null()
    frame = frame.with_columns(no.alias("_inapplicable"), unknown.alias("_unsure"))
    whole = frame.select(nw.len().alias("n"), nw.col("_inapplicable").cast(nw.Int64).sum().alias("no")).collect()
    left = int(whole["no"].to_list()[0] or 0)
    kept = frame.filter(~nw.col("_inapplicable"))
    kept = kept.with_columns(nw.when(~nw.col("_unsure")).then(nw.col(outcome)).alias(outcome))
    return kept.drop("_inapplicable", "_unsure"), left, int(whole["n"].to_list()[0]) - left
