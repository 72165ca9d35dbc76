"""Separation and sampled prompts together: the wild score bootstrap, inverted, with half of one unseen prompt."""

from __future__ import annotations

import itertools
import warnings
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from baserate.errors import SeparationWarning
from baserate.formula import parse_formula
from baserate.model import LogisticModel, fit, wild
from baserate.model.building import build_design
from baserate.model.estimation import estimate
from baserate.model.fitted import Estimation
from baserate.model.inference import infer_coefficient

SHARED = {"a": [3, 0, 5, 1, 2, 6, 0, 4], "b": [0] * 8}


def table(events: dict[str, list[int]], n: int = 10, own: bool = False) -> pd.DataFrame:
    rows = [(v, f"{v if own else 'p'}{i}", n, k) for v, of in events.items() for i, k in enumerate(of)]
    return pd.DataFrame(rows, columns=["version", "prompt", "n", "leak"])


def quietly(runs: pd.DataFrame, formula: str = "leak ~ version", **options: object) -> LogisticModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeparationWarning)
        return fit(runs, formula, **options)  # type: ignore[arg-type]


def estimated(runs: pd.DataFrame, method: str = "") -> Estimation:
    return estimate(build_design(runs, parse_formula("leak ~ version"))[0], "sampled", method)


def by_hand(events: dict[str, list[int]], n: int, unseen: float) -> float:
    """Flip the scores of shared prompts at equal rates in every way."""
    k = np.array([events["a"], events["b"]], dtype=float)
    rate = k.sum() / (n * k.size)
    scores = ((k[1] - n * rate) - (k[0] - n * rate)) / 2
    observed = scores.sum()
    # one more prompt, whose runs all speak against the difference that was seen
    more = unseen * (n * rate + n * (1 - rate)) / 2
    every = np.append(scores, more) if unseen else scores
    signs = np.array(list(itertools.product([1, -1], repeat=every.size)))
    return float(np.mean(np.abs(signs @ every) >= abs(observed) - 1e-9))


def test_the_p_value_is_that_of_all_sign_patterns() -> None:
    found = infer_coefficient(estimated(table(SHARED)), 1, 0.95)
    # Firth's penalty moves the common rate a little
    assert found.p_value == pytest.approx(by_hand(SHARED, 10, 0.5), abs=0.03)
    plain = infer_coefficient(estimated(table(SHARED), "wild"), 1, 0.95)
    assert plain.p_value == pytest.approx(by_hand(SHARED, 10, 0.0), abs=0.01)
    assert plain.p_value < found.p_value


def test_what_has_no_event_has_no_lower_limit() -> None:
    row = quietly(table(SHARED)).table.iloc[1]
    assert row["conf_low"] == -np.inf
    assert row["maximum_likelihood"] == "−∞"
    assert row["estimate"] < row["conf_high"] < np.inf
    mirrored = table({"a": [10 - k for k in SHARED["a"]], "b": [10] * 8})
    other = quietly(mirrored).table.iloc[1]
    assert other["conf_high"] == np.inf
    assert other["conf_low"] == pytest.approx(-row["conf_high"], abs=1e-3)


def test_odds_and_rates_tell_the_same() -> None:
    model = quietly(table(SHARED))
    difference, odds = (model.contrasts("version", scale=scale).table.iloc[0] for scale in ("difference", "odds-ratio"))
    assert difference["p_value"] == pytest.approx(model.table["p_value"][1], abs=1e-9)
    assert odds["p_value"] == pytest.approx(model.table["p_value"][1], abs=1e-9)
    assert difference["conf_low"] < difference["estimate"] < difference["conf_high"] <= 1
    rates = model.rates("version").table
    assert rates["conf_low"][1] == 0
    assert 0.02 < rates["conf_high"][1] < 0.3
    assert np.isnan(rates["std_error"][1])


def test_interval_and_test_agree() -> None:
    for rest in ([0] * 8, [0, 0, 0, 0, 1, 0, 0, 0]):
        for first in ([1, 0, 0, 0, 0, 0, 0, 0], [3, 0, 5, 1, 2, 6, 0, 4], [9, 8, 9, 10, 9, 7, 9, 8]):
            for own in (False, True):
                row = quietly(table({"a": first, "b": rest}, own=own)).table.iloc[1]
                assert (row["conf_low"] <= 0 <= row["conf_high"]) == (row["p_value"] >= 0.05)


def test_a_separated_nuisance_leaves_the_rest_alone() -> None:
    rng = np.random.default_rng(2)
    rows = [
        (v, g, f"{g}{i}", 10, int(rng.binomial(10, rate * (g != "none"))))
        for v, rate in (("a", 0.3), ("b", 0.6))
        for g in ("x", "y", "none")
        for i in range(10)
    ]
    runs = pd.DataFrame(rows, columns=["version", "goal", "prompt", "n", "leak"])
    model = quietly(runs, "leak ~ version + goal")
    version = model.table.set_index("term").loc["version[T.b]"]
    assert model.scope == "sampled"
    assert np.isfinite(version[["std_error", "conf_low", "conf_high"]].astype(float)).all()
    without = quietly(runs[runs["goal"] != "none"], "leak ~ version + goal").table.set_index("term").loc["version[T.b]"]
    assert version["conf_low"] == pytest.approx(without["conf_low"], abs=0.15)
    assert version["p_value"] < 0.05


def test_too_few_prompts_rule_nothing_out() -> None:
    row = quietly(table({"a": [5, 6, 4, 5], "b": [0] * 4})).table.iloc[1]
    assert row["p_value"] >= 2 / 2**4
    assert row["conf_high"] == np.inf


@pytest.mark.calibration
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("spread", [(2.0, 2.0), (0.5, 4.0)])
def test_rare_outcomes_raise_no_more_false_alarms_than_asked(own: bool, spread: tuple[float, float]) -> None:
    rng = np.random.default_rng(20261127)
    alarms, separated = [], []
    grid = (np.arange(2_000) + 0.5) / 2_000
    normal = np.sqrt(2) * np.vectorize(_inverse_erf)(2 * grid - 1)
    centers = [_center(normal, s, 0.05) for s in spread]
    for _ in range(200):
        places = rng.integers(0, 2_000, (2, 12))
        places = places if own else places[[0, 0]]
        chance = [expit(c + s * normal[at]) for c, s, at in zip(centers, spread, places, strict=True)]
        k = [rng.binomial(10, p) for p in chance]
        if sum(map(np.sum, k)) == 0:
            continue
        runs = table({"a": k[0].tolist(), "b": k[1].tolist()}, own=own)
        found = estimated(runs)
        separated.append(found.separated)
        with patch.object(wild, "_limit", lambda *_: 0.0):  # the test alone
            alarms.append(infer_coefficient(found, 1, 0.95).p_value < 0.05)
    print(own, spread, np.mean(separated), np.mean(alarms))
    assert np.mean(alarms) <= 0.08


def _inverse_erf(y: float) -> float:
    from scipy.special import erfinv

    return float(erfinv(y))


def _center(normal: np.ndarray, spread: float, rate: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda c: expit(c + spread * normal).mean() - rate, -30, 10))
