"""What a header says of its columns is held to."""

from __future__ import annotations

from pathlib import Path

import pytest

import baserate as br
from baserate.errors import BaserateError


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("version,blackmail,blackmail\na,1,0\nb,0,1\n", encoding="utf-8")
    with pytest.raises(BaserateError, match="'blackmail' twice"):
        br.read(path)


def test_commas_at_the_end_of_rows_shift_no_column(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("run,version,blackmail\n1,a,1,\n2,a,0,\n", encoding="utf-8")
    runs = br.read(path, outcomes=["blackmail"])
    assert runs["version"].tolist() == ["a", "a"]
    assert runs["blackmail"].tolist() == [True, False]


def test_a_row_longer_than_the_header_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("version,blackmail\na,1\nb,0,5\na\n", encoding="utf-8")
    runs = br.read(path)
    assert runs["status"].tolist() == ["ok", "ungraded", "unreadable"], "a row that ends early lacks its verdict"
    assert runs["status_reason"].iloc[2] == "it has 3 cells, the header 2"
    with pytest.raises(BaserateError, match="line 3 cannot be read: it has 3 cells, the header 2"):
        br.read(path, on_error="raise")


def test_row_names_that_r_writes_shift_no_column(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text('"version","aware"\n"1","v0",1\n"2","v1",0\n"3","v2",0\n', encoding="utf-8")
    runs = br.read(path)
    assert runs["version"].tolist() == ["v0", "v1", "v2"]
    assert runs["aware"].tolist() == [True, False, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "runs.csv"
    path.write_bytes(end.join(["version;blackmail", "é;1", "b;0"]).encode(encoding))
    runs = br.read(path)
    assert runs["version"].tolist() == ["é", "b"]


def test_a_stray_quote_is_told(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    rows = [f"a,p{i},{i % 2}" for i in range(20)]
    rows[3], rows[15] = 'a,"p3,1', 'a,p15",1'
    path.write_text("version,prompt,blackmail\n" + "\n".join(rows) + "\n", encoding="utf-8")
    runs = br.read(path)
    notes = " ".join(map(str, br.audit(runs).notes))
    assert "a stray quote" in notes
