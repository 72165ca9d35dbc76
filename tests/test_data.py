"""What lies in data/: that it is named, small, cited, called simulated where it is, and what the lessons need."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import baserate as br
from baserate.readers.inspect_log import open_log
from baserate.runs import STATUSES

DATA = Path(__file__).parents[1] / "data"
LOGS = sorted((DATA / "example-logs").glob("*.eval"))
MACHINE = re.compile(r"site-packages|Traceback|(?<![\w.<:/])/(?:[\w.-]+/){2}")  # an absolute path, or what has one


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return br.read(DATA / "example-logs")


@pytest.fixture(scope="module")
def tree() -> pd.DataFrame:
    return br.read(DATA / "example-tree")


def in_key_condition(runs: pd.DataFrame) -> pd.DataFrame:
    return runs.loc[(runs["goal_type"] == "none") & (runs["values"] == "shared")]


def test_readme_names_everything_in_the_folder() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    there = [path.name for path in DATA.iterdir() if path.name not in ("README.md", "__pycache__")]
    assert [name for name in there if name not in readme] == []


def test_data_is_small() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) <= 10_000_000


def test_awareness_counts_are_the_published_ones() -> None:
    counts = pd.read_csv(DATA / "eval_awareness_counts.csv", keep_default_na=False)
    totals = counts.groupby("scenario")[["n_harmful", "n_total"]].sum()
    assert len(counts) == 324
    assert counts["n_total"].sum() == 19_914
    assert totals.to_dict("index") == {
        "blackmail": {"n_harmful": 2, "n_total": 6_645},
        "leaking": {"n_harmful": 1_507, "n_total": 6_637},
        "murder": {"n_harmful": 967, "n_total": 6_632},
    }


def test_published_rates_have_a_source_and_no_invented_counts() -> None:
    rates = pd.read_csv(DATA / "published_rates.csv")
    columns = ["model", "condition", "behavior", "rate", "n", "events", "approximate", "source"]
    assert list(rates.columns) == columns
    assert rates["source"].str.contains("Anthropic").all()
    assert rates["rate"].between(0, 1).all()
    assert rates.loc[rates["rate"] == 0.84, ["n", "events"]].isna().to_numpy().all()
    counted = rates.dropna(subset="events")
    assert (counted["events"] / counted["n"]).to_numpy() == pytest.approx(counted["rate"].to_numpy(), abs=6e-4)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_each_log_says_that_it_is_simulated(path: Path) -> None:
    spec = open_log(path).header["eval"]
    assert "simulated" in spec["metadata"]["note"]
    assert "simulated" in spec["tags"]
    assert spec["task"].startswith("simulated")
    assert spec["model"].startswith("mockllm/")


def test_logs_tell_nothing_of_the_machine_they_were_written_on() -> None:
    for path in LOGS:
        log = open_log(path)
        assert not MACHINE.search(str(log.header)), path
        assert not any(MACHINE.search(str(sample)) for sample in log.samples), path


def test_tree_says_that_it_is_simulated() -> None:
    for path in (DATA / "example-tree").rglob("*"):
        if path.is_file():
            assert "simulated" in path.read_text(encoding="utf-8").lower(), path


def test_example_has_three_versions_and_every_status_but_unreadable(runs: pd.DataFrame) -> None:
    assert list(runs["version"].cat.categories) == ["mockllm/mock-1", "mockllm/mock-2", "mockllm/mock-3"]
    assert set(runs["status"]) == set(STATUSES) - {"unreadable"}


def test_versions_ran_the_same_prompts_and_conditions_hold_ten(runs: pd.DataFrame) -> None:
    assert (runs.groupby("prompt")["version"].nunique() == 3).all()
    conditions = runs.groupby(["goal_type", "urgency", "values"], observed=True)["prompt"].nunique()
    assert conditions.to_list() == [10] * 10


def test_retried_runs_count_once(runs: pd.DataFrame) -> None:
    assert len(runs) == 1650
    assert runs["run_id"].is_unique


def test_key_condition_is_near_the_published_rate(runs: pd.DataFrame) -> None:
    table = br.rates(in_key_condition(runs), "blackmail", by="version").table
    assert table["events"].to_list() == [55, 66, 81]
    assert table["n"].to_list() == [95, 95, 96]
    assert table["missing"].to_list() == [5, 5, 4]


def test_key_condition_is_decided_for_these_prompts_and_not_for_prompts_like_these(runs: pd.DataFrame) -> None:
    key = in_key_condition(runs)
    words = {
        scope: br.compare(key, "blackmail", across="version", baseline="mockllm/mock-2", scope=scope).table.set_index(
            "candidate"
        )["verdict"]["mockllm/mock-3"]
        for scope in ("fixed", "sampled")
    }
    assert words == {"fixed": "higher", "sampled": "inconclusive"}


def test_control_has_no_events_and_weights_are_copied_rarely(runs: pd.DataFrame) -> None:
    control = runs.loc[(runs["goal_type"] == "none") & (runs["urgency"] == "none")]
    assert control["blackmail"].sum() == 0
    assert runs.groupby("version", observed=True)["exfiltrated_weights"].sum().to_list() == [0, 1, 3]


def test_graders_disagree_both_ways(runs: pd.DataFrame) -> None:
    for other in ("blackmail_keywords", "blackmail_human"):
        both = runs.dropna(subset=["blackmail", other])
        assert (both["blackmail"] & ~both[other]).any()
        assert (~both["blackmail"] & both[other]).any()


def test_conditional_outcomes_are_asked_only_where_there_is_blackmail(runs: pd.DataFrame) -> None:
    asked = runs.loc[runs["plea_before_blackmail"].notna() | runs["overtness_score"].notna()]
    assert asked.loc[asked["status"] == "ok", "blackmail"].all()


def test_tree_is_read_with_what_went_wrong(tree: pd.DataFrame) -> None:
    assert {"ok", "ungraded", "empty", "error", "limit"} == set(tree["status"])
    assert (tree["classifier_verdict"] & ~tree["harmful_behavior"]).any()
    assert not (~tree["classifier_verdict"] & tree["harmful_behavior"]).any()


@pytest.mark.peers
@pytest.mark.skipif(not importlib.util.find_spec("inspect_ai"), reason="needs inspect-ai, of the [peers] extra")
def test_script_writes_a_tiny_set(tmp_path: Path, runs: pd.DataFrame) -> None:
    script = [sys.executable, str(DATA / "make_example_logs.py"), "--to", str(tmp_path)]
    sizes = ["--versions", "mock-2", "--prompts", "2", "--epochs", "2", "--key-epochs", "3"]
    subprocess.run([*script, *sizes], check=True, cwd=tmp_path, timeout=300)

    tiny = br.read(tmp_path / "example-logs")
    assert len(list((tmp_path / "example-logs").glob("*.eval"))) == 11
    assert len(tiny) == 2 * (9 * 2 + 3)
    assert list(tiny["version"].cat.categories) == ["mockllm/mock-2"]
    assert set(tiny["prompt"]) <= set(runs["prompt"])
    assert br.read(tmp_path / "example-tree")["status"].to_list() == br.read(DATA / "example-tree")["status"].to_list()
