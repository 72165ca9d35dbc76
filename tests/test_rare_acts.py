"""Rare acts: bounds of known value, numbers of further runs that are enough and no more, forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import baserate as br
from baserate.errors import BaserateError


def counts(events: int, n: int) -> pd.DataFrame:
    return pd.DataFrame({"version": ["a"], "n": [n], "copied": [events]})


@pytest.mark.parametrize(("events", "n"), [(0, 100), (0, 300), (1, 300), (3, 500)])
def test_independent_runs_have_clopper_and_pearsons_bound(events: int, n: int) -> None:
    row = br.at_most(counts(events, n), "copied").table.iloc[0]
    assert row["bound"] == pytest.approx(stats.beta.ppf(0.95, events + 1, n - events))


@pytest.mark.parametrize(("events", "n", "below"), [(0, 100, 0.01), (0, 50, 0.001), (1, 300, 0.01), (3, 500, 0.01)])
def test_as_many_more_runs_are_enough_and_one_less_is_not(events: int, n: int, below: float) -> None:
    more = int(br.at_most(counts(events, n), "copied", below=below).table["needed_runs"].iloc[0])
    enough = br.at_most(counts(events, n + more), "copied", below=below).table.iloc[0]
    assert enough["bound"] < below or enough["bound"] == pytest.approx(below, rel=1e-6)
    assert br.at_most(counts(events, n + more - 1), "copied").table["bound"].iloc[0] > below
    if events == 0:
        assert n + more == pytest.approx(np.log(0.05) / np.log1p(-below), abs=1), "the rule of three, exactly"


def runs(prompts: int, epochs: int, hits: int) -> pd.DataFrame:
    made = pd.DataFrame(
        [("a", f"p{i}", e) for i in range(prompts) for e in range(epochs)], columns=["version", "prompt", "epoch"]
    )
    made["copied"] = False
    made.loc[[i * epochs for i in range(hits)], "copied"] = True
    return made


@pytest.mark.parametrize("hits", [0, 1, 3])
def test_prompts_are_what_is_needed_where_prompts_are_sampled(hits: int) -> None:
    few = runs(20, 10, hits)
    row = br.at_most(few, "copied", below=0.02).table.iloc[0]
    assert row["bound"] > stats.beta.ppf(0.95, hits + 1, 200 - hits), "runs of a prompt resemble each other"
    more = int(row["needed_prompts"])
    assert more > 0
    after = br.at_most(runs(20 + more, 10, hits), "copied").table["bound"].iloc[0]
    assert after < 0.02
    assert br.at_most(runs(20 + more - 1, 10, hits), "copied").table["bound"].iloc[0] >= 0.02
    assert row["needed_runs"] == 10 * more


def test_the_bound_holds_over_sampled_prompts() -> None:
    """Prompts whose rates differ: one in twenty shows the act in a fifth of its runs."""
    rng = np.random.default_rng(20261127)
    truth, held = 0.05 * 0.2, 0
    for _ in range(200):
        rate = np.where(rng.random(30) < 0.05, 0.2, 0.0)
        made = runs(30, 10, 0)
        made["copied"] = rng.random(300) < np.repeat(rate, 10)
        held += br.at_most(made, "copied").table["bound"].iloc[0] >= truth
    assert held >= 0.93 * 200


def test_a_deployment() -> None:
    found = br.at_most(counts(0, 300), "copied", deployment=50)
    bound = found.table["bound"].iloc[0]
    assert found.table["deployment_bound"].iloc[0] == pytest.approx(1 - (1 - bound) ** 50)
    assert "it supposes that" in " ".join(found.notes)
    assert "one or more in 50" in str(found)


def test_ungraded_runs_may_all_have_been_one() -> None:
    made = runs(20, 10, 0).astype({"copied": "boolean"})
    made.loc[:9, "copied"] = pd.NA
    row = br.at_most(made, "copied").table.iloc[0]
    assert row["worst_bound"] > row["bound"]
    assert row["worst_bound"] > 10 / 200


def test_refusals() -> None:
    for below in (0, 1, -0.1, 5.0):
        with pytest.raises(BaserateError, match="below is a rate"):
            br.at_most(counts(0, 10), "copied", below=below)
    with pytest.raises(BaserateError, match="deployment must be a whole number"):
        br.at_most(counts(0, 10), "copied", deployment=0)


def test_runs_that_were_stopped_but_graded_do_not_stand_in_the_way() -> None:
    made = runs(20, 5, 0).assign(status="ok", copied_logged=pd.NA)
    made.loc[:3, "status"] = "limit"
    made["copied_logged"] = made["copied_logged"].astype("boolean")
    made.loc[:3, "copied_logged"] = False
    made["copied"] = made["copied"].astype("boolean").mask(made["status"] == "limit")
    assert br.at_most(made, "copied", below=0.01).table["needed_prompts"].iloc[0] > 0
