"""How far graders can be trusted: against R, by hand, and where nothing varies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes
from baserate.stats.agreement import agreement

GOLDEN = pd.read_csv(Path(__file__).parent / "golden/graders.csv").to_numpy(float)
EACH = np.arange(len(GOLDEN))

# R 4.2.2, irrCAC 1.0 (gwet.ac1.raw, krippen.alpha.raw, pa.coeff.raw) on four graders; epiR 2.0.57 (epi.kappa) on two.
OF_R = {"raw": (0.779166666666667, 0.02588), "ac1": (0.65179, 0.04875), "alpha": (0.41352, 0.07158)}


@pytest.mark.parametrize("measure", OF_R)
def test_four_graders_as_r_has_them(measure: str) -> None:
    found = agreement(measure, GOLDEN, EACH, 0.95, 0.5)
    estimate, error = OF_R[measure]
    assert found.estimate == pytest.approx(estimate, abs=5e-6)
    assert found.std_error == pytest.approx(error, rel=0.02), "a jackknife beside a linearization"


def test_two_graders_as_r_has_them() -> None:
    found = agreement("kappa", GOLDEN[:, :2], EACH, 0.95, 0.5)
    assert found.estimate == pytest.approx(0.681818181818182, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((0.4966, 0.8670), abs=0.015)


@pytest.mark.parametrize("measure", ["raw", "kappa", "ac1", "alpha"])
def test_runs_of_a_prompt_are_taken_together(measure: str) -> None:
    thrice = np.repeat(GOLDEN[:, :2], 3, axis=0)
    apart = agreement(measure, GOLDEN[:, :2], EACH, 0.95, 0.5)
    together = agreement(measure, thrice, np.repeat(EACH, 3), 0.95, 0.5)
    assert together.estimate == pytest.approx(apart.estimate, abs=0.01)
    assert together.std_error == pytest.approx(apart.std_error, rel=0.02), "copies of a run tell nothing"


@pytest.mark.parametrize("measure", ["raw", "kappa", "ac1", "alpha"])
def test_graders_that_always_agree_are_not_certain(measure: str) -> None:
    same = np.array([[1.0, 1.0]] * 12 + [[0.0, 0.0]] * 8)
    found = agreement(measure, same, np.arange(20), 0.95, 0.84)
    assert found.estimate == 1.0
    assert found.high == 1.0
    assert 0.5 < found.low < 0.9


def test_coverage_of_the_limits() -> None:
    """Two graders who err independently, 20 prompts of 5 runs whose truth is alike within a prompt."""
    rng = np.random.default_rng(20261127)
    unit = np.repeat(np.arange(20), 5)
    hit = {"raw": 0, "ac1": 0, "kappa": 0}
    many = rng.random((400_000, 2))
    truth = rng.random(400_000) < 0.6
    big = np.where(many < 0.1, ~truth[:, None], truth[:, None]).astype(float)
    true = {m: agreement(m, big, np.arange(len(big)), 0.95, 0.5).estimate for m in hit}
    for _ in range(400):
        rate = rng.beta(3, 2, 20)[unit]
        real = rng.random(100) < rate
        grades = np.where(rng.random((100, 2)) < 0.1, ~real[:, None], real[:, None]).astype(float)
        for measure in hit:
            found = agreement(measure, grades, unit, 0.95, 0.5)
            hit[measure] += found.low <= true[measure] <= found.high
    assert all(count / 400 > 0.92 for count in hit.values()), hit


def labeled(flip_b: float, seed: int = 3) -> pd.DataFrame:
    """Draw 400 runs of two versions with human labels; the judge misses more blackmail of version b."""
    rng = np.random.default_rng(seed)
    runs = pd.DataFrame({"version": np.repeat(["a", "b"], 200), "prompt": [f"p{i // 10 % 20}" for i in range(400)]})
    runs["bad_human"] = rng.random(400) < 0.6
    miss = rng.random(400) < np.where(runs["version"] == "b", flip_b, 0.02)
    runs["bad"] = runs["bad_human"] & ~miss
    return runs


def test_errors_against_human_labels() -> None:
    runs = labeled(0.02)
    found = br.graders(runs, "bad")
    assert found.human == "bad_human"
    whole = found.errors.iloc[0]
    assert whole["sensitivity"] == pytest.approx(runs.loc[runs["bad_human"], "bad"].mean())
    assert whole["specificity"] == 1.0
    assert whole["specificity_low"] < 1.0
    assert whole["sensitivity_low"] < whole["sensitivity"] < whole["sensitivity_high"]
    assert found.errors["version"].tolist() == ["all versions", "a", "b"]
    assert "judge-differs" not in codes(found.cautions)
    assert "that bad_human calls yes" in str(found)
    assert found.to_dict()["errors"][0]["version"] == "all versions"


def test_a_judge_that_errs_differently_by_version_is_told() -> None:
    found = br.graders(labeled(0.35), "bad")
    assert "judge-differs" in codes(found.cautions)
    assert "bad errs differently by version: its sensitivity" in " ".join(str(found).split())


def test_without_labels_and_without_others() -> None:
    runs = labeled(0.02).rename(columns={"bad_human": "bad_keywords"})
    found = br.graders(runs, "bad")
    assert found.human == ""
    assert not len(found.errors)
    assert "no-labels" in codes(found.notes)
    with pytest.raises(BaserateError, match="Only one column grades 'bad'"):
        br.graders(runs.drop(columns="bad_keywords"), "bad")
    with pytest.raises(BaserateError, match="There is no column of grades 'x'"):
        br.graders(runs, "bad", others=["x"])
    one_sided = labeled(0.02).assign(bad_human=True)
    assert "labels-one-sided" in codes(br.graders(one_sided, "bad").cautions)
