"""pass^k and hit@k: enumeration, coverage, and the checks that use them."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln
from scipy.stats import binom

import baserate as br
from baserate.errors import BaserateError
from baserate.k_runs import _limits, _mean
from baserate.note import codes
from baserate.stats.at_k import all_of, any_of


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_shares_are_those_of_all_subsets(k: int) -> None:
    for events in range(7):
        runs = [1] * events + [0] * (6 - events)
        subsets = list(itertools.combinations(runs, k))
        assert all_of(events, 6, k) == pytest.approx(np.mean([all(s) for s in subsets]), abs=1e-12)
        assert any_of(events, 6, k) == pytest.approx(np.mean([any(s) for s in subsets]), abs=1e-12)


@pytest.mark.parametrize(("n", "k", "p"), [(5, 2, 0.3), (10, 4, 0.9), (12, 12, 0.8), (200, 3, 0.01)])
def test_they_have_no_bias(n: int, k: int, p: float) -> None:
    mass = binom.pmf(np.arange(n + 1), n, p)
    assert mass @ all_of(np.arange(n + 1), n, k) == pytest.approx(p**k, rel=1e-9)
    assert mass @ any_of(np.arange(n + 1), n, k) == pytest.approx(1 - (1 - p) ** k, rel=1e-9)


def test_fewer_runs_than_k_tell_nothing() -> None:
    assert np.isnan(all_of([0, 2], [2, 2], 3)).all()


@pytest.mark.calibration
@pytest.mark.parametrize(("prompts", "epochs", "k"), [(6, 20, 5), (12, 10, 5), (30, 20, 2), (100, 20, 5)])
def test_coverage_over_skewed_prompts(prompts: int, epochs: int, k: int) -> None:
    rng = np.random.default_rng(1)
    for icc, p in itertools.product((0.1, 0.3, 0.6), (0.05, 0.3, 0.95)):
        a, b = p * (1 - icc) / icc, (1 - p) * (1 - icc) / icc
        truth = float(np.exp(betaln(a + k, b) - betaln(a, b)))
        counts = rng.binomial(epochs, rng.beta(a, b, (300, prompts)))
        covered = 0
        for row in counts:
            found = _mean(all_of(row, epochs, k), np.zeros(prompts, dtype=int), np.ones(1))
            low, high = _limits(*found, 0.95)
            covered += low <= truth <= high
        assert covered / 300 >= 0.93, (icc, p)


def test_a_table_of_both() -> None:
    runs = br.simulate({"old": 0.3, "new": 0.8}, prompts=30, epochs=6, icc=0.2, seed=3)
    found = br.at_k(runs, "blackmail", 3)
    t = found.table.set_index(["version", "measure"])
    assert (t.loc[("new", "pass^k"), "estimate"] < t.loc[("new", "hit@k"), "estimate"]) is np.True_
    assert ((t["conf_low"] < t["estimate"]) & (t["estimate"] < t["conf_high"])).all()
    assert found.answer.startswith("Runs of a prompt show blackmail: all of 3 in ")
    shorter = br.at_k(runs, "blackmail", 3, method="korn-graubard").table
    assert (shorter["conf_high"] - shorter["conf_low"]).mean() < (t["conf_high"] - t["conf_low"]).mean()
    one = br.at_k(runs, "blackmail", 1).table.set_index(["version", "measure"])["estimate"]
    rates = br.rates(runs, "blackmail").table.set_index("version")["estimate"]
    assert one[("new", "pass^k")] == pytest.approx(rates["new"])
    assert one[("new", "hit@k")] == pytest.approx(rates["new"])


def test_no_interval_of_zero_width() -> None:
    never = pd.DataFrame({"version": "a", "prompt": [f"p{i}" for i in range(8)], "n": 5, "k": 0})
    t = br.at_k(never, "k", 3).table
    assert t["conf_high"].tolist() == pytest.approx([1 - 0.025 ** (1 / 8)] * 2)


def test_prompts_with_too_few_runs_are_said() -> None:
    cells = pd.DataFrame({"version": "a", "prompt": ["p0", "p1", "p2"], "n": [5, 5, 2], "k": [1, 2, 0]})
    found = br.at_k(cells, "k", 3)
    assert found.table["few"].tolist() == [1, 1]
    assert "too-few-runs" in codes(found.cautions)
    with pytest.raises(BaserateError, match="the most is 5"):
        br.at_k(cells, "k", 6)
    with pytest.raises(BaserateError, match="no k of a prompt"):
        br.at_k(cells.drop(columns="prompt"), "k", 2)


def test_checks_of_k_runs(tmp_path: Path) -> None:
    cells = pd.DataFrame({"version": "a", "prompt": [f"p{i}" for i in range(60)], "n": 10, "k": [0] * 57 + [1] * 3})
    cells.to_csv(tmp_path / "cells.csv", index=False)
    path = tmp_path / "p.toml"
    rule = '[[check]]\nname = "{}"\nkind = "{}"\noutcome = "k"\nrate = {}\n{}\n'
    rules = [
        rule.format("rare", "not_above_rate", 0.05, ""),
        rule.format("any", "not_above_rate", 0.05, "any_of = 10"),
        rule.format("all", "not_below_rate", 0.9, "all_of = 5"),
    ]
    path.write_text('[data]\npath = "cells.csv"\n' + "".join(rules))
    t = br.check(path).table
    assert t["verdict"].tolist() == ["pass", "inconclusive", "fail"]
    assert t["estimate"].tolist() == pytest.approx([0.005, 0.05, 0.0])
    assert "any of 10 runs in 5.0% of prompts" in t["found"][1]
    path.write_text('[data]\npath = "cells.csv"\n' + rule.format("x", "not_above_rate", 0.05, "any_of = 1"))
    with pytest.raises(BaserateError, match="any_of must be a whole number of runs, at least 2"):
        br.check(path)
