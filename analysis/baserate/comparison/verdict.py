"""The four verdicts, and effects held against a margin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from baserate.equivalence import OUTCOMES, AgainstMargin, Region, Words, against_limits
from baserate.estimate import Estimates
from baserate.stats._arrays import Floats, Interval

VERDICTS = ("higher", "lower", "equivalent", "inconclusive")


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
    """
    return against_limits(*found.limits(1 - 2 * alpha), region)


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
