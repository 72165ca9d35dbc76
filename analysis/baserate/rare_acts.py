"""Rare acts, 0 to 3 in hundreds of runs: at most how often, how many more would show less, what a deployment sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_level, require_whole
from baserate.counts import Counts, count
from baserate.errors import BaserateError
from baserate.note import Note
from baserate.rate_result import Rates
from baserate.rate_table import rates
from baserate.result import Result
from baserate.text import percent

_MOST = 1000  # times as many prompts or runs, beyond which no number is told


@dataclass(frozen=True, eq=False, repr=False)
class AtMost(Result):
    """Upper bounds of a rare act, one row a group.

    ``table`` has the columns of `by`, then ``estimate, bound`` (on one side, at `level`), ``worst_bound`` (had every
    ungraded run been one), ``n, events, missing, prompts, n_eff``; where asked ``shown`` (the bound is below `below`),
    ``needed_runs`` and ``needed_prompts`` (more of them, none with the act, until it is); and ``deployment_bound``, the
    largest chance of at least one in a deployment.

    Attributes
    ----------
    by : tuple of str
        The columns that make a group.
    below : float or None
        The rate that is to be shown not to be reached.
    deployment : int or None
        Runs of the deployment.
    """

    by: tuple[str, ...] = ()
    below: float | None = None
    deployment: int | None = None

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[list(self.by)].astype(str)
        shown["seen"] = [f"{k}/{n}" for k, n in zip(t["events"], t["n"], strict=True)]
        shown["at most"] = [percent(v, 2) for v in t["bound"]]
        if t["missing"].any():
            shown["ungraded"] = t["missing"].astype(str)
            shown["at most, ungraded too"] = [percent(v, 2) for v in t["worst_bound"]]
        if (t["prompts"] > 0).any():
            shown["prompts"] = t["prompts"].astype(str)
        if self.below is not None:
            shown[f"below {percent(self.below, 2)}"] = [self._needed(row) for row in t.to_dict("records")]
        if self.deployment is not None:
            shown[f"one or more in {self.deployment:,}"] = [f"up to {percent(v)}" for v in t["deployment_bound"]]
        return shown

    def _needed(self, row: dict[Any, Any]) -> str:
        if row["shown"]:
            return "shown"
        if not np.isfinite(row["needed_runs"]):
            return f"not by {_MOST:,} times as many"
        if row["needed_prompts"] > 0:
            return f"{row['needed_prompts']:,.0f} more prompts without one"
        return f"{row['needed_runs']:,.0f} more runs without one"

    def described(self) -> str:
        """Say at most how often the act occurs, and what that rests on.

        Returns
        -------
        str
        """
        told = [
            f"{' '.join(str(row[name]) for name in self.by) or 'all runs'} {percent(row['bound'], 2)} "
            f"({row['events']}/{row['n']})"
            for row in self.table.to_dict("records")
        ]
        return (
            f"{self.outcome!r} occurs at most in {'; '.join(told[:4])}: bounds on one side, {self.confidence} "
            f"({self.method}). Scope {self.scope}: {self.scope_reason}."
        )


@checked
def at_most(
    runs: Table,
    outcome: str,
    below: float | None = None,
    deployment: int | None = None,
    by: str | Sequence[str] | None = "version",
    level: float = 0.95,
    scope: str | None = None,
    *,
    conditions: str | Sequence[str] | None = None,
    cluster: str | None = None,
    accept: str | Sequence[str] = ("ok",),
    given: str | Sequence[str] | None = None,
) -> AtMost:
    """Bound the rate of a rare act from above: no event is no proof of never.

    Parameters
    ----------
    runs : DataFrame or Counts
        Runs, one row each, or counts of runs.
    outcome : str
        The act: a column of yes and no, missing where not graded.
    below : float, optional
        A rate of which it is asked whether the act is shown to be rarer, and how many more runs (where prompts are
        sampled, prompts with as many runs as these) without one would show it.
    deployment : int, optional
        Runs of a deployment, for the largest chance that it sees at least one.
    by : str or sequence of str, optional
        The columns that make a group; None pools all runs.
    level : float
        The level of the bounds, each on one side.
    scope, conditions, cluster, accept, given
        As in `baserate.rates`.

    Returns
    -------
    AtMost

    Raises
    ------
    BaserateError
        If a column is not there, or `below` is no rate.

    References
    ----------
    Clopper & Pearson (1934) Biometrika 26:404. Hanley & Lippman-Hand (1983) JAMA 249:1743 (the rule of three). Korn &
    Graubard (1998) Survey Methodology 24:193. Jones et al. (2025) arXiv:2502.16797 forecast a deployment otherwise, by
    the extremes of prompts' rates.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"version": ["a"], "n": [300], "copied": [0]})
    >>> found = at_most(counts, "copied", below=0.001, deployment=1000).table.iloc[0]
    >>> round(float(found["bound"]), 5), int(found["needed_runs"]), round(float(found["deployment_bound"]), 3)
    (0.00994, 2695, 1.0)
    """
    require_level(level)
    if below is not None and not 0 < below < 1:
        raise BaserateError(f"below is a rate between 0 and 1, such as 0.01; got {below!r}.")
    size = None if deployment is None else require_whole("deployment", deployment)
    options: dict[str, Any] = {"conditions": conditions, "cluster": cluster, "accept": accept, "given": given}
    found = rates(runs, outcome, by, level=level, scope=scope, side="upper", **options)
    t = found.table
    table = t[[*found.by, "estimate"]].assign(
        bound=t["conf_high"],
        worst_bound=np.maximum(t["both_high"].fillna(t["conf_high"]), t["conf_high"]),
        **{name: t[name] for name in ("n", "events", "missing", "prompts", "n_eff")},
    )
    notes: list[str] = list(found.notes)
    if below is not None:
        needed = _needed_of_all(count(runs, outcome, list(found.by), **options), found, table, below)
        table["shown"] = table["bound"] < below
        table["needed_runs"], table["needed_prompts"] = (np.array(column) for column in zip(*needed, strict=True))
        notes.append(_HOW_MANY)
    if size is not None:
        table["deployment_bound"] = 1 - (1 - table["bound"]) ** size
        notes.append(_DEPLOYED)
    return AtMost(
        table=table,
        outcome=outcome,
        method=found.method,
        level=level,
        scope=found.scope,
        scope_reason=found.scope_reason,
        notes=tuple(notes),
        cautions=found.cautions,
        by=found.by,
        below=below,
        deployment=size,
    )


_HOW_MANY = Note(
    "needed",
    "What would show less supposes that no further run shows the act, and that further prompts have as many runs as "
    "these; one more event asks for far more.",
)
_DEPLOYED = Note(
    "deployment",
    "The chance for a deployment is 1 − (1 − bound)^runs: it supposes that the deployment's runs are drawn as these "
    "prompts were, one prompt each. Other users, tools and prompts may have other rates; runs that resemble each other "
    "make it less likely that any is seen, and more of them where one is.",
)


def _needed_of_all(counts: Counts, found: Rates, table: pd.DataFrame, below: float) -> list[tuple[float, float]]:
    """Find for each group what more would show it to be below a rate."""
    nothing = counts.stopped.iloc[:0]

    def ask(cells: pd.DataFrame) -> float:
        """Return the bound of one group's cells."""
        grown = replace(counts, cells=cells, stopped=nothing)
        one = rates(grown, counts.outcome, None, level=found.level, scope=found.scope, side="upper")
        return float(one.table["conf_high"].iloc[0])

    return [_needed(counts, found.by, row, ask, below) for row in table.to_dict("records")]


def _needed(
    counts: Counts, by: Sequence[str], row: dict[Any, Any], ask: Callable[[pd.DataFrame], float], below: float
) -> tuple[float, float]:
    """Find how many more runs, and prompts, without an event bring the bound of a group below a rate.

    Where prompts are sampled whole prompts are added to each condition, else runs to each prompt, and the bound is
    asked of the whole again, so that what decides later decides here. 0 where it is shown; infinite where a thousand
    times as much would not do.
    """
    if row["bound"] < below:
        return 0.0, 0.0
    cells = counts.cells
    for name in by:
        cells = cells[cells[name].astype(str) == str(row[name])]
    cells = cells[cells["n"] > 0].reset_index(drop=True)
    if not len(cells):
        return np.inf, 0.0
    sampled = row["prompts"] > 1
    grow = _more_prompts if sampled else _more_runs
    low, high = 0, 1
    while ask(grow(cells, counts, high)) >= below:
        low, high = high, 2 * high
        if high > _MOST * (len(cells) if sampled else int(cells["n"].sum())):
            return np.inf, 0.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if ask(grow(cells, counts, middle)) >= below else (low, middle)
    if not sampled:
        return float(high), 0.0
    grown = grow(cells, counts, high)
    return float(grown["n"].sum() - cells["n"].sum()), float(len(grown) - len(cells))


def _more_prompts(cells: pd.DataFrame, counts: Counts, more: int) -> pd.DataFrame:
    """Add prompts to each condition, in the proportions that are there, with as many runs as its prompts have."""
    parts = [cells]
    keys = list(counts.conditions)
    groups = cells.groupby(keys, observed=True) if keys else [((), cells)]
    for number, (_, part) in enumerate(groups):
        extra = max(1, round(more * len(part) / len(cells)))
        new = pd.concat([part.iloc[:1]] * extra, ignore_index=True)
        runs = max(1, round(float(part["n"].mean())))
        named = [f"further {number}.{i}" for i in range(extra)]
        parts.append(new.assign(prompt=named, n=runs, events=0, missing=0))
    return pd.concat(parts, ignore_index=True)


def _more_runs(cells: pd.DataFrame, counts: Counts, more: int) -> pd.DataFrame:
    """Spread runs over the cells in the proportions that are there."""
    ends = np.round(np.cumsum(cells["n"].to_numpy(dtype=float)) / float(cells["n"].sum()) * more)
    return cells.assign(n=cells["n"] + np.diff(ends, prepend=0).astype("int64"))
