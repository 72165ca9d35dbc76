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
    values, tested = _tested(p)
    kept = values[tested]
    order = np.argsort(kept, kind="stable")
    factors = np.arange(kept.size, 0, -1)
    return _put_back(values, tested, order, np.minimum(np.maximum.accumulate(kept[order] * factors), 1.0))


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Adjust p values so that the expected share of false alarms among those below q stays below q.

    Parameters
    ----------
    p : array_like, shape (m,)
        The p values of one family, independent or positively dependent. NaN stands for a comparison that was not
        tested: it stays NaN and does not count.

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
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society
    B 57, 289-300.
    """
    return _step_up(p, 1.0)


def benjamini_yekutieli(p: npt.ArrayLike) -> Floats:
    """Adjust p values for the false discovery rate, however they depend on each other.

    Parameters
    ----------
    p : array_like, shape (m,)
        As in `benjamini_hochberg`.

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
    Benjamini, Y. & Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under dependency.
    Annals of Statistics 29, 1165-1188.
    """
    return _step_up(p, dependence(int((~np.isnan(np.asarray(p, dtype=np.float64))).sum())))


def dependence(tests: int) -> float:
    """Return the factor by which any dependence among m tests costs: 1 + 1/2 + … + 1/m.

    Parameters
    ----------
    tests : int

    Returns
    -------
    float
    """
    return float((1 / np.arange(1, max(tests, 1) + 1)).sum())


def _step_up(p: npt.ArrayLike, factor: float) -> Floats:
    values, tested = _tested(p)
    kept = values[tested]
    order = np.argsort(kept, kind="stable")
    scaled = kept[order] * factor * kept.size / np.arange(1, kept.size + 1)
    return _put_back(values, tested, order, np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0))


def _tested(p: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.bool_]]:
    values = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(values)
    wrong = values[tested & ((values < 0) | (values > 1))]
    if wrong.size:
        raise ValueError(f"A p value lies between 0 and 1, but {wrong[0]:g} was found.")
    return values, tested


def _put_back(values: Floats, tested: npt.NDArray[np.bool_], order: npt.NDArray[np.intp], steps: Floats) -> Floats:
    """Bring adjusted p values from their order by size to the order given."""
    ranked = np.empty_like(steps)
    ranked[order] = steps
    adjusted = np.full(values.shape, np.nan)
    adjusted[tested] = ranked
    return adjusted
