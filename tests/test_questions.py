"""Inputs that people really have, which once got the wrong answer: each kind with its own small table."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

import baserate as br
from baserate.note import codes

SHARED = Path(__file__).parents[2] / "shared" / "cases" / "questions"


def runs_of(version: str, rates: Any, epochs: Any, seed: int, prefix: str = "p") -> pd.DataFrame:
    """Draw runs of one version on prompts with known rates."""
    rng = np.random.default_rng(seed)
    each = np.broadcast_to(epochs, np.shape(rates))
    rows = [
        (version, f"{prefix}{i:02d}", e + 1, bool(rng.random() < rate))
        for i, (rate, times) in enumerate(zip(rates, each, strict=True))
        for e in range(times)
    ]
    return pd.DataFrame(rows, columns=["version", "prompt", "epoch", "blackmail"])


class TestLostUnevenly:
    """Equal rates on each shared prompt; one version lost runs where the rate is high."""

    def table(self, seed: int = 1) -> pd.DataFrame:
        rates = np.linspace(0.05, 0.95, 20)
        old = runs_of("old", rates, 10, 2 * seed)
        kept = np.where(rates > 0.5, 3, 10)
        place = old["prompt"].str[1:].astype(int)
        lost = old["epoch"] > kept[place]
        return pd.concat(
            [
                old.assign(blackmail=old["blackmail"].astype(object).mask(lost, None)),
                runs_of("new", rates, 10, 2 * seed + 1),
            ]
        )

    def test_the_answer_is_that_of_the_prompt_means(self) -> None:
        table = self.table()
        result = br.compare(table, "blackmail", baseline="old")
        row = result.table.iloc[0]
        means = (
            table.dropna()
            .assign(k=lambda t: t["blackmail"].astype(float))
            .pivot_table(index="prompt", columns="version", values="k")
        )
        paired = stats.ttest_rel(means["new"], means["old"])
        assert row.estimate == pytest.approx((means["new"] - means["old"]).mean())
        assert (row.conf_low, row.conf_high) == pytest.approx(tuple(paired.confidence_interval(0.95)), abs=0.02)
        assert row.raw > row.estimate + 0.1
        assert row.verdict == "inconclusive"
        assert "raw-mix-differs" in codes(result.cautions)

    @pytest.mark.calibration
    def test_false_alarms_stay_at_their_level(self) -> None:
        alarms = [br.compare(self.table(s), "blackmail").table["verdict"].item() != "inconclusive" for s in range(60)]
        assert np.mean(alarms) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 60)


def test_prompts_that_one_side_alone_ran_are_left_out_and_named() -> None:
    low, high = np.full(12, 0.2), np.full(8, 0.9)
    table = pd.concat([runs_of("old", low, 10, 1), runs_of("new", low, 10, 2), runs_of("new", high, 10, 3, "q")])
    result = br.compare(table, "blackmail", baseline="old")
    row = result.table.iloc[0]
    assert (row.left_prompts, row.left_runs, row.prompts_candidate) == (8, 80, 12)
    assert abs(row.estimate) < 0.15 < row.raw
    (caution,) = (c for c in result.cautions if "one side alone" in c)
    assert "8 prompts" in caution
    assert f"{100 * row.raw:+.1f} points" in caution


def test_a_title_beside_the_prompt_changes_nothing() -> None:
    rates = np.tile([0.1, 0.5, 0.9], 4)
    table = pd.concat([runs_of("old", rates, 10, 1), runs_of("new", np.minimum(rates + 0.1, 1), 10, 2)])
    titled = table.assign(title=table["prompt"].map("A question about {}?".format))
    one, two = (br.compare(t, "blackmail", baseline="old") for t in (table, titled))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.scope == two.scope == "sampled"


class TestScenariosAndEpochs:
    def table(self) -> pd.DataFrame:
        rng = np.random.default_rng(3)
        parts = [
            runs_of(v, rng.beta(2, 2, 12), 10, i, "s").rename(columns={"prompt": "scenario", "version": "model"})
            for i, v in enumerate(("alpha-1", "alpha-2", "beta-1"))
        ]
        table = pd.concat(parts, ignore_index=True)
        return table.assign(system_prompt=rng.choice(["america", "default", "safety"], len(table)))

    def test_the_scenario_with_epochs_is_the_prompt(self) -> None:
        result = br.rates(self.table(), "blackmail")
        assert (result.table["prompts"] == 12).all()
        assert (result.table["design_effect"] > 1).all()
        assert {"prompt-column", "measured-after-column"} <= codes(result.notes)

    def test_comparing_takes_no_time(self) -> None:
        table = self.table()
        br.compare(table, "blackmail")
        start = time.process_time()
        br.compare(table, "blackmail")
        assert time.process_time() - start < 0.6  # 0.13 s where it was measured


def test_nothing_tells_the_prompts() -> None:
    table = pd.DataFrame({"model": ["a", "b"] * 50, "run": range(100), "verdict": [True, False, True, True] * 25})
    result = br.rates(table, "verdict")
    assert "prompts like these" not in str(result)
    assert "runs are taken as independent" in result.scope_reason
    assert result.table["n_eff"].tolist() == [50, 50]


def test_cells_that_both_ran_are_no_confounding() -> None:
    cells = pd.DataFrame(
        {"model": ["new"] * 2 + ["old"] * 2, "condition": ["threat", "none"] * 2, "n": 100, "k": [96, 12, 80, 3]}
    )
    result = br.compare(cells, "k", across="model")
    assert not result.cautions
    assert result.table["estimate"].item() == pytest.approx(-(0.16 + 0.09) / 2)


@pytest.mark.parametrize("door", ["pandas", "arrow", "file"])
def test_ungraded_runs_are_the_same_at_every_door(door: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"version": ["new", "old"], "n": [80, 90], "k": [60, 50], "n_ungraded": [20, 10]})
    path = tmp_path / "counts.csv"
    table.to_csv(path, index=False)
    held: Any = {"pandas": table, "arrow": pa.Table.from_pandas(table)}.get(door)
    found = br.rates(br.read(path) if door == "file" else held, "k").table
    assert found["missing"].tolist() == [20, 10]
    assert found["estimate"].tolist() == [0.75, 50 / 90]


def test_bounds_remember_the_prompts_from_the_first_event_on() -> None:
    bounds = []
    for events in (0, 1, 3):
        shown = np.array([1] * events + [0] * (100 - events))
        table = pd.DataFrame({"version": "a", "prompt": [f"p{i}" for i in range(100)], "n": 5, "k": shown})
        upper = br.rates(table, "k", side="upper").table["conf_high"].item()
        assert upper >= br.rates(table, "k", level=0.9).table["conf_high"].item() - 1e-12
        bounds.append(upper)
    assert bounds[0] == pytest.approx(0.0295, abs=0.0005)  # Clopper and Pearson's for none of 100 prompts
    assert np.all(np.diff(bounds) >= -1e-9)


def test_more_runs_of_the_same_prompts_would_not_do(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = '[data]\npath = "c.csv"\n[[check]]\nkind = "not_above_rate"\noutcome = "k"\nrate = 0.02\n'
    policy.write_text(text)
    told = []
    for epochs in (5, 8, 50):
        rows = pd.DataFrame({"version": "a", "prompt": [f"p{i}" for i in range(100)], "n": epochs, "k": 0})
        rows.to_csv(tmp_path / "c.csv", index=False)
        (one,) = br.check(policy).checked
        told.append(one.judged.found)
    assert all("more prompts" in text and "more runs of these would not do" in text for text in told)
    assert len({text.split("about ")[1] for text in told}) == 1


def test_a_ratio_is_drawn_as_a_ratio() -> None:
    table = pd.DataFrame({"version": ["new", "old"], "n": 100, "k": [84, 70]})
    ax = br.plot.forest(br.compare(table, "k", baseline="old", effect="ratio"))
    assert ax.get_xscale() == "log"
    assert any("1.20 [1.03, 1.42]" in text.get_text() for text in ax.texts)
    assert not any("percentage points" in text for text in [ax.get_xlabel(), *(t.get_text() for t in ax.texts)])


def test_conditions_keep_their_length_and_their_power() -> None:
    """10 conditions × 10 prompts × 5 epochs: the design is not taken for one flat sample."""
    rng = np.random.default_rng(5)
    rates = np.linspace(0.02, 0.95, 10)
    rows = []
    for version, gap in (("old", 0.0), ("new", 0.05)):
        for condition, rate in enumerate(rates):
            size, mean = 19.0, min(rate + gap, 0.99)
            for prompt, theta in enumerate(rng.beta(mean * size, (1 - mean) * size, 10)):
                name = f"{version} c{condition} p{prompt}"
                rows.append((version, f"c{condition}", name, 5, rng.binomial(5, theta)))
    table = pd.DataFrame(rows, columns=["version", "condition", "prompt", "n", "k"])
    on_design, flat = (br.rates(table, "k", conditions=c).table for c in (["condition"], []))
    widths = [(t["conf_high"] - t["conf_low"]).mean() for t in (on_design, flat)]
    assert widths[0] < 0.6 * widths[1]
    assert on_design["estimate"].to_numpy() == pytest.approx(flat["estimate"].to_numpy())


def test_a_level_that_one_side_never_ran_keeps_its_row() -> None:
    table = pd.DataFrame({"version": list("abab"), "goal": ["x", "x", "y", "y"], "n": 50, "k": [10, 20, 30, 5]})
    found = br.compare(table[:3], "k", by="goal").table
    assert found["goal"].tolist() == ["x", "y"]
    assert np.isnan(found["estimate"][1])
    ordered = table.assign(goal=pd.Categorical(table["goal"], ["y", "x"]))
    assert br.compare(ordered, "k", by="goal").table["goal"].tolist() == ["y", "x"]


def test_a_margin_needs_a_level_above_one_half() -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n": 50, "k": [10, 20]})
    with pytest.raises(br.BaserateError, match="leaves none"):
        br.compare(table, "k", margin=0.1, level=0.4)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not beside this checkout")
def test_the_shared_cases() -> None:
    lost = br.compare(pd.read_csv(SHARED / "lost_on_some_prompts.csv"), "blackmail", baseline="old").table.iloc[0]
    assert (lost.estimate, lost.conf_low, lost.conf_high) == pytest.approx((0.005, -0.085, 0.095), abs=0.001)
    side = br.compare(pd.read_csv(SHARED / "prompts_one_side.csv"), "blackmail", baseline="old").table.iloc[0]
    assert (side.estimate, side.raw) == pytest.approx((0.0917, 0.37), abs=0.0001)
    asked = [br.compare(pd.read_csv(SHARED / f"{n}question_text.csv"), "blackmail").table for n in ("", "no_")]
    pd.testing.assert_frame_equal(*asked)
    told = br.rates(pd.read_csv(SHARED / "scenarios_and_epochs.csv"), "harmful").table.set_index("version")
    assert told.loc["alpha-2", ["conf_low", "conf_high"]].tolist() == pytest.approx([0.353, 0.647], abs=0.004)
    for name, door in itertools.product(("n_and_n_total", "n_ungraded"), (br.read, pd.read_csv)):
        outcome = "blackmail" if name == "n_and_n_total" else "k"
        assert br.rates(door(SHARED / f"{name}.csv"), outcome).table["missing"].tolist() == [20, 10]


def test_scenarios_with_repeated_epochs_are_prompts_at_both_doors(tmp_path: Path) -> None:
    runs = pd.DataFrame(
        [(v, f"s{i}", e, int((i * 7 + e * 3) % 10 < i)) for v in "ab" for i in range(8) for e in range(1, 11)],
        columns=["model", "scenario", "epoch", "harmful"],
    )
    runs.to_csv(tmp_path / "runs.csv", index=False)
    doors = [runs.assign(harmful=runs["harmful"].astype(bool)), br.read(tmp_path / "runs.csv")]
    tables = [br.rates(door, "harmful", by="version") for door in doors]
    assert "prompt-column" in codes(tables[0].notes)
    assert "'scenario' is taken as the prompt" in " ".join(map(str, br.audit(doors[1]).notes))
    for found in tables:
        assert found.table["prompts"].tolist() == [8, 8]
    pd.testing.assert_frame_equal(tables[0].table, tables[1].table, check_dtype=False)
