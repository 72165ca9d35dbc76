"""What tells designs apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baserate.design.pairing import PairedSides
from baserate.stats.cell_means import CellMeans

Bools = npt.NDArray[np.bool_]


class Traits(NamedTuple):
    """What tells designs apart; of a pair, of both sides together. Arrays of shape (m,)."""

    graded: Bools  # runs were graded, on both sides
    simple: Bools  # one condition
    sampled: Bools  # prompts are a sample, and some condition has two units
    wanted: Bools  # prompts are to be a sample
    once: Bools  # each prompt was run once
    lone: Bools  # there is one prompt, or none is known
    shared: Bools  # the sides share prompts


def traits(means: CellMeans, scope: str, prompts_known: bool) -> Traits:
    """Find what tells the designs of groups apart.

    Parameters
    ----------
    means : CellMeans
    scope : {"fixed", "sampled"}
    prompts_known : bool
        Whether a column tells which runs share a prompt.

    Returns
    -------
    Traits
    """
    groups = means.groups
    strata = np.bincount(means.group, minlength=groups)
    cells = np.bincount(means.of, minlength=groups)
    several = np.bincount(means.group, means.blocks.size > 1, groups) > 0
    most = np.zeros(groups)
    np.maximum.at(most, means.of, means.n)
    sampled = np.full(groups, scope == "sampled" and prompts_known)
    once = (most == 1) & (cells > 1) & prompts_known & (np.bincount(means.blocks.of, minlength=groups) == cells)
    lone = (cells == strata) if prompts_known else np.ones(groups, dtype=bool)
    return Traits(means.graded > 0, strata == 1, sampled & several, sampled, once, lone, np.zeros(groups, dtype=bool))


def pair_traits(sides: PairedSides, means: CellMeans, scope: str) -> Traits:
    """Combine the traits of candidates and baselines."""
    m = len(sides)
    each = traits(means, scope, sides.design.prompts_known)
    both = Traits(*(np.asarray(a[:m] & a[m:]) for a in each))
    wanted = each.wanted[:m]
    return both._replace(wanted=wanted, shared=sides.shared)


def groups_of(means: CellMeans, keep: Bools) -> CellMeans:
    """Keep some groups, numbered anew."""
    if keep.all():
        return means
    group = np.cumsum(keep) - 1
    strata = keep[means.group]
    place = np.cumsum(strata) - 1
    cells = strata[means.stratum]
    return CellMeans(
        place[means.stratum[cells]],
        means.unit[cells],
        means.events[cells],
        means.n[cells],
        means.share[cells],
        group[means.group[strata]],
        means.weight[strata],
        int(keep.sum()),
    )
