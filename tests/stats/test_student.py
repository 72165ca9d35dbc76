"""Student's quantiles against values to 60 digits, and where scipy's own are wrong."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri, stdtr

import baserate as br
from baserate.stats.student import t_quantile

# mpmath 1.3.0, roots of the regularized incomplete beta function at 60 digits
EXACT = [
    (0.5, 0.975, 164.55767348048824),
    (1, 0.975, 12.706204736174693),
    (2.5, 0.9, 1.7302509288071768),
    (4, 0.975, 2.7764451051977935),
    (4, 0.5 + 2**-30, 2.483526865641276e-9),
    (4, 0.5 + 2**-50, 2.3684757858670006e-15),
    (6, 0.975, 2.4469118511449693),
    (6, 0.5 + 2**-30, 2.4333494333259047e-9),
    (6, 0.5 - 2**-50, -2.320622857404618e-15),
    (7, 0.5 + 2**-20, 2.4771311527716507e-6),
    (8, 0.0005, -5.0413054333733674),
    (40, 1e-200, -590145.56260284444),
    (1e6, 0.975, 1.9599663568141067),
    (1e12, 0.76, 0.70630256284035215),
]


@pytest.mark.parametrize(("df", "p", "expected"), EXACT)
def test_quantiles_are_exact(df: float, p: float, expected: float) -> None:
    assert t_quantile(df, p) == pytest.approx(expected, rel=5e-15)


def test_quantiles_undo_the_distribution() -> None:
    df, p = np.meshgrid([0.3, 1, 2, 3.7, 4, 6, 19, 1e4], np.linspace(0.001, 0.999, 997))
    assert stdtr(df, t_quantile(df, p)) == pytest.approx(p, rel=1e-9)


def test_quantiles_rise_through_zero_whatever_the_degrees_of_freedom() -> None:
    p = 0.5 + 2.0 ** -np.arange(52.0, 1.0, -1.0)
    for df in (1, 2, 3, 4, 5, 6, 7, 8, 1e15, np.inf):
        t = t_quantile(df, p)
        assert t[0] > 0
        assert np.all(np.diff(t) > 0)
        assert t_quantile(df, 1 - p) == pytest.approx(-t, rel=1e-15)


def test_the_ends_and_what_is_impossible() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert t_quantile(3, [0, 0.5, 1]).tolist() == [-np.inf, 0, np.inf]
        assert t_quantile(np.inf, 0.975) == pytest.approx(ndtri(0.975), rel=1e-15)
        assert np.isnan(t_quantile([0, -1, np.nan, 3, 3], [0.9, 0.9, 0.9, np.nan, 1.5])).all()
    assert t_quantile([[4], [6]], [0.9, 0.95, 0.975]).shape == (2, 3)


@pytest.mark.parametrize("runs", [[2, 3], [3, 4]])
def test_five_or_seven_runs_have_an_interval_at_every_level(runs: list[int]) -> None:
    table = pd.DataFrame({"version": "a", "prompt": ["p", "q"], "n": runs, "k": [1, 2]})
    table = pd.concat([table, table.assign(version="b")])
    for level in (1e-9, 1e-6, 0.5):
        row = br.compare(table, "k", scope="fixed", level=level).table.iloc[0]
        assert row.conf_low <= 0 <= row.conf_high
