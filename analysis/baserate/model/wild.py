"""Sampled prompts where a sandwich covariance is not to be trusted: the wild score bootstrap, inverted.

Where the rarer outcome is in few runs or few prompts, or the data separate, the variance between prompts is estimated
from the few prompts that show the outcome, and is smallest where the estimate errs most.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from baserate.model.design import Floats
from baserate.model.estimation import Estimation
from baserate.stats.logistic import residuals
from baserate.stats.newton import ConvergenceError, maximize
from baserate.stats.profile import Measure, highest_at
from baserate.stats.wild_score import sign_flip_p

_MOVED = 0.5  # share of the largest part of a standard error from which on an infinite coefficient moves a quantity
_STEPS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 9.0, 14.0, 20.0, 30.0)  # standard errors outward
_HALVINGS = 14


def moved_by_infinite(fit: Estimation, slope: Floats) -> bool:
    """Tell whether a quantity for sampled prompts depends on coefficients without a maximum-likelihood estimate.

    Parameters
    ----------
    fit : Estimation
    slope : ndarray of shape (p,)
        The gradient of the quantity.

    Returns
    -------
    bool
    """
    if not fit.separated or fit.clusters is None:
        return False
    parts = np.abs(slope) * np.sqrt(np.diag(fit.covariance))
    return bool(np.any(parts[fit.infinite != 0] >= _MOVED * parts.max(initial=0.0)))


def wild_p(fit: Estimation, beta: Floats, measure: Measure, unseen: float) -> float:
    """Test that a quantity has a value, prompts being the sample.

    Parameters
    ----------
    fit : Estimation
        With `cells`.
    beta : ndarray of shape (p,)
        Where the likelihood is highest if the quantity has that value.
    measure : callable
        The quantity, see `baserate.stats.profile.Measure`.
    unseen : float
        How much of one prompt more to count, whose runs all speak against the estimate: where few prompts have the
        event, how far prompts vary cannot be seen.

    Returns
    -------
    float

    References
    ----------
    Kline, P. & Santos, A. (2012). Journal of Econometric Methods 1, 23–41.
    """
    assert fit.cells is not None
    X, events, n, group = fit.cells
    eta = X @ beta
    # the penalty has its say in where the maximum is; what it adds to the scores no prompt said
    weigh = X @ np.linalg.solve(fit.surface(beta).information, measure(beta)[1])
    scores = np.asarray(np.bincount(group, weigh * residuals(eta, events, n)), dtype=float)
    observed = float(scores.sum())
    plain = sign_flip_p(scores, observed)
    if unseen > 0:
        more = unseen * _one_more(weigh, eta, n, group, observed)
        return max(plain, sign_flip_p(np.append(scores, more), observed))
    return plain


def _one_more(weigh: Floats, eta: Floats, n: Floats, group: NDArray[np.intp], observed: float) -> float:
    """Return the score of one more prompt whose runs all speak against the estimate.

    It is the mean of what the prompts' scores would be then, those that tell more counting more.
    """
    rate = expit(eta)
    against = np.where(weigh * np.sign(observed) > 0, rate, 1 - rate)
    each = np.bincount(group, np.abs(weigh) * n * against)
    return float(each @ each / each.sum()) if each.any() else 0.0


def wild_interval(
    fit: Estimation,
    measure: Measure,
    level: float,
    unseen: float,
    null: float | None,
    index: int | None = None,
    bound: float = np.inf,
) -> tuple[float, float, float]:
    """Find the values of a quantity that the wild score bootstrap does not reject, and the p value of the null.

    Parameters
    ----------
    fit : Estimation
        With `cells`.
    measure : callable
        The quantity.
    level : float
        Of the interval.
    unseen : float
        As of `wild_p`.
    null : float or None
        The value that is tested; None for no test.
    index : int, optional
        Which coefficient the quantity is, where it is one.
    bound : float
        What its size cannot go beyond.

    Returns
    -------
    low, high : float
        Infinite where no value on that side is rejected.
    p_value : float
        nan without a test.
    """
    estimate, slope, _ = measure(fit.theta)
    spread = float(np.sqrt(slope @ fit.covariance @ slope))
    at = partial(_p_or_unknown, fit, measure, unseen, index)
    p_value = np.nan if null is None else at(null)
    ends = []
    for sign in (-1.0, 1.0):
        room = bound - sign * estimate
        steps = [part * spread for part in _STEPS]
        steps = steps if np.isinf(room) else [room * -np.expm1(-step / room) for step in steps]
        values = [estimate + sign * step for step in steps]
        if null is not None and sign * (null - estimate) > 0:
            values = sorted([*values, null], key=lambda v: abs(v - estimate))
        ends.append(_limit(at, estimate, values, 1 - level, sign))
    return ends[0], ends[1], p_value


def _limit(at: partial[float], inside: float, values: list[float], alpha: float, sign: float) -> float:
    """Go outward until a value is rejected, then halve the way between."""
    for value in values:
        if at(value) < alpha:
            break
        inside = value
    else:
        return sign * np.inf
    outside = value
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if at(middle) < alpha else (middle, outside)
    return inside


def _p_or_unknown(fit: Estimation, measure: Measure, unseen: float, index: int | None, value: float) -> float:
    """Return the p value; 1 where the likelihood cannot be climbed so far out, so that nothing is ruled out there."""
    held = np.arange(fit.theta.size) == index
    try:
        if index is None:
            return wild_p(fit, highest_at(fit.surface, fit.theta, measure, value), measure, unseen)
        return wild_p(fit, maximize(fit.surface, np.where(held, value, fit.theta), ~held), measure, unseen)
    except (ConvergenceError, np.linalg.LinAlgError):
        return 1.0
