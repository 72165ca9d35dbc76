"""Effects held against a margin: equivalence, and that the candidate is not worse."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

OUTCOMES = ("shown", "refuted", "inconclusive")

Floats = npt.NDArray[np.float64]
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


def against_limits(low: Floats, high: Floats, region: Region) -> AgainstMargin:
    """Judge equivalence, and that the candidate is not worse (not higher by the margin).

    Parameters
    ----------
    low, high : ndarray of shape (m,)
        Limits of level 1 - 2 alpha, alpha that of each one-sided test.
    region : Region

    Returns
    -------
    AgainstMargin

    References
    ----------
    Schuirmann (1987) J. Pharmacokinet. Biopharm. 15:657. Farrington & Manning (1990) Stat. Med. 9:1447.
    """
    inside = (low > region.low) & (high < region.high)
    outside = (low >= region.high) | (high <= region.low)
    below, above = high < region.high, low >= region.high
    return AgainstMargin(_three_ways(inside, outside), _three_ways(below, above))


def _three_ways(shown: npt.NDArray[np.bool_], refuted: npt.NDArray[np.bool_]) -> Words:
    return np.where(shown, OUTCOMES[0], np.where(refuted, OUTCOMES[1], OUTCOMES[2]))
