"""What makes a run a yes: the column that says so, and how its values are read; one form for every door."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from baserate.errors import BaserateError

NO_VERDICT = "no verdict"  # what a policy writes for None, which TOML has not
OPERATORS = ("<=", ">=", "==", "!=", "<", ">", "=")
_STEP = re.compile(r"\s+(and|where)\s+")
_GIVEN = re.compile(r"(?P<what>.+?)\s+given\s+(?P<act>[\w.]+)")
_COMPARISON = re.compile(r"\s*(?P<column>[^<>=!]+?)\s*(?P<operator><=|>=|==|!=|<|>|=)\s*(?P<value>[^<>=!]+?)\s*")
_SHAPES = (
    "a column, ('score', 7) for the lowest score that counts as yes, ('score', '<', 30), ('category', 'label'), "
    "'aligned < 30 where coherent > 50', 'overt given blackmail', or {'yes': True, 'no': False, 'error': None}"
)

Outcomes = str | Sequence[str] | Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """A column held against a number or a label.

    Attributes
    ----------
    column : str
    operator : str
        One of ``<=, >=, ==, !=, <, >``.
    value : float or str
        A label has the operators ``==`` and ``!=`` only.
    """

    column: str
    operator: str
    value: float | str

    def __str__(self) -> str:
        """Return the comparison as one writes it."""
        value = f"{self.value:g}" if isinstance(self.value, float) else repr(self.value)
        return f"{self.column} {self.operator} {value}"


@dataclass(frozen=True)
class Source:
    """Where an outcome is read from, and how.

    Attributes
    ----------
    column : str
        The column, or the scorer's value.
    tests : tuple of Comparison
        All must hold for a yes; empty where the column holds the verdict itself.
    where : tuple of Comparison
        What must hold of a run for the outcome to be asked of it at all.
    words : mapping or None
        Values, in lower case, to yes (True), no (False), or no verdict (None).
    given : str
        The outcome that this one is conditional on: it applies to runs that showed that one; empty for all runs.
    """

    column: str
    tests: tuple[Comparison, ...] = ()
    where: tuple[Comparison, ...] = ()
    words: Mapping[str, bool | None] | None = None
    given: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the outcome is read from."""
        return tuple(dict.fromkeys([self.column, *(test.column for test in (*self.tests, *self.where))]))

    @property
    def cut(self) -> float | None:
        """The lowest score that counts as yes, where that is how the outcome is read."""
        only = self.tests[0] if len(self.tests) == 1 else None
        return float(only.value) if only is not None and only.operator == ">=" and _is_number(only.value) else None


def read_outcomes(outcomes: Outcomes | None) -> dict[str, Source] | None:
    """Bring what the user said of the outcomes to one form.

    Parameters
    ----------
    outcomes : str, sequence or mapping, optional
        As in `baserate.readers.read`.

    Returns
    -------
    dict or None
        Name of each outcome to its source; None where the outcomes are to be guessed.

    Raises
    ------
    BaserateError
        If an outcome is said in no known way, or is held against what is no finite number.
    """
    if outcomes is None:
        return None
    if isinstance(outcomes, Mapping):
        return _with_their_acts({_text(name): _source(_text(name), told) for name, told in outcomes.items()})
    if not isinstance(outcomes, (str, Sequence)):
        raise BaserateError(f"outcomes= takes {_SHAPES}; got {outcomes!r}.")
    names = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    return {_text(name): Source(name) for name in names}


def _with_their_acts(sources: dict[str, Source]) -> dict[str, Source]:
    """Raise where what an outcome is given is not read along with it."""
    for name, source in sources.items():
        if source.given and source.given not in sources:
            act = source.given
            raise BaserateError(
                f"outcomes[{name!r}] is given {act!r}, which is not among the outcomes. Read it too: add "
                f"{act!r}: {act!r}."
            )
    return sources


def _text(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise BaserateError(f"The name of an outcome must be text; got {name!r}.")
    return name


def _source(name: str, told: Any) -> Source:
    if isinstance(told, bool) or told is None:
        raise BaserateError(f"outcomes[{name!r}] must be {_SHAPES}; found {told!r}.")
    if isinstance(told, Source):
        return told
    if isinstance(told, str) and (found := _GIVEN.fullmatch(told.strip())):
        return replace(_source(name, found["what"]), given=found["act"])
    if isinstance(told, str):
        parts = _STEP.split(told)
        return _parsed(told) if _COMPARISON.fullmatch(parts[0]) or parts[1:2] == ["where"] else Source(told)
    if isinstance(told, Mapping):
        return Source(name, words=_words(name, told))
    if isinstance(told, (int, float)):
        return Source(name, (Comparison(name, ">=", _finite(name, told)),))
    if isinstance(told, Sequence) and len(told) >= 2 and isinstance(told[0], str):
        return _listed(name, list(told))
    raise BaserateError(f"outcomes[{name!r}] must be {_SHAPES}; found {told!r}.")


def _listed(name: str, told: list[Any]) -> Source:
    """Read ``(column, cut)``, ``(column, label)``, ``(column, words)`` or ``(column, "<", 30, "where", …)``.

    ``(…, "given", act)`` says what it is conditional on.
    """
    if len(told) > 2 and told[-2] == "given" and isinstance(told[-1], str):
        rest = _listed(name, told[:-2]) if len(told) > 3 else Source(told[0])
        return replace(rest, given=told[-1])
    if len(told) == 2 and isinstance(told[1], Mapping):
        return Source(told[0], words=_words(name, told[1]))
    if len(told) == 2:
        told = [told[0], "==" if isinstance(told[1], str) else ">=", told[1]]
    parts: dict[str, list[Comparison]] = {"and": [], "where": []}
    kind = "and"  # of a yes; after "where", of what is asked at all
    for i in range(0, len(told), 4):
        if len(told[i : i + 3]) < 3 or told[i + 1] not in OPERATORS:
            raise BaserateError(f"outcomes[{name!r}] must be {_SHAPES}; found {told!r}.")
        parts[kind].append(_comparison(name, *told[i : i + 3]))
        joined = told[i + 3] if i + 3 < len(told) else "and"
        if joined not in parts:
            raise BaserateError(f"outcomes[{name!r}]: comparisons are joined by 'and' or 'where'; found {joined!r}.")
        kind = "where" if joined == "where" else kind
    return Source(parts["and"][0].column, tuple(parts["and"]), tuple(parts["where"]))


def _parsed(text: str) -> Source:
    told: list[Any] = []
    steps = _STEP.split(text)
    if not _COMPARISON.fullmatch(steps[0]):  # the column holds the verdict itself
        return Source(steps[0].strip(), where=_parsed(text.split(steps[1], 1)[1].strip()).tests)
    for i, part in enumerate(steps):
        if i % 2:
            told.append(part)
            continue
        found = _COMPARISON.fullmatch(part)
        if found is None:
            raise BaserateError(f"{part!r} in the outcome {text!r} is no comparison. Write 'aligned < 30'.")
        told += [found["column"], found["operator"], _value(found["value"])]
    return _listed(text, told)


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip("'\"")


def _comparison(name: str, column: Any, operator: str, value: Any) -> Comparison:
    if not isinstance(column, str):
        raise BaserateError(f"outcomes[{name!r}] must name a column; found {column!r}.")
    operator = "==" if operator == "=" else operator
    if isinstance(value, bool):
        return Comparison(column, operator, str(value))
    if isinstance(value, str):
        if operator not in ("==", "!="):
            raise BaserateError(
                f"outcomes[{name!r}]: a label is held against with == or !=; found {operator} {value!r}."
            )
        return Comparison(column, operator, value)
    return Comparison(column, operator, _finite(name, value))


def _finite(name: str, value: Any) -> float:
    number = float(value) if _is_number(value) and abs(value) < 1e300 else math.nan
    if not math.isfinite(number):
        raise BaserateError(f"outcomes[{name!r}]: a score can be held against a finite number only; found {value!r}.")
    return number


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _words(name: str, told: Mapping[Any, Any]) -> dict[str, bool | None]:
    told = {word: None if verdict == NO_VERDICT else verdict for word, verdict in told.items()}
    for word, verdict in told.items():
        if verdict is not None and not isinstance(verdict, bool):
            raise BaserateError(
                f"outcomes[{name!r}]: the word {word!r} must mean True (yes), False (no) or None (no verdict); found "
                f"{verdict!r}."
            )
    return {word_of(word): verdict for word, verdict in told.items()}


def word_of(value: object) -> str:
    """Bring a value to the form in which words are looked up.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Trimmed, in lower case; 1.0 is ``"1"``.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().lower()
