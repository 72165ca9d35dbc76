"""All grades of all runs, by outcome: each scorer's values under one name, and the scale that they are on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count

import pandas as pd

from baserate.readers.lookup import ABSENT, nested
from baserate.readers.record import Grade, Run
from baserate.readers.scale import Scale, goes_beyond, scale_of
from baserate.readers.verdict import distinct

_UNFIT = re.compile(r".*_(grader|score|cut|logged|asked|given)")  # the ends of the columns beside an outcome


class Scores:
    """What the scorers gave each run.

    Parameters
    ----------
    runs : sequence of Run
    taken : iterable of str
        Names that no outcome may have.
    """

    def __init__(self, runs: Sequence[Run], taken: Iterable[str]) -> None:
        self.runs = runs
        self._names = _outcome_names(runs, taken)
        self._settings: dict[str, pd.Series] = {}
        self._scales: dict[str, Scale] = {}
        self.grades: dict[str, list[Grade | None]] = {name: [None] * len(runs) for name in self._names.values()}
        for i, run in enumerate(runs):
            for grade in run.grades:
                self.grades[self._names[grade.scorer, grade.key]][i] = grade

    @cached_property
    def _values(self) -> dict[str, pd.Series]:
        """The values by outcome; None where the judge failed."""
        return {
            name: pd.Series([None if g is None or g.failed else g.value for g in column], dtype=object)
            for name, column in self.grades.items()
        }

    @cached_property
    def _full(self) -> dict[str, str]:
        """The outcome that is meant by the names of a scorer and its key, with a dot between them."""
        return {f"{scorer}.{key}" if key else scorer: name for (scorer, key), name in reversed(self._names.items())}

    @cached_property
    def _family(self) -> dict[str, str]:
        """The scorer of each outcome."""
        return {name: scorer for (scorer, _), name in self._names.items()}

    @cached_property
    def _beyond(self) -> dict[str, frozenset[str]]:
        """The outcomes of each scorer that go beyond 0 and 1."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, scorer in self._family.items():
            if goes_beyond(distinct(self._values[name])):
                found[scorer].add(name)
        return {scorer: frozenset(names) for scorer, names in found.items()}

    def known(self, name: str) -> bool:
        """Tell whether a scorer gave such a value, or the runs were logged with such a setting."""
        if name in self.grades or name in self._full:
            return True
        return any(nested(run.settings, name) is not ABSENT for run in self.runs)

    def outcome(self, name: str) -> str:
        """Return the name of the outcome that a name of a scorer or its key stands for; a setting keeps its own."""
        return name if name in self.grades else self._full.get(name, name)

    def logged(self, name: str) -> pd.Series:
        """Return what was logged under a name, one a run: a scorer's value, else a setting."""
        outcome = self.outcome(name)
        if outcome in self._values:
            return self._values[outcome]
        if name not in self._settings:
            logged = [nested(run.settings, name) for run in self.runs]
            self._settings[name] = pd.Series([None if v is ABSENT else v for v in logged], dtype=object)
        return self._settings[name]

    def scale(self, name: str) -> Scale:
        """Return how the values under a name are read: the other values of the same scorer tell, too."""
        outcome = self.outcome(name)
        if outcome not in self._scales:
            others = self._beyond.get(self._family.get(outcome, ""), frozenset()) - {outcome}
            self._scales[outcome] = scale_of(self.logged(name), bool(others))
        return self._scales[outcome]

    def grades_of(self, name: str) -> list[Grade | None]:
        """Return the grades under a name; none of a setting."""
        return self.grades.get(self.outcome(name), [None] * len(self.runs))


def _tries(scorer: str, key: str) -> Iterator[str]:
    full = f"{scorer}_{key or 'outcome'}"
    yield from (re.sub(r"\W+", "_", name) for name in (key or scorer, full, f"{full}_graded"))
    last = re.sub(r"\W+", "_", f"{full}_graded")
    yield from (f"{last}_{number}" for number in count(2))  # of names that differ in signs only


def _outcome_names(runs: Sequence[Run], taken: Iterable[str]) -> dict[tuple[str, str], str]:
    """Name each value of each scorer; the first to use a name has it, later ones put their scorer's name before it."""
    names: dict[tuple[str, str], str] = {}
    used = set(taken)
    for run in runs:
        for grade in run.grades:
            if (grade.scorer, grade.key) in names:
                continue
            tries = _tries(grade.scorer, grade.key)
            names[grade.scorer, grade.key] = next(n for n in tries if n not in used and not _UNFIT.fullmatch(n))
            used.add(names[grade.scorer, grade.key])
    return names
