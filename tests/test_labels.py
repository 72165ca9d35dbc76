"""Labels by hand: drawn whatever the judge said, written, filled in, and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError


def graded(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [(v, f"p{i}", e) for v in ("old", "new") for i in range(20) for e in range(10)]
    runs = pd.DataFrame(rows, columns=["version", "prompt", "epoch"])
    runs["run_id"] = [f"r{i}" for i in range(len(runs))]
    runs["bad"] = pd.array(rng.random(len(runs)) < 0.1, dtype="boolean")
    runs.loc[:9, "bad"] = pd.NA
    return runs


def test_as_many_of_each_version_spread_over_prompts() -> None:
    runs = graded()
    sample = br.label_sample(runs, "bad", 30, seed=3)
    drawn = runs.set_index("run_id").loc[sample["run_id"]]
    assert drawn["version"].value_counts().to_dict() == {"old": 15, "new": 15}
    assert drawn["bad"].notna().all(), "an ungraded run is not drawn"
    assert (drawn.groupby(["version", "prompt"]).size() == 1).all(), "a prompt comes twice only when all have come"
    assert "version" not in sample
    assert "bad" not in sample
    pd.testing.assert_frame_equal(sample, br.label_sample(runs, "bad", 30, seed=3))
    assert sample["run_id"].tolist() != br.label_sample(runs, "bad", 30, seed=4)["run_id"].tolist()


def test_the_judges_errors_are_not_distorted() -> None:
    """Over many draws the share that the judge called yes is that of all runs."""
    runs = graded()
    whole = runs.groupby("version")["bad"].mean().mean()
    shares = []
    for seed in range(200):
        ids = br.label_sample(runs, "bad", 40, seed=seed)["run_id"]
        shares.append(runs.set_index("run_id").loc[ids, "bad"].mean())
    assert np.mean(shares) == pytest.approx(whole, abs=0.012)


def test_there_and_back(tmp_path: Path) -> None:
    runs = graded()
    path = tmp_path / "label_me.csv"
    br.label_sample(runs, "bad", 60, to=path)
    filled = pd.read_csv(path, dtype=str, keep_default_na=False)
    verdict = runs.set_index("run_id")["bad"]
    filled["bad_human"] = ["yes" if verdict[run] else "No" for run in filled["run_id"]]
    filled.loc[:2, "bad_human"] = ""
    filled.to_csv(path, index=False)
    back = br.with_labels(runs, path)
    assert back["bad_human"].notna().sum() == 57
    assert len(back) == len(runs)
    both = back.dropna(subset=["bad", "bad_human"])
    assert (both["bad"] == both["bad_human"]).all()
    assert br.graders(back, "bad").human == "bad_human"


def test_refusals(tmp_path: Path) -> None:
    runs = graded()
    with pytest.raises(BaserateError, match="Ask for fewer"):
        br.label_sample(runs, "bad", 1000)
    with pytest.raises(BaserateError, match="There is no column 'run_id'"):
        br.label_sample(runs.drop(columns="run_id"), "bad", 10)
    one = pd.DataFrame({"run_id": ["r20"], "bad_human": ["maybe"]})
    with pytest.raises(BaserateError, match="'maybe' in 'bad_human' is neither yes nor no"):
        br.with_labels(runs, one)
    with pytest.raises(BaserateError, match="labeled twice"):
        br.with_labels(runs, pd.concat([one, one]))
    with pytest.raises(BaserateError, match="not among the runs, such as 'x'"):
        br.with_labels(runs, one.assign(run_id="x"))
    with pytest.raises(BaserateError, match="no column that ends in '_human'"):
        br.with_labels(runs, one.rename(columns={"bad_human": "label"}))
    with pytest.raises(BaserateError, match="There is no file"):
        br.with_labels(runs, tmp_path / "none.csv")
