"""The level of each end of an interval that holds a value known only to lie between two bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from baserate.stats._arrays import Floats, checked_level
from baserate.stats._roots import bracketed_root


def imbens_manski_level(
    width: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike, level: npt.ArrayLike = 0.95
) -> Floats:
    """Return the two-sided level at which the two bounds' own limits hold the value between them.

    Where the bounds are far apart the value can err on one side only, so that 2 level - 1 will do; where they meet it
    is the level itself. Between them C solves Φ(C + Δ / σ) − Φ(−C) = level.

    Parameters
    ----------
    width : array_like
        Distance of the bounds.
    first, second : array_like
        Their standard errors.
    level : array_like
        Wanted for the value.

    Returns
    -------
    ndarray
        Between 2 level - 1 and level; level itself where a standard error is unknown.

    References
    ----------
    Imbens, G. W. & Manski, C. F. (2004). Confidence intervals for partially identified parameters. Econometrica 72,
    1845-1857 (equations 6 and 7).

    Examples
    --------
    >>> imbens_manski_level([0.0, 0.5], 0.01, 0.01).round(3).tolist()
    [0.95, 0.9]
    """
    delta, one, two, wanted = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (width, first, second)), checked_level(level)
    )
    error = np.fmax(one, two)
    known = np.isfinite(delta) & np.isfinite(error) & (error > 0)
    shift = np.divide(delta, error, out=np.zeros_like(delta), where=known)

    def excess(c: Floats) -> Floats:
        return np.asarray(ndtr(c + shift) - ndtr(-c) - wanted)

    least, most = ndtri(np.maximum(wanted, 0.5)), ndtri((1 + wanted) / 2)
    c = bracketed_root(excess, np.where(wanted > 0.5, least, 0.0) - 1e-12, most + 1e-12)
    return np.asarray(np.where(known, np.clip(2 * ndtr(c) - 1, 1e-9, None), wanted))
