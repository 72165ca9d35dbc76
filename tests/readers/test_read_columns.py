"""Long tables go through Arrow, short ones row by row: the same runs come out of both, and of every kind of file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.account import account_of

N = 1500  # rows: beyond what is read row by row


def rows(number: int = N) -> list[dict[str, Any]]:
    found = []
    for i in range(number):
        verdict = None if i % 11 == 0 else (i * 7) % 3 == 0
        row: dict[str, Any] = {"model": "ab"[i % 2], "prompt": f"p{i % 30}", "goal": ("none", "explicit")[i // 30 % 2]}
        row |= {
            "epoch": i // 30 + 1,
            "bad": verdict,
            "created": f"2026-01-{i % 28 + 1:02d} 10:00:00",
            "depth": i / 4 + 0.1,
        }
        found.append(row)
    return found


def write(folder: Path, kind: str, found: list[dict[str, Any]]) -> Path:
    path = folder / f"runs.{kind}"
    frame = pd.DataFrame(found)
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        path.write_text("\n".join(map(json.dumps, found)) + "\n", encoding="utf-8")
    return path


def cells(runs: pd.DataFrame) -> list[tuple[Any, ...]]:
    account = account_of(runs)
    assert account is not None
    assert account.balances
    kept = runs[["version", "prompt", "goal", "epoch", "status", "bad", "created", "depth"]].astype(object)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in kept.to_numpy()]


@pytest.mark.parametrize("number", [40, N])
def test_every_kind_of_file_gives_the_same_runs(tmp_path: Path, number: int) -> None:
    read = {kind: br.read(write(tmp_path, kind, rows(number))) for kind in ("csv", "jsonl", "parquet")}
    first = cells(read["parquet"])
    assert cells(read["csv"]) == first
    assert cells(read["jsonl"]) == first
    assert all(list(runs["goal"].cat.categories) == ["none", "explicit"] for runs in read.values())
    assert sum(row[4] == "ungraded" for row in first) == sum(row["bad"] is None for row in rows(number))


@pytest.mark.parametrize("odd", ["x\u00e9\U0001f600", 'a "quoted" text', "two\nlines", "comma, semicolon; bar|"])
def test_text_of_any_kind_stays_as_it_is(tmp_path: Path, odd: str) -> None:
    found = [{**row, "answer": odd if i % 2 else "plain"} for i, row in enumerate(rows())]
    for kind in ("csv", "jsonl"):
        runs = br.read(write(tmp_path, kind, found))
        assert len(runs) == N
        assert set(runs["answer"].astype(str)) == {odd, "plain"}


def test_whole_numbers_among_fractions_keep_their_text(tmp_path: Path) -> None:
    found = [{**row, "temperature": 1 if i % 2 else 0.5} for i, row in enumerate(rows())]
    runs = br.read(write(tmp_path, "jsonl", found), factors=["temperature"])
    assert list(runs["temperature"].cat.categories) == ["0.5", "1"]


@pytest.mark.parametrize(
    "line", ['{"model": "a", "bad": tru', "[]", '{"bad": {"nested": true}}', '{"model": 7}', "null"]
)
def test_a_line_unlike_the_others_costs_no_other_line(tmp_path: Path, line: str) -> None:
    lines = [json.dumps(row) for row in rows()]
    (tmp_path / "runs.jsonl").write_text("\n".join([*lines[:700], line, *lines[700:]]))
    runs = br.read(tmp_path / "runs.jsonl", outcomes=["bad"])
    good = runs[runs["prompt"].notna()]
    assert len(good) == N
    assert int(good["bad"].sum()) == sum(row["bad"] is True for row in rows())


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_an_error_of_zero_and_one_marks_failed_runs_of_any_file(tmp_path: Path, kind: str) -> None:
    found = [{**row, "error": int(i % 5 == 0)} for i, row in enumerate(rows())]
    path = write(tmp_path, kind, found)
    failed = br.read(path, outcomes=["bad"])
    assert int((failed["status"] == "error").sum()) == N // 5
    graded = br.read(path, outcomes=["error"])
    assert int((graded["status"] == "error").sum()) == 0, "a behavior that is called error"
    assert int(graded["error"].sum()) == N // 5


def test_lines_of_windows_and_a_mark_before_the_header(tmp_path: Path) -> None:
    text = pd.DataFrame(rows()).to_csv(index=False)
    for written in (text.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        (tmp_path / "runs.csv").write_bytes(written)
        assert len(br.read(tmp_path / "runs.csv")) == N


def test_a_stray_quote_is_told_in_a_long_file(tmp_path: Path) -> None:
    lines = [f"a,p{i},{i % 2},text" for i in range(N)]
    lines[100], lines[103] = 'a,p100,1,"open', 'a,p103,1,closed"'
    (tmp_path / "runs.csv").write_text("\n".join(["model,prompt,bad,answer", *lines]) + "\n")
    runs = br.read(tmp_path / "runs.csv")
    assert "lines with as many" in " ".join(runs["reading"].astype(str).unique())


def test_a_stop_reason_that_an_outcome_is_of_still_tells_what_became_of_a_run(tmp_path: Path) -> None:
    stops = ("stop", "max_tokens", "refusal")
    found = [{**row, "stop_reason": stops[i % 3]} for i, row in enumerate(rows())]
    runs = br.read(write(tmp_path, "jsonl", found), outcomes={"refused": ("stop_reason", "refusal")})
    assert runs["status"].value_counts()[["limit", "refusal"]].tolist() == [N // 3, N // 3]


def test_a_table_that_is_changed_in_place_is_looked_at_again() -> None:
    frame = pd.DataFrame(rows()).rename(columns={"model": "version"}).astype({"goal": object, "version": object})
    before = br.rates(frame, "bad", by="goal").table
    frame.loc[frame.index[:30], "goal"] = "latent"
    frame.loc[frame.index[:30], "version"] = "c"
    after = br.rates(frame, "bad", by="goal").table
    assert set(before["goal"]) == {"none", "explicit"}
    assert set(after["goal"]) == {"none", "explicit", "latent"}
    assert set(br.rates(frame, "bad").table["version"]) == {"a", "b", "c"}
    assert len(br.read(frame)["version"].cat.categories) == 3
