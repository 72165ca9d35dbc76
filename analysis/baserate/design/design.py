"""Counts become a design: groups, the conditions they ran with their weights, prompts and the units they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from baserate.counts import Counts
from baserate.design.cells import Cells, merged, weigh
from baserate.design.mix import Mix, condition_weights, described, require_weights
from baserate.design.scope import choose_scope
from baserate.errors import BaserateError
from baserate.layout import PROMPT, VERSION
from baserate.note import Note
from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans, Ints
from baserate.stopped import said_of_stopped

MISSING_LEVEL = "(missing)"


@dataclass(frozen=True, eq=False)
class Design:
    """What was run, and what is asked of it.

    Attributes
    ----------
    by : tuple of str
        The columns that make a group.
    groups : tuple of tuple of str
        The levels of each group, in the order of the levels.
    cells : Cells
        Also those without graded runs.
    conditions : tuple of str
        The columns whose combinations were designed; what groups differ by is none of them.
    labels : DataFrame
        One row a condition, with its levels.
    weight : ndarray, shape (conditions,)
        The mix.
    prompts : tuple of str
        Their names.
    weights : {"prompts", "runs"}
        Whether each prompt counts once, or each run.
    scope, scope_reason : str
    prompts_known : bool
    clustered : str or None
        The column of clusters.
    weighed : str
        How conditions and prompts are weighed, in words.
    orders : tuple of tuple of str
        The levels of each column of `by`, in their order.
    notes : tuple of Note
    cautions : tuple of Note
    """

    by: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    cells: Cells
    conditions: tuple[str, ...]
    labels: pd.DataFrame
    weight: Floats
    prompts: tuple[str, ...]
    weights: str
    scope: str
    scope_reason: str
    prompts_known: bool
    clustered: str | None
    weighed: str
    orders: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    def name(self, group: int | np.integer[Any]) -> str:
        """Name a group by its levels, for a message."""
        return " / ".join(self.groups[int(group)]) or "all runs"

    def condition_name(self, condition: int | np.integer[Any]) -> str:
        """Name a condition by its levels."""
        row = self.labels.iloc[int(condition)]
        return ", ".join(f"{name}={row[name]}" for name in self.labels.columns) or "all runs"

    def means(self, cells: Cells | None = None, groups: int | None = None) -> CellMeans:
        """Weigh graded cells: prompts within conditions, conditions within groups.

        Parameters
        ----------
        cells : Cells, optional
            Left out, all of the design's.
        groups : int, optional
            How many groups the cells are of.

        Returns
        -------
        CellMeans
        """
        given = self.cells if cells is None else cells
        total = len(self.groups) if groups is None else groups
        return weigh(given, total, self.weight, self.weights)


def build_design(
    counts: Counts,
    by: Sequence[str],
    scope: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    compared: str | None = None,
) -> Design:
    """Make the design of counts.

    Parameters
    ----------
    counts : Counts
    by : sequence of str
        The columns that make a group.
    scope : {"fixed", "sampled"}, optional
        Left out, the design decides.
    mix : {"planned", "balanced"} or mapping
    weights : {"prompts", "runs"}
    compared : str, optional
        The column whose levels are compared: what changes with it is no condition that both sides could have run.

    Returns
    -------
    Design

    Raises
    ------
    BaserateError
        If scope, mix or weights cannot be had.
    """
    require_weights(weights)
    cells, notes = _assigned(counts.cells, by)
    names = [c for c in (VERSION, *counts.conditions) if c not in by and c != PROMPT and c in cells]
    names = without_aliases(cells, [c for c in dict.fromkeys(names) if cells[c].nunique() > 1])
    if by and VERSION in names and (cells.groupby(list(by), observed=True)[VERSION].nunique() <= 1).all():
        names.remove(VERSION)  # another name of what is grouped by
    names, cautions = _not_compared(cells, names, compared)
    stopped = said_of_stopped(counts, by)
    group, groups = _codes(cells, by)
    condition, combos = _codes(cells, names)
    labels = pd.DataFrame(combos, columns=names) if names else pd.DataFrame(index=range(len(combos)))
    unit = counts.layout.cluster if counts.layout.cluster in cells else PROMPT
    keys = [*by, *names]
    chosen, reason = choose_scope(cells, [k for k in keys if k != PROMPT], counts.prompts_known, scope, unit or PROMPT)
    prompt, prompts = pd.factorize(cells[PROMPT], sort=True)
    place = prompt if unit == PROMPT else pd.factorize(cells[unit].astype(str), sort=True)[0]
    flat = Cells(group, condition, prompt, place, *(cells[c].to_numpy(float) for c in ("n", "events", "missing")))
    return Design(
        by=tuple(by),
        groups=groups,
        cells=merged(flat),
        conditions=tuple(names),
        labels=labels,
        weight=condition_weights(cells, condition, labels, mix),
        prompts=tuple(map(str, prompts)),
        weights=weights,
        scope=chosen,
        scope_reason=reason,
        prompts_known=counts.prompts_known,
        clustered=None if unit == PROMPT else unit,
        weighed=described(mix, weights, names),
        orders=tuple(_order(cells[name], [g[i] for g in groups]) for i, name in enumerate(by)),
        notes=(*counts.notes, *notes, *stopped.notes),
        cautions=(*cautions, *stopped.cautions),
    )


def _assigned(cells: pd.DataFrame, by: Sequence[str]) -> tuple[pd.DataFrame, list[Note]]:
    """Leave out failed runs that belong to no group: a file that could not be read is of no version."""
    lost = cells[list(by)].isna().any(axis=1) & (cells["n"] == 0)
    runs = int(cells.loc[lost, "missing"].sum())
    told = f"{runs} failed or unreadable runs have no {' or '.join(by)}: they are in no group."
    return cells[~lost], [Note("unassigned-runs", told)] if runs else []


def without_aliases(cells: pd.DataFrame, names: list[str]) -> list[str]:
    """Leave out columns that are another one under other names, level for level.

    Parameters
    ----------
    cells : DataFrame
    names : list of str

    Returns
    -------
    list of str
    """
    kept: dict[str, tuple[Ints, int]] = {}
    for name in names:
        codes, levels = pd.factorize(cells[name])
        pairs = (len(np.unique(k * (len(levels) + 1) + codes)) for k, of in kept.values() if of == len(levels))
        if len(levels) not in pairs:
            kept[name] = codes, len(levels)
    return list(kept)


def _not_compared(cells: pd.DataFrame, names: list[str], compared: str | None) -> tuple[list[str], tuple[Note, ...]]:
    """Leave out columns that change only with what is compared, and say of those that carry other levels."""
    if compared is None:
        return names, ()
    kept, told = [], []
    for name in names:
        pairs = cells[[compared, name]].dropna().drop_duplicates()
        if pairs[compared].is_unique and pairs[name].nunique() > 1:
            same = (pairs[compared].astype(str) == pairs[name].astype(str)).all()
            if not same and name != VERSION and pairs[name].nunique() <= pairs[compared].nunique():
                shown = "; ".join(f"{row[0]} has {row[1]}" for row in list(pairs.itertuples(index=False))[:3])
                text = f"{name} changes with {compared} ({shown}), so nothing tells one from the other."
                told.append(Note("confounded", text))
        else:
            kept.append(name)
    return kept, tuple(told)


def _codes(cells: pd.DataFrame, names: Sequence[str]) -> tuple[Ints, tuple[tuple[str, ...], ...]]:
    """Give the combinations of some columns numbers, in the order of their levels."""
    if not names:
        return np.zeros(len(cells), dtype=np.intp), ((),)
    grouped = cells.groupby(list(names), observed=True, dropna=False, sort=True)
    number = grouped.ngroup().to_numpy()
    first = cells[list(names)].iloc[np.unique(number, return_index=True)[1]]
    levels = tuple(tuple(MISSING_LEVEL if pd.isna(v) else str(v) for v in row) for row in first.itertuples(index=False))
    return number, levels


def _order(column: pd.Series, present: Sequence[str]) -> tuple[str, ...]:
    """Return the levels of a column that groups have, in their order."""
    known = [str(level) for level in column.cat.categories] if hasattr(column, "cat") else sorted(set(present))
    return tuple(dict.fromkeys([*(level for level in known if level in set(present)), *present]))


def require_groups(design: Design, what: str) -> None:
    """Raise where a design has no group.

    Parameters
    ----------
    design : Design
    what : str
        For the message.

    Raises
    ------
    BaserateError
    """
    if not design.groups or not len(design.cells.n):
        raise BaserateError(f"No run belongs to a {what}. Check the filter, or name another column.")
