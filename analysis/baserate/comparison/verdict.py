"""The four verdicts, and effects held against a margin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baserate.estimate import Estimates
from baserate.stats._arrays import Floats, Interval

VERDICTS = ("higher", "lower", "equivalent", "inconclusive")
OUTCOMES = ("shown", "refuted", "inconclusive")

Words = npt.NDArray[np.str_]


class Region(NamedTuple):
    """The effects that count as equivalent: between ``low`` and ``high``, both left out."""

    low: float
    high: float


class AgainstMargin(NamedTuple):
    """Equivalence, and that the candidate is not worse: ``shown``, ``refuted`` or ``inconclusive`` each."""

    equivalent: Words
    not_worse: Words


def region_of(margin: float | None, null: float) -> Region | None:
    """Return the effects that a margin counts as equivalent.

    Parameters
    ----------
    margin : float or None
        A difference, or a factor above 1.
    null : float
        The value of no effect: 0, or 1 of a ratio.

    Returns
    -------
    Region or None
    """
    if margin is None:
        return None
    return Region(-margin, margin) if null == 0 else Region(1 / margin, margin)


def against_region(found: Estimates, alpha: float, region: Region) -> AgainstMargin:
    """Judge equivalence, and that the candidate is not worse (not higher by the margin).

    Parameters
    ----------
    found : Estimates
    alpha : float
        Of each one-sided test; the interval has level 1 - 2 alpha.
    region : Region

    Returns
    -------
    AgainstMargin

    References
    ----------
    Schuirmann (1987) J. Pharmacokinet. Biopharm. 15:657. Farrington & Manning (1990) Stat. Med. 9:1447.
    """
    low, high = found.limits(1 - 2 * alpha)
    inside = (low > region.low) & (high < region.high)
    outside = (low >= region.high) | (high <= region.low)
    below, above = high < region.high, low >= region.high
    return AgainstMargin(_three_ways(inside, outside), _three_ways(below, above))


def _three_ways(shown: npt.NDArray[np.bool_], refuted: npt.NDArray[np.bool_]) -> Words:
    return np.where(shown, OUTCOMES[0], np.where(refuted, OUTCOMES[1], OUTCOMES[2]))


def verdicts(
    found: Estimates, p: Floats, limits: Interval, alpha: float, region: Region | None, comparisons: int
) -> Words:
    """Judge effects.

    Parameters
    ----------
    found : Estimates
    p : ndarray, shape (m,)
        P values, adjusted for the number of comparisons.
    limits : tuple of ndarray
        Limits that are adjusted as the p values are.
    alpha : float
        The error that is allowed over all comparisons.
    region : Region or None
        The effects that count as equivalent.
    comparisons : int
        How many comparisons there are; equivalence is tested at alpha over their number.

    Returns
    -------
    ndarray of str
        ``"equivalent"`` where the interval of level 1 - 2 alpha lies within the region (two one-sided tests); else
        ``"higher"`` or ``"lower"`` where both the adjusted p value and the interval rule out no effect.
    """
    low, high = limits
    with np.errstate(invalid="ignore"):
        rejected = (p < alpha) & ((low > found.null) | (high < found.null))
    return within(found, decided(found, rejected), alpha / comparisons, region)


def decided(found: Estimates, rejected: npt.NDArray[np.bool_]) -> Words:
    """Name the direction of effects that are not none.

    Parameters
    ----------
    found : Estimates
    rejected : ndarray of bool
        Where no effect is ruled out.

    Returns
    -------
    ndarray of str
    """
    with np.errstate(invalid="ignore"):
        return np.where(rejected, np.where(found.value > found.null, VERDICTS[0], VERDICTS[1]), VERDICTS[3])


def within(found: Estimates, said: Words, alpha: float, region: Region | None) -> Words:
    """Call effects equivalent that are shown to lie within a region.

    Parameters
    ----------
    found : Estimates
    said : ndarray of str
        Verdicts without the region.
    alpha : float
        Of each one-sided test.
    region : Region or None

    Returns
    -------
    ndarray of str
    """
    if region is None:
        return said
    return np.where(against_region(found, alpha, region).equivalent == OUTCOMES[0], VERDICTS[2], said)
