"""The effect among runs that would not have known under either version: bounds, as nobody sees both.

Frangakis & Rubin (2002) Biometrics 58:21. Zhang & Rubin (2003) J. Educ. Behav. Stat. 28:353. Lee (2009) Rev. Econ.
Stud. 76:1071 (the monotone case).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Floats, Interval


class Side(NamedTuple):
    """One version: the share of runs that knew, and the rate among those that did not."""

    aware: npt.ArrayLike
    rate: npt.ArrayLike


def never_aware(candidate: Side, baseline: Side) -> Interval:
    """Bound the difference of rates among runs that know under neither version, assuming nothing more.

    Parameters
    ----------
    candidate, baseline : Side
        Arrays of one shape.

    Returns
    -------
    low, high : ndarray
        -1 and 1 where there may be no such run.
    """
    a1, p1, a0, p0 = (np.asarray(x, float) for x in (*candidate, *baseline))
    least = np.maximum(1 - a1 - a0, 0.0)  # the fewest of them, where the knowing of one and of the other never meet
    return _difference(p1, least / np.maximum(1 - a1, 1e-300), p0, least / np.maximum(1 - a0, 1e-300))


def never_aware_monotone(candidate: Side, baseline: Side) -> Interval:
    """Bound it, assuming that no run knows only under the version under which fewer know.

    Parameters
    ----------
    candidate, baseline : Side
        Arrays of one shape.

    Returns
    -------
    low, high : ndarray
    """
    a1, p1, a0, p0 = (np.asarray(x, float) for x in (*candidate, *baseline))
    never = 1 - np.maximum(a1, a0)
    return _difference(p1, never / np.maximum(1 - a1, 1e-300), p0, never / np.maximum(1 - a0, 1e-300))


def _difference(p1: Floats, share1: Floats, p0: Floats, share0: Floats) -> Interval:
    low1, high1 = _trimmed(p1, share1)
    low0, high0 = _trimmed(p0, share0)
    return low1 - high0, high1 - low0


def _trimmed(rate: Floats, share: Floats) -> Interval:
    """Bound the rate of a part that makes up a share of those whose rate is known."""
    part = np.clip(share, 1e-300, 1.0)
    low = np.where(share > 0, np.maximum((rate - (1 - part)) / part, 0.0), 0.0)
    high = np.where(share > 0, np.minimum(rate / part, 1.0), 1.0)
    return np.asarray(low), np.asarray(high)
