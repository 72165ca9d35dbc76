"""Tests of sampled prompts by name: exchanging prompts, which takes versions without a difference to spread alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from baserate.estimate.estimates import Estimates
from baserate.estimate.linearized import unit_differences
from baserate.estimate.traits import groups_of
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
    p, names = np.full(means.groups // 2, np.nan), []
    for i, one in enumerate(pairs_of(means)):
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
    place = np.arange(means.groups) % m
    return [groups_of(means, place == i) for i in range(m)]
