"""A difference of two rates over sampled prompts: MOVER of cautious limits, in agreement with a permutation test."""

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt
from scipy import special

from baserate.stats._arrays import Floats, Interval, checked_counts, checked_level, share, two_sided
from baserate.stats._roots import bracketed_root
from baserate.stats.cautious import Sample, cautious_correlation
from baserate.stats.mover import mover_difference
from baserate.stats.permutation import DRAWS, EXACT_PROMPTS, EXACT_SPLITS, permute_prompts, sign_flip

SEED = 20261123
FINEST = 10  # random patterns as extreme as the one seen, below which their share is too rough
REACH = 0.01  # a permutation test whose least p value is above this decides nothing
UNEVEN = 0.25  # mean deviation of a version's runs a prompt, as a share of their mean, up to which prompts are alike
MOST_PROMPTS = 200  # of a version, beyond which the interval is its own test
KEPT = 0.5  # share of the interval's own z at zero up to which its limits stay as they are
FARTHEST = 8.0  # largest z at which an interval is inverted


@dataclass(frozen=True, eq=False)
class SampledDifference:
    """A difference over sampled prompts, or one for each of many pairs of versions.

    Attributes
    ----------
    estimate : ndarray
        Rate of the first version minus rate of the second.
    correlation : ndarray
        Of the two rates' errors, as used; 0 where the versions share no prompts.
    p_value : ndarray
        Of the test that is dual to `limits`.
    p_interval : ndarray
        The error at which MOVER's interval, by itself, reaches 0.
    p_permutation : ndarray
        Of the sign-flip test of shared prompts, else of dealing the prompts anew; NaN where only some are shared, and
        beyond 200 prompts unless asked for.
    permuted : bool array
        Whether `p_value` is that of the permutation test.
    """

    estimate: Floats
    correlation: Floats
    p_value: Floats
    p_interval: Floats
    p_permutation: Floats
    permuted: npt.NDArray[np.bool_]
    _arms: tuple[Sample, Sample]
    _shared: bool

    def limits(self, level: npt.ArrayLike = 0.95) -> Interval:
        """Return the limits, which leave out 0 exactly where `p_value` is below 1 - level.

        Parameters
        ----------
        level : array_like
            Confidence level, strictly between 0 and 1.

        Returns
        -------
        low, high : ndarray
        """
        levels = np.broadcast_to(checked_level(level), self.estimate.shape)
        low, high = _mover(self._arms, self._shared, self.correlation, levels)
        if self.permuted.any():
            own, exact = _z(self.p_interval), _z(self.p_value)
            z = _z(1 - levels)
            near = _mover(self._arms, self._shared, self.correlation, 1 - two_sided(facing_z(z, own, exact)))
            out = z < exact
            low = np.where(self.permuted & (self.estimate > 0), _on_side(near[0], out), low)
            high = np.where(self.permuted & (self.estimate < 0), -_on_side(-near[1], out), high)
        return low[()], high[()]


def sampled_difference(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    shared: bool,
    test: str | None = None,
    draws: int = DRAWS,
) -> SampledDifference:
    """Judge p1 - p2 over prompts like these.

    The interval is MOVER of the limits of `cautious_sampled_rate`, with `cautious_correlation` on shared prompts. Near
    0 and 1 it reaches 0 more often than it need, because each limit allows for prompts of which that version showed
    nothing. If the versions do not differ, then prompts, or the two signs of a shared prompt, can be exchanged: so the
    permutation test is exact, and the limit that faces 0 is moved such that the interval leaves out 0 just where this
    test rejects (see `facing_z`). The other limit stays.

    The test is used where it can reach p < .01 (8 shared prompts, 5 a version that are not shared) on up to 200
    prompts, each run about as often as the version's others, if the mean of the prompts differs in the same direction
    as that of all runs; elsewhere the p value inverts the interval. It also does where the permutation test can say no
    more, but the interval can: all prompts point one way, or not even one random pattern in 2,000 is as extreme.

    Parameters
    ----------
    events1, n1 : array_like, shape (..., G1)
        Events and runs of each prompt of the first version, prompts along the last axis.
    events2, n2 : array_like, shape (..., G2)
        The same for the second version; if prompts are shared, in the same order, with 0 runs on prompts that one
        version alone ran.
    shared : bool
        Whether the versions share prompts.
    test : {"permutation", "inversion"}, optional
        Use this test wherever it can be computed.
    draws : int
        Random patterns or deals, where there are too many to try all.

    Returns
    -------
    SampledDifference
        With fields of shape (...).

    Raises
    ------
    ValueError
        If a count is impossible, or a version has runs on fewer than two prompts.

    References
    ----------
    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693-1702. Welch, B. L. (1947). The generalization of Student's problem. Biometrika 34,
    28-35 (degrees of freedom where no prompts are shared). Fisher, R. A. (1935). The Design of Experiments, section 21.
    The moved limit is this project's: docs/calibration.md shows what it does.
    """
    (k1, runs1), (k2, runs2) = checked_counts(events1, n1), checked_counts(events2, n2)
    arms, r = _arms(k1, runs1, k2, runs2, shared)
    gap = (arms[0].totals.rate - arms[1].totals.rate)[..., 0]
    gap = np.where(np.abs(gap) > 1e-12, gap, 0.0)
    own = _inverted(arms, shared, r, gap)
    complete = bool((runs1 > 0).all() and (runs2 > 0).all())
    small = max(k1.shape[-1], k2.shape[-1]) <= MOST_PROMPTS
    exact = np.full(gap.shape, np.nan)
    if complete and (small or test == "permutation"):
        exact = np.asarray(_permuted(k1, runs1, k2, runs2, shared, draws))
    least = _least_p(k1.shape[-1], k2.shape[-1], shared)
    usable = np.isfinite(exact) & (test != "inversion") & _same_side(k1, runs1, k2, runs2, gap)
    if test is None:
        usable &= (least < REACH) & _even(runs1) & _even(runs2)
    finest = np.maximum(least, _drawn(k1, runs1, k2, runs2, shared) * FINEST / (1 + draws))
    if test is None:
        usable &= (exact > finest) | (own >= exact)
    return SampledDifference(gap, r, np.where(usable, exact, own), own, exact, usable, arms, shared)


def cautious_mover(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    shared: bool,
    level: npt.ArrayLike = 0.95,
) -> Interval:
    """MOVER's interval of p1 - p2 over prompts like these, by itself: see `sampled_difference`.

    Parameters
    ----------
    events1, n1, events2, n2 : array_like
        Counts per prompt, as for `sampled_difference`.
    shared : bool
        Whether the versions share prompts.
    level : array_like
        Confidence level, strictly between 0 and 1.

    Returns
    -------
    low, high : ndarray, shape (...)

    Raises
    ------
    ValueError
        If a count is impossible, or a version has runs on fewer than two prompts.
    """
    arms, r = _arms(*checked_counts(events1, n1), *checked_counts(events2, n2), shared)
    return _mover(arms, shared, r, np.broadcast_to(checked_level(level), r.shape))


def facing_z(z: npt.ArrayLike, own: npt.ArrayLike, exact: npt.ArrayLike) -> Floats:
    """Return the quantile of the limit that faces 0, such that it reaches 0 where an exact test does.

    Parameters
    ----------
    z : array_like
        Normal quantile of the level.
    own, exact : array_like
        The z at which the interval reaches 0 by itself, and that of the exact test's p value.

    Returns
    -------
    ndarray
        Where the exact test says more than the interval: z up to half of `own`; from there on straight to `own` at
        `exact`; and parallel to z beyond. Where it says less: z, but at least `own` from `exact` on.
    """
    z, own, exact = (np.asarray(v, dtype=np.float64) for v in (z, own, exact))
    kept = KEPT * own
    slope = (own - kept) / np.maximum(exact - kept, 1e-12)
    more = np.where(z < kept, z, np.where(z < exact, kept + (z - kept) * slope, z - exact + own))
    less = np.where(z < exact, z, np.maximum(z, own))
    moved: Floats = np.where(own < exact, more, less)
    return moved


def _on_side(limit: Floats, out: npt.NDArray[np.bool_]) -> Floats:
    """Keep a limit on the side of 0 that the test says, whatever was rounded."""
    return np.where(out, np.maximum(limit, 1e-12), np.minimum(limit, 0.0))


def _z(p: Floats) -> Floats:
    z: Floats = -special.ndtri(np.clip(p, 1e-300, 1.0) / 2)
    return z


def _arms(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> tuple[tuple[Sample, Sample], Floats]:
    """Return both versions, and the correlation of their rates' errors."""
    arms = Sample.of(k1, n1), Sample.of(k2, n2)
    if shared and ((n1 > 0) & (n2 > 0)).sum(axis=-1).min() >= 3:
        return arms, np.asarray(cautious_correlation(k1, n1, k2, n2))
    return arms, np.zeros(np.broadcast_shapes(k1.shape[:-1], k2.shape[:-1]))


def _mover(arms: tuple[Sample, Sample], shared: bool, r: Floats, level: Floats) -> Interval:
    levels = np.clip(level, 1e-9, 1 - 1e-15)[..., None]
    dfs = (arms[0].df, arms[1].df) if shared else (_welch(*arms),) * 2
    (low1, high1), (low2, high2) = (
        tuple(limit[..., 0] for limit in arm.limits(levels, df)) for arm, df in zip(arms, dfs, strict=True)
    )
    rate1, rate2 = (arm.totals.rate[..., 0] for arm in arms)
    return mover_difference(rate1, low1, high1, rate2, low2, high2, r)


def _welch(first: Sample, second: Sample) -> Floats:
    """Degrees of freedom of a difference of independent means (Welch 1947)."""
    v1, v2 = first.variance, second.variance
    parts = v1**2 / first.df + v2**2 / second.df
    df: Floats = np.divide((v1 + v2) ** 2, parts, out=np.minimum(first.df, second.df), where=parts > 0)
    return df


def _inverted(arms: tuple[Sample, Sample], shared: bool, r: Floats, gap: Floats) -> Floats:
    """Return the error at which the limit that faces 0 reaches it."""

    def beyond(z: Floats) -> Floats:
        low, high = _mover(arms, shared, r, 1 - two_sided(z))
        return np.where(gap > 0, low, -high)

    least, most = np.full(gap.shape, 1e-8), np.full(gap.shape, FARTHEST)
    z = np.where(beyond(most) > 0, FARTHEST, bracketed_root(beyond, least, most))
    p: Floats = np.where(gap == 0, 1.0, two_sided(z))
    return p


def _same_side(k1: Floats, n1: Floats, k2: Floats, n2: Floats, gap: Floats) -> npt.NDArray[np.bool_]:
    """Say where the mean of the prompts, which are permuted, and that of all runs lie on the same side of 0."""
    mean = share(k1, n1).mean(axis=-1) - share(k2, n2).mean(axis=-1)
    return np.asarray((mean * gap >= 0) & ((gap != 0) | (np.abs(mean) < 1e-12)))


def _permuted(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool, draws: int) -> Floats:
    if shared:
        return sign_flip(k1 / n1 - k2 / n2, SEED, draws)
    return permute_prompts(k1, n1, k2, n2, SEED, draws)


def _drawn(k1: Floats, n1: Floats, k2: Floats, n2: Floats, shared: bool) -> npt.NDArray[np.bool_]:
    """Say where the permutation test has to draw patterns at random."""
    if shared:
        return np.asarray((k1 * n2 != k2 * n1).sum(axis=-1) > EXACT_PROMPTS)
    return np.asarray(comb(k1.shape[-1] + k2.shape[-1], k1.shape[-1]) > EXACT_SPLITS)


def _least_p(prompts1: int, prompts2: int, shared: bool) -> float:
    """Return the least p value that the permutation test can have."""
    return float(2.0 ** (1 - prompts1)) if shared else 2 / comb(prompts1 + prompts2, prompts1)


def _even(runs: Floats) -> npt.NDArray[np.bool_]:
    """Say where all prompts were run about as often."""
    mean = runs.mean(axis=-1, keepdims=True)
    even: npt.NDArray[np.bool_] = np.abs(runs - mean).mean(axis=-1) <= UNEVEN * mean[..., 0]
    return even
