"""The runs table: one row a run, with its version, prompt, factors, graded outcomes and where it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from baserate.arguments import COUNTED
from baserate.defaults import fill
from baserate.errors import BaserateError, did_you_mean
from baserate.levels import as_category as as_category
from baserate.levels import natural

REQUIRED = ("run_id", "version", "prompt", "epoch", "status", "source")

STATUSES = (
    "ok",  # answered, with a verdict on at least one outcome
    "ungraded",  # answered, and no outcome has a verdict: the judge failed or could not be parsed
    "empty",  # no answer to grade
    "error",  # the run failed
    "limit",  # stopped by a token, time, message or cost limit
    "content_filter",  # stopped by the provider's filter
    "refusal",  # stopped with the provider's refusal
    "invalidated",  # declared invalid after the fact
    "unreadable",  # stands for a file, or a part of one, that could not be read
)

PROVENANCE = (
    *("log_id", "log_status", "created", "task", "task_version", "commit", "dirty", "status_reason", "stop_reason"),
    *("experiment", "condition_id", "packages", "model", "file", "member", "timestamp", "notes", "uuid"),
    *("reading", "copies", "copies_in", "account"),
)
RESERVED = frozenset((*REQUIRED, *PROVENANCE, *COUNTED, "n_total"))

BESIDE_AN_OUTCOME = re.compile(r".*_(grader|score|cut|logged|asked|given|explanation)$")
MOST_LEVELS = 30
_BESIDE = ("_logged", "_asked")  # of an outcome: truth values that are none themselves
_SIMULATED = "simulated"
NO_RUNS = "The table holds no runs. Check the path or the filter that made it."
_HEAD = 1000
_IN_ORDER = re.compile(r"\S\s+(>|->|→)\s+\S")
_LONGEST_LEVEL = 60


def is_text(column: pd.Series) -> bool:
    """Tell whether a column holds text, whatever pandas stores it as."""
    return bool(pd.api.types.is_string_dtype(column) or column.dtype == object)


def looks_like_factor(column: pd.Series) -> bool:
    """Tell whether a text column is one of the scenario's factors rather than free text or an identifier.

    Parameters
    ----------
    column : Series
        Any column of a table of runs.

    Returns
    -------
    bool
        True for a category column that is not reserved, and for text with 2 to 30 levels of at most 60 characters, of
        which none lists events in order (``"plea > blackmail"``): these came of the run.
    """
    if not may_be_factor(str(column.name)):
        return False
    if isinstance(column.dtype, pd.CategoricalDtype):
        return not pd.api.types.is_bool_dtype(column)  # categories of True and False are verdicts
    if not is_text(column):
        return False
    try:
        if column.iloc[:_HEAD].nunique() > MOST_LEVELS:  # free text, an identifier: the rest need not be looked at
            return False
        levels = column.dropna().unique()
    except TypeError:  # lists or objects
        return False
    return 2 <= len(levels) <= MOST_LEVELS and all(
        isinstance(level, str) and len(level) <= _LONGEST_LEVEL and not _IN_ORDER.search(level) for level in levels
    )


def may_be_factor(name: str) -> bool:
    """Tell whether a column of this name may be a factor: neither provenance nor beside an outcome."""
    return name not in RESERVED and BESIDE_AN_OUTCOME.match(name) is None


def factors(table: pd.DataFrame) -> list[str]:
    """List the columns that are factors of the scenario.

    Parameters
    ----------
    table : DataFrame
        Runs, or counts of runs.

    Returns
    -------
    list of str
        In the order of the table; neither the version nor the prompt is among them.
    """
    return [str(name) for name in table.columns if looks_like_factor(table[name])]


def is_simulated(table: pd.DataFrame) -> bool:
    """Tell whether runs call themselves simulated, in the name of a version, task, experiment or log.

    Parameters
    ----------
    table : DataFrame
        Runs, or counts of runs.

    Returns
    -------
    bool
    """
    named = [c for c in table if c in ("version", "task", "experiment", "source") or str(c).endswith("_grader")]
    texts = ((c, text) for c in named for text in _saying(table[c], _SIMULATED))
    return any(_SIMULATED in (text.rsplit("/", 1)[-1] if c == "source" else text).lower() for c, text in texts)


def _saying(column: pd.Series, word: str) -> list[str]:
    """List the texts of a column, such as a million sources, in which a word occurs."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [str(text) for text in column.dropna().unique()]
    try:
        texts = pa.array(column, pa.string(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # other values among them
        return [str(text) for text in column.dropna().unique()]
    return list(texts.filter(pc.match_substring(texts, word, ignore_case=True)).unique().to_pylist())


def outcomes(table: pd.DataFrame) -> list[str]:
    """List the columns that hold a graded yes or no.

    Parameters
    ----------
    table : DataFrame
        Runs.

    Returns
    -------
    list of str
        The boolean columns that are neither provenance nor verdicts that do not count.
    """
    return are_outcomes(str(c) for c in table.columns if pd.api.types.is_bool_dtype(table[c]))


def are_outcomes(names: Iterable[str]) -> list[str]:
    """Leave out of the names of truth values those of provenance, and of verdicts that do not count.

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    list of str
    """
    found = [name for name in names if name not in RESERVED]
    return [c for c in found if not any(c.endswith(end) and c.removesuffix(end) in found for end in _BESIDE)]


def as_outcome(column: pd.Series) -> pd.Series:
    """Make a column of verdicts a nullable boolean, where missing means "not graded".

    Parameters
    ----------
    column : Series
        Booleans, or zeros and ones, with missing values.

    Returns
    -------
    Series
        Of dtype ``boolean``.

    Raises
    ------
    BaserateError
        If a value is neither yes, no nor missing.
    """
    if pd.api.types.is_bool_dtype(column):
        return column.astype("boolean")
    values = pd.Series(column.dropna().unique(), dtype=object)
    wrong = [v for v in values if isinstance(v, str) or v not in (0, 1)]
    if wrong:
        raise BaserateError(no_verdicts(str(column.name), wrong))
    return column.astype("Float64").astype("boolean")


def no_verdicts(outcome: str, found: Sequence[Any]) -> str:
    """Say that a column holds something else than yes and no.

    Parameters
    ----------
    outcome : str
    found : sequence
        What it holds, each once.

    Returns
    -------
    str
    """
    shown = ", ".join(sorted(map(repr, found), key=natural)[:4])
    return (
        f"The outcome {outcome!r} must hold yes or no (True/False or 1/0, missing where not graded); found {shown}. "
        "Read it with baserate.read(…, outcomes=…), or compare the score with a cut first."
    )


def require_table(table: pd.DataFrame) -> None:
    """Raise where a table has no rows, a column name twice, or an unknown status; nothing else of it is looked at.

    Parameters
    ----------
    table : DataFrame
        One row a run.

    Raises
    ------
    BaserateError
    """
    if len(table) == 0:
        raise BaserateError(NO_RUNS)
    if not table.columns.is_unique:
        twice = sorted({str(c) for c in table.columns[table.columns.duplicated()]})
        raise BaserateError(f"Column names occur twice: {', '.join(twice)}. Rename or drop one of each.")
    if "status" in table:
        check_statuses(pd.Series(table["status"].dropna().unique()).astype(str))


def check_runs(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a user's own table into the form of the runs table.

    What is missing is filled in: no prompt column makes each row its own prompt, no version column makes all runs one
    version (`filled_in` says so of the table that comes out too), no status makes every run "ok". Text columns with few
    short levels become factors.

    Parameters
    ----------
    table : DataFrame
        One row a run; a column of versions and one of outcomes are all that it needs.

    Returns
    -------
    DataFrame
        A copy with the required columns, or the table itself where nothing was to be done.

    Raises
    ------
    BaserateError
        If the table has no rows, or a status is unknown.
    """
    require_table(table)
    if "prompt" in table and table["prompt"].isna().all():
        table = table.drop(columns="prompt")
    lacking = [c for c in REQUIRED if c not in table]
    to_factor = [c for c in factors(table) if not isinstance(table[c].dtype, pd.CategoricalDtype)]
    keyed = [c for c in ("version", "status") if c in table and not isinstance(table[c].dtype, pd.CategoricalDtype)]
    if not (lacking or to_factor or keyed):
        return table
    runs = table.copy()
    fill(runs, lacking)
    for name in (*to_factor, "version"):
        runs[name] = as_category(runs[name])
    runs["status"] = _status(runs["status"])
    return runs


def check_statuses(column: pd.Series) -> None:
    """Raise where a status is unknown.

    Parameters
    ----------
    column : Series
        Of text.

    Raises
    ------
    BaserateError
    """
    unknown = sorted(set(column) - set(STATUSES))
    if unknown:
        raise BaserateError(
            f"The status {unknown[0]!r} is not one of {', '.join(STATUSES)}.{did_you_mean(unknown[0], STATUSES)}"
        )


def _status(column: pd.Series) -> pd.Series:
    check_statuses(pd.Series(column.dropna().unique()).astype(str))
    return pd.Series(pd.Categorical(column, categories=list(STATUSES)), index=column.index, name="status")
