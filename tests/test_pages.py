"""What the pages of docs/ show, runs."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import baserate as br
from baserate.account import account_of
from baserate.readers import find, format_list
from baserate.readers.declared import read_declared

ROOT = Path(__file__).parents[1]


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.S)


def test_the_new_format_of_the_page_reads_the_sample_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = blocks("new-format.md", "python")[0]
    assert source.count("\n") < 100
    space: dict[str, Any] = {}
    exec(source, space)
    made = space["FORMAT"]
    reader = format_list.Reader(made.name, made.recognize, partial(read_declared, format=made), is_log=True)
    monkeypatch.setattr(find, "READERS", (reader, *format_list.READERS))
    sample = json.loads(blocks("new-format.md", "json")[0])
    (tmp_path / "opus.json").write_text(json.dumps(sample))
    runs = br.read(tmp_path, outcomes={"blackmail": "blackmail", "overt": ("overt", 7)})
    assert runs["version"].unique().tolist() == ["acme/opus"]
    assert runs["status"].tolist() == ["ok", "empty", "error"]
    assert runs["overt"].fillna(False).tolist() == [True, False, False]
    assert runs["overt_grader"].dropna().unique().tolist() == ["acme/judge"]
    assert runs["threat"].tolist() == ["replacement", "none", "none"]
    account = account_of(runs)
    assert account is not None
    assert account.balances
    assert br.read(tmp_path, columns={"threat": "version"})["version"].tolist() == ["replacement", "none", "none"]


def test_every_format_of_the_page_on_reading_is_there() -> None:
    page = (ROOT / "docs/reading.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", page, flags=re.M))
    listed = {name for cell in named for name in re.findall(r"`([\w-]+)`", cell)}
    assert {reader.name for reader in format_list.READERS if not reader.always} <= listed


def test_the_first_lines_of_the_page_on_reading_run(capsys: pytest.CaptureFixture[str]) -> None:
    source = blocks("reading.md", "python")[0].replace("data/", f"{ROOT.as_posix()}/data/")
    exec(source, {})
    assert "files found" in capsys.readouterr().out


@pytest.mark.parametrize("page", sorted(p.name for p in (ROOT / "docs").glob("*.md")))
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for path in re.findall(r"\]\((?!http)([\w/.-]+)\)", text):
        assert (ROOT / "docs" / path).exists(), path
