"""Which groups are held against which."""

from __future__ import annotations

import itertools
from dataclasses import replace

from baserate.design import Design
from baserate.errors import BaserateError, did_you_mean


def with_absent(design: Design) -> Design:
    """Add the groups that a level of ``by`` lacks, so that a level that one side never ran still has its row.

    Parameters
    ----------
    design : Design
        Grouped by the columns of ``by``, then by what is compared.

    Returns
    -------
    Design
    """
    within = list(dict.fromkeys(group[:-1] for group in design.groups))
    levels = design.orders[-1]
    present = set(design.groups)
    absent = [(*inner, level) for inner in within for level in levels if (*inner, level) not in present]
    return replace(design, groups=(*design.groups, *absent))


def pairs_of(design: Design, across: str, baseline: str | None) -> list[tuple[int, int]]:
    """Pair the levels within each group of ``by``: with the baseline, or each later level with each earlier one.

    Parameters
    ----------
    design : Design
        What `with_absent` returns.
    across : str
        The column that is compared.
    baseline : str or None

    Returns
    -------
    list of (int, int)
        Groups: candidate, baseline.

    Raises
    ------
    BaserateError
        If there is one level, or no such baseline.
    """
    levels = list(design.orders[-1])
    if len(levels) < 2:
        raise BaserateError(f"There is nothing to compare: {across!r} has the one level {levels[0]!r}.")
    if baseline is not None and baseline not in levels:
        raise BaserateError(f"There is no {across} {baseline!r} to compare with.{did_you_mean(baseline, levels)}")
    place = {group: i for i, group in enumerate(design.groups)}
    within = list(dict.fromkeys(group[:-1] for group in design.groups))
    order = [tuple(o) for o in design.orders[:-1]]
    within.sort(key=lambda inner: [names.index(level) for names, level in zip(order, inner, strict=True)])
    chosen = (
        [(level, baseline) for level in levels if level != baseline]
        if baseline is not None
        else [(two, one) for one, two in itertools.combinations(levels, 2)]
    )
    return [(place[(*inner, one)], place[(*inner, two)]) for inner in within for one, two in chosen]
