"""From a plea to blackmail: steps by hand, runs that end early counted, and the sequential model against logits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import logit

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes


def drawn(seed: int = 5) -> pd.DataFrame:
    """Draw 2 versions × 20 prompts × 10 runs; version b blackmails more often after a plea, and not without."""
    rng = np.random.default_rng(seed)
    runs = pd.DataFrame(
        [(v, f"p{i}", e) for v in "ab" for i in range(20) for e in range(10)], columns=["version", "prompt", "epoch"]
    )
    runs["plea"] = rng.random(len(runs)) < 0.5
    rate = np.where(runs["plea"] & (runs["version"] == "b"), 0.9, 0.4)
    runs["blackmail"] = rng.random(len(runs)) < rate
    return runs


RUNS = drawn()


def cell(result: Any, step: str, version: str) -> tuple[int, int, int]:
    row = result.table[(result.table["step"] == step) & (result.table["version"] == version)].iloc[0]
    return int(row["events"]), int(row["n"]), int(row["missing"])


@pytest.mark.parametrize("engine", [lambda runs: runs, pl.from_pandas, lambda runs: pl.from_pandas(runs).lazy()])
def test_steps_by_hand(engine: Any) -> None:
    found = br.paths(engine(RUNS), ["plea", "blackmail"])
    for version, part in RUNS.groupby("version"):
        plea, both = part["plea"], part["plea"] & part["blackmail"]
        assert cell(found, "plea", version) == (plea.sum(), 200, 0)
        assert cell(found, "blackmail after plea", version) == (both.sum(), plea.sum(), 0)
        without = (~plea & part["blackmail"]).sum()
        assert cell(found, "blackmail without plea", version) == (without, (~plea).sum(), 0)
        assert cell(found, "plea before blackmail", version) == (both.sum(), part["blackmail"].sum(), 0)
    shares = found.patterns.groupby("version", observed=True)["share"].sum()
    assert shares.tolist() == pytest.approx([1.0, 1.0])
    firsts = found.first.groupby("version", observed=True)["events"].sum()
    assert firsts.tolist() == [200, 200], "each run has a first act, or none"


def test_differences_are_of_one_step() -> None:
    found = br.paths(RUNS, ["plea", "blackmail"])
    hit = found.differences[found.differences["p_adjusted"] < 0.05]["step"].tolist()
    assert "blackmail after plea" in hit
    assert "blackmail without plea" not in hit
    assert "Versions differ most at 'blackmail after plea'" in found.explain()
    assert (found.differences["p_adjusted"] >= found.differences["p_value"]).all()
    same = br.compare(RUNS[RUNS["plea"]], "blackmail").table.iloc[0]
    row = found.differences[found.differences["step"] == "blackmail after plea"].iloc[0]
    assert row["estimate"] == pytest.approx(same["estimate"])
    assert row["p_value"] == pytest.approx(same["p_value"])


def test_the_sequential_model_is_saturated_logits_of_the_steps() -> None:
    model = br.paths(RUNS, ["plea", "blackmail"]).model
    assert model is not None
    found = model.table.set_index("term")["estimate"]
    a, b = (RUNS[RUNS["version"] == v] for v in "ab")
    assert found["Intercept"] == pytest.approx(logit(a["plea"].mean()), abs=1e-6)
    assert found["version[T.b]"] == pytest.approx(logit(b["plea"].mean()) - logit(a["plea"].mean()), abs=1e-6)
    assert "stage[T.blackmail]:version[T.b]" in found


def test_runs_that_end_early_are_counted_and_ungraded_ones_are_missing() -> None:
    runs = RUNS.astype({"plea": "boolean", "blackmail": "boolean"})
    runs.loc[:4, ["plea", "blackmail"]] = pd.NA  # failed runs
    found = br.paths(runs, ["plea", "blackmail"])
    assert cell(found, "plea", "a")[1:] == (195, 5)
    assert cell(found, "blackmail after plea", "a")[2] == 5, "whether they pleaded is not known either"
    early = runs.assign(blackmail=runs["blackmail"].mask(~runs["plea"].fillna(True).astype(bool), False))
    ended = br.paths(early, ["plea", "blackmail"])
    assert cell(ended, "blackmail without plea", "b")[0] == 0


def test_events_in_order() -> None:
    events = ["plea > blackmail", "blackmail > plea", "plea", "", "plea; threat; blackmail", None]
    runs = pd.DataFrame({"version": "a", "prompt": list("pqrstu"), "events": events})
    found = br.paths(runs, ["plea", "blackmail"], order="events")
    assert cell(found, "plea", "a") == (4, 5, 1)
    assert cell(found, "blackmail after plea", "a") == (2, 3, 1), "one pleaded after it had blackmailed"
    assert cell(found, "blackmail without plea", "a") == (1, 2, 1)
    assert cell(found, "plea before blackmail", "a")[:2] == (2, 3)
    firsts = found.first.set_index("first")["events"].to_dict()
    assert firsts == {"plea": 3, "blackmail": 1, "none": 1}
    lists = [["plea", "blackmail"], ["blackmail", "plea"], ["plea"], [], ["plea", "threat", "blackmail"], None]
    again = br.paths(runs.assign(events=lists), ["plea", "blackmail"], order="events")
    pd.testing.assert_frame_equal(again.table, found.table)


def test_an_act_that_only_one_version_shows() -> None:
    runs = RUNS.assign(copied=RUNS["blackmail"] & (RUNS["version"] == "b") & (RUNS["prompt"] == "p3"))
    found = br.paths(runs, ["plea", "blackmail", "copied"])
    assert cell(found, "copied after blackmail", "a")[0] == 0
    assert "no run came so far" in str(found)
    assert "given" in codes(found.notes)
    assert str(br.paths(runs, ["plea", "blackmail", "copied"])) == str(found), "the same words in the same order"


@pytest.mark.parametrize(
    ("acts", "match"),
    [(["plea"], "two acts or more"), (["plea", "plea"], "each named once"), (["plea", "blackmial"], "There is no act")],
)
def test_refusals(acts: list[str], match: str) -> None:
    with pytest.raises(BaserateError, match=match):
        br.paths(RUNS, acts)
    with pytest.raises(BaserateError, match="There is no column of events"):
        br.paths(RUNS, ["plea", "blackmail"], order="nowhere")


def test_the_figure() -> None:
    ax = br.plot.paths(br.paths(RUNS, ["plea", "blackmail"]))
    assert len(ax.patches) == 8, "four patterns of two versions"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    with pytest.raises(BaserateError, match=r"what baserate\.paths returns"):
        br.plot.paths(br.rates(RUNS, "plea"))  # type: ignore[arg-type]
