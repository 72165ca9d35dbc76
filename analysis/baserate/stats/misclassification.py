"""The true rate behind an imperfect judge: Rogan and Gladen's estimate with Lang and Reiczigel's limits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from baserate.stats._arrays import Floats, Interval


def rogan_gladen(rate: npt.ArrayLike, sensitivity: npt.ArrayLike, specificity: npt.ArrayLike) -> Floats:
    """Return the true rate that makes a judge of these errors see the rate it saw.

    Parameters
    ----------
    rate : array_like
        As the judge sees it.
    sensitivity, specificity : array_like
        Of the judge: the share of yes that it finds, and of no that it clears.

    Returns
    -------
    ndarray
        Between 0 and 1; NaN where the judge does no better than chance.

    References
    ----------
    Rogan & Gladen (1978) Am. J. Epidemiol. 107:71.
    """
    seen, se, sp = (np.asarray(x, float) for x in (rate, sensitivity, specificity))
    told = se + sp - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(told > 0, np.clip((seen + sp - 1) / told, 0.0, 1.0), np.nan)


def lang_reiczigel(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    right_yes: npt.ArrayLike,
    labeled_yes: npt.ArrayLike,
    right_no: npt.ArrayLike,
    labeled_no: npt.ArrayLike,
    level: float = 0.95,
) -> Interval:
    """Return limits of the true rate where sensitivity and specificity were estimated from labels.

    Parameters
    ----------
    events, n : array_like
        Runs that the judge called yes, and all that it graded; effective numbers may be fractions.
    right_yes, labeled_yes : array_like
        Of the runs labeled yes, those that the judge found.
    right_no, labeled_no : array_like
        Of the runs labeled no, those that it cleared.
    level : float

    Returns
    -------
    low, high : ndarray
        Within [0, 1], which they are wherever the judge does no better than chance.

    References
    ----------
    Lang & Reiczigel (2014) Prev. Vet. Med. 113:13.
    """
    k, m, ry, ny, rn, nn = (np.asarray(x, float) for x in (events, n, right_yes, labeled_yes, right_no, labeled_no))
    z = float(ndtri((1 + level) / 2))
    size = m + z**2
    seen = (k + z**2 / 2) / size
    se, sp = (ry + 1) / (ny + 2), (rn + 1) / (nn + 2)
    of_se, of_sp = se * (1 - se) / (ny + 2), sp * (1 - sp) / (nn + 2)
    told = se + sp - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        true = (seen + sp - 1) / told
        shift = 2 * z**2 * (true * of_se - (1 - true) * of_sp)
        half = z * np.sqrt((seen * (1 - seen) / size + true**2 * of_se + (1 - true) ** 2 * of_sp) / told**2)
    chance = ~(told > 0)
    low, high = np.clip(true + shift - half, 0.0, 1.0), np.clip(true + shift + half, 0.0, 1.0)
    return np.where(chance, 0.0, low), np.where(chance, 1.0, high)


def tenenbein(rate: npt.ArrayLike, yes_of_yes: npt.ArrayLike, yes_of_no: npt.ArrayLike) -> Floats:
    """Return the true rate by double sampling: what labels say of runs that the judge called yes, and of the others.

    It is the prediction-powered estimate with the tuning of least variance, which for two verdicts is the difference
    of these two shares, and it holds also where runs were chosen for labeling by their verdict.

    Parameters
    ----------
    rate : array_like
        As the judge sees it.
    yes_of_yes, yes_of_no : array_like
        Shares labeled yes of the runs that the judge called yes, and no.

    Returns
    -------
    ndarray

    References
    ----------
    Tenenbein (1970) J. Am. Stat. Assoc. 65:1350. Angelopoulos, Duchi & Zrnic (2023) PPI++, arXiv:2311.01453.
    """
    seen, one, two = (np.asarray(x, float) for x in (rate, yes_of_yes, yes_of_no))
    return np.asarray(seen * one + (1 - seen) * two)


def tenenbein_limits(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    yes_of_yes: npt.ArrayLike,
    labeled_yes: npt.ArrayLike,
    yes_of_no: npt.ArrayLike,
    labeled_no: npt.ArrayLike,
    level: float = 0.95,
) -> Interval:
    """Return limits of the true rate by double sampling, none of whose parts is ever taken as known.

    The rate as judged gets z²/2 events of z² runs more, as in Agresti and Coull's interval, and both shares one yes and
    one no more, as sensitivity and specificity do in `lang_reiczigel`.

    Parameters
    ----------
    events, n : array_like
        Runs that the judge called yes, and all that it graded; effective numbers may be fractions.
    yes_of_yes, labeled_yes : array_like
        Of the labeled runs that the judge called yes: labeled yes, and all.
    yes_of_no, labeled_no : array_like
        The same of those that it called no.
    level : float

    Returns
    -------
    low, high : ndarray
        Within [0, 1].

    References
    ----------
    Tenenbein (1970) J. Am. Stat. Assoc. 65:1350. Agresti & Coull (1998) Am. Stat. 52:119. Lang & Reiczigel (2014)
    Prev. Vet. Med. 113:13.
    """
    k, m, hy, ny, hn, nn = (np.asarray(x, float) for x in (events, n, yes_of_yes, labeled_yes, yes_of_no, labeled_no))
    z = float(ndtri((1 + level) / 2))
    size = m + z**2
    seen = (k + z**2 / 2) / size
    one, two = (hy + 1) / (ny + 2), (hn + 1) / (nn + 2)
    middle = seen * one + (1 - seen) * two
    variance = (one - two) ** 2 * seen * (1 - seen) / size
    variance = variance + seen**2 * one * (1 - one) / (ny + 2) + (1 - seen) ** 2 * two * (1 - two) / (nn + 2)
    half = z * np.sqrt(variance)
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)
