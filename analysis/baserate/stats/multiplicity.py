"""What many comparisons at once ask of p values and levels."""

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Floats


def holm(p: npt.ArrayLike) -> Floats:
    """Adjust p values so that the chance of any false alarm among them stays below alpha.

    Parameters
    ----------
    p : array_like, shape (m,)
        The p values of one family. NaN stands for a comparison that was not tested: it stays NaN and
        does not count.

    Returns
    -------
    ndarray, shape (m,)
        Adjusted p values, in the order given.

    Raises
    ------
    ValueError
        If a p value lies outside [0, 1].

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics
    6, 65-70.
    """
    values = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(values)
    kept = values[tested]
    if ((kept < 0) | (kept > 1)).any():
        raise ValueError(f"A p value lies between 0 and 1, but {kept[(kept < 0) | (kept > 1)][0]:g} was found.")
    order = np.argsort(kept, kind="stable")
    factors = np.arange(kept.size, 0, -1)
    steps = np.minimum(np.maximum.accumulate(kept[order] * factors), 1.0)
    adjusted = np.full(values.shape, np.nan)
    ranked = np.empty_like(kept)
    ranked[order] = steps
    adjusted[tested] = ranked
    return adjusted
