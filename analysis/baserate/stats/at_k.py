"""The chance that all, or any, of k runs of a prompt show a behavior, without bias from the prompts' own counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from baserate.stats._arrays import Floats


def all_of(events: npt.ArrayLike, n: npt.ArrayLike, k: int) -> Floats:
    """Estimate the chance that k further runs all show it: the share of the k-subsets of the runs that do.

    Parameters
    ----------
    events, n : array_like
        Whole numbers of events and of runs.
    k : int
        At least 1.

    Returns
    -------
    ndarray
        ``C(events, k) / C(n, k)``; nan where there are fewer than k runs. Its mean is p^k at every p.

    References
    ----------
    Chen et al. (2021) arXiv:2107.03374 (pass@k). Yao et al. (2024) arXiv:2406.12045 (pass^k).

    Examples
    --------
    >>> all_of([10, 9, 0], 10, 2).round(3).tolist()
    [1.0, 0.8, 0.0]
    """
    yes, total = np.broadcast_arrays(np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64))
    enough = total >= k
    possible = enough & (yes >= k)
    a, b = np.where(possible, yes, k), np.where(enough, total, k)
    log = gammaln(a + 1) - gammaln(a - k + 1) - gammaln(b + 1) + gammaln(b - k + 1)
    share = np.where(possible, np.exp(np.minimum(log, 0.0)), 0.0)
    return np.where(enough, share, np.nan)


def any_of(events: npt.ArrayLike, n: npt.ArrayLike, k: int) -> Floats:
    """Estimate the chance that at least one of k further runs shows it; see `all_of`.

    Parameters
    ----------
    events, n : array_like
        Whole numbers of events and of runs.
    k : int
        At least 1.

    Returns
    -------
    ndarray
        ``1 - C(n - events, k) / C(n, k)``; nan where there are fewer than k runs.

    Examples
    --------
    >>> any_of([10, 1, 0], 10, 2).round(3).tolist()
    [1.0, 0.2, 0.0]
    """
    return 1.0 - all_of(np.asarray(n, dtype=np.float64) - np.asarray(events, dtype=np.float64), n, k)
