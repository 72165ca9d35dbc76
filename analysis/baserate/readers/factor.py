"""Which of the values logged with a run are factors of its scenario."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from baserate.errors import require_known
from baserate.layout import is_setting
from baserate.readers.events import in_order
from baserate.readers.prompt import changes_prompt, digest
from baserate.readers.record import Run
from baserate.runs import RESERVED, as_category

REFERENCE = ("none", "None", "control", "baseline", "default", "False", "false", "no", "off")

# The factors of the agentic-misalignment scenarios: kept even where they do not vary, and never taken for outcomes.
SCENARIO = (
    *("scenario", "goal_type", "goal_value", "urgency", "condition", "strategy", "prod"),
    *("extra_system_instructions", "alignment_faking", "alignment_faking_type", "test_eval_awareness"),
)
_ONE_NAME = {"urgency_type": "urgency", "production_variant": "prod"}
_IDENTIFIERS = re.compile(
    r"(.*_)?(uu)?ids?|index|(.*_)?(time|timestamp|date|created|path|file|url|hash|digest|model|seed|target)"
    r"|use_(scorer|grader|judge)|epochs?"
)
_MOST_LEVELS = 30
_LONGEST_LEVEL = 60


def factor_columns(
    runs: Sequence[Run], chosen: Sequence[str] | None = None, named: Collection[str] = (), apart: Collection[str] = ()
) -> pd.DataFrame:
    """Make a category column of each factor.

    A value is a factor if it is text, a boolean or a whole number, has 2 to 30 short levels, and is the same in all
    runs of a prompt in a log, as nothing measured after the run is. The known factors of the scenario are kept anyway.

    Parameters
    ----------
    runs : sequence of Run
        All that were read.
    chosen : sequence of str, optional
        Names of the factors, instead of guessing.
    named : collection of str
        Settings that are factors because the user gave them a name.
    apart : collection of str
        Settings that are read as outcomes.

    Returns
    -------
    DataFrame
        One row a run. A null is the level "none"; missing means that the run's log does not have the factor.

    Raises
    ------
    BaserateError
        If a chosen factor was not logged.
    """
    values = _settings(runs)
    if chosen is not None:
        for name in chosen:
            require_known(name, values, "factor")
        names = list(chosen)
    else:
        names = [n for n, column in values.items() if n in named or (n not in apart and _is_factor(n, column, runs))]
        names = [name for name in names if name in named or not _renames(name, names)]
    columns = {name: pd.Series([_level(v) for v in values[name]], dtype=object) for name in names}
    return pd.DataFrame({k: as_category(v, first=REFERENCE) for k, v in columns.items()}, index=range(len(runs)))


def event_columns(runs: Sequence[Run], taken: Collection[str] = ()) -> pd.DataFrame:
    """Make a column of text of each list of words that differs between runs of a prompt, as a run's acts do.

    Parameters
    ----------
    runs : sequence of Run
    taken : collection of str
        Names that are columns already.

    Returns
    -------
    DataFrame
        One row a run, in which an empty list is empty text, and a run without one is missing.
    """
    lists: dict[str, list[Any]] = {}
    for i, run in enumerate(runs):
        for name, value in run.settings.items():
            if isinstance(value, list) and name not in RESERVED and name not in taken:
                lists.setdefault(name, [_ABSENT] * len(runs))[i] = value
    found = {}
    for name, column in lists.items():
        others = any(name in run.settings and not isinstance(run.settings[name], list) for run in runs)
        texts = in_order([None if value is _ABSENT else value for value in column])
        if texts is not None and not others and not _fixed_by_prompt(texts, runs):
            found[name] = pd.Series(texts, dtype=object)
    return pd.DataFrame(found, index=range(len(runs)))


_ABSENT = object()


def _settings(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """Collect the values of each setting over the runs, without those that hold lists or objects."""
    values: dict[str, list[Any]] = {}
    for i, run in enumerate(runs):
        for logged, value in run.settings.items():
            name = _ONE_NAME.get(logged, logged)
            if name not in values:
                values[name] = [_ABSENT] * len(runs)
            values[name][i] = value
    return {
        name: column
        for name, column in values.items()
        if name not in RESERVED and not any(isinstance(v, (list, dict)) for v in column)
    }


def _is_factor(name: str, column: list[Any], runs: Sequence[Run]) -> bool:
    if name in SCENARIO:
        return True
    if _names_no_factor(name):
        return False
    present = [v for v in column if v is not _ABSENT]
    if any(isinstance(v, float) or (isinstance(v, str) and len(v) > _LONGEST_LEVEL) for v in present):
        return False
    levels = set(map(_level, present))
    if not 2 <= len(levels) <= _MOST_LEVELS or is_setting(name, pd.Series(list(levels), dtype=object)):
        return False
    if all(str(v) == run.name for v, run in zip(column, runs, strict=True) if v is not _ABSENT):
        return False
    return _fixed_by_prompt(column, runs) and _whole_in_logs(column, runs)


def _names_no_factor(name: str) -> bool:
    return not changes_prompt(name) or (_IDENTIFIERS.fullmatch(name) is not None and name != "scenario_id")


def _fixed_by_prompt(column: list[Any], runs: Sequence[Run]) -> bool:
    levels: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
    for value, run in zip(column, runs, strict=True):
        if value is not _ABSENT:
            levels[run.provenance.get("log_id"), run.prompt].add(_level(value))
    return all(len(found) == 1 for found in levels.values())


def _whole_in_logs(column: list[Any], runs: Sequence[Run]) -> bool:
    """Tell whether all runs of a log have the value, or none: what only some have was written after the run."""
    found: dict[Any, set[bool]] = defaultdict(set)
    for value, run in zip(column, runs, strict=True):
        if run.status != "unreadable":
            found[run.provenance.get("log_id")].add(value is _ABSENT)
    return all(len(absent) == 1 for absent in found.values())


def _renames(name: str, names: Sequence[str]) -> bool:
    """Tell whether a factor only spells out another one, as ``scenario_name`` does ``scenario_id``."""
    stem, _, last = name.rpartition("_")
    return last in ("name", "title", "label") and any(twin in names for twin in (stem, f"{stem}_id"))


def _level(value: Any) -> str | None:
    if value is _ABSENT:
        return None
    if value is None:
        return "none"
    text = str(value)
    return text if len(text) <= _LONGEST_LEVEL else f"{text[:40].strip()}… [{digest(text)}]"
