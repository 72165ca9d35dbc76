"""Runs written to a folder of Parquet: whole or not at all, and a read that was killed goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.cli import main
from baserate.cli.dataset import KEPT, recover
from baserate.readers import logs


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(1, 7):
        for model in ("a", "b"):
            path = tmp_path / f"logs/results/exp/models/{model}/c1/sample_{number:03d}/response.json"
            path.parent.mkdir(parents=True)
            about = {"model": model, "condition": "c1", "sample_id": number, "timestamp": str(number)}
            judged = {"harmful_behavior": number % 2 == 0, "classifier_model": "j"}
            path.write_text(json.dumps({"raw_response": "x", "metadata": about, "classification": judged}))
    return tmp_path / "logs"


def test_a_folder_is_written_read_again_and_replaced(tree: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "runs"
    for _ in range(2):
        assert main(["read", str(tree), "-o", str(out)]) == 0
        again = br.read(out, outcomes="harmful_behavior")
        assert br.rates(again, "harmful_behavior").table["n"].tolist() == [6, 6]
        assert sorted(p.name for p in out.iterdir() if p.is_dir()) == [KEPT, "version=a", "version=b"]
    pd.testing.assert_series_equal(
        pd.read_parquet(out)["harmful_behavior"].value_counts(), again["harmful_behavior"].value_counts()
    )
    capsys.readouterr()


def test_a_folder_of_something_else_is_not_touched(tree: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.tex").write_text("years of work")
    assert main(["read", str(tree), "-o", str(out)]) == 2
    assert (out / "thesis.tex").read_text() == "years of work"
    assert "holds something else" in capsys.readouterr().err


def test_a_read_that_was_killed_goes_on_where_it_was(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    attempt = logs._attempt

    def counted(read_one: Any, path: Path) -> Any:
        if len(read) == 5:
            raise KeyboardInterrupt
        read.append(path)
        return attempt(read_one, path)

    monkeypatch.setattr(logs, "_attempt", counted)
    monkeypatch.setattr("baserate.readers.record_cache._FLUSH_BYTES", 1)
    with pytest.raises(KeyboardInterrupt):
        br.read(tree, cache=tmp_path / "cache")
    before = list(read)
    read[:] = [Path()] * 6  # not five: nobody kills the second read
    runs = br.read(tree, cache=tmp_path / "cache")
    assert not set(before) & set(read[6:]), "what was read is not read again"
    assert len(read) - 6 == 12 - len(before)
    assert br.rates(runs, "harmful_behavior").table["n"].tolist() == [6, 6]


def test_a_log_that_changed_is_read_again(tree: Path, tmp_path: Path) -> None:
    first = br.read(tree, cache=True)
    assert (tree / ".baserate-cache").is_dir()
    pd.testing.assert_frame_equal(br.read(tree, cache=True), first)
    path = next(tree.rglob("sample_001/response.json"))
    path.write_text(path.read_text().replace("false", "true"))
    assert br.read(tree, cache=True)["harmful_behavior"].sum() == first["harmful_behavior"].sum() + 1


def test_a_kill_between_the_old_dataset_and_the_new_one_loses_neither(tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    main(["read", str(tree), "-o", str(out)])
    out.rename(tmp_path / ".runs.before")
    recover(out)
    assert br.rates(br.read(out, outcomes="harmful_behavior"), "harmful_behavior").table["n"].tolist() == [6, 6]


def test_an_executor_reads_the_same(tree: Path) -> None:
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    expected = br.read(tree)
    for pool in (ThreadPoolExecutor(2), ProcessPoolExecutor(2)):
        with pool:
            pd.testing.assert_frame_equal(br.read(tree, executor=pool), expected)


def test_outcomes_on_the_command_line(tmp_path: Path, capsys: Any) -> None:
    frame = pd.DataFrame({"model": ["a"] * 4, "aligned": [10, 20, 20, 95], "coherent": [90, 80, 10, 90]})
    frame.to_csv(tmp_path / "runs.csv", index=False)
    how = "misaligned=aligned < 30 where coherent > 50"
    assert main(["rates", str(tmp_path / "runs.csv"), "--outcome", "misaligned", "--outcomes", how]) == 0
    assert "2/3" in capsys.readouterr().out
