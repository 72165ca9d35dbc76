"""One rate over sampled prompts: an interval that holds where few prompts show the rarer outcome.

The variance between prompts is estimated from the few prompts in which the rarer outcome occurs, and it is smallest
just where the estimate errs most: a sample that missed the prompts with many events looks both rare and regular. So
the design effect is drawn towards the worst case, as strongly as the rarer outcome is rare.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from baserate.stats._arrays import Floats, Interval, checked_level, squared_quantile
from baserate.stats.clustered import PromptRate, _agreed, _residuals, _result, _sampled_totals, _Totals, _totals
from baserate.stats.guarded_wilson import allowed_level
from baserate.stats.rate import wilson
from baserate.stats.student import t_quantile

FEW = 3  # events or misses in all, up to which the limit next to them goes as far as the exact one
PLAUSIBLE = 0.001  # chance that a design effect is larger than its upper bound here
SHRINKAGE = 0.25  # prompts without correlation that are added in `cautious_correlation`


def cautious_sampled_rate(events: npt.ArrayLike, n: npt.ArrayLike, level: npt.ArrayLike = 0.95) -> PromptRate:
    """Rate over prompts like these: Wilson's interval on a cautious effective number of runs.

    The limit towards the nearer of 0 and 1 uses the design effect seen, times (t / z)² for the number of prompts less
    1 degrees of freedom. The limit away from it, where prompts that were missed would lie, uses a cautious one if that
    is larger: with h prompts that effectively show the rarer outcome, the mean of h times the one seen and once the
    worst case, as if one prompt more had been seen, on which all runs agree. The worst case is that of an intraclass
    correlation of 1, or the upper 99.9 % bound of a variance with h degrees of freedom if that is smaller. No design
    effect is below 1 or above that of an intraclass correlation of 1, which no prompts can pass: the effective number
    of runs is at least the number of prompts, and that where all outcomes agree. Prompts with unequal runs count as
    (Σ n)² / Σ n² of them. Next to one to three runs with the rarer outcome, or a single prompt that always shows it,
    the limit goes as far as the exact one for as many independent runs, or prompts, with 1.4 times the error.

    Parameters
    ----------
    events, n : array_like, shape (..., G)
        Events and runs of each prompt, prompts along the last axis. Prompts without runs do not count.
    level : array_like
        Confidence level, strictly between 0 and 1: one, or one for each group of prompts (shape (...)).

    Returns
    -------
    PromptRate
        With fields of shape (...); its variance and design effect are the cautious ones.

    Raises
    ------
    ValueError
        If a count or the level is impossible, or a group has runs on fewer than two prompts.

    References
    ----------
    Dean, N. & Pagano, M. (2015). Evaluating confidence interval methods for binomial proportions in clustered
    surveys. Journal of Survey Statistics and Methodology 3, 484-503 (effective sample size).
    The rule itself is this project's: see docs/calibration.md for what it was chosen from.
    """
    sample = Sample.of(events, n)
    levels = checked_level(level)[..., None]
    n_eff, totals = sample.effective_runs(levels, sample.df), sample.totals
    variance = totals.rate * (1 - totals.rate) * sample.effect / totals.n
    return _result(totals, variance, n_eff, sample.df, sample.limits(levels, sample.df))


class Sample(NamedTuple):
    """Sampled prompts with what their interval needs at every level; each field has a last axis of length one.

    Attributes
    ----------
    totals : _Totals
        The sums.
    prompts : ndarray
        Effective number of prompts.
    seen, effect, worst : ndarray
        Design effect as estimated, drawn towards the worst plausible one, and of an intraclass correlation of 1.
    """

    totals: _Totals
    prompts: Floats
    seen: Floats
    effect: Floats
    worst: Floats

    @classmethod
    def of(cls, events: npt.ArrayLike, n: npt.ArrayLike) -> "Sample":
        """Sum up counts per prompt.

        Parameters
        ----------
        events, n : array_like, shape (..., G)

        Raises
        ------
        ValueError
            If a count is impossible, or a group has runs on fewer than two prompts.
        """
        totals = _sampled_totals(events, n)
        worst = (totals.runs**2).sum(axis=-1, keepdims=True) / totals.n
        seen = _seen_effect(totals, worst)
        least, h = np.maximum(seen, 1.0), _telling_prompts(totals)
        plausible = least * (h / 2) / special.gammaincinv(h / 2, PLAUSIBLE)
        far = np.maximum(np.minimum(worst, plausible), least)
        return cls(totals, totals.n / worst, seen, (h * least + far) / (h + 1), worst)

    @property
    def df(self) -> Floats:
        """Degrees of freedom of the design effect seen."""
        return np.maximum(self.prompts - 1, 1.0)

    @property
    def variance(self) -> Floats:
        """Variance of the rate as seen, no less than that of independent runs."""
        pooled: Floats = self.totals.rate * (1 - self.totals.rate) / self.totals.n
        return pooled * np.maximum(self.seen, 1.0)

    def effective_runs(self, level: Floats, df: Floats, cautious: bool = True) -> Floats:
        """Return the number of independent runs that tell as much, at a level of shape (..., 1)."""
        effect = self.seen * t_quantile(df, (1 + level) / 2) ** 2 / squared_quantile(level)
        effect = np.clip(np.maximum(effect, self.effect) if cautious else effect, 1.0, np.maximum(self.worst, 1.0))
        n_eff: Floats = np.where(_agreed(self.totals), self.prompts, self.totals.n / effect)
        return n_eff

    def limits(self, level: Floats, df: Floats) -> Interval:
        """Return the limits of the rate at a level of shape (..., 1), with t's degrees of freedom."""
        rate = self.totals.rate
        cautious, seen = (self.effective_runs(level, df, c) for c in (True, False))
        low, high = (np.where(end, seen, cautious) for end in (rate < 0.5, rate > 0.5))
        misses = self.totals.runs - self.totals.events
        return (
            np.minimum(wilson(rate * low, low, level)[0], self._few_limit(self.totals.events, level)),
            np.maximum(wilson(rate * high, high, level)[1], 1 - self._few_limit(misses, level)),
        )

    def _few_limit(self, k: Floats, level: Floats) -> Floats:
        """Return the exact lower limit of one to three runs, or of a single whole prompt; 1 where there are more.

        One event in N draws leaves those rates p for which 1 - (1 - p)^N is above the error.
        """
        total, lone = k.sum(axis=-1, keepdims=True), self._lone_prompt(k)
        error, n, total, lone = np.broadcast_arrays(1 - allowed_level(level), self.totals.n, total, lone)
        few, one = (total > 1) & (total <= FEW), lone | (total == 1)
        limit = np.ones(total.shape)
        limit[few] = special.betaincinv(total[few], n[few] - total[few] + 1, error[few] / 2)
        draws = np.where(total == 1, n, self.prompts)
        return np.where(one, np.minimum(limit, -np.expm1(np.log1p(-error) / draws)), limit)

    def _lone_prompt(self, k: Floats) -> npt.NDArray[np.bool_]:
        """Say where a single prompt shows an outcome, in all its runs."""
        whole = (k == 0) | (k == self.totals.runs)
        lone: npt.NDArray[np.bool_] = ((k > 0).sum(axis=-1, keepdims=True) == 1) & whole.all(axis=-1, keepdims=True)
        return lone


def cautious_correlation(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> Floats:
    """Correlation of two versions' rates over prompts, shrunk where few prompts show the rarer outcome.

    Parameters
    ----------
    events1, n1, events2, n2 : array_like, shape (..., G)
        Events and runs of either version on each prompt that one of them ran, prompts along the last axis; 0 runs
        where a version did not run a prompt.

    Returns
    -------
    r : ndarray, shape (...)
        The correlation of the prompts' shares in the errors of the two rates (that of the prompt means where all
        prompts have as many runs), no larger than prompts with the same rates would have, times h / (h + 0.25), with h
        the smaller effective number of prompts with the rarer outcome: a few prompts can agree by chance, and a
        correlation of 1 would leave an interval without length.

    Raises
    ------
    ValueError
        If a count is impossible.
    """
    first, second = _totals(events1, n1), _totals(events2, n2)
    x, y = _residuals(first), _residuals(second)
    scale = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    r = np.divide((x * y).sum(axis=-1), scale, out=np.zeros_like(scale), where=scale > 0)
    h = np.minimum(_telling_prompts(first), _telling_prompts(second))[..., 0]
    # if each prompt's rate were the same under both versions, their errors would correlate as their runs overlap
    overlap = (first.runs * second.runs).sum(axis=-1)
    overlap = overlap / np.sqrt((first.runs**2).sum(axis=-1) * (second.runs**2).sum(axis=-1))
    shrunk: Floats = r.clip(-overlap, overlap) * h / (h + SHRINKAGE)
    return shrunk


def _telling_prompts(totals: _Totals) -> Floats:
    """Effective number of prompts with the rarer outcome, (Σ y)² / Σ y²; 1 where there is none."""
    h: list[Floats] = []
    for y in (totals.events, totals.runs - totals.events):
        squares = (y * y).sum(axis=-1, keepdims=True)
        total = y.sum(axis=-1, keepdims=True)
        h.append(np.divide(total**2, squares, out=np.ones_like(squares), where=squares > 0))
    rarer: Floats = np.where(totals.rate < 0.5, h[0], np.where(totals.rate > 0.5, h[1], np.minimum(*h)))
    return rarer


def _seen_effect(totals: _Totals, worst: Floats) -> Floats:
    """Design effect as estimated; without any spread, that of prompts whose runs agree.

    Each prompt's squared error is divided by what it is expected to lose to the estimated rate, 1 - 2w + Σw² with w
    its share of the runs: unbiased also where runs are spread unevenly (the CR2 correction of a mean).
    """
    w = totals.runs / totals.n
    kept = 1 - 2 * w + (w * w).sum(axis=-1, keepdims=True)
    squares = np.divide(_residuals(totals) ** 2, kept, out=np.zeros_like(kept), where=kept > 0)
    independent = totals.rate * (1 - totals.rate) / totals.n
    seen: Floats = np.divide(
        squares.sum(axis=-1, keepdims=True), independent, out=np.array(worst), where=independent > 0
    )
    return seen
