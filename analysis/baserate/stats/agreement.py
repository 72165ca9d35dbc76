"""How far graders agree: raw agreement, Cohen's kappa, Gwet's AC1 and Krippendorff's alpha, with jackknife limits.

Gwet (2008) Br. J. Math. Stat. Psychol. 61:29. Cohen (1960) Educ. Psychol. Meas. 20:37. Krippendorff (2004) Content
Analysis, chapter 11. Efron & Tibshirani (1993) An Introduction to the Bootstrap, chapter 11 (jackknife).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from baserate.stats._arrays import Floats

Ints = npt.NDArray[np.intp]
_EVEN = 1e-12  # a variance below it is none


class Agreement(NamedTuple):
    """One measure of agreement.

    Attributes
    ----------
    estimate, std_error, low, high : float
        NaN where it is not defined, as kappa is where all grades are alike, and limits of a single unit.
    """

    estimate: float
    std_error: float
    low: float
    high: float


def sums(grades: Floats) -> Floats:
    """Make of the grades of each run what all measures are computed from, once added up.

    Parameters
    ----------
    grades : ndarray, shape (runs, graders)
        1, 0, or NaN where a grader gave none.

    Returns
    -------
    ndarray, shape (runs, 11)
        Whether it has a grade, its share of yes; whether it has two, their agreement; the coincidences yes-yes,
        yes-no, no-no; and of the first two graders yes-yes, yes-no, no-yes, and whether both graded it.
    """
    given = ~np.isnan(grades)
    m = given.sum(axis=1)
    yes = np.nansum(grades, axis=1)
    no = m - yes
    graded, pairable = m > 0, m > 1
    share = np.where(graded, yes / np.maximum(m, 1), 0.0)
    agree = np.where(pairable, (yes * (yes - 1) + no * (no - 1)) / np.maximum(m * (m - 1), 1), 0.0)
    per = np.where(pairable, 1 / np.maximum(m - 1, 1), 0.0)
    both = given[:, 0] & given[:, 1]
    a, b = np.where(both, grades[:, 0], 0.0), np.where(both, grades[:, 1], 0.0)
    columns = [graded, share, pairable, agree, yes * (yes - 1) * per, yes * no * per, no * (no - 1) * per]
    return np.column_stack([*columns, a * b, a * (1 - b) * both, (1 - a) * b * both, both]).astype(float)


def raw(total: Floats) -> Floats:
    """Return the share of pairs of grades that agree, averaged over runs with two grades or more.

    Parameters
    ----------
    total : ndarray, shape (..., 11)
        Added up from `sums`.

    Returns
    -------
    ndarray, shape (...)
    """
    with np.errstate(all="ignore"):
        return np.asarray(total[..., 3] / total[..., 2])


def gwet(total: Floats) -> Floats:
    """Return Gwet's AC1, which does not fall where nearly all grades are alike.

    Parameters
    ----------
    total : ndarray, shape (..., 11)

    Returns
    -------
    ndarray, shape (...)
    """
    with np.errstate(all="ignore"):
        share = total[..., 1] / total[..., 0]
        chance = 2 * share * (1 - share)
        return np.asarray((raw(total) - chance) / (1 - chance))


def krippendorff(total: Floats) -> Floats:
    """Return Krippendorff's alpha for yes and no.

    Parameters
    ----------
    total : ndarray, shape (..., 11)

    Returns
    -------
    ndarray, shape (...)
        NaN where all grades are alike.
    """
    yes, no = total[..., 4] + total[..., 5], total[..., 5] + total[..., 6]
    with np.errstate(all="ignore"):
        found = 1 - (yes + no - 1) * total[..., 5] / (yes * no)
    return np.where(yes * no > 0, found, np.nan)


def cohen(total: Floats) -> Floats:
    """Return Cohen's kappa of the first two graders.

    Parameters
    ----------
    total : ndarray, shape (..., 11)

    Returns
    -------
    ndarray, shape (...)
        NaN where all grades are alike.
    """
    yy, yn, ny, n = (total[..., i] for i in (7, 8, 9, 10))
    with np.errstate(all="ignore"):
        first, second = (yy + yn) / n, (yy + ny) / n
        agree = 1 - (yn + ny) / n
        chance = first * second + (1 - first) * (1 - second)
        return np.asarray(np.where(chance < 1, (agree - chance) / (1 - chance), np.nan))


MEASURES: dict[str, Callable[[Floats], Floats]] = {"raw": raw, "kappa": cohen, "ac1": gwet, "alpha": krippendorff}


def agreement(measure: str, grades: Floats, unit: Ints, level: float, least: float) -> Agreement:
    """Estimate one measure with limits that take the runs of a unit, such as a prompt, together.

    Parameters
    ----------
    measure : {"raw", "kappa", "ac1", "alpha"}
    grades : ndarray, shape (runs, graders)
        1, 0, or NaN where a grader gave none.
    unit : ndarray of int, shape (runs,)
        The prompt of each run; each its own where runs are independent.
    level : float
    least : float
        A lower limit of the raw agreement: where no unit moves the measure, its lower limit is what it would be with
        this agreement and the same share of yes.

    Returns
    -------
    Agreement
        Student's t limits on the standard error of the delete-one-unit jackknife, within [-1, 1].
    """
    of_run = sums(grades)
    of_unit = np.stack([np.bincount(unit, column) for column in of_run.T], axis=1)
    of_unit = of_unit[of_unit[:, 0] > 0]
    total = of_unit.sum(axis=0)
    value = MEASURES[measure]
    estimate = float(value(total))
    units = len(of_unit)
    if units < 2 or np.isnan(estimate):
        return Agreement(estimate, np.nan, np.nan, np.nan)
    without = value(total - of_unit)
    without = without[~np.isnan(without)]
    variance = (units - 1) / units * float(((without - without.mean()) ** 2).sum())
    if variance < _EVEN:
        chance = 0.0 if measure == "raw" else (float(raw(total)) - estimate) / (1 - estimate) if estimate < 1 else None
        if chance is None:  # all agree: the chance of it is that of the share of yes
            share = total[1] / total[0]
            chance = 2 * share * (1 - share) if measure == "ac1" else 1 - 2 * share * (1 - share)
        return Agreement(estimate, np.nan, (least - chance) / (1 - chance), min(1.0, estimate))
    error = float(np.sqrt(variance))
    half = float(stats.t.ppf((1 + level) / 2, units - 1)) * error
    return Agreement(estimate, error, max(-1.0, estimate - half), min(1.0, estimate + half))
