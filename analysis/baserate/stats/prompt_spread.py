"""How alike the runs of one prompt are."""

from __future__ import annotations

import numpy as np

from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans


def intraclass_correlation(cells: CellMeans) -> Floats:
    """Estimate the correlation of two runs on one prompt within a condition, by the analysis of variance.

    Parameters
    ----------
    cells : CellMeans

    Returns
    -------
    ndarray, shape (groups,)
        NaN where every prompt has one run, no condition has two prompts, or all runs agree.

    References
    ----------
    Fleiss, J. L. (1981). Statistical Methods for Rates and Proportions, 2nd edition, Wiley, section 13.1; here pooled
    over conditions.
    """
    n, mean, of = cells.n, cells.mean, cells.of
    runs = cells.in_strata(n)
    rate = cells.in_strata(n * mean) / runs
    prompts = np.bincount(cells.stratum, minlength=cells.strata)

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(of, values, cells.groups))

    def over_strata(values: Floats) -> Floats:
        return np.asarray(np.bincount(cells.group, values, cells.groups))

    between_df = over_strata(np.asarray(prompts - 1.0, dtype=np.float64))
    within_df = total(n - 1)
    size = over_strata(runs - cells.in_strata(n**2) / runs)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = total(n * (mean - rate[cells.stratum]) ** 2) / between_df
        within = total(n * mean * (1 - mean)) / within_df
        average = size / between_df
        icc = (between - within) / (between + (average - 1) * within)
    return np.where((within_df > 0) & (between_df > 0) & (between + within > 0), icc, np.nan)
