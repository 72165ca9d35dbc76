"""What runs without a verdict could change: bounds, an interval of both doubts, and how many would overturn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baserate.design.design import Design
from baserate.design.pairing import PairedSides, pair_sides
from baserate.estimate.designs import Question, estimate_differences, estimate_rates
from baserate.estimate.estimates import Estimates
from baserate.stats._arrays import Floats
from baserate.stats.partial_identification import imbens_manski_level


class Extremes(NamedTuple):
    """Estimates had all ungraded runs been what makes them least, and most."""

    least: Estimates
    most: Estimates


class Bounds(NamedTuple):
    """Bounds on an estimate had every run been graded, and an interval that holds both doubts; arrays of shape (m,)."""

    low: Floats
    high: Floats
    both_low: Floats
    both_high: Floats


def rate_extremes(design: Design, question: Question) -> Extremes:
    """Estimate each rate with all ungraded runs a no, and all a yes (Manski 1989).

    Parameters
    ----------
    design : Design
    question : Question

    Returns
    -------
    Extremes
    """
    least, most = (
        estimate_rates(design, question, design.means(design.cells.ungraded_as(yes))) for yes in (False, True)
    )
    return Extremes(least, most)


def difference_extremes(design: Design, pairs: PairedSides, question: Question) -> Extremes:
    """Estimate each effect with all ungraded runs against the candidate, and all for it.

    Parameters
    ----------
    design : Design
    pairs : PairedSides
    question : Question

    Returns
    -------
    Extremes
    """
    sides = pair_sides(design, pairs.pairs, ungraded=True)
    candidate = sides.cells.group < len(pairs)
    least, most = (
        estimate_differences(sides, question, sides.means(sides.cells.ungraded_as(yes)))
        for yes in (~candidate, candidate)
    )
    return Extremes(least, most)


def bounds(found: Estimates, extremes: Extremes, level: npt.ArrayLike) -> Bounds:
    """Bound estimates for want of verdicts, and for want of verdicts and sampling together.

    The interval holds the true value, wherever it lies between the bounds, with the level asked for.

    Parameters
    ----------
    found : Estimates
        From the graded runs.
    extremes : Extremes
    level : array_like

    Returns
    -------
    Bounds
        Never inside the interval of the graded runs.

    References
    ----------
    Imbens, G. W. & Manski, C. F. (2004). Confidence intervals for partially identified parameters. Econometrica 72,
    1845-1857. Stoye, J. (2009). More on confidence intervals for partially identified parameters. Econometrica 77,
    1299-1315.
    """
    least, most = extremes
    wide = imbens_manski_level(most.value - least.value, least.std_error, most.std_error, level)
    low, high = found.limits(level)
    return Bounds(
        np.fmin(least.value, found.value),
        np.fmax(most.value, found.value),
        np.fmin(least.limits(wide)[0], low),
        np.fmax(most.limits(wide)[1], high),
    )
