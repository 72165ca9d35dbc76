"""The study measures what `rates` and `compare` choose: its vectorized defaults equal theirs, data set by data set."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.stats.cell_means import CellMeans
from calibration.methods import DEFAULT, LEVEL
from calibration.prompt_designs import DIFFERENCES, RATES, PromptPoint
from calibration.prompt_methods import methods
from calibration.prompt_worlds import draw

pytestmark = pytest.mark.calibration

DRAWS = 4
POINTS = (
    PromptPoint(RATES[0], (0.2,), 12, 5, 0.3),
    PromptPoint(RATES[1], (0.05, 0.3, 0.8), 6, 5, 0.2, kind="crossed"),
    PromptPoint(RATES[3], (0.2,), 6, 8, 0.3),
    PromptPoint(DIFFERENCES[0], (0.2,), 12, 5, 0.3, (0.4,), sharing="shared", lost="at random"),
    PromptPoint(DIFFERENCES[3], (0.1, 0.5), 7, 6, 0.3, (0.2, 0.4), sharing="own"),
    PromptPoint(DIFFERENCES[5], (0.05,), 6, 8, 0.3, (0.3,), sharing="shared"),
)


def counts(means: CellMeans, group: int, version: str) -> pd.DataFrame:
    own = means.of == group
    table = {
        "version": version,
        "goal": [f"c{s - means.stratum[own].min()}" for s in means.stratum[own]],
        "prompt": [f"p{u}" for u in means.unit[own]],
        "n": means.n[own].astype(int),
        "k": means.events[own].astype(int),
    }
    return pd.DataFrame(table)


@pytest.mark.parametrize("point", POINTS, ids=lambda p: p.family)
def test_one_path(point: PromptPoint) -> None:
    means, _ = draw(point, DRAWS)
    low, high = methods(point, means)[DEFAULT](LEVEL)
    scope = "fixed" if "fixed" in point.family else "sampled"
    for i in range(DRAWS):
        sides = [counts(means, i, "b")] + ([counts(means, DRAWS + i, "a")] if point.rates2 else [])
        asked: dict[str, Any] = {"scope": scope, "mix": "balanced", "conditions": ["goal"]}
        table = pd.concat(sides)
        if point.rates2:
            row = br.compare(table, "k", baseline="a", **asked).table.iloc[0]
            assert (row["p_value"] < 1 - LEVEL) == (low[i] > 0 or high[i] < 0)
        else:
            row = br.rates(table, "k", **asked).table.iloc[0]
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((low[i], high[i]), abs=1e-9)
