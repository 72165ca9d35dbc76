"""Which columns of a user's own table are graded behaviors, where nobody said so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from baserate.errors import BaserateError
from baserate.readers.factor import SCENARIO
from baserate.readers.outcome import Source, word_of
from baserate.readers.row_roles import Columns, is_constant, names_no_outcome, scales
from baserate.readers.scale import Scale
from baserate.readers.verdict import coded, distinct
from baserate.runs import BESIDE_AN_OUTCOME, RESERVED, is_text

_MOST_WORDS = 24  # ways to write yes, no and nothing
_MOST_LABELS = 8
_NO_VALUE = ("none", "null")  # missing in an outcome, but a level in a factor: no ground to guess an outcome
_VERDICT = re.compile(r"verdict|label|grade|judg|outcome|result|class|category|rating|decision", re.IGNORECASE)


def guess_outcomes(columns: Columns, factors: Sequence[str] = ()) -> dict[str, Source]:
    """Find the columns that hold only true and false, or 0 and 1; those of words only where there is none.

    Numbers that are the same for all runs of each version are settings (`is_base`), unless nothing else is there.

    Parameters
    ----------
    columns : mapping of str to Series
        As loaded.
    factors : sequence of str
        Columns that are no outcomes.

    Returns
    -------
    dict
        Name of each outcome to its source.

    Raises
    ------
    BaserateError
        If there is none.
    """
    apart = {*RESERVED, *SCENARIO, *factors}
    names = [str(c) for c in columns if c not in apart and not BESIDE_AN_OUTCOME.match(str(c))]
    scale = scales(columns)
    verdicts = [n for n in names if not names_no_outcome(n) and _holds_verdicts(columns[n], scale(n))]
    plain = [name for name in verdicts if not _in_words(columns[name])]
    found = plain or verdicts
    found = [name for name in found if not is_constant(columns, name)] or found
    if not found:
        raise BaserateError(_no_outcome(columns, names))
    return {name: Source(name) for name in found}


def _no_outcome(columns: Columns, names: Sequence[str]) -> str:
    """Say that no column holds verdicts, and what to write for the column that comes nearest."""
    labels = {name: distinct(columns[name]) for name in names if is_text(columns[name])}
    near = next((n for n, found in labels.items() if 2 <= len(found) <= _MOST_LABELS and _VERDICT.search(n)), None)
    ask = "outcomes=['blackmail'], or outcomes={'blackmail': ('score', 7)} for a score and the lowest that counts."
    if near is not None:
        told = ", ".join(f"{str(v)!r}: None" for v in labels[near])
        ask = f"outcomes={{{near!r}: {{{told}}}}} with True for yes, False for no."
    counts = " If the table holds counts per cell, read it with format='counts'." if "n" in columns else ""
    return (
        f"No column holds only yes and no (true/false, 1/0); the columns are {', '.join(names)}. Name the outcome: "
        f"{ask}{counts}"
    )


def _holds_verdicts(column: pd.Series, scale: Scale) -> bool:
    words = coded(column)[1]
    if len(words) > _MOST_WORDS or set(map(word_of, words)) & set(_NO_VALUE):
        return False
    values = distinct(column)
    read = [scale.verdict(v) for v in values]
    known = [v is not None or word_of(w) in scale.words for v, w in zip(read, values, strict=True)]
    return any(v is not None for v in read) and all(known)


def _in_words(column: pd.Series) -> bool:
    words = {word_of(v) for v in distinct(column)}
    return not words <= {"true", "false", "t", "f", "1", "0", "1.0", "0.0"}


def constant_note(columns: Columns, sources: Mapping[str, Source]) -> list[str]:
    """Name the columns of 0 and 1 that were taken for settings by their values.

    Parameters
    ----------
    columns : mapping of str to Series
    sources : mapping
        The outcomes that were taken.

    Returns
    -------
    list of str
        Empty where there is none.
    """
    scale = scales(columns)
    others = [str(c) for c in columns if c not in sources and c not in RESERVED and not names_no_outcome(str(c))]
    left = [name for name in others if _holds_verdicts(columns[name], scale(name)) and is_constant(columns, name)]
    if not left:
        return []
    told = f"Not taken as outcomes, as they are the same in all runs of each version: {', '.join(left)}."
    return [f"{told} outcomes={[*sources, left[0]]!r} takes them."]


def guess_note(outcomes: Sequence[str], factors: Sequence[str]) -> str:
    """Say which columns were taken as outcomes and which as factors, and how to choose others.

    Parameters
    ----------
    outcomes, factors : sequence of str

    Returns
    -------
    str
    """
    return (
        f"Taken as outcomes: {', '.join(outcomes)}; as factors: {', '.join(factors) or 'none'}. "
        "outcomes= and factors= choose others."
    )
