"""Adjusted p values against R, and the level that matches them."""

from __future__ import annotations

import numpy as np
import pytest

from baserate.stats.multiplicity import holm
from stats.table_data import MODELS


def test_holm_is_that_of_r() -> None:
    p = [MODELS["p.adjust_holm", f"p/{i}"] for i in range(7)]
    adjusted = [MODELS["p.adjust_holm", f"adj/{i}"] for i in range(7)]
    np.testing.assert_allclose(holm(p), adjusted, rtol=1e-14)
    order = [3, 0, 6, 2, 5, 1, 4]
    np.testing.assert_allclose(holm(np.array(p)[order]), np.array(adjusted)[order], rtol=1e-14)


def test_untested_comparisons_do_not_count() -> None:
    np.testing.assert_allclose(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04])
    assert holm([]).size == 0


def test_impossible_p_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.2 was found"):
        holm([0.5, 1.2])
