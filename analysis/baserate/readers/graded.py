"""The verdicts of one outcome, read as its source says, and what a reader should know of how they were read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from baserate.given import ASKED, GIVEN, written
from baserate.readers.outcome import Source, word_of
from baserate.readers.record import count_of
from baserate.readers.scale import Scale, holds, read_words
from baserate.readers.verdict import as_number, as_scores, distinct, is_figure, one_word, translate

Column = Callable[[str], pd.Series]
ScaleOf = Callable[[str], Scale]


class Graded(NamedTuple):
    """What an outcome's columns say of each run.

    Attributes
    ----------
    verdicts : Series
        Nullable booleans.
    asked : Series
        Nullable booleans: whether what stands after ``where`` holds of the run, so that the outcome is asked of it.
    logged : Series
        As logged.
    scale : Scale
        How it was read.
    """

    verdicts: pd.Series
    asked: pd.Series
    logged: pd.Series
    scale: Scale


def grade(source: Source, column: Column, scale: ScaleOf) -> Graded:
    """Read the verdicts of an outcome.

    Parameters
    ----------
    source : Source
    column : callable
        Name to the values logged, one a run.
    scale : callable
        Name to how the values of that column are read.

    Returns
    -------
    Graded
    """
    values, how = column(source.column), scale(source.column)
    if source.words is not None:
        verdicts = read_words(values, source.words)
    elif source.tests:
        verdicts = pd.Series(True, index=values.index, dtype="boolean")
        for test in source.tests:
            verdicts &= holds(column(test.column), test, scale(test.column))
    else:
        verdicts = translate(values, how.verdict, "boolean")
    asked = pd.Series(True, index=values.index, dtype="boolean")
    for test in source.where:
        asked &= holds(column(test.column), test, scale(test.column))
    return Graded(verdicts.where(asked.fillna(False).astype(bool)), asked, values, how)


def beside(name: str, source: Source, graded: Graded, counts: pd.Series) -> dict[str, pd.Series]:
    """Make the columns of an outcome: its verdicts, the score as logged, the cut, and verdicts that do not count.

    Parameters
    ----------
    name : str
        The outcome.
    source : Source
    graded : Graded
    counts : Series
        Whether the verdict of a run counts, which its status says.

    Returns
    -------
    dict of str to Series
        ``<name>``, missing where it does not count; ``<name>_score``; ``<name>_cut``, ``<name>_logged``, and
        ``<name>_asked`` with ``<name>_given`` of what it is conditional on, where there is something in them.
    """
    columns = {name: graded.verdicts.where(counts)}
    left = graded.verdicts.mask(counts)
    if left.notna().any():
        columns[f"{name}_logged"] = left
    if source.tests or source.words is not None or source.column != name:
        columns[f"{name}_score"] = as_scores(graded.logged)
    if source.cut is not None and not source.where:
        columns[f"{name}_cut"] = pd.Series(source.cut, index=counts.index)
    elif source.tests or source.where:
        columns[f"{name}_cut"] = pd.Series(rule_of(source), index=counts.index, dtype=object)
    acts = [*([f"{name}{ASKED}"] if source.where else []), *([source.given] if source.given else [])]
    if source.where:
        columns[f"{name}{ASKED}"] = graded.asked
    if acts:
        columns[f"{name}{GIVEN}"] = pd.Series(written(acts), index=counts.index, dtype=object)
    return columns


def rule_of(source: Source) -> str:
    """Write a source as the user would.

    Parameters
    ----------
    source : Source

    Returns
    -------
    str
        Such as ``"aligned < 30 where coherent > 50"``.
    """
    yes = " and ".join(map(str, source.tests)) or source.column
    return f"{yes} where {' and '.join(map(str, source.where))}" if source.where else yes


def notes_on(name: str, source: Source, graded: Graded) -> Iterator[str]:
    """Say which values were no verdict, and what to write where they are one.

    Parameters
    ----------
    name : str
        The outcome.
    source : Source
    graded : Graded

    Yields
    ------
    str
    """
    values = graded.logged[graded.asked.fillna(False).astype(bool)]
    if source.where:
        left = int((~graded.asked).sum())
    if source.where and left:
        yield f"{name} is asked of {len(values)} runs; {count_of(left)} are left out, as {rule_of(source)} says."
    if graded.scale.sentinels and source.words is None:
        hit = values.map(lambda v: is_figure(v) and as_number(v) in graded.scale.sentinels)
        shown = ", ".join(f"{x:g}" for x in sorted(graded.scale.sentinels))
        yield f"{name}: {shown} stands for no score, so {count_of(int(hit.sum()))} with it have no verdict."
    for test in source.tests:
        if isinstance(test.value, str) and word_of(test.value) not in map(word_of, distinct(graded.logged)):
            labels = ", ".join(map(one_word, distinct(graded.logged)[:8]))
            yield f"{name}: no run has {test.column} = {test.value!r}; there is {labels}."
    if source.tests:
        return
    yield from _partial_note(name, source, values)
    yield from _word_note(name, source, graded.scale, values)


def note_on_scores(graded: Mapping[str, tuple[Source, Graded]]) -> Iterator[str]:
    """Ask from which score on the outcomes that are scores count as yes: one note, however many they are.

    Parameters
    ----------
    graded : mapping
        Each outcome to its source and what was read.

    Yields
    ------
    str
    """
    spans = {}
    for name, (source, read) in graded.items():
        numbers = [as_number(v) for v in distinct(read.logged) if is_figure(v)]
        numbers = [number for number in numbers if number not in read.scale.sentinels]
        if read.scale.graded and source.words is None and not source.tests and numbers:
            spans[name] = f"{min(numbers):g} to {max(numbers):g}"
    if not spans:
        return
    names = list(spans)
    shown = ", ".join(f"{name} ({spans[name]})" for name in names[:6])
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    column = graded[names[0]][0].column
    are = "are scores" if len(names) > 1 else "is a score"
    yield (
        f"{shown}{more} {are}, so neither yes nor no: say from which score on it counts as yes, as in "
        f"outcomes={{{names[0]!r}: ({column!r}, 7)}}."
    )


def _partial_note(name: str, source: Source, values: pd.Series) -> Iterator[str]:
    partial = int((values == "P").sum())
    if partial and source.words is None and any(v in ("C", "I") for v in distinct(values)):
        yield (
            f"{name}: {count_of(partial)} graded P (partly correct), neither yes nor no, so without a verdict; "
            f"outcomes={{{name!r}: ({source.column!r}, 0.5)}} counts P as yes, ({source.column!r}, 1) as no."
        )


def _word_note(name: str, source: Source, scale: Scale, values: pd.Series) -> Iterator[str]:
    """Name the words that say neither yes nor no."""
    known = scale.words if source.words is None else source.words
    words = [v for v in distinct(values) if isinstance(v, str) and not is_figure(v)]
    unknown = [v for v in words if word_of(v) not in known and not (scale.letters and v in ("C", "I", "P", "N"))]
    if not unknown or (source.words is None and len(unknown) > 12):
        return
    number = int(values.isin(unknown).sum())
    shown = ", ".join(map(one_word, unknown[:4])) + (", …" if len(unknown) > 4 else "")
    told = ", ".join(f"{v!r}: None" for v in unknown[:4])
    yield (
        f"{name}: {shown} says neither yes nor no ({count_of(number)}, without a verdict). Say what each word means: "
        f"outcomes={{{name!r}: ({source.column!r}, {{{told}}})}} with True or False in place of None."
    )
