"""Many comparisons: adjusted p values with limits that never contradict them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from baserate.design import Design
from baserate.estimate import Estimates
from baserate.stats._arrays import Floats
from baserate.stats.holm_intervals import agreeing_limits, holm_levels
from baserate.stats.multiplicity import benjamini_hochberg, benjamini_yekutieli, dependence, holm
from baserate.stats.simultaneous import contrast_correlation, max_z_critical, max_z_p

ADJUSTMENTS = ("holm", "max-z", "bonferroni", "benjamini-hochberg", "benjamini-yekutieli", "none")
FALSE_DISCOVERIES = {"benjamini-hochberg": benjamini_hochberg, "benjamini-yekutieli": benjamini_yekutieli}


class Adjusted(NamedTuple):
    """Adjusted p values and the limits that leave out the null exactly where they are below alpha."""

    p: Floats
    low: Floats
    high: Floats


class Family(NamedTuple):
    """The p values of all comparisons that are allowed for together, and which of them are one outcome's."""

    p: Floats
    own: slice

    @property
    def tests(self) -> int:
        """How many of the comparisons have a p value; at least one."""
        return max(int((~np.isnan(self.p)).sum()), 1)


def adjusted(
    design: Design, pairs: Sequence[tuple[int, int]], found: Estimates, alpha: float, method: str, family: Family
) -> Adjusted:
    """Adjust p values and limits for the number of comparisons.

    Parameters
    ----------
    design : Design
    pairs : sequence of (int, int)
    found : Estimates
        Of the pairs.
    alpha : float
        The chance of any false alarm, or of false discoveries their expected share.
    method : {"holm", "max-z", "bonferroni", "benjamini-hochberg", "benjamini-yekutieli", "none"}
        Holm's p values with Bonferroni's intervals, moved off the null where Holm alone rejects it; single-step
        max-|z|, which knows that comparisons share a version; Bonferroni's; those of the false discovery rate with
        intervals of which, among those that are selected, the share given up is at most alpha; or none.
    family : Family
        All p values that are adjusted together.

    Returns
    -------
    Adjusted

    References
    ----------
    Holm (1979) Scand. J. Stat. 6:65. Guilbaud (2008) Biom. J. 50:678. Hothorn, Bretz & Westfall (2008) Biom. J. 50:346.
    Benjamini & Yekutieli (2005) JASA 100:71.
    """
    p = found.p_value
    m = family.tests
    if method == "none" or m == 1:
        return Adjusted(p, *found.limits(1 - alpha))
    if method == "max-z":
        return _max_z(design, pairs, found, alpha)
    if method in FALSE_DISCOVERIES:
        discovered = FALSE_DISCOVERIES[method](family.p)
        cost = dependence(m) if method == "benjamini-yekutieli" else 1.0
        kept = max(int((discovered < alpha).sum()), 1)
        return Adjusted(discovered[family.own], *found.limits(1 - alpha * kept / (m * cost)))
    bonferroni = found.limits(1 - alpha / m)
    if method == "bonferroni":
        return Adjusted(np.minimum(p * m, 1.0), *bonferroni)
    own = found.limits(1 - holm_levels(family.p, alpha)[family.own])
    return Adjusted(np.asarray(holm(family.p))[family.own], *agreeing_limits(*bonferroni, *own, found.null))


def _max_z(design: Design, pairs: Sequence[tuple[int, int]], found: Estimates, alpha: float) -> Adjusted:
    """Adjust by the largest |z|; a correlation that all versions share on the same prompts cancels in differences."""
    contrasts = np.zeros((len(pairs), len(design.groups)))
    rows = np.arange(len(pairs))
    contrasts[rows, [p[0] for p in pairs]] = 1.0
    contrasts[rows, [p[1] for p in pairs]] = -1.0
    used = np.abs(contrasts).sum(axis=0) > 0
    corr = contrast_correlation(contrasts[:, used], _variances(design)[used])
    z = -ndtri(np.clip(found.p_value, 1e-300, 1.0) / 2)
    critical = max_z_critical(corr, 1 - alpha)
    return Adjusted(np.asarray(max_z_p(z, corr)), *found.limits(1 - 2 * float(ndtr(-critical))))


def _variances(design: Design) -> Floats:
    """Return the variance of each rate, smoothed by half an event and half a miss so that it is above 0."""
    groups = len(design.groups)
    n, k = (np.bincount(design.cells.group, values, groups) for values in (design.cells.n, design.cells.events))
    rate = (k + 0.5) / (n + 1)
    return np.asarray(rate * (1 - rate) / np.maximum(n, 1))
