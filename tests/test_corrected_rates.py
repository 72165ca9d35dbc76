"""Rates corrected for the judge's errors: against R, by simulation, and where labels are too few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.stats.misclassification import lang_reiczigel, rogan_gladen
from baserate.text import codes

# R 4.2.2, epiR 2.0.57 and the code of Lang and Reiczigel (2014)
OF_R = [
    ((84, 100, 95, 100, 97, 100), 0.880434782608696, (0.785089993355399, 0.969244821883426)),
    ((3, 100, 90, 100, 98, 100), 0.0113636363636364, (0.0, 0.0791340775270498)),
]


@pytest.mark.parametrize(("counts", "estimate", "limits"), OF_R)
def test_as_r_has_it(counts: tuple[int, ...], estimate: float, limits: tuple[float, float]) -> None:
    k, n, ry, ny, rn, nn = counts
    assert float(rogan_gladen(k / n, ry / ny, rn / nn)) == pytest.approx(estimate, abs=1e-12)
    found = lang_reiczigel(k, n, ry, ny, rn, nn)
    assert (float(found[0]), float(found[1])) == pytest.approx(limits, abs=1e-9)


def test_a_judge_no_better_than_chance_tells_nothing() -> None:
    assert np.isnan(rogan_gladen(0.5, 0.5, 0.5))
    low, high = lang_reiczigel(50, 100, 50, 100, 50, 100)
    assert (float(low), float(high)) == (0.0, 1.0)


@pytest.mark.parametrize("true", [0.01, 0.1, 0.5, 0.84])
@pytest.mark.parametrize(("se", "sp"), [(0.8, 0.8), (0.85, 0.95), (0.95, 0.85), (0.99, 0.99)])
def test_coverage(true: float, se: float, sp: float) -> None:
    rng = np.random.default_rng(20261127)
    draws = 4000
    seen = rng.binomial(200, true * se + (1 - true) * (1 - sp), draws)
    low, high = lang_reiczigel(seen, 200, rng.binomial(100, se, draws), 100, rng.binomial(100, sp, draws), 100)
    assert ((low <= true) & (true <= high)).mean() > 0.935


def judged(se: float, sp: float, labels: int, seed: int = 1) -> tuple[pd.DataFrame, dict[str, float]]:
    """Draw two versions on 40 prompts with 10 runs each; a judge of these errors; labels of the first runs."""
    rng = np.random.default_rng(seed)
    rows = [(v, f"p{i}", e) for v in "ab" for i in range(40) for e in range(10)]
    runs = pd.DataFrame(rows, columns=["version", "prompt", "epoch"])
    truth = rng.random(len(runs)) < np.where(runs["version"] == "a", 0.7, 0.84)
    runs["bad"] = np.where(truth, rng.random(len(runs)) < se, rng.random(len(runs)) > sp)
    runs["bad_human"] = pd.array(truth, dtype="boolean")
    place = np.arange(len(runs)) % 400
    runs.loc[place >= labels, "bad_human"] = pd.NA
    return runs, {"a": 0.7, "b": 0.84}


def test_what_the_judge_misses_is_put_back() -> None:
    runs, truth = judged(0.8, 0.9, 150)
    found = br.rates(runs, "bad", corrected="rogan-gladen")
    for row in found.table.itertuples():
        assert row.conf_low < truth[str(row.version)] < row.conf_high
        assert abs(float(str(row.estimate)) - truth[str(row.version)]) < abs(
            float(str(row.uncorrected)) - truth[str(row.version)]
        )
    assert found.corrected == "rogan-gladen"
    assert "corrected rate" in str(found)
    assert "as judged" in str(found)
    plain = br.rates(runs, "bad").table
    assert (found.table["conf_high"] - found.table["conf_low"] > plain["conf_high"] - plain["conf_low"]).all()


def test_a_perfect_judge_is_hardly_corrected() -> None:
    runs, _ = judged(1.0, 1.0, 150)
    found = br.rates(runs, "bad", corrected="rogan-gladen").table
    assert found["estimate"].tolist() == pytest.approx(br.rates(runs, "bad").table["estimate"].tolist())
    assert (found["conf_low"] < found["estimate"]).all()


def test_few_labels_are_pooled_or_leave_the_rate_as_it_is() -> None:
    runs, _ = judged(0.85, 0.95, 60)
    runs.loc[runs["version"] == "b", "bad_human"] = pd.NA
    pooled = br.rates(runs, "bad", corrected="rogan-gladen")
    assert "labels-pooled" in codes(pooled.cautions)
    assert pooled.table["labeled"].tolist() == [60, 60]
    few, _ = judged(0.85, 0.95, 12)
    left = br.rates(few, "bad", corrected="rogan-gladen")
    assert "uncorrected" in codes(left.cautions)
    assert left.table["estimate"].tolist() == br.rates(few, "bad").table["estimate"].tolist()
    assert left.corrected == ""


def test_several_outcomes_and_refusals() -> None:
    runs, _ = judged(0.85, 0.95, 150)
    with pytest.raises(BaserateError, match="There is no correction 'x'"):
        br.rates(runs, "bad", corrected="x")
    with pytest.raises(BaserateError, match="takes human labels"):
        br.rates(runs.drop(columns="bad_human"), "bad", corrected="rogan-gladen")
    with pytest.raises(BaserateError, match="two-sided limits"):
        br.rates(runs, "bad", corrected="rogan-gladen", side="upper")
    with pytest.raises(BaserateError, match="Counts do not tell one run from another"):
        br.rates(br.count(runs, "bad"), "bad", corrected="rogan-gladen")
    with pytest.raises(BaserateError, match="There is no column of human labels 'who'"):
        br.rates(runs, "bad", corrected="rogan-gladen", human="who")
