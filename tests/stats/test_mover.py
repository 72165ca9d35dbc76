"""The difference from its parts: closed cases, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from baserate.stats.mover import mover_difference
from baserate.stats.rate import wilson
from baserate.stats.two_rates import newcombe


def test_of_wilson_limits_is_newcombes_interval() -> None:
    found = mover_difference(0.84, *wilson(84, 100), 0.7, *wilson(70, 100))
    assert found == pytest.approx(newcombe(84, 100, 70, 100), rel=1e-14)


def test_of_symmetric_limits_is_the_wald_formula() -> None:
    low, high = mover_difference(0.5, 0.4, 0.6, 0.3, 0.1, 0.5, 0.5)
    reach = np.sqrt(0.1**2 + 0.2**2 - 2 * 0.5 * 0.1 * 0.2)
    assert (low, high) == pytest.approx((0.2 - reach, 0.2 + reach), rel=1e-12)


def test_correlation_narrows_it() -> None:
    parts = 0.84, *wilson(84, 100), 0.7, *wilson(70, 100)
    lengths = [np.subtract(*mover_difference(*parts, r)[::-1]) for r in (-0.5, 0.0, 0.5, 0.9)]
    assert np.all(np.diff(lengths) < 0)


def test_impossible_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="outside its own limits"):
        mover_difference(0.9, 0.1, 0.5, 0.3, 0.1, 0.5)
    with pytest.raises(ValueError, match=r"1\.5 was found"):
        mover_difference(0.5, 0.4, 0.6, 0.3, 0.1, 0.5, 1.5)
