"""Rates over exactly these prompts: what varies is the runs of each prompt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Floats, Interval, checked_level, squared_quantile
from baserate.stats.cell_means import CellMeans
from baserate.stats.guarded_wilson import guarded_wilson
from baserate.stats.rate import RATE_INTERVALS
from baserate.stats.student import t_quantile

SMOOTHING = 2.0  # degrees of freedom that the pooled variance counts for


@dataclass(frozen=True, eq=False)
class FixedRates:
    """Rates over these prompts; arrays of shape (groups,).

    Attributes
    ----------
    cells : CellMeans
    estimate, variance : ndarray
    df : ndarray
        Runs beyond the first of each group.
    """

    cells: CellMeans
    estimate: Floats
    variance: Floats
    df: Floats

    def effective_runs(self, level: npt.ArrayLike) -> Floats:
        """Return how many independent runs a rate is worth; all runs where they agree.

        Parameters
        ----------
        level : array_like

        Returns
        -------
        ndarray, shape (groups,)
        """
        spread = self.estimate * (1 - self.estimate)
        t = t_quantile(np.maximum(self.df, 1.0), (1 + checked_level(level)) / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            n_eff = spread / self.variance * squared_quantile(level) / t**2
        squares = np.bincount(self.cells.of, self.cells.pull**2 / self.cells.n, self.cells.groups)
        worth = np.divide(1.0, squares, out=np.zeros_like(squares), where=squares > 0)
        unanimous = (self.estimate <= 0) | (self.estimate >= 1)
        return np.where(np.isnan(self.estimate), 0.0, np.where(unanimous, worth, n_eff))

    def limits(self, level: npt.ArrayLike, method: str | None = None) -> Interval:
        """Compute the limits of the rates.

        Parameters
        ----------
        level : array_like
            One, or one a group.
        method : str, optional
            One of `baserate.stats.rate.RATE_INTERVALS`; left out, the guarded Wilson interval.

        Returns
        -------
        low, high : ndarray, shape (groups,)
        """
        p = np.where(np.isnan(self.estimate), 0.5, self.estimate).clip(0, 1)
        n_eff = self.effective_runs(level)
        between = guarded_wilson if method is None else RATE_INTERVALS[method]
        return between(p * n_eff, n_eff, level)

    def bounds(self, level: npt.ArrayLike) -> Interval:
        """Compute what serves as bounds on one side: at least as far as Clopper and Pearson's on the effective runs.

        Parameters
        ----------
        level : array_like
            Of the two-sided interval whose limits these are.

        Returns
        -------
        low, high : ndarray, shape (groups,)
        """
        low, high = self.limits(level)
        exact_low, exact_high = self.limits(level, "clopper-pearson")
        return np.minimum(low, exact_low), np.maximum(high, exact_high)


def fixed_rates(cells: CellMeans) -> FixedRates:
    """Estimate rates over exactly these prompts.

    The variance of a single run on a prompt is the unbiased one of the prompt's own runs, averaged with the pooled
    p(1 - p) of its condition, which bounds it from above on average. The former weighs as many degrees of freedom as
    there are runs of the rarer outcome beyond the first of each prompt, for only those tell whether prompts differ; the
    latter weighs 2.

    Parameters
    ----------
    cells : CellMeans

    Returns
    -------
    FixedRates

    Notes
    -----
    Without the pooled part the variance would be 0 where every prompt's runs agree, though they may do so by chance.
    docs/calibration.md has what the 2 was chosen from.
    """
    n, mean = cells.n, cells.mean
    rate = cells.rate[cells.stratum]
    pooled = rate * (1 - rate)
    own = np.where(n > 1, mean * (1 - mean) * n / np.where(n > 1, n - 1, 1.0), pooled)
    squares = cells.pull**2 / n

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(cells.of, values, cells.groups))

    rarer = np.where(rate <= 0.5, cells.events, n - cells.events)
    telling = total(rarer) - total((rarer > 0).astype(float))
    within, bound = total(squares * own), total(squares * pooled)
    mixed = (telling * within + SMOOTHING * bound) / (telling + SMOOTHING)
    variance = np.minimum(mixed, np.where(bound > 0, bound, np.inf))
    variance = np.where(bound > 0, variance, cells.binomial)
    return FixedRates(cells, cells.estimate, variance, cells.graded - 1)
