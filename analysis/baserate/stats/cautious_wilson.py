"""Rates over sampled units: Wilson's interval on an effective number of runs that few telling units cannot inflate.

The variance is estimated from the units that show the rarer outcome, and it is smallest just where the estimate errs
most: a sample that missed the prompts with many events looks both rare and regular.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from baserate.stats._arrays import Floats, Interval, checked_level, squared_quantile
from baserate.stats.cell_means import CellMeans
from baserate.stats.linearization import (
    Linearized,
    Mask,
    agreed_variance,
    effective_units,
    linearize,
    partial_variance,
    telling_units,
)
from baserate.stats.rate import RATE_INTERVALS, RateInterval, clopper_pearson, wilson
from baserate.stats.student import t_quantile

PLAUSIBLE = 1e-4  # chance that a variance estimated on h degrees of freedom is further below the truth than allowed for


@dataclass(frozen=True, eq=False)
class SampledRates:
    """Rates over sampled units, with what their limits need at every level; arrays of shape (groups,).

    Attributes
    ----------
    linearized : Linearized
    estimate : ndarray
    variance : ndarray
        By influence, and at least that of the runs themselves.
    below, above : ndarray
        As if one more unit had been seen, on which all runs agree: for the lower limit in the conditions with a rate
        above one half, for the upper limit in the others.
    agreed : ndarray
        Had all runs of each unit agreed.
    units, runs : ndarray
        Effective number of units, and of runs if they were independent.
    df : ndarray
    """

    linearized: Linearized
    estimate: Floats
    variance: Floats
    below: Floats
    above: Floats
    agreed: Floats
    units: Floats
    runs: Floats
    df: Floats

    @property
    def unanimous(self) -> npt.NDArray[np.bool_]:
        """Whether all runs agree."""
        return np.asarray((self.estimate <= 0) | (self.estimate >= 1))

    def effective_runs(self, level: npt.ArrayLike, variance: Floats | None = None) -> Floats:
        """Return how many independent runs a rate is worth, for the degrees of freedom at a level.

        Parameters
        ----------
        level : array_like
            One, or one a group.
        variance : ndarray, optional
            Left out, `variance` without the one unit more.

        Returns
        -------
        ndarray
            p (1 - p) / V · (z / t)²; the number of units where all runs agree.
        """
        return self._worth(self.variance if variance is None else variance, self._inflation(level))

    def _inflation(self, level: npt.ArrayLike) -> Floats:
        """Return (t / z)² at the degrees of freedom of the variance."""
        t = t_quantile(np.where(np.isnan(self.df), 1.0, self.df), (1 + checked_level(level)) / 2)
        return np.asarray(t**2 / squared_quantile(level))

    def _worth(self, seen: Floats, inflation: Floats) -> Floats:
        used = np.minimum(seen * inflation, np.maximum(self.agreed, seen))
        spread = self.estimate * (1 - self.estimate)
        n_eff = np.divide(spread, used, out=np.ones_like(spread), where=used > 0)
        return np.where(self.unanimous, self.units, n_eff)

    def limits(self, level: npt.ArrayLike, alone: npt.ArrayLike | None = None) -> Interval:
        """Compute the limits of the rates.

        Parameters
        ----------
        level : array_like
            Confidence level, one, or one a group.
        alone : array_like, optional
            For the recovery of a difference, the share of one more unit that would move this rate alone, one a group;
            an upper limit then need not reach as far as after no event, which a bound on a rate must.

        Returns
        -------
        low, high : ndarray, shape (groups,)
            Nested in the level; [0, 1] for a group without runs.
        """
        known = np.isfinite(self.estimate)
        p = np.where(known, self.estimate, 0.5).clip(0, 1)
        inflation = self._inflation(level)
        part = 1.0 if alone is None else np.asarray(alone, dtype=np.float64)
        seen = [self.variance + part * (v - self.variance) for v in (self.below, self.above)]
        runs = [np.where(known, self._worth(v, inflation), 0.0) for v in seen]
        low, high = wilson(p * runs[0], runs[0], level)[0], wilson(p * runs[1], runs[1], level)[1]
        if alone is not None:
            return np.where(known, low, 0.0), np.where(known, high, 1.0)
        fewest = self._fewest(level, inflation)
        return np.where(p < 1, np.minimum(low, 1 - fewest), low), np.where(p > 0, np.maximum(high, fewest), high)

    def bounds(self, level: npt.ArrayLike) -> Interval:
        """Compute what serves as bounds on one side: at least as far as Clopper and Pearson's on the effective runs.

        Parameters
        ----------
        level : array_like
            Of the two-sided interval whose limits these are.

        Returns
        -------
        low, high : ndarray, shape (groups,)
            No event more lowers the upper bound below that of none, or one.
        """
        low, high = self.limits(level)
        known = np.isfinite(self.estimate)
        p, inflation = np.where(known, self.estimate, 0.5).clip(0, 1), self._inflation(level)
        runs = [np.where(known, self._worth(v, inflation), 0.0) for v in (self.below, self.above)]
        low = np.minimum(low, clopper_pearson(p * runs[0], runs[0], level)[0])
        high = np.maximum(high, clopper_pearson(p * runs[1], runs[1], level)[1])
        fewest = self._fewest(level, inflation, clopper_pearson)
        low, high = (
            np.where(p < 1, np.minimum(low, 1 - fewest), low),
            np.where(p > 0, np.maximum(high, fewest), high),
        )
        return np.where(known, low, 0.0), np.where(known, high, 1.0)

    def _fewest(self, level: npt.ArrayLike, inflation: Floats, between: RateInterval = wilson) -> Floats:
        """Return how far the upper limit reaches after no event, or one: further events never lower it."""
        none = between(np.zeros_like(self.units), self.units, level)[1]
        several = self.runs > 1
        runs, units = np.where(several, self.runs, 2.0), np.where(several, self.units, 1.0)
        p, smoothed = 1 / runs, 1.5 / (runs + 1)
        spread = smoothed * (1 - smoothed)
        seen = spread * (1 / runs + 1 / units) / 2
        n_eff = p * (1 - p) / np.minimum(seen * inflation, spread / units)
        return np.maximum(none, np.where(several, between(p * n_eff, n_eff, level)[1], none))


def sampled_rates(cells: CellMeans) -> SampledRates:
    """Estimate rates over prompts, or clusters, like these.

    The interval is Wilson's on p (1 - p) / V effective runs. V is the linearized variance, and at least that of the
    runs themselves; it grows with Satterthwaite's degrees of freedom by (t / z)², up to the variance that runs would
    have if all of a unit agreed. On the side where units that were missed would lie (above, for conditions
    with a rate up to one half; below, for others) the part of V that these conditions make becomes (h V + W) / (h + 1):
    as if, besides the h units that effectively show the rarer outcome, one more had been seen on which all runs agree.
    W is that variance, or the upper 99.99 % limit of a variance with h degrees of freedom if that is smaller. And an
    event more never lowers the upper limit below that of none or one.

    Parameters
    ----------
    cells : CellMeans

    Returns
    -------
    SampledRates

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data. Survey Methodology 24, 193-201 (effective number of runs).
    Dean, N. & Pagano, M. (2015). Evaluating confidence interval methods for binomial proportions in clustered
    surveys. Journal of Survey Statistics and Methodology 3, 484-503 (Wilson's interval on it).
    The one unit more is this project's: docs/calibration.md has what it was chosen from; `method="wilson"` and
    `method="korn-graubard"` are the published intervals without it.
    """
    found = linearize(cells)
    variance = np.maximum(found.variance, cells.binomial)
    low = cells.rate <= 0.5
    return SampledRates(
        found,
        cells.estimate,
        variance,
        variance + _one_unit_more(cells, ~low),
        variance + _one_unit_more(cells, low),
        agreed_variance(cells),
        effective_units(cells),
        _effective_runs(cells),
        found.df,
    )


def _effective_runs(cells: CellMeans) -> Floats:
    """Return 1 / Σ a² / n for the weights a of the cells: the graded runs where all prompts have as many."""
    squares = np.bincount(cells.of, cells.pull**2 / cells.n, cells.groups)
    return np.divide(1.0, squares, out=np.zeros_like(squares), where=squares > 0)


def _one_unit_more(cells: CellMeans, among: Mask) -> Floats:
    """Return what one more unit, on which all runs agree, adds to the variance that some conditions make."""
    h, seen = telling_units(cells, among), partial_variance(cells, among)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        plausible = seen * h / chdtri(np.maximum(h, 1e-3), 1 - PLAUSIBLE)
    worst = np.fmin(agreed_variance(cells, among), np.where(np.isfinite(plausible) & (h > 0), plausible, np.inf))
    return np.asarray(_skewness(cells, among) * np.maximum(worst - seen, 0.0) / (h + 1))


def _skewness(cells: CellMeans, among: Mask) -> Floats:
    """Return the mean of |1 − 2p| over some conditions, to which the third moment of an outcome is proportional."""
    part = np.where(among, cells.weight * np.sqrt(cells.smoothed * (1 - cells.smoothed)), 0.0)

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(cells.group, values, cells.groups))

    all_ = total(part)
    return np.divide(total(part * np.abs(1 - 2 * cells.rate)), all_, out=np.zeros_like(all_), where=all_ > 0)


def published_limits(rates: SampledRates, method: str, level: npt.ArrayLike) -> Interval:
    """Compute published limits of rates over sampled units, without the one unit more.

    Parameters
    ----------
    rates : SampledRates
    method : str
        One of `baserate.stats.rate.RATE_INTERVALS`, on the effective number of runs: "clopper-pearson" is Korn and
        Graubard's interval. The number is at most that of the graded runs where there is one condition, and that of
        the units where all runs agree.
    level : array_like

    Returns
    -------
    low, high : ndarray, shape (groups,)

    References
    ----------
    Korn & Graubard (1998) Survey Methodology 24:193; R's ``survey::svyciprop(method = "beta")``.
    """
    cells = rates.linearized.cells
    quantile = (1 + checked_level(level)) / 2
    df = np.where(np.isnan(rates.df), 1.0, rates.df)
    exact = t_quantile(np.maximum(cells.graded - 1, 1.0), quantile) ** 2
    shrink = (exact if method == "clopper-pearson" else squared_quantile(level)) / t_quantile(df, quantile) ** 2
    known = np.isfinite(rates.estimate)
    p = np.where(known, rates.estimate, 0.5).clip(0, 1)
    variance = rates.linearized.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = np.where(variance > 0, p * (1 - p) / variance * shrink, rates.units)
    single = np.bincount(cells.group, minlength=cells.groups) == 1
    n_eff = np.where(single, np.minimum(n_eff, cells.graded), n_eff)
    n_eff = np.where(known, np.where(rates.unanimous, rates.units, n_eff), 0.0)
    return RATE_INTERVALS[method](p * n_eff, n_eff, level)
