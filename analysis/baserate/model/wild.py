"""Sampled prompts where a sandwich covariance is not to be trusted: the wild score bootstrap, inverted.

Where the rarer outcome is in few runs or few prompts, or the data separate, the variance between prompts is estimated
from the few prompts that show the outcome, and is smallest where the estimate errs most.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from baserate.model.design import Floats
from baserate.model.fitted import Estimation
from baserate.stats.firth import penalized_scores
from baserate.stats.logistic import plain_scores, residuals
from baserate.stats.newton import ConvergenceError
from baserate.stats.profile import Measure
from baserate.stats.wild_score import sign_flip_p

_MOVED = 0.5  # share of the largest part of a standard error from which on an infinite coefficient moves a quantity
_STEPS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 9.0, 14.0, 20.0, 30.0)  # standard errors outward
_HALVINGS = 14
_MOST_STEPS, _LONGEST_STEP = 60, 2.0  # the longest in log odds
_ENOUGH = 1e-10  # squared standard errors


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


class Held:
    """The wild score bootstrap of one quantity, along the values that it is held at.

    Parameters
    ----------
    fit : Estimation
        With `cells`.
    measure : callable
        The quantity, see `baserate.stats.profile.Measure`.
    unseen : float
        How much of one prompt more to count, whose runs all speak against the estimate: where few prompts have the
        event, how far prompts vary cannot be seen.

    References
    ----------
    Kline, P. & Santos, A. (2012). Journal of Econometric Methods 1, 23–41.
    """

    def __init__(self, fit: Estimation, measure: Measure, unseen: float) -> None:
        self.fit, self.measure, self.unseen = fit, measure, unseen
        self._last = fit.theta

    def p_value(self, value: float) -> float:
        """Test that the quantity has a value; 1 where the likelihood cannot be climbed there, so nothing is ruled out.

        Parameters
        ----------
        value : float

        Returns
        -------
        float
        """
        try:
            beta, information = self._climb(value)
        except (ConvergenceError, np.linalg.LinAlgError):
            self._last = self.fit.theta
            return 1.0
        self._last = beta
        assert self.fit.cells is not None
        X, events, n, group = self.fit.cells
        eta = X @ beta
        # the penalty has its say in where the maximum is; what it adds to the scores no prompt said
        weigh = X @ np.linalg.solve(information, self.measure(beta)[1])
        scores = np.asarray(np.bincount(group, weigh * residuals(eta, events, n)), dtype=float)
        observed = float(scores.sum())
        plain = sign_flip_p(scores, observed)
        if self.unseen > 0:
            more = self.unseen * _one_more(weigh, eta, n, group, observed)
            return max(plain, sign_flip_p(np.append(scores, more), observed))
        return plain

    def _climb(self, value: float) -> tuple[Floats, Floats]:
        """Find where the likelihood is highest if the quantity has this value, by scoring from the last such place."""
        assert self.fit.patterns is not None
        X, events, n = self.fit.patterns
        scores = penalized_scores if self.fit.kind == "firth" else plain_scores
        beta = self._last
        for _ in range(_MOST_STEPS):
            gradient, information = scores(X, events, n, beta)
            now, slope, _ = self.measure(beta)
            if not np.isfinite(now) or not np.all(np.isfinite(slope)):
                break
            both = np.linalg.solve(information, np.column_stack([gradient, slope]))
            pull = (slope @ both[:, 0] - (value - now)) / (slope @ both[:, 1])
            step = both[:, 0] - pull * both[:, 1]
            length = float(np.abs(X @ step).max())
            if step @ information @ step < _ENOUGH:
                return beta + step, information
            beta = beta + step * min(1.0, _LONGEST_STEP / length)
        raise ConvergenceError("The constrained maximum was not reached.")


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
        As of `Held`.
    null : float or None
        The value that is tested; None for no test.
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
    p_value = np.nan if null is None else Held(fit, measure, unseen).p_value(null)
    ends = []
    for sign in (-1.0, 1.0):
        room = bound - sign * estimate
        steps = [part * spread for part in _STEPS]
        steps = steps if np.isinf(room) else [room * -np.expm1(-step / room) for step in steps]
        values = [estimate + sign * step for step in steps]
        if null is not None and sign * (null - estimate) > 0:
            values = sorted([*values, null], key=lambda v: abs(v - estimate))
        ends.append(_limit(Held(fit, measure, unseen).p_value, estimate, values, 1 - level, sign))
    return ends[0], ends[1], p_value


def _limit(at: Callable[[float], float], inside: float, values: list[float], alpha: float, sign: float) -> float:
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
