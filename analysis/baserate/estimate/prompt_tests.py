"""Tests of sampled prompts by name: exchanging prompts, which takes versions without a difference to spread alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from baserate.estimate.estimates import Estimates
from baserate.estimate.linearized import unit_differences
from baserate.stats.cell_means import CellMeans
from baserate.stats.permutation import permute_prompts, sign_flip

TESTS = ("permutation", "inversion")


def permuted(found: Estimates, means: CellMeans) -> Estimates:
    """Take the p values of permutation tests: sign flips of shared prompts, deals of others.

    Parameters
    ----------
    found : Estimates
        Of m pairs.
    means : CellMeans
        Of 2m groups: candidates, then baselines.

    Returns
    -------
    Estimates
        NaN where prompts are not shared and lie in several conditions.

    References
    ----------
    Fisher (1935) The Design of Experiments. Chung & Romano (2013) Ann. Stat. 41:484.
    """
    m = means.groups // 2
    p, names = np.full(m, np.nan), []
    for i in range(m):
        one = _pair(means, i, m)
        sides = [set(one.unit[one.of == side].tolist()) for side in (0, 1)]
        if sides[0] == sides[1]:
            p[i] = float(sign_flip(unit_differences(one)[0]))
            names.append("sign-flip test of prompts")
            continue
        names.append("permutation test of prompts")
        if one.strata == 2:
            k, n = ([values[one.of == side] for side in (0, 1)] for values in (one.events, one.n))
            p[i] = float(permute_prompts(k[0], n[0], k[1], n[1]))
    return replace(found, test=lambda: p, tests=tuple(names), dual=False)


def _pair(means: CellMeans, pair: int, pairs: int) -> CellMeans:
    """Take one pair as two groups."""
    strata = means.group % pairs == pair
    cells = strata[means.stratum]
    place = np.cumsum(strata) - 1
    return CellMeans(
        place[means.stratum[cells]],
        means.unit[cells],
        means.events[cells],
        means.n[cells],
        means.share[cells],
        means.group[strata] // pairs,
        means.weight[strata],
        2,
    )


def pairs_of(means: CellMeans) -> list[CellMeans]:
    """Take the pairs one by one, each as two groups.

    Parameters
    ----------
    means : CellMeans
        Of 2m groups: candidates, then baselines.

    Returns
    -------
    list of CellMeans
    """
    m = means.groups // 2
    return [_pair(means, i, m) for i in range(m)]
