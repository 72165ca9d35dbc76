"""Permutation tests whose unit is the prompt."""

from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Floats, checked_counts, share

EXACT_PROMPTS = 24  # prompts that differ, up to which all sign patterns are counted
EXACT_SPLITS = 200_000  # splits of two sets of prompts up to which all are tried
DRAWS = 20_000  # random patterns beyond
TIE = 1e-9  # statistics this close, as a share of the largest possible, are the same
BLOCK = 4_000_000  # statistics computed at once


def sign_flip(d: npt.ArrayLike, seed: int = 0, draws: int = DRAWS) -> Floats:
    """Two-sided p values of the sign-flip test that prompt differences center on 0.

    Parameters
    ----------
    d : array_like, shape (..., G)
        Each prompt's difference, prompts along the last axis, already multiplied by its weight if the
        prompts do not weigh the same. Prompts without a difference (NaN) do not count.
    seed : int
        Seed of the random sign patterns that stand for all of them where more than 24 prompts differ.
    draws : int
        Number of those patterns.

    Returns
    -------
    p : ndarray, shape (...)
        Share of the sign patterns whose absolute mean is no smaller than the one seen: of all of them up to
        24 prompts that differ; beyond, of random ones with the pattern seen counted among them.

    Raises
    ------
    ValueError
        If a difference is infinite.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments. Oliver & Boyd, section 21.
    Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in
    Genetics and Molecular Biology 9, 39.
    """
    differences = np.asarray(d, dtype=np.float64)
    if np.isinf(differences).any():
        raise ValueError("A prompt's difference is infinite. Pass differences of rates, or NaN where there is none.")
    flat = np.nan_to_num(differences.reshape(-1, differences.shape[-1]))
    few = (flat != 0).sum(axis=1) <= EXACT_PROMPTS
    p = np.ones(len(flat))
    p[few] = [_all_patterns(row[row != 0]) for row in flat[few]]
    p[~few] = _random_patterns(flat[~few], seed, draws)
    return p.reshape(differences.shape[:-1])[()]


def _all_patterns(d: Floats) -> float:
    """Test one set of differences; zeros have been left out, for they flip to themselves."""
    size = np.abs(d)
    bound = abs(d.sum()) - TIE * size.sum()
    if bound <= 0:
        return 1.0
    half = d.size // 2
    left, right = _all_sums(size[:half]), np.sort(_all_sums(size[half:]))
    # count pairs of half patterns, each half listed once: |a + b| >= bound
    above = right.size - np.searchsorted(right, bound - left, side="left")
    below = np.searchsorted(right, -bound - left, side="right")
    return min(1.0, float(above.sum() + below.sum()) / (left.size * right.size))


def _all_sums(size: Floats) -> Floats:
    """Return the sums under all sign patterns."""
    sums = np.zeros(1)
    for value in size:
        sums = np.concatenate([sums - value, sums + value])
    return sums


def _random_patterns(d: Floats, seed: int, draws: int) -> Floats:
    """Test sets of differences, shape (R, G), against the same random sign patterns."""
    if not len(d):
        return np.ones(0)
    size = np.sort(np.abs(d), axis=1)  # so that no order of prompts matters
    bound = np.abs(d.sum(axis=1)) - TIE * size.sum(axis=1)
    patterns = np.random.default_rng(seed).integers(0, 2, (d.shape[1], draws), dtype=np.int8)
    beyond, step = np.zeros(len(d), dtype=np.int64), max(BLOCK // max(d.shape), 1)
    for start in range(0, draws, step):
        signs = patterns[:, start : start + step] * 2.0 - 1.0
        beyond += (np.abs(size @ signs) >= bound[:, None]).sum(axis=1)
    p: Floats = (1 + beyond) / (1 + draws)
    return p


def permute_prompts(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    seed: int = 0,
    draws: int = DRAWS,
) -> Floats:
    """Two-sided p values of the permutation test that two versions run on different prompts do not differ.

    Prompts are dealt anew to the two versions, each with the share of its runs that showed the behavior. The
    statistic is the difference of the mean shares over its standard error: studentized, the test keeps its size
    when the versions have different numbers of prompts and different spreads, where permuting the bare difference
    does not. Shares, not counts, are dealt: were runs dealt with them, versions run unequally often would be told
    apart by their runs alone.

    Parameters
    ----------
    events1, n1 : array_like, shape (..., G1)
        Events and runs of each prompt of the first version, prompts along the last axis.
    events2, n2 : array_like, shape (..., G2)
        Events and runs of each prompt of the second version.
    seed : int
        Seed of the random deals that stand for all of them beyond 200,000.
    draws : int
        Number of those deals.

    Returns
    -------
    p : ndarray, shape (...)
        Share of the deals whose statistic is no smaller than the one seen.

    Raises
    ------
    ValueError
        If a count is impossible, a prompt has no runs, or a version has fewer than two prompts.

    References
    ----------
    Chung, E. & Romano, J. P. (2013). Exact and asymptotically robust permutation tests. Annals of Statistics 41,
    484-507.
    """
    (k1, runs1), (k2, runs2) = checked_counts(events1, n1), checked_counts(events2, n2)
    own, all_ = k1.shape[-1], k1.shape[-1] + k2.shape[-1]
    if min(own, all_ - own) < 2:
        raise ValueError(
            f"Permuting prompts needs two or more for each version, but {min(own, all_ - own)} was found. "
            "Give runs on more prompts, or ask about these prompts only (scope='fixed')."
        )
    if not ((runs1 > 0).all() and (runs2 > 0).all()):
        raise ValueError("A prompt without runs has no share to deal. Leave such prompts out.")
    first, second = share(k1, runs1), share(k2, runs2)
    shape = np.broadcast_shapes(first.shape[:-1], second.shape[:-1])
    first, second = (np.broadcast_to(s, (*shape, s.shape[-1])).reshape(-1, s.shape[-1]) for s in (first, second))
    shares = _in_order(first, second)
    deals = _deals(all_, min(own, all_ - own), seed, draws)
    parts = np.array_split(np.arange(len(shares)), 1 + len(shares) * len(deals) // BLOCK)
    p = np.concatenate([_share_of_deals(shares[i], deals) for i in parts])
    return p.reshape(shape)[()]


def _in_order(first: Floats, second: Floats) -> Floats:
    """Join the shares of both versions, so that neither their order, nor that of prompts or outcomes, matters.

    The version with fewer prompts, else with the smaller shares, comes first; outcomes are swapped such that its mean
    is the larger one.
    """
    center = np.concatenate([first, second], axis=1).mean(axis=1, keepdims=True)
    one, two = first - center, second - center
    if one.shape[1] > two.shape[1]:
        one, two = two, one
    up = np.where(one.mean(axis=1, keepdims=True) < two.mean(axis=1, keepdims=True), -1.0, 1.0)
    joined = np.concatenate([np.sort(one * up, axis=1), np.sort(two * up, axis=1)], axis=1)
    if one.shape[1] < two.shape[1]:
        return joined
    mirrored = np.concatenate([np.sort(-two * up, axis=1), np.sort(-one * up, axis=1)], axis=1)
    apart = np.round(joined - mirrored, 9)
    foremost = np.take_along_axis(apart, (apart != 0).argmax(axis=1)[:, None], axis=1)
    ordered: Floats = np.where(foremost <= 0, joined, mirrored)
    return ordered


@lru_cache(maxsize=8)  # the same for all comparisons of as many prompts
def _deals(all_: int, own: int, seed: int, draws: int) -> Floats:
    """Say for each deal which prompts go to the first version, 1 or 0; the deal that was seen comes first."""
    if comb(all_, own) <= EXACT_SPLITS:
        chosen = np.fromiter((i for deal in combinations(range(all_), own) for i in deal), dtype=np.int64)
        every = np.zeros((comb(all_, own), all_))
        np.put_along_axis(every, chosen.reshape(-1, own), 1.0, axis=1)
        return every
    dealt = np.random.default_rng(seed).random((1 + draws, all_)).argsort(axis=1, kind="stable") < own
    dealt[0] = np.arange(all_) < own
    return dealt.astype(np.float64)


def _share_of_deals(shares: Floats, deals: Floats) -> Floats:
    """Count the deals, shape (D, G), that part sets of shares, shape (R, G), no less than the first deal does."""
    own = deals[0].sum()
    other = shares.shape[1] - own
    sums, squares = shares @ deals.T, (shares * shares) @ deals.T
    total, total_squares = shares.sum(axis=1)[:, None], (shares * shares).sum(axis=1)[:, None]
    gap = np.abs(sums / own - (total - sums) / other)
    variance = _variance(sums, squares, own) + _variance(total - sums, total_squares - squares, other)
    gap = np.where(gap > TIE, gap, 0.0)
    # without any spread a gap is as large as can be, and no gap is none
    statistic = np.where(variance > 0, gap / np.sqrt(np.where(variance > 0, variance, 1.0)), np.where(gap > 0, 1e9, 0))
    p: Floats = (statistic >= statistic[:, :1] * (1 - TIE) - TIE).mean(axis=1)
    return p


def _variance(total: Floats, squares: Floats, prompts: Floats) -> Floats:
    """Variance of the mean of so many shares."""
    spread = squares - total * total / prompts
    spread = np.where(spread > TIE * np.maximum(squares, 1.0), spread, 0.0)  # rounding is no variance
    variance: Floats = spread / (prompts - 1) / prompts
    return variance
