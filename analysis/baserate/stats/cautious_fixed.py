"""One rate over exactly these prompts: an interval that holds where few runs show the rarer outcome."""

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Floats, checked_level, squared_quantile
from baserate.stats.clustered import PromptRate, _result, _Totals, _totals
from baserate.stats.guarded_wilson import guarded_wilson
from baserate.stats.student import t_quantile

SMOOTHING = 2.0  # degrees of freedom that the pooled variance counts for


def cautious_fixed_rate(events: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> PromptRate:
    """Rate over exactly these prompts: guarded Wilson interval on the variance within prompts.

    The variance is the unbiased one of each prompt's own runs, averaged with the pooled p(1-p), which bounds it from
    above. The former weighs as many degrees of freedom as there are runs of the rarer outcome beyond the first of
    each prompt, for only those tell whether prompts differ; the latter weighs 2. The effective number of runs is
    p(1-p) / v times (z / t)² for n - 1 degrees of freedom.

    Parameters
    ----------
    events, n : array_like, shape (..., G)
        Events and runs of each prompt, prompts along the last axis. Prompts without runs do not count.
    level : float
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    PromptRate
        With fields of shape (...). With one prompt this is the guarded Wilson interval.

    Raises
    ------
    ValueError
        If a count or the level is impossible.

    Notes
    -----
    The 2 was chosen over 1, 3 and 4 on 900 simulated designs with intraclass correlations to .9, of which 1 covers as
    little as .89 and 2 .92; 3 and 4 are longer.
    """
    totals = _totals(np.atleast_1d(events), np.atleast_1d(n))
    pooled = totals.rate * (1 - totals.rate)
    runs = np.maximum(totals.n, 1.0)
    rarer = np.where(totals.rate <= 0.5, totals.events, totals.runs - totals.events)
    df = rarer.sum(axis=-1, keepdims=True) - (rarer > 0).sum(axis=-1, keepdims=True)
    within = _within_spread(totals, pooled)
    spread = np.minimum((df * within + SMOOTHING * pooled) / (df + SMOOTHING), pooled)
    share_of_pooled: Floats = np.divide(spread, pooled, out=np.ones_like(pooled), where=pooled > 0)
    t = t_quantile(np.maximum(totals.n - 1, 1.0), (1 + checked_level(level)) / 2)
    estimated = totals.n / share_of_pooled * squared_quantile(level) / t**2
    n_eff = np.where((totals.prompts > 1) & (pooled > 0), estimated, totals.n)
    limits = guarded_wilson(totals.rate * n_eff, n_eff, level)
    return _result(totals, spread / runs, n_eff, df * 1.0, limits)


def _within_spread(totals: _Totals, pooled: Floats) -> Floats:
    """Mean unbiased variance of a single run within its prompt; the pooled one for a prompt run once."""
    means = np.divide(totals.events, totals.runs, out=np.zeros_like(totals.runs), where=totals.runs > 0)
    unbiased = means * (1 - means) * totals.runs / np.where(totals.runs > 1, totals.runs - 1, 1.0)
    spread = np.where(totals.runs > 1, unbiased, pooled)
    within: Floats = (totals.runs * spread).sum(axis=-1, keepdims=True) / np.maximum(totals.n, 1.0)
    return within
