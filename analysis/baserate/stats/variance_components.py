"""How much of what varies is between conditions, between prompts and between runs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import chdtri

from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans


class Components(NamedTuple):
    """Variances of a single run's outcome, each with its interval.

    Attributes
    ----------
    condition : float
        Between the conditions' rates, in their mix.
    prompt, prompt_low, prompt_high : float
        Between prompts of a condition.
    run, run_low, run_high : float
        Between runs of a prompt.
    units : float
        Prompts on whose spread the second rests, and
    df : float
        their degrees of freedom.
    """

    condition: float
    prompt: float
    prompt_low: float
    prompt_high: float
    run: float
    run_low: float
    run_high: float
    units: float
    df: float


def variance_components(cells: CellMeans, level: float = 0.95) -> Components:
    """Split the variance of outcomes by the method of moments.

    Parameters
    ----------
    cells : CellMeans
        Of one group.
    level : float
        Of the intervals.

    Returns
    -------
    Components
        The prompts' variance is at least 0; its interval is Williams' and Tukey's, from 0 where it cannot be told from
        none.

    References
    ----------
    Searle, S. R., Casella, G. & McCulloch, C. E. (1992). Variance Components, Wiley, sections 3.6 and 4.3. Williams,
    J. S. (1962). A confidence interval for variance components. Biometrika 49, 278-281.
    """
    runs = cells.in_strata(cells.n)
    rate = cells.in_strata(cells.events) / runs
    prompts = np.bincount(cells.stratum, minlength=cells.strata)
    n, mean = cells.n, cells.mean
    within_df, between_df = float((n - 1).sum()), float((prompts - 1).sum())
    within = _ratio(float((n * mean * (1 - mean)).sum()), within_df)
    between = _ratio(float((n * (mean - rate[cells.stratum]) ** 2).sum()), between_df)
    size = _ratio(float((runs - cells.in_strata(n**2) / runs).sum()), between_df)
    low, high = ((1 - level) / 2, (1 + level) / 2)
    run_limits = [_ratio(within_df * within, float(chdtri(within_df, tail))) for tail in (low, high)]
    prompt = max((between - within) / size, 0.0) if np.isfinite(size) else np.nan
    mean_rate = float(cells.weight @ cells.rate)
    prompt_low, prompt_high = _prompt_limits(between, within, between_df, size, level)
    return Components(
        condition=float(cells.weight @ (cells.rate - mean_rate) ** 2),
        prompt=prompt,
        prompt_low=prompt_low,
        prompt_high=prompt_high,
        run=within,
        run_low=run_limits[0],
        run_high=run_limits[1],
        units=float(prompts.sum()),
        df=between_df,
    )


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else np.nan


def _prompt_limits(between: float, within: float, df: float, size: float, level: float) -> tuple[float, float]:
    """Return limits of the variance between prompts: those of the mean square, less the runs' part."""
    if not df > 0 or np.isnan(within):
        return 0.0, np.inf
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = (df * between / float(chdtri(df, tail)) for tail in tails)
    return max((low - within) / size, 0.0), max((high - within) / size, 0.0)


def error_of(components: Components, prompts: Floats, epochs: Floats) -> Floats:
    """Return the standard error of a rate over so many prompts in all, each run so many times.

    Parameters
    ----------
    components : Components
    prompts, epochs : ndarray

    Returns
    -------
    ndarray
    """
    return np.asarray(np.sqrt(components.prompt / prompts + components.run / (prompts * epochs)))


def best_epochs(components: Components, prompt_cost: float, run_cost: float) -> float:
    """Return the runs a prompt that give the smallest error for a budget, √(c_prompt / c_run · σ²_run / σ²_prompt).

    Parameters
    ----------
    components : Components
    prompt_cost, run_cost : float

    Returns
    -------
    float
        Infinite where prompts do not differ.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd edition, Wiley, equation 10.27.
    """
    if components.prompt <= 0:
        return float("inf")
    return float(np.sqrt(prompt_cost / run_cost * components.run / components.prompt))
