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


@pytest.mark.filterwarnings("ignore:Length of header:pandas.errors.ParserWarning")
def test_commas_at_the_end_of_rows_shift_no_column(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("run,version,blackmail\n1,a,1,\n2,a,0,\n", encoding="utf-8")
    runs = br.read(path, outcomes=["blackmail"])
    assert runs["version"].tolist() == ["a", "a"]
    assert runs["blackmail"].tolist() == [True, False]


def test_a_row_longer_than_the_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("version,blackmail\na,1\nb,0,5\n", encoding="utf-8")
    with pytest.raises(BaserateError, match="Expected 2 fields in line 3"):
        br.read(path)
