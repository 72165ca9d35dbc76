"""Tables whose versions and prompts have other names are the same to what looks at runs one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import baserate as br
from baserate.errors import BaserateError


def drawn() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    rows = [(v, f"p{i}", e) for v in "ab" for i in range(15) for e in range(8)]
    runs = pd.DataFrame(rows, columns=["version", "prompt", "epoch"])
    share = rng.beta(1, 1, 15)[runs["prompt"].str[1:].astype(int)]
    for name in ("plea", "bad", "bad_keywords", "bad_human", "knew"):
        runs[name] = rng.random(len(runs)) < share
    runs["run_id"] = [f"r{i}" for i in range(len(runs))]
    return runs


RUNS = drawn()
OTHER = RUNS.rename(columns={"version": "model", "prompt": "question_id"})
ASKS: dict[str, Callable[[Any], pd.DataFrame]] = {
    "paths": lambda runs: br.paths(runs, ["plea", "bad"]).table,
    "first": lambda runs: br.paths(runs, ["plea", "bad"]).first,
    "graders": lambda runs: br.graders(runs, "bad").table,
    "errors": lambda runs: br.graders(runs, "bad").errors,
    "awareness": lambda runs: br.awareness(runs, "bad", "knew").table,
    "bounds": lambda runs: br.awareness(runs, "bad", "knew").pairs,
    "corrected": lambda runs: br.rates(runs, "bad", corrected="rogan-gladen").table,
    "at_most": lambda runs: br.at_most(runs, "bad").table,
    "labels": lambda runs: br.label_sample(runs, "bad", 20)[["run_id"]],
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_names_and_engines_change_nothing(ask: Callable[[Any], pd.DataFrame]) -> None:
    expected = ask(RUNS)
    pd.testing.assert_frame_equal(ask(OTHER), expected)
    pd.testing.assert_frame_equal(ask(pl.from_pandas(OTHER)), expected)


@pytest.mark.parametrize("name", ["paths", "graders", "awareness", "corrected", "labels"])
def test_counts_do_not_tell_runs_apart(name: str) -> None:
    with pytest.raises(BaserateError, match=r"Counts do not tell|These are counts|There is no|must hold yes or no"):
        ASKS[name](pd.DataFrame({"version": ["a"], "prompt": ["p"], "n": [10], "plea": [3], "bad": [4], "knew": [2]}))


def test_across_by_the_users_name() -> None:
    found = br.paths(OTHER, ["plea", "bad"], across="model")
    assert found.table["version"].tolist() == br.paths(RUNS, ["plea", "bad"]).table["version"].tolist()
