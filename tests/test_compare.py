"""Comparisons: the design chooses the method, and the verdict holds up."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import baserate as br
from baserate.errors import BaserateError, DesignWarning
from baserate.note import codes

RATIO = [1.19999999999998, 1.03108987044439, 1.41532510419547]
ODDS_RATIO = [2.24999999999997, 1.13992595883027, 4.43651072717414]


def counts(k1: int, n1: int, k2: int, n2: int) -> pd.DataFrame:
    return pd.DataFrame({"version": ["new", "old"], "n": [n1, n2], "k": [k1, k2]})


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ((84, 100, 70, 100), 0.0234859316, 0.2551943987),
        ((0, 100, 3, 100), -0.0847129466, 0.0077322692),
        ((100, 100, 84, 100), 0.1008353210, 0.2444419687),
    ],
)
def test_independent_runs_get_miettinen_nurminen_in_both_orders(
    table: tuple[int, int, int, int], low: float, high: float
) -> None:
    # independent score inversion at 40 digits; agrees with R ratesci 1.0.0 scoreci(skew = FALSE)
    row = br.compare(counts(*table), "k", baseline="old").table.iloc[0]
    assert [row.conf_low, row.conf_high] == pytest.approx([low, high], abs=1e-9)
    back = br.compare(counts(*table), "k", baseline="new").table.iloc[0]
    assert [back.conf_low, back.conf_high] == pytest.approx([-high, -low], abs=1e-9)
    assert back.p_value == pytest.approx(row.p_value, rel=1e-12)


def test_what_is_printed() -> None:
    shown = str(br.compare(counts(84, 100, 70, 100), "k", baseline="old"))
    assert shown.startswith("new shows k more often than old: 84.0% (84/100) against 70.0% (70/100), +14.0 [2.3, 25.5]")
    assert "N−1 χ² test" in br.compare(counts(84, 100, 70, 100), "k", baseline="old").explain()
    assert max(map(len, shown.splitlines())) <= 100
    assert "−3.0 [−8.5, 0.8]" in str(br.compare(counts(0, 100, 3, 100), "k", baseline="old"))


def test_small_expected_counts_get_boschloo() -> None:
    assert "Boschloo" in br.compare(counts(0, 100, 3, 100), "k").method


def test_newcombe_can_be_asked_for() -> None:
    asked = br.compare(counts(84, 100, 70, 100), "k", baseline="old", method="newcombe").table.iloc[0]
    # R 4.2.2, contingencytables 3.0.1
    assert (asked.conf_low, asked.conf_high) == pytest.approx((0.0231266408, 0.2525766656), abs=1e-9)


def test_one_run_a_prompt_on_both_sides_is_paired() -> None:
    both = {"11": 1, "10": 1, "01": 7, "00": 12}
    pairs = [pair for pair, times in both.items() for _ in range(times)]
    runs = pd.concat(
        pd.DataFrame({"version": v, "prompt": [f"p{i}" for i in range(21)], "k": [int(p[at]) for p in pairs]})
        for at, v in enumerate(["new", "old"])
    )
    result = br.compare(runs, "k", baseline="old")
    row = result.table.iloc[0]
    assert result.method == "tango, mid-P McNemar test"
    # R 4.2.2, contingencytables 3.0.1: Tango_asymptotic_score_CI_paired_2x2, McNemar_midP_test_paired_2x2
    assert [row.conf_low, row.conf_high] == pytest.approx([-0.517232, -0.026003], abs=1e-6)
    assert row.p_value == pytest.approx(0.0390625, abs=1e-12)


def test_sampled_prompts_are_the_unit() -> None:
    runs = br.simulate({"old": 0.7, "new": 0.84}, prompts=6, epochs=50, icc=0.3, seed=4)
    sampled = br.compare(runs, "blackmail", baseline="old")
    pooled = br.compare(runs, "blackmail", baseline="old", method="miettinen-nurminen")
    asked = br.compare(runs, "blackmail", baseline="old", test="permutation")
    assert "sign-flip" in asked.method
    assert "unequal-spread" in codes(asked.cautions)
    assert "inversion" in sampled.method
    assert asked.table["p_value"].item() != sampled.table["p_value"].item()
    width = [float(c.table.conf_high.iloc[0] - c.table.conf_low.iloc[0]) for c in (sampled, pooled)]
    assert width[0] > width[1]
    assert "taken-as-independent" in codes(pooled.cautions)


def test_different_prompts_are_not_paired() -> None:
    runs = br.simulate({"old": 0.3, "new": 0.8}, prompts=8, epochs=5, shared=False, seed=2)
    result = br.compare(runs, "blackmail", baseline="old")
    assert 0 < result.table["p_value"].item() < 0.05
    assert "permutation test of prompts" in br.compare(runs, "blackmail", test="permutation").method
    assert "with r" not in result.method
    assert result.table["correlation"].iloc[0] == 0


@pytest.mark.parametrize(
    ("once", "several", "prompts", "scope"), [(8, 1, 8, "fixed"), (1, 8, 8, None)], ids=["once", "lone"]
)
def test_what_holds_for_one_side_alone_does_not_make_the_design(
    once: int, several: int, prompts: int, scope: str | None
) -> None:
    a = [("a", f"p{i}", e, (i + e) % 2) for i in range(once) for e in range(several)]
    b = [("b", f"q{i}", e, (i + e) % 3 == 0) for i in range(prompts) for e in range(4)]
    runs = pd.DataFrame([*a, *b], columns=["version", "prompt", "epoch", "blackmail"]).astype({"blackmail": bool})
    table = br.compare(runs, "blackmail", across="version", scope=scope).table
    assert table["df"].item() == pytest.approx(8 * 4 + 8 - 2)
    assert np.isnan(table["needed_prompts"].item())


def test_fixed_prompts_agree_with_their_dual_p_value() -> None:
    runs = br.simulate({"old": 0.5, "new": 0.7}, prompts=5, epochs=20, icc=0.2, seed=7)
    result = br.compare(runs, "blackmail", baseline="old", scope="fixed")
    p = float(result.table["p_value"].iloc[0])
    at_p = br.compare(runs, "blackmail", baseline="old", scope="fixed", level=1 - p).table.iloc[0]
    assert min(abs(at_p.conf_low), abs(at_p.conf_high)) < 1e-8


def test_swapping_the_arms_swaps_the_signs_whatever_the_design() -> None:
    designs = [
        (shared, epochs, scope) for shared in (True, False) for epochs in (1, 5) for scope in ("fixed", "sampled")
    ]
    for (shared, epochs, scope), seed in zip(designs, itertools.count(), strict=False):
        runs = br.simulate({"a": 0.4, "b": 0.6}, prompts=9, epochs=epochs, shared=shared, seed=seed, ungraded=0.05)
        one, two = (br.compare(runs, "blackmail", baseline=v, scope=scope).table.iloc[0] for v in "ab")
        assert [one.conf_low, one.conf_high] == pytest.approx([-two.conf_high, -two.conf_low], abs=1e-9)
        assert one.p_value == pytest.approx(two.p_value, abs=1e-8)
        assert one.conf_low <= one.estimate <= one.conf_high


class TestVerdicts:
    def test_higher_and_lower(self) -> None:
        assert br.compare(counts(84, 100, 70, 100), "k", baseline="old").table["verdict"].item() == "higher"
        assert br.compare(counts(70, 100, 84, 100), "k", baseline="old").table["verdict"].item() == "lower"

    def test_inconclusive_says_what_would_decide(self) -> None:
        row = br.compare(counts(84, 100, 76, 100), "k", baseline="old").table.iloc[0]
        assert row.verdict == "inconclusive"
        assert "more runs a version" in row.needed

    def test_equivalent_needs_a_margin(self) -> None:
        table = counts(500, 1000, 500, 1000)
        assert br.compare(table, "k", baseline="old").table["verdict"].item() == "inconclusive"
        assert br.compare(table, "k", baseline="old", margin=0.05).table["verdict"].item() == "equivalent"
        assert br.compare(table, "k", baseline="old", margin=0.01).table["verdict"].item() == "inconclusive"

    def test_holm_over_several_comparisons(self) -> None:
        table = pd.DataFrame({"version": list("abcd"), "n": 100, "k": [70, 84, 71, 72]})
        result = br.compare(table, "k", baseline="a")
        assert result.table["p_value"].iloc[0] < 0.05 < result.table["p_adjusted"].iloc[0]
        assert result.table["verdict"].iloc[0] == "inconclusive"
        assert any("3 comparisons" in note for note in result.notes)

    def test_nothing_graded_is_inconclusive(self) -> None:
        row = br.compare(counts(0, 0, 70, 100), "k", baseline="old").table.iloc[0]
        assert (row.verdict, row.conf_low, row.conf_high) == ("inconclusive", -1.0, 1.0)
        assert np.isnan(row.p_value)


def test_all_pairs_without_a_baseline() -> None:
    table = pd.DataFrame({"version": list("abc"), "n": 50, "k": [10, 20, 30]})
    result = br.compare(table, "k").table
    assert list(zip(result["candidate"], result["baseline"], strict=True)) == [("b", "a"), ("c", "a"), ("c", "b")]


def test_within_groups() -> None:
    table = pd.DataFrame({"version": list("abab"), "threat": list("xxyy"), "n": 50, "k": [10, 20, 30, 5]})
    result = br.compare(table, "k", baseline="a", by="threat").table
    assert result["threat"].tolist() == ["x", "y"]
    assert result["verdict"].tolist() == ["higher", "lower"] or result["estimate"].tolist() == [0.2, -0.5]


def test_ungraded_runs_bound_the_difference() -> None:
    runs = br.simulate({"old": 0.5, "new": 0.9}, prompts=50, epochs=1, ungraded=0.3, shared=False, seed=1)
    result = br.compare(runs, "blackmail", baseline="old")
    row = result.table.iloc[0]
    assert row.worst_low < row.estimate < row.worst_high
    assert "ungraded-runs" in codes(result.cautions)
    assert row.both_low < row.conf_low
    assert row.conf_high < row.both_high


class TestEffects:
    def test_ratio_and_odds_ratio(self) -> None:
        table = counts(84, 100, 70, 100)
        ratio = br.compare(table, "k", baseline="old", effect="ratio").table.iloc[0]
        odds = br.compare(table, "k", baseline="old", effect="odds-ratio").table.iloc[0]
        # R 4.2.2, ratesci 1.0.0: scoreci(84, 100, 70, 100, contrast = "RR" / "OR", skew = FALSE)
        assert [ratio.estimate, ratio.conf_low, ratio.conf_high] == pytest.approx(RATIO, abs=1e-9)
        assert [odds.estimate, odds.conf_low, odds.conf_high] == pytest.approx(ODDS_RATIO, abs=1e-9)
        assert ratio.verdict == odds.verdict == "higher"

    def test_infinity_is_said(self) -> None:
        row = br.compare(counts(3, 100, 0, 100), "k", baseline="old", effect="ratio").table.iloc[0]
        assert np.isinf(row.estimate)
        assert np.isinf(row.conf_high)
        assert 0 < row.conf_low < 1

    def test_a_ratio_has_a_margin_above_one(self) -> None:
        table = counts(5000, 10000, 5000, 10000)
        assert br.compare(table, "k", margin=1.1, effect="ratio").table["verdict"].item() == "equivalent"
        with pytest.raises(BaserateError, match=r"Did you mean 1\.25"):
            br.compare(table, "k", margin=0.8, effect="ratio")

    def test_ratios_of_sampled_prompts_agree_with_their_p_value(self) -> None:
        runs = br.simulate({"a": 0.4, "b": 0.6}, prompts=20, epochs=5, icc=0.2)
        for effect in ("ratio", "odds-ratio"):
            result = br.compare(runs, "blackmail", effect=effect)
            row = result.table.iloc[0]
            at_p = br.compare(runs, "blackmail", effect=effect, level=1 - row.p_value).table.iloc[0]
            assert 1 < row.estimate < row.conf_high
            assert min(abs(at_p.conf_low - 1), abs(at_p.conf_high - 1)) < 1e-6

    def test_ratio_and_odds_ratio_swap_to_their_inverse(self) -> None:
        runs = br.simulate({"a": 0.3, "b": 0.6}, prompts=12, epochs=4, icc=0.2, seed=3)
        for effect in ("ratio", "odds-ratio"):
            one, two = (br.compare(runs, "blackmail", baseline=v, effect=effect).table.iloc[0] for v in "ab")
            assert [one.conf_low, one.conf_high] == pytest.approx([1 / two.conf_high, 1 / two.conf_low], rel=1e-9)

    def test_fisher_on_request_only(self) -> None:
        asked = br.compare(counts(84, 100, 70, 100), "k", baseline="old", test="fisher")
        assert asked.table["p_value"].item() == pytest.approx(0.028265, abs=1e-6)  # R 4.2.2, fisher.test
        assert "Fisher" in asked.method


class TestMargin:
    @pytest.mark.parametrize(
        ("table", "equivalent", "not_worse"),
        [
            ((500, 1000, 500, 1000), "shown", "shown"),
            ((700, 1000, 500, 1000), "refuted", "refuted"),
            ((300, 1000, 500, 1000), "refuted", "shown"),
            ((55, 100, 50, 100), "inconclusive", "inconclusive"),
        ],
    )
    def test_three_outcomes(self, table: tuple[int, int, int, int], equivalent: str, not_worse: str) -> None:
        result = br.compare(counts(*table), "k", baseline="old", margin=0.05)
        row = result.table.iloc[0]
        assert (row.equivalent, row.not_worse) == (equivalent, not_worse)
        assert any("margin of 0.05" in note for note in result.notes)


class TestStrata:
    @pytest.fixture
    def five(self) -> pd.DataFrame:
        """The strata that R was given (tests/golden/tables_strata5.csv)."""
        table = pd.read_csv(Path(__file__).parent / "golden" / "tables_strata5.csv")
        sides = [
            pd.DataFrame({"version": v, "goal": table["stratum"].map("goal {}".format), "n": table[n], "k": table[x]})
            for v, x, n in (("1", "x1", "n1"), ("2", "x2", "n2"))
        ]
        return pd.concat(sides, ignore_index=True)

    def test_mantel_haenszel_against_r(self, five: pd.DataFrame) -> None:
        row = br.compare(five, "k", baseline="2", strata="goal").table.iloc[0]
        # R 4.2.2, ratesci 1.0.0: scoreci(stratified = TRUE, weighting = "MH", skew = FALSE); DescTools-like Breslow-Day
        assert [row.estimate, row.conf_low, row.conf_high] == pytest.approx(
            [0.036842105263134, -0.045727021977199, 0.119689762486417], abs=1e-9
        )
        assert row.homogeneity_p == pytest.approx(0.00125164528457344, rel=1e-9)

    def test_the_mix_is_never_taken_for_a_difference(self) -> None:
        """Simpson's paradox: lower in each condition, higher in the raw difference."""
        table = pd.DataFrame(
            {
                "version": ["new", "new", "old", "old"],
                "threat": ["none", "replacement"] * 2,
                "n": [100, 900, 900, 100],
                "k": [1, 756, 45, 90],
            }
        )
        result = br.compare(table, "k", baseline="old")
        row = result.table.iloc[0]
        assert row.estimate == pytest.approx(0.5 * (0.01 - 0.05) + 0.5 * (0.84 - 0.90))
        assert row.raw == pytest.approx(0.757 - 0.135)
        assert row.raw == pytest.approx(row.estimate + row.from_mix)
        assert row.verdict == "lower"
        assert "raw-mix-differs" in codes(result.cautions)
        assert br.compare(table, "k", baseline="old", strata="threat").table["estimate"].item() < 0
        assert br.compare(table, "k", baseline="old", conditions=[]).table["verdict"].item() == "higher"

    def test_conditions_of_one_side_alone_are_named_and_counted(self) -> None:
        table = pd.DataFrame(
            {"version": ["new", "new", "old"], "threat": ["none", "replacement", "none"], "n": 50, "k": [2, 40, 3]}
        )
        result = br.compare(table, "k", baseline="old")
        row = result.table.iloc[0]
        assert row.estimate == pytest.approx(2 / 50 - 3 / 50)
        assert (row.left_conditions, row.left_runs) == (1, 50)
        assert any("1 conditions that one side alone ran" in caution for caution in result.cautions)

    def test_versions_confounded_with_conditions(self) -> None:
        table = pd.DataFrame({"version": ["new", "old"], "threat": ["none", "replacement"], "n": 50, "k": [2, 40]})
        with pytest.warns(DesignWarning, match="nothing tells one from the other"):
            result = br.compare(table, "k", baseline="old")
        assert "confounded" in codes(result.cautions)

    def test_strata_of_sampled_prompts_are_conditions(self) -> None:
        runs = br.simulate({"a": 0.3, "b": 0.7}, prompts=20, epochs=4, seed=3)
        runs["goal"] = np.where(runs["prompt"] < "p011", "x", "y")
        one, two = (br.compare(runs, "blackmail", baseline="a", strata=s) for s in ("goal", None))
        pd.testing.assert_frame_equal(one.table.drop(columns="homogeneity_p"), two.table)
        assert np.isnan(one.table["homogeneity_p"].item())  # Breslow and Day's test takes runs as independent


class TestSeveral:
    """Three true ties and one clear difference."""

    @pytest.fixture
    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"version": list("abcd"), "n": 200, "k": [100, 102, 98, 150]})

    @pytest.mark.parametrize("adjust", ["holm", "max-z", "bonferroni", "none"])
    @pytest.mark.parametrize("baseline", [None, "a"])
    def test_interval_and_adjusted_p_never_contradict(
        self, table: pd.DataFrame, adjust: str, baseline: str | None
    ) -> None:
        for k in (110, 115, 120, 125, 130):
            rows = br.compare(table.assign(k=[100, 102, 98, k]), "k", baseline=baseline, adjust=adjust).table
            excluded = (rows["adjusted_low"] > 0) | (rows["adjusted_high"] < 0)
            assert (excluded == (rows["p_adjusted"] < 0.05)).all()
            assert (excluded == rows["verdict"].isin(["higher", "lower"])).all()

    def test_what_adjusts_more(self, table: pd.DataFrame) -> None:
        none, max_z, bonferroni = (
            br.compare(table, "k", adjust=a).table["p_adjusted"].to_numpy() for a in ("none", "max-z", "bonferroni")
        )
        assert (none <= max_z + 1e-12).all()
        assert (max_z <= bonferroni + 1e-12).all()
        assert (max_z < bonferroni).any()

    def test_an_unknown_adjustment(self, table: pd.DataFrame) -> None:
        with pytest.raises(BaserateError, match="no adjustment 'hom'"):
            br.compare(table, "k", adjust="hom")


class TestLooks:
    def test_an_early_look_asks_for_more(self) -> None:
        table = counts(84, 100, 70, 100)
        early = br.compare(table, "k", baseline="old", looks=[0.2, 0.4])
        assert early.table["verdict"].item() == "inconclusive"
        # Lan-DeMets O'Brien-Fleming, 5 even looks (ldbounds; Jennison & Turnbull 2000): z = 3.3569 at the second
        assert 1 - early.level == pytest.approx(2 * norm.sf(3.3569), rel=2e-3)
        assert any("Look 2, at 40% of the planned runs" in note for note in early.notes)

    def test_one_look_at_the_end_is_no_look(self) -> None:
        table = counts(84, 100, 70, 100)
        assert br.compare(table, "k", looks=[1.0]).level == pytest.approx(0.95, abs=1e-9)

    def test_looking_at_any_time_costs_more(self) -> None:
        for runs in (counts(84, 100, 70, 100), br.simulate({"old": 0.5, "new": 0.8}, prompts=40, epochs=4, seed=6)):
            outcome = "k" if "k" in runs else "blackmail"
            plain = br.compare(runs, outcome, baseline="old").table.iloc[0]
            anytime = br.compare(runs, outcome, baseline="old", looks="anytime")
            row = anytime.table.iloc[0]
            assert row.conf_low < plain.conf_low < row.estimate < plain.conf_high < row.conf_high
            assert row.p_value > plain.p_value
            assert "e-process" in anytime.method

    def test_looking_at_any_time_needs_runs_that_come_in_alike(self) -> None:
        table = pd.DataFrame(
            {"version": ["new", "new", "old", "old"], "threat": ["x", "y"] * 2, "n": 50, "k": [42, 40, 37, 36]}
        )
        with pytest.raises(BaserateError, match="whose order would matter"):
            br.compare(table, "k", looks="anytime")
        pooled, plain = (
            br.compare(table, "k", conditions=[], looks=looks).table.iloc[0] for looks in ("anytime", None)
        )
        assert plain.verdict == pooled.verdict == "inconclusive"
        assert pooled.needed_runs > plain.needed_runs + 20

    @pytest.mark.parametrize("looks", [[0.5, 0.4], [0.0, 1.0], [1.2], "someday", 0.5])
    def test_impossible_looks(self, looks: object) -> None:
        with pytest.raises(BaserateError, match="look"):
            br.compare(counts(84, 100, 70, 100), "k", looks=looks)  # type: ignore[arg-type]  # wrong on purpose


def test_a_verdict_that_ungraded_runs_could_overturn_says_so() -> None:
    table = pd.DataFrame({"version": ["new", "old"], "n": [100, 100], "k": [84, 70], "missing": [20, 0]})
    result = br.compare(table, "k", baseline="old")
    assert not result.table["survives_ungraded"].item()
    assert "rests-on-ungraded" in codes(result.cautions)
    assert 1 <= result.table["tipping"].item() <= 20
    few = br.compare(table.assign(missing=[1, 0]), "k", baseline="old").table
    assert few["survives_ungraded"].item()
    ratio = br.compare(table, "k", baseline="old", effect="ratio").table.iloc[0]
    assert (ratio.worst_low, ratio.worst_high) == pytest.approx((0.7 / 0.7, (104 / 120) / 0.7))


def test_ungraded_runs_are_dealt_within_strata() -> None:
    table = pd.DataFrame(
        {
            "version": ["new", "old"] * 2,
            "goal": ["a", "a", "b", "b"],
            "n": [100, 100, 50, 50],
            "k": [84, 60, 20, 10],
            "missing": [2, 0, 1, 0],
        }
    )
    row = br.compare(table, "k", baseline="old", strata="goal").table.iloc[0]
    # Mantel-Haenszel weights n1 n2 / (n1 + n2) of the strata, as if all had been graded
    ends = []
    for add in (0, 1):
        shares = [((84 + 2 * add) / 102 - 0.6, 102 * 100 / 202), ((20 + add) / 51 - 0.2, 51 * 50 / 101)]
        ends.append(sum(d * w for d, w in shares) / sum(w for _, w in shares))
    assert (row.worst_low, row.worst_high) == pytest.approx(tuple(ends), abs=1e-12)
    assert bool(row.survives_ungraded)
    many = br.compare(table.assign(missing=[60, 0, 1, 0]), "k", baseline="old", strata="goal")
    assert not many.table["survives_ungraded"].item()
    assert "rests-on-ungraded" in codes(many.cautions)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"baseline": "odl"}, "no version 'odl' to compare with. Did you mean 'old'"),
        ({"margin": 5}, "Did you mean 0.05"),
        ({"margin": 0}, "between 0 and 1"),
        ({"method": "mn"}, "no method 'mn'"),
        ({"method": "tango"}, "same prompts on both sides"),
        ({"test": "permutation"}, "takes sampled prompts"),
        ({"test": "wald"}, "no test 'wald'"),
        ({"across": "verson"}, "Did you mean 'version'"),
        ({"level": 0}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_answered_says_so(asked: dict[str, object], message: str) -> None:
    with pytest.raises(BaserateError, match=message):
        br.compare(counts(84, 100, 70, 100), "k", **asked)  # type: ignore[arg-type]  # wrong on purpose


def test_one_version_is_nothing_to_compare() -> None:
    with pytest.raises(BaserateError, match="one level 'a'"):
        br.compare(pd.DataFrame({"version": ["a"], "n": [5], "k": [1]}), "k")


@pytest.mark.calibration
@pytest.mark.parametrize("shared", [True, False])
def test_false_alarms_of_the_automatic_path(shared: bool) -> None:
    """No true difference between versions on sampled scenarios of 20 runs: alarms at most as often as stated."""
    rng = np.random.default_rng(20261123)
    times, prompts = 250, 6
    tables = []
    for side in range(2):
        events = rng.binomial(20, rng.beta(2.4, 1.6, (times, prompts)))
        names = [f"p{i}" if shared else f"{side} p{i}" for i in range(prompts)]
        place = np.repeat(np.arange(times), prompts)
        part = {"version": f"v{side}", "set": place.astype(str), "prompt": names * times, "n": 20, "k": events.ravel()}
        tables.append(pd.DataFrame(part))
    asked = br.compare(pd.concat(tables), "k", by="set", adjust="none", conditions=[], scope="sampled").table
    alarms = (asked["verdict"] != "inconclusive").mean()
    assert alarms <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / times)
