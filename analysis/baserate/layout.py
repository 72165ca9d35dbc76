"""Which column of a table is which: runs or counts, version, prompt, cluster, conditions: decided once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from baserate.arguments import COUNTED, require_free
from baserate.errors import BaserateError, did_you_mean
from baserate.note import Note

VERSION, PROMPT = "version", "prompt"
TOTALS = ("n", "n_total")
EVENTS = ("k", "events")
MISSING = ("missing", "n_missing", "n_ungraded", "ungraded")

# Names that mean the prompt. Those of the second kind may also name a condition: there an epoch beside them must tell.
PROMPT_NAMES = (
    *("prompt_id", "question_id", "scenario_id", "sample_id", "task_id", "item_id", "doc_id", "example_id"),
    *("case_id", "instance_id", "problem_id", "test_id", "vignette_id", "dilemma_id", "qid", "probe_id", "prompt_idx"),
)
LOOSE_PROMPT_NAMES = (
    *("question", "scenario", "sample", "item", "doc", "example", "case", "instance", "vignette", "dilemma"),
    *("problem", "probe", "seed_instruction", "task", "id"),
)
EPOCH_NAMES = (
    *("epoch", "repeat", "repetition", "replicate", "rollout", "trial", "attempt", "run", "run_idx", "run_index"),
    *("iteration", "rep", "sample_num", "sample_idx"),
)

# Settings of a run that say nothing of what the model was asked.
_SETTING = re.compile(
    r"(.*_)?(path|dir|folder|file|filename|url|uri|endpoint|seed|timeout|deadline|retries|log_level|log_format|hash|uuid"
    r"|timestamp|date|created|started|finished)(_at)?|(max|num|n)_(samples|tasks|connections|retries|workers|epochs)|log_.*"
    r"|max_(turns|messages|steps|tokens|iterations)"
)
_PLACE = re.compile(
    r"(\w+://|[~.]{0,2}/|[A-Za-z]:\\)\S*|\S+/\S+/\S+|\S+/\S+\.[a-z]{2,7}|\S+\.(jsonl?|csv|tsv|parquet|ya?ml|toml|xlsx|zip)"
)
_LABEL_NAMES = re.compile(r"(.*_)?(title|text|input|question|name|description|label|wording|prompt|content|body)(_.*)?")
FEW = 5  # prompts below which a short word beside each is taken as the condition that it stands for


@dataclass(frozen=True)
class Layout:
    """Which column of a table is which.

    Attributes
    ----------
    counted : bool
        Whether the rows are counts rather than runs.
    version, prompt : str or None
        The user's columns; None where there is none.
    cluster : str or None
        The column of what prompts were sampled in.
    conditions : tuple of str
        The columns whose combinations were designed.
    labels : tuple of str
        Columns with one level a prompt, which add no condition.
    measured : tuple of str
        Columns that differ between the runs of a prompt, which were measured after the run.
    incomplete : tuple of str
        Columns that graded runs lack, so that they are no conditions.
    n, total, events, missing : str or None
        Of counts: the columns of graded runs, of all runs, of events, and of runs without a verdict.
    """

    counted: bool = False
    version: str | None = VERSION
    prompt: str | None = PROMPT
    cluster: str | None = None
    conditions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    n: str | None = None
    total: str | None = None
    events: str | None = None
    missing: str | None = None


def version_column(columns: Sequence[str]) -> str | None:
    """Find the column of versions: ``version``, else ``model``.

    Parameters
    ----------
    columns : sequence of str

    Returns
    -------
    str or None
    """
    return next((name for name in (VERSION, "model") if name in columns), None)


def is_setting(name: str, levels: pd.Series) -> bool:
    """Tell whether a column holds a path, a URL, a timeout, a seed or the like, which is no condition.

    Parameters
    ----------
    name : str
    levels : Series
        Its levels.

    Returns
    -------
    bool
    """
    found = list(levels.dropna())
    return bool(found) and all(holds_setting(name, level) for level in found)


def holds_setting(name: str, value: object) -> bool:
    """Tell a setting by its name, or a path or URL by its value.

    Parameters
    ----------
    name : str
    value : object

    Returns
    -------
    bool
    """
    return _SETTING.fullmatch(name.lower()) is not None or _PLACE.fullmatch(str(value)) is not None


def prompt_candidates(columns: Sequence[str]) -> list[tuple[str, bool]]:
    """List the columns that may be the prompt, best first, and whether an epoch beside it must tell.

    Parameters
    ----------
    columns : sequence of str

    Returns
    -------
    list of (str, bool)
    """
    if PROMPT in columns:
        return [(PROMPT, False)]
    sure = [(name, False) for name in PROMPT_NAMES if name in columns]
    return sure + [(name, True) for name in LOOSE_PROMPT_NAMES if name in columns]


def epoch_column(columns: Sequence[str]) -> str | None:
    """Find the column that numbers the runs of a prompt.

    Parameters
    ----------
    columns : sequence of str

    Returns
    -------
    str or None
    """
    return next((name for name in EPOCH_NAMES if name in columns), None)


def note_on_prompt(name: str) -> Note:
    """Say which column was taken as the prompt, and how to say otherwise."""
    told = (
        f"The column {name!r} is taken as the prompt: runs that share it are not independent. "
        "Name another with columns={'…': 'prompt'} when reading, or rename it."
    )
    return Note("prompt-column", told)


def roles(
    cells: pd.DataFrame, candidates: Sequence[str], keys: Sequence[str], repeats: bool
) -> dict[str, tuple[str, ...]]:
    """Sort the columns that may be conditions into conditions, labels, measured and incomplete ones.

    Parameters
    ----------
    cells : DataFrame
        Counted by version, prompt and all candidates: these columns, and ``n``, ``missing``.
    candidates : sequence of str
    keys : sequence of str
        What tells apart the runs that are compared: the version, and what is grouped by.
    repeats : bool
        Whether epochs repeat within a version and prompt, as they do where a prompt is run in several conditions.

    Returns
    -------
    dict of str to tuple of str
        ``conditions, labels, measured, incomplete``.
    """
    found: dict[str, list[str]] = {"conditions": [], "labels": [], "measured": [], "incomplete": []}
    graded = cells[cells["n"] > 0]
    for name in candidates:
        if graded[name].isna().any():
            found["incomplete"].append(name)
        elif PROMPT in cells and _is_label(graded, name):
            found["labels"].append(name)
        elif PROMPT in cells and not repeats and _is_measured(graded, name, keys):
            found["measured"].append(name)
        else:
            found["conditions"].append(name)
    return {role: tuple(names) for role, names in found.items()}


def _is_label(cells: pd.DataFrame, name: str) -> bool:
    """Tell whether each prompt has its own level, and each level its own prompt."""
    pairs = cells[[PROMPT, name]].drop_duplicates()
    prompts = pairs[PROMPT].nunique()
    if prompts < 2 or pairs[name].nunique() != prompts or len(pairs) != prompts:
        return False
    return prompts >= FEW or _LABEL_NAMES.fullmatch(name.lower()) is not None


def _is_measured(cells: pd.DataFrame, name: str, keys: Sequence[str]) -> bool:
    """Tell whether a column differs between the runs of a prompt, without having been run so by design.

    By design each prompt is run at all levels, and as often at each; what was measured comes as it comes.
    """
    within = [c for c in dict.fromkeys([*keys, PROMPT]) if c != name]
    runs = cells.assign(_runs=cells["n"] + cells["missing"])
    sums = runs.groupby([*within, name], observed=True)["_runs"].sum().reset_index()
    each = sums.groupby(within, observed=True)["_runs"].agg(["size", "min", "max", "sum"])
    varied = each[each["size"] > 1]
    if not len(varied):
        return False
    levels = sums[name].nunique()
    even = (varied["size"] == levels) & (varied["max"] <= 1.5 * varied["min"])
    return bool(even.mean() < 0.8)


def notes_on_roles(layout: Layout) -> list[Note]:
    """Say which columns add no condition, and how to say otherwise.

    Parameters
    ----------
    layout : Layout

    Returns
    -------
    list of Note
    """
    told = {
        "label": (layout.labels, "has one level a prompt: a label, which adds no condition"),
        "measured-after": (
            layout.measured,
            "differs between the runs of a prompt: measured after the run, no condition",
        ),
        "incomplete": (layout.incomplete, "is missing in graded runs, so it is no condition"),
    }
    return [
        Note(f"{code}-column", f"{', '.join(map(repr, names))} {what}. conditions=[…] says otherwise.")
        for code, (names, what) in told.items()
        if names
    ]


def require_columns(columns: Sequence[str], outcome: str, by: Sequence[str], what: str = "to group by") -> None:
    """Raise unless there are such columns, each named once, and none is the outcome.

    Parameters
    ----------
    columns : sequence of str
        What there is.
    outcome : str
    by : sequence of str
        What is asked for.
    what : str
        What for.

    Raises
    ------
    BaserateError
    """
    for name in by:
        if name not in columns:
            raise BaserateError(f"There is no column {name!r} {what}.{did_you_mean(name, columns)}")
        if name in (*TOTALS, *EVENTS, *MISSING):
            raise BaserateError(f"{name!r} is what counts are called here. Rename the column {what}.")
        if name == outcome:
            raise BaserateError(f"{name!r} is the outcome: grouping by it would show 0% and 100%. Group by a factor.")
    require_free(by, COUNTED)
    if len(set(by)) < len(by):
        raise BaserateError(f"A column is named twice in {', '.join(map(repr, by))}. Name each once.")
