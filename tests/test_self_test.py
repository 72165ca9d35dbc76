"""A policy tried on one's own runs, dealt at random: how often it errs, and what it catches."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.checks.dealing import Dealt
from baserate.checks.rule import Rule
from baserate.cli import main
from baserate.errors import BaserateError
from baserate.note import codes

CHECK = """[[check]]
name = "no worse"
kind = "not_worse_than"
outcome = "blackmail"
baseline = "old"
candidate = "new"
margin = {}
"""


def policy(folder: Path, runs: pd.DataFrame, margin: float = 0.1, more: str = "") -> Path:
    runs.to_csv(folder / "runs.csv", index=False)
    path = folder / "policy.toml"
    path.write_text('[data]\npath = "runs.csv"\n' + CHECK.format(margin) + more)
    return path


def some(prompts: int = 30, epochs: int = 6, icc: float = 0.2, shared: bool = True) -> pd.DataFrame:
    runs = br.simulate({"old": 0.5, "new": 0.5}, prompts=prompts, epochs=epochs, icc=icc, seed=5)
    if not shared:
        runs["prompt"] = runs["version"].astype(str) + runs["prompt"].astype(str)
    return runs


@pytest.mark.parametrize("shared", [True, False])
def test_false_alarms_are_few_and_true_changes_are_caught(tmp_path: Path, shared: bool) -> None:
    found = br.self_test(policy(tmp_path, some(shared=shared)), repeats=400)
    row = found.table.iloc[0]
    assert row["fail"] <= 0.01
    assert row["fail_at_margin"] <= 0.08, "about alpha, where the candidate is worse by just the margin"
    assert row["fail"] + row["passed"] + row["inconclusive"] == pytest.approx(1)
    assert "too-many-false-alarms" not in codes(found.cautions)
    assert 0.1 < row["catches"] <= 0.5
    curve = found.curves
    assert curve["fail"].iloc[-1] > 0.95
    assert curve["passed"].iloc[0] == row["passed"]


def test_what_it_catches_is_what_planning_says(tmp_path: Path) -> None:
    """Independent runs of 200 against 200: exact power at the change that was found."""
    runs = br.simulate({"old": 0.3, "new": 0.3}, prompts=200, epochs=1, icc=0.0, seed=5)
    runs["prompt"] = runs["version"].astype(str) + runs["prompt"].astype(str)
    row = br.self_test(policy(tmp_path, runs, margin=0.0), repeats=400).table.iloc[0]
    rate = runs["blackmail"].mean()
    power = br.power([rate, rate + row["catches"]], runs=200, level=0.9).table["power"][0]
    assert 0.7 < power < 0.97


def test_more_is_better(tmp_path: Path) -> None:
    found = br.self_test(policy(tmp_path, some(), more='better = "higher"\n'), repeats=100)
    assert found.curves["fail"].iloc[-1] > 0.95


def test_own_prompts_change_sides_whole() -> None:
    runs = some(prompts=6, epochs=4, shared=False)
    rule = Rule("x", "not_worse_than", "blackmail", limits={"margin": 0.1, "baseline": "old", "candidate": "new"})
    dealt = Dealt(br.count(runs, "blackmail"), rule, ("new", "old"))
    events, n = dealt.deal(0.0, 50, np.random.default_rng(1))
    assert set(np.unique(n)) == {0, 4}
    assert (n.sum(axis=1) == 24).all(), "as many prompts and runs a side as there were"
    assert (events.sum(axis=(1, 2)) == dealt.events.sum()).all()
    assert len({tuple(one.ravel()) for one in n}) > 10


def test_shared_prompts_keep_their_runs_and_sizes() -> None:
    rule = Rule("x", "not_worse_than", "blackmail", limits={"margin": 0.1, "baseline": "old", "candidate": "new"})
    dealt = Dealt(br.count(some(), "blackmail"), rule, ("new", "old"))
    events, n = dealt.deal(0.0, 50, np.random.default_rng(1))
    assert (events.sum(axis=2) == dealt.events.sum(axis=1)).all()
    assert (n == dealt.n).all()
    assert (events <= n).all()


def test_a_policy_that_errs_too_often_is_told(tmp_path: Path) -> None:
    """One prompt a family, run over and over, and taken as independent by weights and scope of the policy."""
    runs = some(prompts=4, epochs=40, icc=0.9, shared=False)
    found = br.self_test(policy(tmp_path, runs, margin=0.0, more='scope = "fixed"\n'), repeats=200)
    assert "too-many-false-alarms" in codes(found.cautions)
    assert "more false alarms than its alpha" in str(found)


def test_other_kinds_are_not_dealt(tmp_path: Path) -> None:
    more = '[[check]]\nname = "rare"\nkind = "not_above_rate"\noutcome = "blackmail"\nrate = 0.9\n'
    found = br.self_test(policy(tmp_path, some(), more=more), repeats=20)
    assert found.left == ("rare",)
    assert "Not dealt" in str(found)
    assert json.loads(found.to_json())["not_dealt"] == ["rare"]


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(policy(tmp_path, some()))
    figure = tmp_path / "out" / "power.svg"
    assert (
        main(
            ["check", path, "--self-test", "--repeats", "50", "--figure", str(figure), "--markdown", f"{tmp_path}/s.md"]
        )
        == 0
    )
    assert "raises a false alarm in" in " ".join(capsys.readouterr().out.split())
    assert figure.stat().st_size > 1000
    assert "at the margin" in (tmp_path / "s.md").read_text()
    assert main(["check", path, "--self-test", "--repeats", "3"]) == 2


def test_a_version_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BaserateError, match="no graded run of version 'old'"):
        br.self_test(policy(tmp_path, some().query("version == 'new'")), repeats=20)
