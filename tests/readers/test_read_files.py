"""Paths, folders, and files that cannot be read."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from baserate.errors import BaserateError
from baserate.readers import READERS, read
from baserate.reading import reading_notes

Make = Callable[..., Any]


def message(path: object, **options: Any) -> str:
    with pytest.raises(BaserateError) as error:
        read(path, **options)  # type: ignore[arg-type]  # wrong paths are the point
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_formats() -> None:
    names = [reader.name for reader in READERS if not reader.always]
    assert names[:2] == ["result-tree", "inspect"]
    assert names[-6:] == ["counts", "csv", "jsonl", "json", "parquet", "xlsx"]
    assert len(names) == len(set(names))


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert "There is no file or folder" in message(tmp_path / "nowhere")
    assert "No path was given" in message([])


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    assert "is empty. Name the folder that holds the logs." in message(tmp_path)


def test_a_folder_without_logs(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("hello")
    assert "is no log or table that is known here (1 .md looked at)" in message(tmp_path)


@pytest.mark.parametrize("keep", [0, 1, 200, 3000])
def test_a_truncated_archive(fixtures: Path, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.eval"
    path.write_bytes((fixtures / "office_warned.eval").read_bytes()[:keep])
    assert str(path) in message(path)
    assert "copy it again" in message(path)


def test_a_truncated_archive_among_others(fixtures: Path, tmp_path: Path) -> None:
    for name in ("cut.eval", "cut.zip"):
        (tmp_path / name).write_bytes((fixtures / "office_retried.eval").read_bytes()[:3000])
    (tmp_path / "whole.eval").write_bytes((fixtures / "office_warned.eval").read_bytes())
    (tmp_path / "cut.json").write_text((fixtures / "office_warned.json").read_text()[:5000])
    (tmp_path / "notes.txt").write_text("hello")
    runs = read(tmp_path)
    lost = runs[runs["status"] == "unreadable"]
    assert [Path(source).name for source in lost["source"]] == ["cut.eval", "cut.json", "cut.zip"]
    assert lost["version"].isna().all()
    assert lost["status_reason"].iloc[0] == "it is a truncated or damaged zip archive"
    assert (runs["status"] == "ok").sum() == 2
    assert reading_notes(runs)[0] == "Not read, because no log: 1 file (1 .txt)."
    assert any("3 rows of status 'unreadable'" in note for note in reading_notes(runs))
    assert "cut.eval cannot be read" in message(tmp_path, on_error="raise")


def test_nothing_but_damaged_files(fixtures: Path, tmp_path: Path) -> None:
    for name in ("a.eval", "b.eval"):
        (tmp_path / name).write_bytes(b"PK")
    assert "(2 such files.)" in message(tmp_path)


def test_a_log_without_runs(write_log: Make) -> None:
    path = write_log([], status="cancelled")
    assert "log.eval: the log holds no finished run (status cancelled)." in message(path)


def test_a_log_without_runs_beside_another(write_log: Make, sample: Make) -> None:
    runs = read([write_log([], "a.eval", header=False), write_log([sample()], "b.eval")])
    assert len(runs) == 1
    assert reading_notes(runs) == ["a.eval: the log holds no finished run (status started)."]


def test_no_inspect_log_inside(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text('{"version": 2, "status": "success", "samples": []}')
    assert "there is no 'eval' in it" in message(path, format="inspect")


def test_tables_beside_logs_are_not_read(write_log: Make, sample: Make, tmp_path: Path) -> None:
    write_log([sample()])
    (tmp_path / "summary.csv").write_text("version,blackmail\na,1\n")
    runs = read(tmp_path)
    assert len(runs) == 1
    assert any("1 table beside the logs left out, such as summary.csv" in n for n in reading_notes(runs))
    assert len(read(tmp_path, format="csv")) == 1


def test_several_formats_make_one_table(write_log: Make, write_run: Make, sample: Make, tmp_path: Path) -> None:
    write_log([sample(metadata={"scenario": "leaking", "urgency_type": "replacement"})])
    write_run(1, {"harmful_behavior": True, "classifier_verdict": True}, condition="blackmail_none-none_none")
    runs = read(tmp_path)
    assert len(runs) == 2
    assert runs["scenario"].cat.categories.tolist() == ["blackmail", "leaking"]
    assert runs["urgency"].cat.categories.tolist() == ["none", "replacement"]
    assert runs["judge"].tolist() == [False, pd.NA]
    assert runs["harmful_behavior"].tolist() == [pd.NA, True]
    assert str(runs["status"].dtype) == "category"


def test_counts_are_not_mixed_with_runs(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("version,n,k\na,10,1\n")
    (tmp_path / "runs.csv").write_text("version,blackmail\na,1\n")
    assert "cannot be mixed with runs" in message(tmp_path)


def test_progress_is_shown_on_request_only(
    fixtures: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read(fixtures / "office_warned.eval")
    assert capsys.readouterr().err == ""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    read(fixtures / "office_warned.eval", progress=True)
    assert "reading" in terminal.getvalue()
