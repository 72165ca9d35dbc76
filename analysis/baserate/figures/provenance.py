"""Where the numbers of a result come from: the logs, without the places where they lie on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from baserate._version import __version__
from baserate.annotations import Table, checked
from baserate.count_tables import holds_counts
from baserate.frames import own_frames
from baserate.note import codes
from baserate.reading import reading_notes
from baserate.result import Result
from baserate.runs import check_runs
from baserate.shown import html_table
from baserate.text import text_table

_MOST_FILES = 100  # of more files than that, their folders are named
_SAID = ("version", "task", "task_version", "created", "commit")


@own_frames("table")
@dataclass(frozen=True, eq=False)
class Sources:
    """The logs that runs were read from.

    Attributes
    ----------
    table : DataFrame
        One row a log: ``log`` (relative to the folder that holds all logs; a folder where there are many files),
        ``version, task, task_version, created, commit, grader`` where known, and ``runs``; sorted by log.
    notes : tuple of str
        What reading had to say.
    place : str
        The folder of this machine in which the logs lie, if their paths are absolute.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    place: str = ""

    def _repr_html_(self) -> str:
        return html_table(self.table)

    def __str__(self) -> str:
        """Return the table for a terminal."""
        return text_table(self.table.astype(str))


NO_SOURCES = Sources(pd.DataFrame({"log": []}))


@checked
def sources(runs: Table, outcome: str) -> Sources:
    """List the logs that runs were read from.

    Parameters
    ----------
    runs : DataFrame
        Runs; a table of counts, or one outside pandas, has no logs to list.
    outcome : str
        The graded behavior, for the graders.

    Returns
    -------
    Sources
        Without rows where there are no logs.
    """
    if not isinstance(runs, pd.DataFrame) or "source" not in runs or holds_counts(runs):
        return NO_SOURCES
    table = check_runs(runs)
    said = {name: table[name] for name in _SAID if name in table}
    if "commit" in table and "dirty" in table:
        said["commit"] = table["commit"] + table["dirty"].map({True: " with uncommitted changes"}).fillna("")
    if f"{outcome}_grader" in table:
        said["grader"] = table[f"{outcome}_grader"]
    listed = pd.DataFrame({"log": short_names(table["source"].astype(str)), **said}, index=table.index)
    told = listed.groupby("log", sort=True)
    logs = told.agg(_each).assign(runs=told.size()).reset_index()
    return Sources(logs, tuple(reading_notes(runs)), _place(table["source"].astype(str).unique()))


def _each(values: pd.Series) -> str:
    """Name each value once, in order."""
    return ", ".join(sorted(dict.fromkeys(values.dropna().astype(str)))) or "–"


def short_names(paths: Iterable[str]) -> list[str]:
    """Shorten paths to what follows the folder that they share, so that they are the same on every machine.

    Parameters
    ----------
    paths : iterable of str
        Files, perhaps each with ``::`` and a member.

    Returns
    -------
    list of str
        ``example-logs/a.eval``; where there are more than 100 files, the folders that hold them.
    """
    parts = [_parts(path) for path in paths]
    shared = _shared(parts)
    cut = [part[max(shared - 1, 0) :] for part in parts]
    while len(set(cut)) > _MOST_FILES and max(map(len, cut)) > 1:
        deepest = max(map(len, cut))
        cut = [part[: deepest - 1] for part in cut]
    return ["/".join(part) for part in cut]


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.split("::")[0].replace("\\", "/")).parts


def _shared(parts: list[tuple[str, ...]]) -> int:
    """Count the folders that all paths begin with; of a single file all but its name."""
    first, last = min(parts), max(parts)  # what these two share, all share
    same = [a == b for a, b in zip(first[:-1], last[:-1], strict=False)]
    return [*same, False].index(False) + (first == last)


def _place(paths: Iterable[str]) -> str:
    """Name the folder that `short_names` leaves out, if it is absolute."""
    parts = [_parts(path) for path in paths]
    above = PurePosixPath(*parts[0][: max(_shared(parts) - 1, 0)]).as_posix()
    return f"{above}/" if above.startswith("/") and above != "/" else ""


def without_place(text: str, logs: Sources) -> str:
    """Take out of a text the folder of this machine in which the logs lie, so that it is the same on others.

    Parameters
    ----------
    text : str
        Such as notes of the loader, which name files.
    logs : Sources
        What `sources` returns.

    Returns
    -------
    str
        With the paths of `short_names`; relative paths are left as they are, and so are names such as
        ``openrouter/openai/gpt-4o`` that hold the folder's name, but do not begin with it.
    """
    if not logs.place:
        return text
    first = {re.escape(str(log).split("/")[0]) for log in logs.table["log"]}
    return re.sub(rf"(?<![\w.~-]){re.escape(logs.place)}(?=({'|'.join(sorted(first))})\b)", "", text)


def provenance(result: Result, logs: Sources, counts: tuple[int, int] | None = None) -> dict[str, Any]:
    """Say how the numbers of a result were made, and from which logs.

    Parameters
    ----------
    result : Result
        Whose numbers.
    logs : Sources
        What `sources` returns.
    counts : tuple of int, optional
        Graded and ungraded runs, where the table of the result does not tell.

    Returns
    -------
    dict
        For JSON; the same for the same data, whenever and wherever it is made.
    """
    graded, ungraded = counts or totals(result) or (None, None)
    return {
        "outcome": result.outcome,
        "method": result.method,
        "level": result.level,
        "scope": result.scope,
        "scope_reason": result.scope_reason,
        "explanation": " ".join((result.described(), *result.reasons())),
        "cautions": sorted(codes(result.cautions)),
        "notes": [*result.notes, *logs.notes],
        "n": graded,
        "ungraded": ungraded,
        "sources": logs.table.to_dict("records"),
        "package": {"name": "baserate", "version": __version__},
    }


def totals(result: Result) -> tuple[int, int] | None:
    """Count the graded and the ungraded runs that a result rests on.

    Parameters
    ----------
    result : Result

    Returns
    -------
    tuple of int or None
        None where the table does not tell.
    """
    table = result.table
    if {"candidate", "baseline"} <= set(table):
        return _of_sides(table)
    if {"n", "missing"} <= set(table):
        return int(table["n"].sum()), int(table["missing"].sum())
    return None


def _of_sides(table: pd.DataFrame) -> tuple[int, int]:
    """Count each side of the comparisons once."""
    by = list(table.columns[: list(table.columns).index("candidate")])
    sides = [
        table[[*by, side, f"n_{side}", f"missing_{side}"]].set_axis([*by, "side", "n", "missing"], axis=1)
        for side in ("candidate", "baseline")
    ]
    once = pd.concat(sides).drop_duplicates([*by, "side"])
    return int(once["n"].sum()), int(once["missing"].sum())
