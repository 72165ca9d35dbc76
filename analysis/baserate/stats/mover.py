"""The interval of a difference, recovered from the intervals of its two parts."""

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Interval, interval


def mover_difference(
    p1: npt.ArrayLike,
    low1: npt.ArrayLike,
    high1: npt.ArrayLike,
    p2: npt.ArrayLike,
    low2: npt.ArrayLike,
    high2: npt.ArrayLike,
    r: npt.ArrayLike = 0.0,
) -> Interval:
    """Interval of p1 - p2 by the method of variance estimates recovery.

    Parameters
    ----------
    p1, low1, high1, p2, low2, high2 : array_like
        The two estimates with their limits, all at the same level. They broadcast.
    r : array_like
        Correlation of the two estimates, 0 if they are independent.

    Returns
    -------
    low, high : ndarray
        The limits of p1 - p2.

    Raises
    ------
    ValueError
        If an estimate lies outside its limits, or a correlation outside [-1, 1].

    References
    ----------
    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693-1702 (equations 10 and 11).
    """
    values = (np.asarray(value, dtype=np.float64) for value in (p1, low1, high1, p2, low2, high2, r))
    e1, l1, u1, e2, l2, u2, rho = np.broadcast_arrays(*values)
    down1, up1, down2, up2 = e1 - l1, u1 - e1, e2 - l2, u2 - e2
    if min(np.min(side, initial=0.0) for side in (down1, up1, down2, up2)) < -1e-12:
        raise ValueError("An estimate lies outside its own limits. Pass each as (estimate, low, high).")
    if np.any(np.abs(rho) > 1 + 1e-12):
        raise ValueError(f"A correlation lies between -1 and 1, but {np.max(np.abs(rho)):g} was found.")
    low = e1 - e2 - np.sqrt(np.maximum(down1**2 + up2**2 - 2 * rho * down1 * up2, 0.0))
    high = e1 - e2 + np.sqrt(np.maximum(up1**2 + down2**2 - 2 * rho * up1 * down2, 0.0))
    return interval(np.maximum(low, -1.0), np.minimum(high, 1.0))
