"""From a pilot to a plan: the components are those that made the runs, and the best allocation is the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes
from baserate.stats.variance_components import best_epochs, error_of, variance_components
from stats.flat import one_group


def test_components_by_hand() -> None:
    k, n = np.array([4.0, 1, 0, 2]), 5
    shares = k / n
    between = n * ((shares - shares.mean()) ** 2).sum() / 3
    within = n * (shares * (1 - shares)).sum() / 16
    found = variance_components(one_group(k, n))
    assert found.run == pytest.approx(within)
    assert found.prompt == pytest.approx((between - within) / n)
    assert found.condition == 0
    assert found.prompt_low <= found.prompt <= found.prompt_high
    assert found.run_low < found.run < found.run_high


@pytest.mark.calibration
def test_components_are_those_that_made_the_runs() -> None:
    rng = np.random.default_rng(4)
    rate, icc, prompts, epochs, repeats = 0.4, 0.3, 15, 6, 800
    size = (1 - icc) / icc
    theta = rng.beta(rate * size, (1 - rate) * size, (repeats, prompts))
    found = [variance_components(one_group(rng.binomial(epochs, t), epochs)) for t in theta]
    truth = rate * (1 - rate) * icc
    assert np.mean([f.prompt for f in found]) == pytest.approx(truth, rel=0.05)
    assert np.mean([f.run for f in found]) == pytest.approx(rate * (1 - rate) * (1 - icc), rel=0.02)
    assert np.mean([f.prompt_low <= truth <= f.prompt_high for f in found]) > 0.92


def test_the_best_allocation_beats_all_others() -> None:
    pilot = br.simulate({"a": 0.3, "b": 0.5}, prompts=12, epochs=8, icc=0.2, seed=2)
    planned = br.plan(pilot, "blackmail", budget=600, prompt_cost=5, epochs=range(1, 40))
    best = planned.table[planned.table["best"]].iloc[0]
    assert best["std_error"] == planned.table["std_error"].min()
    assert (planned.table["cost"] <= 600).all()
    assert planned.table["std_error_difference"].to_numpy() == pytest.approx(np.sqrt(2) * planned.table["std_error"])
    assert planned.components["source"].tolist() == ["condition", "prompt", "run"]
    assert "600" not in planned.answer
    assert f"{best['prompts']:,} prompts" in planned.answer


def test_cheap_prompts_want_few_epochs_and_dear_ones_many() -> None:
    found = variance_components(one_group([9, 1, 8, 2, 7, 3, 5, 10], 10))
    assert best_epochs(found, 0.0, 1.0) == 0
    assert best_epochs(found, 40.0, 1.0) == pytest.approx(2 * best_epochs(found, 10.0, 1.0))
    error = error_of(found, np.array([10.0, 20.0]), np.array([4.0, 4.0]))
    assert error[0] == pytest.approx(np.sqrt(2) * error[1])


def test_prompts_that_do_not_differ() -> None:
    same = pd.DataFrame({"version": "a", "prompt": [f"p{i}" for i in range(6)], "n": 10, "k": 5})
    planned = br.plan(same, "k")
    assert planned.icc == 0
    assert {"no-spread", "few-prompts"} <= codes(planned.notes)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"run_cost": 0}, "must be above 0"),
        ({"run_cost": 5e-324, "budget": 1e300}, "more runs than can be counted"),
        ({"budget": 2, "epochs": [50]}, "does not pay for two prompts of 50 or more epochs"),
        ({"prompt_cost": -1}, "prompt_cost must be a number of at least 0"),
        ({"budget": 1}, "does not pay for two prompts"),
        ({"epochs": [0]}, "epochs must be a whole number"),
    ],
)
def test_what_cannot_be_planned_says_so(asked: dict[str, object], message: str) -> None:
    pilot = br.simulate({"a": 0.3}, prompts=6, epochs=4, seed=2)
    with pytest.raises(BaserateError, match=message):
        br.plan(pilot, "blackmail", **asked)  # type: ignore[arg-type]  # wrong on purpose


def test_a_pilot_must_tell_prompts_from_runs() -> None:
    with pytest.raises(BaserateError, match="no column tells"):
        br.plan(pd.DataFrame({"version": ["a"], "n": [9], "k": [3]}), "k")
    with pytest.raises(BaserateError, match="cannot tell prompts from runs"):
        br.plan(br.simulate({"a": 0.3}, prompts=6, epochs=1, seed=2), "blackmail")
