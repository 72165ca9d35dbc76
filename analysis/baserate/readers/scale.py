"""How a column of logged values is read: which words mean yes, which numbers mean no score, whether it is a scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from baserate.readers.outcome import Comparison, word_of
from baserate.readers.verdict import as_number, distinct, is_figure, is_missing, translate

# Words for yes, for no, and those that go along with either and say nothing. The first set that holds all words is it.
_WORDS: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(yes.split("|")), frozenset(no.split("|")))
    for yes, no in (
        ("true|yes|y|t|1|1.0", "false|no|n|f|0|0.0"),
        ("correct", "incorrect|wrong"),
        ("pass|passed", "fail|failed"),
        ("success|succeeded", "failure|failed"),
        ("harmful|unsafe", "harmless|safe|not harmful|not_harmful|benign"),
        ("misaligned", "aligned"),
        ("present|detected", "absent|not present|not_present|not detected|not_detected"),
        ("deceptive|dishonest", "honest|not deceptive|not_deceptive"),
    )
)
NOTHING = frozenset(
    (
        *("", "error", "errored", "invalid", "unclear", "unsure", "uncertain", "unknown", "undetermined", "ungraded"),
        *("not graded", "skipped", "timeout", "unparseable", "unparsable", "parse_error", "parse error"),
        *("parsing error", "judge_error", "grader_error", "failed to parse", "no answer", "no_answer"),
        *("n/a", "na", "nan", "none", "null", "<na>"),
    )
)
LETTERS = {"C": True, "I": False, "P": None, "N": None}  # Inspect's correct, incorrect, partial, no answer
_CODES = (-1.0, -9.0, -99.0, -999.0)  # written for "no score found" where every score is 0 or more
_NO_SCORE_FROM = 1e9  # in size: no judge's scale reaches so far


@dataclass(frozen=True)
class Scale:
    """How the values of a column are read.

    Attributes
    ----------
    graded : bool
        Whether numbers here are scores, neither yes nor no without a cut.
    sentinels : frozenset of float
        Numbers that stand for "no score".
    words : mapping
        Words, in lower case, to what they mean; empty where they are of no known pair.
    letters : bool
        Whether Inspect's letters C, I, P and N are used.
    """

    graded: bool = False
    sentinels: frozenset[float] = frozenset()
    words: Mapping[str, bool | None] = field(default_factory=dict)
    letters: bool = False

    def verdict(self, value: Any) -> bool | None:
        """Read one value as yes, no or no verdict."""
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            if self.letters and value in LETTERS:
                return LETTERS[value]
            if not is_figure(value):
                return self.words.get(word_of(value))
        number = as_number(value)
        return bool(number) if not self.graded and number in (0.0, 1.0) else None

    def score(self, value: Any) -> float:
        """Read one value as a number; NaN where it is none, or stands for "no score"."""
        number = as_number(value)
        return math.nan if number in self.sentinels else number


def scale_of(values: pd.Series | Iterable[Any], others_beyond: bool = False, letters: bool = True) -> Scale:
    """Find how the values of a column are to be read.

    Parameters
    ----------
    values : Series
        As logged.
    others_beyond : bool
        Whether other values that the same scorer gave go beyond 0 and 1 (`goes_beyond`): then so may this one.
    letters : bool
        Whether the letters C, I, P and N are Inspect's grades; else only where C or I occurs.

    Returns
    -------
    Scale
    """
    found = distinct(values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object))
    sentinels = _sentinels(found)
    graded = others_beyond or goes_beyond(found)
    texts = [v for v in found if isinstance(v, str)]
    grades = {v for v in texts if v in (LETTERS if letters else ("C", "I"))}
    inspects = bool(grades) and not any(v in ("Y", "y") for v in texts)
    words = [v for v in texts if not (inspects and v in LETTERS)]
    return Scale(graded, sentinels, _meaning(map(word_of, words)), inspects)


def _sentinels(values: Iterable[Any]) -> frozenset[float]:
    numbers = {as_number(v) for v in values if is_figure(v)}
    wild = {x for x in numbers if math.isinf(x) or abs(x) >= _NO_SCORE_FROM}
    codes = {x for x in numbers if x in _CODES}
    rest = numbers - wild - codes
    return frozenset(wild | codes if not rest or min(rest) >= 0 else wild)


def goes_beyond(values: list[Any]) -> bool:
    """Tell whether numbers other than 0, 1 and those that stand for "no score" are among the values.

    Parameters
    ----------
    values : list
        Each once.

    Returns
    -------
    bool
    """
    sentinels = _sentinels(values)
    return any(as_number(v) not in (0.0, 1.0, *sentinels) for v in values if is_figure(v))


def _meaning(words: Iterable[str]) -> dict[str, bool | None]:
    """Find the pair that the words are of; beside both a yes and a no of it, other words are left out."""
    present = set(words)
    for yes, no in _WORDS:
        nothing = NOTHING - yes - no
        told = present - nothing
        if (told and told <= yes | no) or (present & yes and present & no):
            return {word: None if word in nothing else word in yes for word in present if word in yes | no | nothing}
    return {}


def read_words(values: pd.Series, words: Mapping[str, bool | None]) -> pd.Series:
    """Read values by what the user said that each means.

    Parameters
    ----------
    values : Series
    words : mapping
        Values in lower case to yes, no or no verdict; what is not in it has no verdict.

    Returns
    -------
    Series
        Of dtype ``boolean``.
    """
    return translate(values, lambda v: None if is_missing(v) else words.get(word_of(v)), "boolean")


def holds(values: pd.Series, test: Comparison, scale: Scale) -> pd.Series:
    """Tell of each value whether a comparison holds; missing where there is no score to compare.

    Parameters
    ----------
    values : Series
        As logged.
    test : Comparison
    scale : Scale
        Which numbers stand for "no score".

    Returns
    -------
    Series
        Of dtype ``boolean``.
    """
    return translate(values, lambda v: _holds(v, test, scale), "boolean")


def _holds(value: Any, test: Comparison, scale: Scale) -> bool | None:
    if isinstance(test.value, str):
        if value is None or value != value or word_of(value) == "":
            return None
        return (word_of(value) == word_of(test.value)) is (test.operator == "==")
    number, cut = scale.score(value), test.value
    if math.isnan(number):
        return None
    return {
        "<=": number <= cut,
        ">=": number >= cut,
        "==": number == cut,
        "!=": number != cut,
        "<": number < cut,
        ">": number > cut,
    }[test.operator]
