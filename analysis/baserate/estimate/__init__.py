"""What a design tells: estimates with limits at any level and p values, by the first of `DESIGNS` that holds.

======================  =====================================================================
`estimate_rates`        the rate of each group of a design
`estimate_differences`  differences, ratios or odds ratios of pairs of groups
`Estimates`             values, limits at any level, p values, the names of the methods
`EFFECTS`               how two rates are held against each other
======================  =====================================================================
"""

from __future__ import annotations

from baserate.estimate.designs import (
    DIFFERENCE_METHODS,
    RATE_METHODS,
    TESTS,
    Question,
    estimate_differences,
    estimate_rates,
)
from baserate.estimate.effect import EFFECTS
from baserate.estimate.estimates import Estimates

__all__ = [
    "DIFFERENCE_METHODS",
    "EFFECTS",
    "RATE_METHODS",
    "TESTS",
    "Estimates",
    "Question",
    "estimate_differences",
    "estimate_rates",
]
