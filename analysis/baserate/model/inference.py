"""How sure a fitted model is of any quantity: intervals and tests that agree with each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, stdtr

from baserate.model.design import Floats
from baserate.model.fitted import Estimation
from baserate.model.wild import moved_by_infinite, wild_interval
from baserate.note import Note
from baserate.stats.cluster_covariance import ClusterCovariance, contrast_covariance, satterthwaite_df
from baserate.stats.newton import maximize
from baserate.stats.profile import Measure, coefficient, highest_at, profile_interval
from baserate.stats.student import t_quantile

UNSEEN = 0.5  # of one prompt more, for differences as in `compare`; a rate takes a whole one, as in `rates`
_NEGLIGIBLE = 1e-7  # share of a standard error that rounding may leave


class Inference(NamedTuple):
    """An estimate and how sure it is.

    `df` is nan for a normal or likelihood-ratio statistic; `agreed` tells that no prompts differ in it, so that its
    variance is that of independent runs.
    """

    estimate: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    conf_low: float
    conf_high: float
    agreed: bool = False


def agreement(agreed: Iterable[bool], names: Sequence[str], what: str) -> tuple[Note, ...]:
    """Say of which estimates the variance is that of independent runs, as no prompts differ in them.

    Parameters
    ----------
    agreed : iterable of bool
        Of each estimate.
    names : sequence of str
        Of each estimate.
    what : str
        What they are: ``"coefficients"``.

    Returns
    -------
    tuple of Note
        Empty where prompts differ in all of them.
    """
    same = [name for name, alike in zip(names, agreed, strict=True) if alike]
    if not same:
        return ()
    shown = ", ".join(same[:4]) + (", …" if len(same) > 4 else "")
    told = (
        f"All prompts agree in {len(same)} of {len(names)} {what} ({shown}): the variance between prompts is 0, which "
        "would make the interval a point. Interval and test take the runs as independent there; compare() and rates() "
        "have intervals for prompts that agree."
    )
    return (Note("prompts-agree", told),)


def infer_coefficient(fit: Estimation, index: int, level: float) -> Inference:
    """Estimate a coefficient, with an interval and the test of its being zero, which agree with each other.

    Parameters
    ----------
    fit : Estimation
    index : int
        Which coefficient.
    level : float
        Of the interval.

    Returns
    -------
    Inference
        By the profile (penalized) likelihood for fixed prompts; from the standard error for sampled ones, and by the
        wild score bootstrap where that cannot be trusted.

    Raises
    ------
    ConvergenceError
        If a limit was not reached.
    """
    measure = coefficient(index, fit.theta.size)
    if fit.kind == "random":
        return _by_delta(fit, measure, level)
    if fit.clusters is not None:
        moved = moved_by_infinite(fit, np.eye(fit.theta.size)[index])
        return _by_prompts(fit, measure, level, 0.0, moved)
    drop = constrained_drop(fit, np.arange(fit.theta.size) == index)
    return _by_profile(fit, measure, level, drop)


def infer(
    fit: Estimation,
    measure: Measure,
    level: float,
    tested: bool = True,
    null: float = 0.0,
    bound: float = np.inf,
    moved: bool = False,
    unseen: float = UNSEEN,
) -> Inference:
    """Estimate a quantity, with an interval and the test of its being zero, which agree with each other.

    Parameters
    ----------
    fit : Estimation
    measure : callable
        The quantity, see `baserate.stats.profile.Measure`.
    level : float
        Of the interval.
    tested : bool
        Whether to test it.
    null : float
        The value that is tested.
    bound : float
        What its size cannot go beyond, as a difference of rates not beyond 1.
    moved : bool
        Whether it is made of rates that have no finite maximum-likelihood estimate of their log odds.
    unseen : float
        How much of one prompt more the wild score bootstrap counts (see `baserate.model.wild.Held`).

    Returns
    -------
    Inference
        By the delta method; for Firth's fit of fixed prompts by the profile of the penalized likelihood, for sampled
        prompts by the wild score bootstrap where the delta method cannot be trusted.

    Raises
    ------
    ConvergenceError
        If a limit was not reached.
    """
    if fit.clusters is not None:
        return _by_prompts(fit, measure, level, null if tested else None, moved, unseen, bound=bound)
    if not uses_profile(fit):
        return _by_delta(fit, measure, level, null)
    drop = np.nan
    if tested:
        restricted = highest_at(fit.surface, fit.theta, measure, null)
        drop = max(0.0, 2 * (fit.surface(fit.theta).value - fit.surface(restricted).value))
    return _by_profile(fit, measure, level, drop, null)


def standard_error(fit: Estimation, measure: Measure) -> float:
    """Return the standard error of a quantity by the delta method.

    Parameters
    ----------
    fit : Estimation
    measure : callable
        The quantity.

    Returns
    -------
    float
    """
    return _by_delta(fit, measure, 0.95).std_error


def uses_profile(fit: Estimation) -> bool:
    """Tell whether averages are inferred from the likelihood's profile: where the data may separate, never by delta.

    Parameters
    ----------
    fit : Estimation

    Returns
    -------
    bool
    """
    return fit.kind in ("firth", "flac") and fit.clusters is None


def _by_profile(fit: Estimation, measure: Measure, level: float, drop: float, null: float = 0.0) -> Inference:
    value, slope, _ = measure(fit.theta)
    low, high = profile_interval(fit.surface, fit.theta, measure, level)
    std_error = float(np.sqrt(slope @ fit.covariance @ slope))
    root = float(np.sign(value - null) * np.sqrt(drop))
    return Inference(value, std_error, root, np.nan, float(chdtrc(1, drop)), low, high)


def _by_prompts(
    fit: Estimation,
    measure: Measure,
    level: float,
    null: float | None,
    moved: bool,
    unseen: float = UNSEEN,
    bound: float = np.inf,
) -> Inference:
    """Infer for prompts like these: from the standard error, and where that errs by the wild score bootstrap too.

    Of a quantity that the separation moves by the bootstrap alone: where no prompt of a version has the event there is
    no residual to make a standard error of.
    """
    found = _by_delta(fit, measure, level, null or 0.0)
    assert fit.clusters is not None
    slope = measure(fit.theta)[1]
    if not fit.wild or rests_on_one_prompt(fit.clusters, slope):
        return found
    unseen = unseen if (moved or fit.rare) and not fit.method else 0.0
    low, high, p_value = wild_interval(fit, measure, level, unseen, null, bound)
    if moved or fit.method == "wild":
        return Inference(found.estimate, np.nan, np.nan, np.nan, p_value, low, high)
    ends = min(low, found.conf_low), max(high, found.conf_high)
    return found._replace(p_value=float(np.fmax(p_value, found.p_value)), conf_low=ends[0], conf_high=ends[1])


def _by_delta(fit: Estimation, measure: Measure, level: float, null: float = 0.0) -> Inference:
    value, slope, _ = measure(fit.theta)
    variance, df, agreed = float(slope @ fit.covariance @ slope), np.inf, False
    unknown = Inference(value, np.nan, np.nan, np.nan, np.nan, -np.inf, np.inf)
    if not variance > 0:  # a rate so near to 0 or 1 that its slope is lost
        return unknown
    if fit.clusters is not None:
        if rests_on_one_prompt(fit.clusters, slope):
            return unknown
        matrix, agreed = contrast_covariance(fit.clusters, slope[None, :])
        variance, df = matrix.item(), float(satterthwaite_df(fit.clusters, slope[None, :])[0])
    if np.isnan(df):
        return unknown
    std_error = float(np.sqrt(variance))
    statistic = (value - null) / std_error
    normal = np.isinf(df)
    quantile = t_quantile(df, (1 + level) / 2)
    p_value = 2 * (ndtr(-abs(statistic)) if normal else stdtr(df, -abs(statistic)))
    reach = float(quantile) * std_error
    df = np.nan if normal else df
    return Inference(value, std_error, statistic, df, float(p_value), value - reach, value + reach, agreed)


def rests_on_one_prompt(clusters: ClusterCovariance, slope: Floats) -> bool:
    """Tell whether a quantity depends on coefficients that one prompt alone determines.

    Parameters
    ----------
    clusters : ClusterCovariance
    slope : ndarray of shape (p,)
        The gradient of the quantity.

    Returns
    -------
    bool
    """
    parts = np.abs(slope) * np.sqrt(np.diag(clusters.bread))
    return bool(np.any(parts[clusters.single] > _NEGLIGIBLE * parts.max()))


def constrained_drop(fit: Estimation, tested: NDArray[np.bool_]) -> float:
    """Return twice the drop of the (penalized) log-likelihood when some coefficients are held at zero.

    The penalty keeps all columns: this is the constraint-type penalized likelihood-ratio statistic, not that of a
    refitted smaller design.

    Parameters
    ----------
    fit : Estimation
    tested : ndarray of bool of shape (p,)
        Which.

    Returns
    -------
    float

    Raises
    ------
    ConvergenceError
        If the constrained maximum was not reached.

    References
    ----------
    Heinze, G. & Schemper, M. (2002). Statistics in Medicine 21, 2409–2419.
    """
    restricted = maximize(fit.surface, np.where(tested, 0.0, fit.theta), ~tested)
    return max(0.0, 2 * (fit.surface(fit.theta).value - fit.surface(restricted).value))
