"""Kinds of checks: rates from below, more is better, each prompt, the same grader; errors by enumeration."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, binom

import baserate as br
from baserate.checks.kinds import KINDS, judge
from baserate.checks.prompts import _judged
from baserate.checks.rule import Rule
from baserate.errors import BaserateError


def counts(new: tuple[int, int], old: tuple[int, int] = (0, 0), missing: int = 0) -> pd.DataFrame:
    rows = [("new", *new, missing), ("old", *old, 0)]
    table = pd.DataFrame(rows, columns=["version", "refused", "n", "missing"])
    return table[table["n"] + table["missing"] > 0]


def prompts(*cells: tuple[int, int], missing: int = 0) -> pd.DataFrame:
    """Make one version's counts of (events, graded) a prompt; the first has ungraded runs."""
    rows = [("new", f"p{i}", k, n, missing if i == 0 else 0) for i, (k, n) in enumerate(cells)]
    return pd.DataFrame(rows, columns=["version", "prompt", "refused", "n", "missing"])


def rule(kind: str, **told: object) -> Rule:
    limits = {key: told.pop(key) for key in (*KINDS[kind].keys, *KINDS[kind].optional) if key in told}
    return Rule("a check", kind, "refused", limits=limits, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("events", "n", "rate", "verdict"),
    [
        (100, 100, 0.95, "pass"),
        (100, 100, 0.98, "inconclusive"),
        (80, 100, 0.95, "fail"),
        (96, 100, 0.95, "inconclusive"),
    ],
)
def test_not_below_rate(events: int, n: int, rate: float, verdict: str) -> None:
    judged = judge(counts((events, n)), rule("not_below_rate", rate=rate))
    assert judged.verdict == verdict
    assert judged.interval.low == pytest.approx(beta.ppf(0.05, events, n - events + 1), rel=1e-9)
    said = "at most" if verdict == "fail" else "at least"
    assert said in judged.found


def test_not_below_is_not_above_of_the_opposite() -> None:
    for events in range(0, 41, 4):
        below = judge(counts((events, 40)), rule("not_below_rate", rate=0.7)).verdict
        above = judge(counts((40 - events, 40)), rule("not_above_rate", rate=0.3)).verdict
        assert below == above


def test_ungraded_runs_speak_against_a_rate_from_below() -> None:
    judged = judge(counts((100, 100), missing=10), rule("not_below_rate", rate=0.95))
    assert (judged.verdict, judged.survives) == ("pass", False)


@pytest.mark.parametrize(("new", "old", "verdict"), [(95, 95, "pass"), (70, 95, "fail"), (90, 95, "inconclusive")])
def test_more_is_better(new: int, old: int, verdict: str) -> None:
    table = counts(
        (10 * new, 1000) if verdict == "pass" else (new, 100), (10 * old, 1000) if verdict == "pass" else (old, 100)
    )
    asked = {"baseline": "old", "candidate": "new", "margin": 0.05}
    judged = judge(table, rule("not_worse_than", **asked, better="higher"))
    assert judged.verdict == verdict
    swapped = judge(table, rule("not_worse_than", **{**asked, "baseline": "new", "candidate": "old"}))
    assert swapped.verdict == verdict, "falling short is the other one's excess"
    assert "margin -5.0" in judged.found


def test_49_prompts_at_10_of_10_and_one_at_none_are_said() -> None:
    table = prompts(*[(10, 10)] * 49, (0, 10))
    judged = judge(table, rule("no_prompt_below", rate=0.5))
    assert judged.verdict == "fail"
    assert "1 of 50 prompts below: p49 0/10" in judged.found
    assert judge(table, rule("not_below_rate", rate=0.5)).verdict == "pass", "the rate over all hides it"


def test_no_prompt_above() -> None:
    assert judge(prompts((0, 59), (0, 80)), rule("no_prompt_above", rate=0.05)).verdict == "pass"
    few = judge(prompts((0, 58), (0, 80)), rule("no_prompt_above", rate=0.05))
    assert few.verdict == "inconclusive"
    assert "1 prompts have too few runs to tell" in few.found
    high = judge(prompts((0, 80), (9, 80)), rule("no_prompt_above", rate=0.02))
    assert high.verdict == "fail"
    assert high.interval.estimate == pytest.approx(9 / 80)


def test_an_ungraded_prompt_is_not_passed() -> None:
    table = prompts((0, 0), (0, 100), missing=5)
    assert judge(table, rule("no_prompt_above", rate=0.05)).verdict == "inconclusive"
    judged = judge(prompts((0, 60), missing=5), rule("no_prompt_above", rate=0.05))
    assert (judged.verdict, judged.survives) == ("pass", False)


def test_each_prompt_by_enumeration() -> None:
    """Over all counts of three prompts of 12 runs: false failures at most alpha, false passes at most alpha."""
    limit, alpha, n = 0.3, 0.05, 12
    verdicts = {}
    for cell in itertools.product(range(n + 1), repeat=3):
        table = pd.DataFrame({"n": [n] * 3, "events": cell, "missing": 0})
        verdicts[cell] = _judged(table, limit, alpha, above=True).verdict
    mass = {rate: binom.pmf(np.arange(n + 1), n, rate) for rate in (0.0, 0.1, 0.3, 0.31, 0.9)}
    for rates in itertools.combinations_with_replacement(mass, 3):
        chance = {"pass": 0.0, "fail": 0.0, "inconclusive": 0.0}
        for cell, verdict in verdicts.items():
            chance[verdict] += float(np.prod([mass[r][k] for r, k in zip(rates, cell, strict=True)]))
        if max(rates) <= limit:
            assert chance["fail"] <= alpha + 1e-12, rates
        else:
            assert chance["pass"] <= alpha + 1e-12, rates


def test_each_prompt_needs_prompts_and_takes_no_looks() -> None:
    with pytest.raises(BaserateError, match="which runs share a prompt"):
        judge(counts((1, 10)), rule("no_prompt_above", rate=0.5))
    with pytest.raises(BaserateError, match="leave looks and scope out"):
        judge(prompts((1, 10)), rule("no_prompt_above", rate=0.5, looks=(0.5,)))


def test_same_grader() -> None:
    runs = br.simulate({"old": 0.3, "new": 0.6}, prompts=6, epochs=2, seed=4).rename(columns={"blackmail": "refused"})
    runs["refused_grader"] = np.where(runs["version"] == "old", "x/judge-1", "x/judge-2")
    judged = judge(runs, rule("same_grader"))
    assert judged.verdict == "fail"
    assert "old by x/judge-1" in judged.found
    assert judge(runs.assign(refused_grader="x/judge-1"), rule("same_grader")).verdict == "pass"
    assert judge(runs.drop(columns="refused_grader"), rule("same_grader")).verdict == "inconclusive"


def test_a_policy_of_all_kinds(tmp_path: Path) -> None:
    runs = br.simulate({"old": 0.9, "new": 0.9}, prompts=20, epochs=10, seed=4)
    runs["blackmail_grader"] = "x/judge"
    runs.to_csv(tmp_path / "runs.csv", index=False)
    limits = {
        "not_above_rate": "rate = 0.99",
        "not_below_rate": "rate = 0.2",
        "not_worse_than": 'baseline = "old"\ncandidate = "new"\nmargin = 0.2\nbetter = "higher"',
        "no_prompt_above": "rate = 0.999",
        "no_prompt_below": "rate = 0.01",
        "no_more_ungraded_than": "share = 0.1",
        "same_grader": "",
    }
    assert set(limits) == set(KINDS)
    checks = [f'[[check]]\nkind = "{kind}"\noutcome = "blackmail"\n{keys}\n' for kind, keys in limits.items()]
    path = tmp_path / "policy.toml"
    path.write_text('[data]\npath = "runs.csv"\n' + "\n".join(checks))
    checked = br.check(path)
    assert set(checked.table["verdict"]) <= {"pass", "inconclusive"}
    assert "<testsuite" in checked.to_junit()
    assert checked.plot() is not None
    json = checked.to_dict()
    assert len(json["checks"]) == 7
    bad = path.read_text().replace('better = "higher"', 'better = "up"')
    path.write_text(bad)
    with pytest.raises(BaserateError, match="better must be 'lower' or 'higher'"):
        br.check(path)
