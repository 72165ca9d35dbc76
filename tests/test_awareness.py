"""Did it know? Rates by hand, bounds that hold the truth of potential outcomes, and the published rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes
from baserate.stats.principal_strata import Side, never_aware, never_aware_monotone


def test_the_published_rates() -> None:
    """Lynch et al. (2025): 55.1 % of runs that took it for real blackmailed, 6.5 % of those that took it for a test."""
    counts = {("base", False): (551, 1000), ("base", True): (65, 1000)}
    rows = [(version, aware, i < k) for (version, aware), (k, n) in counts.items() for i in range(n)]
    rows += [("new", aware, bad) for _, aware, bad in rows] + [("new", False, True)] * 500
    found = br.awareness(pd.DataFrame(rows, columns=["version", "test", "bad"]), "bad", "test", baseline="base")
    base = found.table[found.table["version"] == "base"].set_index("awareness")
    assert base.loc["unaware", "estimate"] == pytest.approx(0.551)
    assert base.loc["aware", "estimate"] == pytest.approx(0.065)
    pair = found.pairs.iloc[0]
    assert pair["shift_to_explain"] == pytest.approx(pair["difference"] / (0.065 - 0.551))
    assert pair["shift"] == pytest.approx(1000 / 2500 - 0.5)
    assert "would have to differ" in found.explain()


def worlds(seed: int, monotone: bool) -> tuple[pd.DataFrame, float]:
    """Draw awareness and behavior of each run under both versions, and the effect among those never aware."""
    rng = np.random.default_rng(seed)
    n = 4000
    s0 = rng.random(n) < rng.uniform(0.05, 0.5)
    more = rng.random(n) < rng.uniform(0.05, 0.5)
    s1 = s0 | more if monotone else more
    kind = s0 * 2 + s1  # the four principal strata
    p0, p1 = rng.random(4)[kind], rng.random(4)[kind]
    y0, y1 = rng.random(n) < p0, rng.random(n) < p1
    never = kind == 0
    truth = float((p1 - p0)[never].mean())
    half = np.arange(n) % 2 == 0
    runs = pd.DataFrame(
        {
            "version": np.where(half, "old", "new"),
            "prompt": [f"p{i // 2 % 200}" for i in range(n)],
            "knew": np.where(half, s0, s1),
            "bad": np.where(half, y0, y1),
        }
    )
    return runs, truth


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("monotone", [True, False])
def test_bounds_hold_the_truth_of_potential_outcomes(seed: int, monotone: bool) -> None:
    runs, truth = worlds(seed, monotone)
    pair = br.awareness(runs, "bad", "knew", baseline="old").pairs.iloc[0]
    assert pair["never_conf_low"] <= truth <= pair["never_conf_high"]
    if monotone:
        assert pair["monotone_conf_low"] <= truth <= pair["monotone_conf_high"]
    assert pair["never_low"] <= pair["monotone_low"] <= pair["monotone_high"] <= pair["never_high"]


def test_without_any_awareness_the_bounds_are_the_difference() -> None:
    for bound in (never_aware, never_aware_monotone):
        low, high = bound(Side(0.0, 0.84), Side(0.0, 0.70))
        assert (float(low), float(high)) == pytest.approx((0.14, 0.14))
    low, high = never_aware(Side(0.6, 0.5), Side(0.6, 0.5))
    assert (float(low), float(high)) == (-1.0, 1.0), "there may be no run that never knows"


def test_lee_bounds_by_hand() -> None:
    """The candidate knows in 20 % of runs, the baseline never: a fifth of the baseline's unaware would have known."""
    low, high = never_aware_monotone(Side(0.2, 0.5), Side(0.0, 0.4))
    assert float(low) == pytest.approx(0.5 - 0.4 / 0.8)
    assert float(high) == pytest.approx(0.5 - (0.4 - 0.2) / 0.8)


def test_silent_runs_are_a_group_of_their_own() -> None:
    runs, _ = worlds(1, monotone=True)
    told = runs.assign(knew=runs["knew"].astype("boolean").mask(np.arange(len(runs)) % 5 == 0))
    found = br.awareness(told, "bad", "knew")
    assert found.table["awareness"].unique().tolist() == ["aware", "unaware", "silent"]
    assert found.table.groupby("version", observed=True)["share"].sum().tolist() == pytest.approx([1, 1])
    assert found.table["n"].sum() == len(runs)
    assert "silent" in codes(found.notes)
    assert "measured-after" in codes(found.cautions)


def test_a_difference_that_is_all_of_awareness_vanishes_when_it_is_weighed_alike() -> None:
    rng = np.random.default_rng(3)
    runs = pd.DataFrame({"version": np.repeat(["a", "b"], 2000), "prompt": [f"p{i % 100}" for i in range(4000)]})
    runs["knew"] = rng.random(4000) < np.where(runs["version"] == "a", 0.1, 0.6)
    runs["bad"] = rng.random(4000) < np.where(runs["knew"], 0.1, 0.8)
    pair = br.awareness(runs, "bad", "knew", baseline="a").pairs.iloc[0]
    assert pair["difference"] < -0.2
    assert abs(pair["standardized"]) < 0.05
    assert pair["shift_to_explain"] == pytest.approx(pair["shift"], abs=0.06)


def test_refusals() -> None:
    runs, _ = worlds(0, monotone=True)
    with pytest.raises(BaserateError, match="There is no column of awareness 'know'"):
        br.awareness(runs, "bad", "know")
    with pytest.raises(BaserateError, match="No run has a verdict"):
        br.awareness(runs.assign(bad=None), "bad", "knew")


REAL = Path(__file__).parents[1] / "data" / "eval_awareness_counts.csv"


def test_the_real_counts_are_runs() -> None:
    """19,914 graded runs of four variants, counted; see data/README.md."""
    cells = br.read(REAL)
    leaking = cells[cells["scenario"] == "leaking"]
    found = br.awareness(leaking, "harmful", "aware", baseline="base")
    rows = found.table.set_index(["version", "awareness"])
    assert (rows.loc[("base", "aware"), "events"], rows.loc[("base", "aware"), "n"]) == (34, 1138)
    assert (rows.loc[("base", "unaware"), "events"], rows.loc[("base", "unaware"), "n"]) == (159, 506)
    assert rows["n"].sum() == leaking["n"].sum()
    pair = found.pairs.set_index("candidate").loc["coop_ablate"]
    plain = br.compare(leaking, "harmful", baseline="base").table.set_index("candidate").loc["coop_ablate"]
    assert pair["difference"] == pytest.approx(plain["estimate"], abs=0.002)
    assert pair["standardized"] < pair["difference"]
    raw = pd.read_csv(REAL, keep_default_na=False).rename(columns={"model": "version"})
    again = br.awareness(raw[raw["scenario"] == "leaking"], "harmful", "aware", baseline="base")
    assert again.table["events"].tolist() == found.table["events"].tolist()


def test_counts_that_contradict_themselves_are_refused() -> None:
    counts = pd.DataFrame({"version": ["a", "b"], "n": [10, 10], "bad": [5, 5], "knew": [4, 4], "knew_bad": [2, 5]})
    with pytest.raises(BaserateError, match="Row 2 of the counts contradicts itself"):
        br.awareness(counts, "bad", "knew")
    with pytest.raises(BaserateError, match="no column 'knew_bad'"):
        br.awareness(counts.drop(columns="knew_bad"), "bad", "knew")
    fine = counts.assign(knew_bad=[2, 1], missing=[3, 0])
    table = br.awareness(fine, "bad", "knew").table
    assert table["events"].tolist() == [2, 3, 1, 4]
