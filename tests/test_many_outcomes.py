"""Several outcomes at once: one table, one family of comparisons, the false discovery rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes
from baserate.stats.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm

# R 4.2.2, p.adjust
P = [0.001, 0.008, 0.012, 0.03, 0.041, 0.2, 0.6]
OF_R = {
    "holm": [0.007, 0.048, 0.06, 0.12, 0.123, 0.4, 0.6],
    "benjamini-hochberg": [0.007, 0.028, 0.028, 0.0525, 0.0574, 0.7 / 3, 0.6],
}


def test_adjusted_p_values_as_r_has_them() -> None:
    assert holm(P) == pytest.approx(OF_R["holm"])
    assert benjamini_hochberg(P) == pytest.approx(OF_R["benjamini-hochberg"])
    assert benjamini_yekutieli(P) == pytest.approx(multipletests(P, method="fdr_by")[1])


@pytest.mark.parametrize("seed", range(20))
def test_adjusted_p_values_against_statsmodels(seed: int) -> None:
    p = np.random.default_rng(seed).random(25) ** 3
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])
    assert benjamini_yekutieli(p) == pytest.approx(multipletests(p, method="fdr_by")[1])
    gone = np.insert(p, 3, np.nan)
    assert np.isnan(benjamini_hochberg(gone)[3])
    assert np.delete(benjamini_hochberg(gone), 3) == pytest.approx(benjamini_hochberg(p))


def test_the_false_discovery_rate_is_kept() -> None:
    """100 outcomes, 80 of them without a difference: of those called different, at most a tenth are false."""
    rng = np.random.default_rng(20261127)
    false = []
    for _ in range(400):
        z = rng.standard_normal(100) + np.where(np.arange(100) < 20, 3.0, 0.0)
        from scipy.special import ndtr

        found = benjamini_hochberg(2 * ndtr(-np.abs(z))) < 0.1
        false.append(found[20:].sum() / max(found.sum(), 1))
    assert np.mean(false) < 0.1
    assert np.mean(false) > 0.06, "it is not far more cautious than it need be: q × 80 / 100 = .08"


def drawn() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    runs = pd.DataFrame(
        [(v, f"p{i}", e) for v in "ab" for i in range(20) for e in range(10)], columns=["version", "prompt", "epoch"]
    )
    for name, gain in {"one": 0.25, "two": 0.12, "three": 0.0, "four": 0.0}.items():
        runs[name] = rng.random(len(runs)) < 0.4 + gain * (runs["version"] == "b")
    return runs


RUNS = drawn()
NAMES = ["one", "two", "three", "four"]


def test_each_outcome_is_what_it_is_alone() -> None:
    many = br.rates(RUNS, NAMES)
    assert many.by == ("outcome", "version")
    alone = pd.concat([br.rates(RUNS, name).table for name in NAMES], ignore_index=True)
    pd.testing.assert_frame_equal(many.table.drop(columns="outcome"), alone)
    assert many.table["outcome"].tolist() == [name for name in NAMES for _ in "ab"]
    assert br.rates(RUNS, ["one"]).outcome == "one"


@pytest.mark.parametrize("adjust", ["holm", "bonferroni", "benjamini-hochberg", "benjamini-yekutieli", "none"])
def test_all_comparisons_are_one_family(adjust: str) -> None:
    found = br.compare(RUNS, NAMES, adjust=adjust)
    alone = pd.concat([br.compare(RUNS, name, adjust="none").table for name in NAMES], ignore_index=True)
    assert found.table["p_value"].tolist() == alone["p_value"].tolist()
    assert found.table["conf_low"].tolist() == alone["conf_low"].tolist()
    known = {"benjamini-hochberg": "fdr_bh", "benjamini-yekutieli": "fdr_by"}.get(adjust, adjust)
    expected = alone["p_value"] if adjust == "none" else multipletests(alone["p_value"], method=known)[1]
    assert found.table["p_adjusted"].tolist() == pytest.approx(list(expected))
    apart = (found.table["adjusted_low"] > 0) | (found.table["adjusted_high"] < 0)
    assert (apart == (found.table["verdict"] != "inconclusive")).all(), "limits never contradict verdicts"
    assert found.table["verdict"].iloc[0] == "higher"
    assert ("not-adjusted" if adjust == "none" else "several-comparisons") in codes(found.notes)
    assert len([note for note in found.notes if "comparisons" in note]) == 1
    assert "one" in str(found)


def test_the_figure_shows_all() -> None:
    assert len(br.plot.rates(br.rates(RUNS, NAMES)).get_yticks()) == 4
    assert len(br.plot.forest(br.compare(RUNS, NAMES)).get_yticks()) >= 4


@pytest.mark.parametrize("ask", [br.rates, br.compare])
def test_refusals(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(BaserateError, match="Name each outcome once"):
        ask(RUNS, ["one", "one"])
    with pytest.raises(BaserateError, match="Name each outcome once"):
        ask(RUNS, [])
    with pytest.raises(BaserateError, match="There is no outcome 'fiv'"):
        ask(RUNS, ["one", "fiv"])
    with pytest.raises(BaserateError, match="takes one outcome"):
        br.compare(RUNS, NAMES, adjust="max-z")
