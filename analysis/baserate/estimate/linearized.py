"""Conditions, prompts and runs: rates over sampled units or over these prompts, and what two of them differ by."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from baserate.estimate.effect import Effect
from baserate.estimate.estimates import Estimates, unknown
from baserate.stats._arrays import Floats, Interval
from baserate.stats.cautious_wilson import SampledRates, published_limits, sampled_rates
from baserate.stats.cell_means import CellMeans
from baserate.stats.dependent_difference import difference_limits, p_by_inversion, t_reach
from baserate.stats.fixed_means import FixedRates, fixed_rates
from baserate.stats.linearization import contrast, linearize

SAMPLED, FIXED = "sampled", "fixed"
INVERSION = "inversion of the interval"
_SURE = 0.95  # level at which the effective number of runs is told
_ONE_OF_TWO = 0.5  # of the sides of a difference that may have missed a unit
_NONE = 1e-12  # variance of a difference that is none but for rounding


def rates(means: CellMeans, kind: str, method: str | None) -> Estimates:
    """Estimate rates over sampled units, or over these prompts.

    Parameters
    ----------
    means : CellMeans
    kind : {"sampled", "fixed"}
    method : str, optional
        One of `baserate.stats.rate.RATE_INTERVALS`, on the effective number of runs; left out, the cautious Wilson
        interval of sampled units, or the guarded one of these prompts.

    Returns
    -------
    Estimates
    """
    m = means.groups
    if kind == SAMPLED:
        found: SampledRates | FixedRates = sampled_rates(means)
        name = "cautious wilson on the effective n of sampled prompts"
        plain = f"{method} on the effective n of sampled prompts"
        df, variance = found.df, linearize(means).variance
    else:
        found = fixed_rates(means)
        name, plain = "wilson on the within-prompt variance", f"{method} on the within-prompt variance"
        df, variance = unknown(m), found.variance
    return Estimates(
        value=means.estimate,
        std_error=np.sqrt(variance),
        limits_at=lambda level: _side_limits(found, method, level),
        test=lambda: unknown(m),
        null=np.nan,
        n_eff=found.effective_runs(_SURE),
        df=df,
        correlation=unknown(m),
        designs=(kind,) * m,
        intervals=(plain if method else name,) * m,
        tests=("",) * m,
        bounds_at=found.bounds if method is None else None,
    )


def _side_limits(found: SampledRates | FixedRates, method: str | None, level: Floats) -> Interval:
    if isinstance(found, SampledRates):
        return found.limits(level) if method is None else published_limits(found, method, level)
    return found.limits(level, method)


def differences(means: CellMeans, kind: str, effect: Effect, method: str | None) -> Estimates:
    """Estimate effects over sampled units, or over these prompts.

    Parameters
    ----------
    means : CellMeans
        Of 2m groups: candidates, then baselines.
    kind : {"sampled", "fixed"}
    effect : Effect
    method : {"mover", "t"}, optional
        MOVER alone, or t limits of the difference alone; left out, MOVER reaching at least as far as t.

    Returns
    -------
    Estimates
        The p value by inversion of the limits.

    References
    ----------
    Zou & Donner (2008) Stat. Med. 27:1693. Donner & Zou (2012) Stat. Methods Med. Res. 21:347.
    """
    m = means.groups // 2
    parts = _sampled_parts(means) if kind == SAMPLED else _fixed_parts(means)
    sides, covariance, df, floors, variance = parts
    correlation = _correlation(covariance, floors)
    spread = variance[:m] + variance[m:] - 2 * covariance
    spread = np.where(spread > _NONE, spread, floors[:m] + floors[m:])  # as if independent where nothing varies
    p1, p2 = means.estimate[:m], means.estimate[m:]
    value = effect.value(p1, p2)

    def limits(level: Floats) -> Interval:
        reach = t_reach(level, df, spread)
        if effect.null == 0 and method == "t":
            return np.maximum(value - reach, -1.0), np.minimum(value + reach, 1.0)
        low, high = sides(np.concatenate([level, level]))
        first, second = (p1, low[:m], high[:m]), (p2, low[m:], high[m:])
        if effect.null != 0:
            return effect.recovered(first, second, correlation)
        return difference_limits(first, second, correlation, reach if kind == SAMPLED and method is None else None)

    return Estimates(
        value=value,
        std_error=_std_error(effect, p1, p2, variance, covariance),
        limits_at=limits,
        test=lambda: p_by_inversion(limits, value, effect.null),
        null=effect.null,
        n_eff=unknown(m),
        df=df,
        correlation=correlation,
        designs=(kind,) * m,
        intervals=(_name(kind, effect, method, bool(np.any(correlation))),) * m,
        tests=(INVERSION,) * m,
        dual=True,
    )


Sides = Callable[[Floats], Interval]


def _sampled_parts(means: CellMeans) -> tuple[Sides, Floats, Floats, Floats, Floats]:
    """Return limits of the rates, covariance, df, and variances with and without the floor of the runs' own.

    Of two sides one missed a unit, so one more counts half on each. One that both share would move both rates alike,
    in so far as they are correlated: only what moves one of them alone adds to the difference.
    """
    found = sampled_rates(means)
    both = contrast(found.linearized)
    alone = _ONE_OF_TWO * (1 - np.maximum(_correlation(both.covariance, found.variance), 0.0))
    sides = np.concatenate([alone, alone])
    return lambda level: found.limits(level, sides), both.covariance, both.df, found.variance, found.linearized.variance


def _correlation(covariance: Floats, variance: Floats) -> Floats:
    """Return the correlation of candidates with their baselines, 0 where a side does not vary."""
    m = len(covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = covariance / np.sqrt(variance[:m] * variance[m:])
    return np.where(np.isfinite(r), np.clip(r, -1.0, 1.0), 0.0)


def _fixed_parts(means: CellMeans) -> tuple[Sides, Floats, Floats, Floats, Floats]:
    found = fixed_rates(means)
    m = means.groups // 2
    return found.limits, np.zeros(m), found.df[:m] + found.df[m:], found.variance, found.variance


def _std_error(effect: Effect, p1: Floats, p2: Floats, variance: Floats, covariance: Floats) -> Floats:
    """Return the standard error of the difference, or of the logarithm of a ratio (by delta)."""
    m = len(p1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = {
            "difference": (np.ones(m), np.ones(m)),
            "ratio": (1 / p1, 1 / p2),
            "odds ratio": (1 / (p1 * (1 - p1)), 1 / (p2 * (1 - p2))),
        }[effect.name]
        a, b = slopes
        squared = a**2 * variance[:m] + b**2 * variance[m:] - 2 * a * b * covariance
        return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _name(kind: str, effect: Effect, method: str | None, correlated: bool) -> str:
    of = "cautious wilson limits" if kind == SAMPLED else "within-prompt wilson limits"
    if method == "t":
        return "t of the difference"
    with_r = " with r" if correlated else ""
    how = {"difference": "mover", "ratio": "mover-r", "odds ratio": "mover on the logit"}[effect.name]
    return f"{how} of {of}{with_r}"


def unit_differences(means: CellMeans) -> tuple[Floats, Floats]:
    """Return what each shared unit adds to one difference, and its weight.

    Parameters
    ----------
    means : CellMeans
        Of two groups that share all units.

    Returns
    -------
    parts, weights : ndarray, shape (units,)
        The parts sum to the difference, the weights to one.
    """
    _, unit = np.unique(means.unit, return_inverse=True)
    sign = np.where(means.of == 0, 1.0, -1.0)
    parts = np.asarray(np.bincount(unit, sign * means.pull * means.mean), dtype=np.float64)
    weights = np.asarray(np.bincount(unit, means.pull) / 2)
    return parts, weights
