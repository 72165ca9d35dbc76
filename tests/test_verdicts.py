"""Verdicts at their edges: many comparisons, margins, ungraded runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.checks.judgment import Interval, against
from baserate.comparison.verdict import against_region, verdicts
from baserate.equivalence import Region
from baserate.estimate.estimates import Estimates, unknown


def counts(k: list[int], n: int = 1000, **more: object) -> pd.DataFrame:
    return pd.DataFrame({"version": [f"v{i}" for i in range(len(k))], "n": n, "k": k, **more})


def fixed(low: float, high: float, p: float = 0.01) -> Estimates:
    """Make one estimate whose limits do not depend on the level."""
    return Estimates(
        value=np.array([(low + high) / 2]),
        std_error=unknown(1),
        limits_at=lambda level: (np.array([low]), np.array([high])),
        test=lambda: np.array([p]),
        null=0.0,
        n_eff=unknown(1),
        df=unknown(1),
        correlation=unknown(1),
        designs=("independent",),
        intervals=("x",),
        tests=("y",),
    )


def test_a_limit_on_the_margin_has_not_met_it() -> None:
    region = Region(-0.05, 0.05)
    assert against_region(fixed(-0.05, 0.01), 0.05, region).equivalent[0] == "inconclusive"
    assert against_region(fixed(-0.04, 0.05), 0.05, region).not_worse[0] == "inconclusive"
    beyond = against_region(fixed(0.05, 0.08), 0.05, region)
    assert [str(words[0]) for words in beyond] == ["refuted", "refuted"]


def test_interval_and_test_must_both_rule_out_no_effect() -> None:
    for low, high, p, said in (
        (0.01, 0.2, 0.01, "higher"),
        (0.01, 0.2, 0.2, "inconclusive"),
        (-0.1, 0.2, 0.01, "inconclusive"),
    ):
        found = fixed(low, high, p)
        assert verdicts(found, found.p_value, found.limits(0.95), 0.05, None, 1)[0] == said


def test_equivalence_is_held_to_alpha_over_the_comparisons() -> None:
    one = br.compare(counts([500, 500]), "k", baseline="v0", margin=0.04)
    many = br.compare(counts([500, 500, 500, 500, 500]), "k", baseline="v0", margin=0.04)
    assert one.table["verdict"].tolist() == ["equivalent"]
    assert many.table["verdict"].tolist() == ["inconclusive"] * 4
    assert many.table["equivalent"].tolist() == ["inconclusive"] * 4
    assert any("level 0.975" in note for note in many.notes)
    alone = br.compare(counts([500] * 5), "k", baseline="v0", margin=0.04, adjust="none")
    assert alone.table["verdict"].tolist() == ["equivalent"] * 4


def test_the_interval_against_a_margin_has_level_one_less_two_alpha() -> None:
    # 90 % interval of 500/1000 − 500/1000: ± .0368; 95 %: ± .0438
    assert br.compare(counts([500, 500]), "k", margin=0.0375).table["equivalent"].item() == "shown"
    assert br.compare(counts([500, 500]), "k", margin=0.036).table["equivalent"].item() == "inconclusive"


def test_ungraded_runs_are_judged_as_one_of_several_comparisons() -> None:
    # without one yes more of v0: p = .019 alone survives, .019 · 3 does not
    few = counts([70, 84, 70, 71], 100, missing=[1, 0, 0, 0])
    alone = br.compare(few[:2], "k", baseline="v0").table.iloc[0]
    assert alone["verdict"] == "higher"
    assert alone["survives_ungraded"]
    clear = counts([700, 790, 700, 701], missing=[1, 0, 0, 0])
    table = br.compare(clear, "k", baseline="v0").table
    assert table["verdict"].tolist() == ["higher", "inconclusive", "inconclusive"]
    near = counts([700, 747, 600, 701], missing=[6, 0, 0, 0])
    first = br.compare(near, "k", baseline="v0", adjust="holm").table.iloc[0]
    assert first["p_adjusted"] < 0.05 < 3 * first["p_value"]
    assert not first["survives_ungraded"]


@pytest.mark.parametrize("sign", [1, -1])
def test_the_tipping_point_goes_against_the_verdict(sign: int) -> None:
    k = [700, 790][::sign]
    table = counts(k, missing=[0, 300] if sign > 0 else [300, 0])
    row = br.compare(table, "k", baseline="v0").table.iloc[0]
    assert row["verdict"] == ("higher" if sign > 0 else "lower")
    assert not row["survives_ungraded"]
    tipping = int(row["tipping"])

    def verdict(against: int) -> str:
        more = 300 - against
        side = {"n": 1300, "k": round(790 + 0.79 * more)}
        other = {"n": 1000, "k": 700}
        both = [other, side][::sign]
        filled = pd.DataFrame(both).assign(version=["v0", "v1"])
        return str(br.compare(filled, "k", baseline="v0").table["verdict"].item())

    assert verdict(tipping) != row["verdict"]
    assert verdict(tipping - 3) == row["verdict"]


def test_what_was_never_graded_on_a_side_counts_in_the_worst_case() -> None:
    rows = [("a", f"p{i}", 10, 5, 0) for i in range(6)] + [("b", f"p{i}", 10, 5, 0) for i in range(5)]
    rows += [("b", "p5", 0, 0, 10)]
    table = pd.DataFrame(rows, columns=["version", "prompt", "n", "k", "missing"])
    row = br.compare(table, "k", baseline="a").table.iloc[0]
    assert row["left_prompts"] == 1
    assert (row["worst_low"], row["worst_high"]) == pytest.approx((-0.5 / 6, 0.5 / 6))


def test_a_bound_on_the_limit_has_met_it_and_a_lower_one_has_not_passed_it() -> None:
    assert against(Interval(0.05, 0.01, 0.10), 0.10) == "pass"
    assert against(Interval(0.15, 0.10, 0.20), 0.10) == "inconclusive"
    assert against(Interval(0.15, np.nextafter(0.1, 1), 0.20), 0.10) == "fail"


def test_a_look_before_the_end_asks_for_more(tmp_path: Path) -> None:
    pd.DataFrame({"version": ["a"], "n": [400], "k": [10]}).to_csv(tmp_path / "c.csv", index=False)
    head = '[data]\npath = "c.csv"\n[[check]]\nkind = "not_above_rate"\noutcome = "k"\nrate = 0.05\n'
    found = []
    for looks in ("", "looks = [0.25]\n"):
        (tmp_path / "p.toml").write_text(head + looks)
        found.append(br.check(tmp_path / "p.toml").checked[0].judged)
    assert [one.verdict for one in found] == ["pass", "inconclusive"]
    assert found[1].interval.high > found[0].interval.high


def test_a_policy_may_not_choose_runs_by_their_outcome(tmp_path: Path) -> None:
    text = '[data]\npath = "c.csv"\n[[check]]\nkind = "not_above_rate"\noutcome = "k"\nrate = 0.05\nwhere = { k = 0 }\n'
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(br.BaserateError, match="where names the outcome"):
        br.check(tmp_path / "p.toml")


def test_a_policy_says_how_conditions_are_weighed(tmp_path: Path) -> None:
    table = pd.DataFrame({"version": "a", "goal": ["x", "y"], "n": [900, 100], "k": [9, 50]})
    table.to_csv(tmp_path / "c.csv", index=False)
    head = '[data]\npath = "c.csv"\n[[check]]\nkind = "not_above_rate"\noutcome = "k"\nrate = 0.1\n'
    rates = []
    for more in ("", 'mix = "balanced"\n', "mix = { x = 1, y = 3 }\n", "conditions = []\n", 'weights = "runs"\n'):
        (tmp_path / "p.toml").write_text(head + more)
        rates.append(br.check(tmp_path / "p.toml").checked[0].judged.interval.estimate)
    assert rates == pytest.approx([0.059, 0.255, 0.3775, 0.059, 0.059])
