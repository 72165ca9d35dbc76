"""Rates: the interval fits the design, and what is not known is never certain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes


def test_independent_runs_get_wilson(two_versions: pd.DataFrame) -> None:
    result = br.rates(two_versions, "blackmail")
    # R 4.2.2, binom::binom.confint(84, 100, method = "wilson")
    assert result.table.loc[0, ["conf_low", "conf_high"]].tolist() == pytest.approx(
        [0.755797306107298, 0.899047115111952], abs=1e-14
    )
    assert result.method == "guarded wilson" or result.method == "wilson"
    assert result.scope == "fixed"


def test_rows_and_counts_give_the_same() -> None:
    runs = br.simulate({"a": 0.2, "b": 0.6}, prompts=8, epochs=5, ungraded=0.1, seed=5)
    counts = br.count(runs, "blackmail").cells.rename(columns={"events": "blackmail"})
    assert codes(br.rates(runs, "blackmail").cautions) == codes(br.rates(counts, "blackmail").cautions)
    pd.testing.assert_frame_equal(br.rates(runs, "blackmail").table, br.rates(counts, "blackmail").table)


def test_rows_without_a_prompt_are_independent() -> None:
    rows = pd.DataFrame({"version": ["a"] * 100, "blackmail": [1] * 84 + [0] * 16})
    row = br.rates(rows, "blackmail").table.iloc[0]
    assert [row.conf_low, row.conf_high] == pytest.approx([0.755797306107298, 0.899047115111952], abs=1e-14)


def test_repeated_prompts_are_not_pooled() -> None:
    runs = br.simulate({"a": 0.5}, prompts=10, epochs=20, icc=0.5, seed=1)
    sampled, fixed = (br.rates(runs, "blackmail", scope=s).table.iloc[0] for s in ("sampled", "fixed"))
    assert br.rates(runs, "blackmail").scope == "sampled"
    assert sampled.n_eff < 0.5 * sampled.n
    assert fixed.n_eff > sampled.n_eff
    assert fixed.conf_high - fixed.conf_low < sampled.conf_high - sampled.conf_low


def test_the_conservative_option_is_korn_and_graubard(shared_runs_a: pd.DataFrame) -> None:
    row = br.rates(shared_runs_a, "blackmail", method="clopper-pearson").table.iloc[0]
    # R 4.2.2, survey 4.1.1, svyciprop(method = "beta") on version A of the 24 x 5 design
    assert [row.conf_low, row.conf_high] == pytest.approx([0.384252548699459, 0.736753719533396], abs=1e-10)


@pytest.fixture
def shared_runs_a() -> pd.DataFrame:
    """Events per prompt, 5 runs each: version A of the design that R was given (tests/golden/runs.csv)."""
    events = [5, 5, 3, 4, 3, 5, 4, 4, 0, 5, 5, 5, 1, 0, 1, 5, 0, 0, 1, 3, 1, 4, 0, 4]
    return pd.DataFrame({"version": "A", "prompt": [f"p{i}" for i in range(24)], "n": 5, "blackmail": events})


def test_nothing_graded_is_nothing_known() -> None:
    runs = pd.DataFrame({"version": ["a", "b"], "blackmail": pd.array([None, True], dtype="boolean")})
    row = br.rates(runs, "blackmail").table.iloc[0]
    assert np.isnan(row.estimate)
    assert (row.conf_low, row.conf_high, row.missing, row.n) == (0.0, 1.0, 1, 0)


@pytest.mark.parametrize("events", [0, 20])
@pytest.mark.parametrize("scope", ["fixed", "sampled"])
@pytest.mark.parametrize("method", ["wilson", "clopper-pearson", "korn-graubard", "mid-p", "jeffreys"])
def test_no_interval_has_zero_width(events: int, scope: str, method: str) -> None:
    counts = pd.DataFrame({"version": "a", "prompt": ["p", "q", "r"], "n": 20, "k": events})
    row = br.rates(counts, "k", scope=scope, method=method).table.iloc[0]
    assert row.conf_high - row.conf_low > 0.01


def test_ungraded_runs_bound_the_rate() -> None:
    runs = pd.DataFrame({"version": "a", "blackmail": [1, 1, 0, None, None]})
    result = br.rates(runs, "blackmail")
    row = result.table.iloc[0]
    assert (row.estimate, row.worst_low, row.worst_high) == (2 / 3, 2 / 5, 4 / 5)
    assert any("2 of 5 runs have no verdict" in caution for caution in result.cautions)


def test_zero_events_say_what_they_do_not_show() -> None:
    result = br.rates(pd.DataFrame({"version": ["a"], "n": [100], "k": [0]}), "k")
    assert any("no proof of never" in note and "3.7%" in note for note in result.notes)


def test_a_bound_on_a_rare_behavior_is_one_sided_and_exact() -> None:
    result = br.rates(pd.DataFrame({"version": ["a"], "n": [100], "k": [0]}), "k", side="upper")
    row = result.table.iloc[0]
    assert (row.conf_low, row.conf_high) == (0.0, pytest.approx(1 - 0.05**0.01, abs=1e-12))  # closed form at 0 events
    assert result.method == "clopper-pearson, upper bound"
    assert any("rule of three" in note and "3/100" in note for note in result.notes)
    lower = br.rates(pd.DataFrame({"version": ["a"], "n": [100], "k": [100]}), "k", side="lower").table.iloc[0]
    assert (lower.conf_low, lower.conf_high) == (pytest.approx(0.05**0.01, abs=1e-12), 1.0)


def test_few_prompts_with_the_rarer_outcome_are_named() -> None:
    counts = pd.DataFrame({"version": "a", "prompt": [f"p{i}" for i in range(20)], "n": 5, "k": [2] + [0] * 19})
    assert "few-prompts-with-rarer-outcome" in codes(br.rates(counts, "k").cautions)


def test_pooling_and_grouping() -> None:
    counts = pd.DataFrame({"version": ["a", "b"], "threat": ["x", "y"], "n": [10, 30], "k": [1, 9]})
    assert br.rates(counts, "k", by=None).table["n"].tolist() == [40]
    assert list(br.rates(counts, "k", by=["threat", "version"]).table.columns[:2]) == ["threat", "version"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": "blackmial"}, "Did you mean 'blackmail'"),
        ({"by": "verison"}, "Did you mean 'version'"),
        ({"method": "wald"}, "no method 'wald'"),
        ({"level": 95}, "Did you mean 0.95"),
        ({"scope": "sampled"}, "at least two prompts"),
    ],
)
def test_what_cannot_be_answered_says_so(two_versions: pd.DataFrame, change: dict[str, object], message: str) -> None:
    asked = {"outcome": "blackmail", **change}
    with pytest.raises(BaserateError, match=message):
        br.rates(two_versions, **asked)  # type: ignore[arg-type]  # wrong on purpose


def test_one_prompt_in_a_group_of_a_sampled_design_is_noted_or_refused() -> None:
    counts = pd.DataFrame({"version": ["a", "a", "b"], "prompt": ["p", "q", "p"], "n": [20, 20, 20], "k": [10, 12, 5]})
    result = br.rates(counts, "k")
    assert result.scope == "sampled"
    assert any("One prompt only in b" in caution for caution in result.cautions)
    with pytest.raises(BaserateError, match="b has one with 20 runs"):
        br.rates(counts, "k", scope="sampled")


def test_rates_by_prompt() -> None:
    counts = pd.DataFrame({"version": "a", "prompt": ["p", "q"], "n": [20, 20], "k": [10, 12]})
    assert br.rates(counts, "k", by="prompt").table["n"].tolist() == [20, 20]


def test_the_rule_of_three_needs_thirty_runs() -> None:
    few = br.rates(pd.DataFrame({"version": ["a"], "n": [6], "k": [0]}), "k").notes
    assert any("no proof of never" in note for note in few)
    assert not any("rule of three" in note for note in few)


@pytest.mark.parametrize("weights", ["prompts", "runs"])
@pytest.mark.parametrize("shown", [True, False])
def test_runs_that_are_all_alike_on_uneven_prompts_are_no_rounding_noise(weights: str, shown: bool) -> None:
    sizes = [1] * 13 + [2, 2, 2, 3, 3, 3]
    runs = pd.DataFrame({"version": "a", "prompt": np.repeat([f"p{i}" for i in range(19)], sizes), "bad": shown})
    row = br.rates(runs, "bad", weights=weights).table.iloc[0]
    assert row["estimate"] == float(shown)
    assert 0.05 < row["conf_high"] - row["conf_low"] < 0.25
