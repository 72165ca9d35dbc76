"""What the pages show, runs: each page's Python in one go, its commands, its policy."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import baserate as br
from baserate.cli import main

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [DOCS / "index.md", *sorted((DOCS / "tutorials").glob("*.md"))]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mpl.use("agg")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for language, code in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "toml":
            (tmp_path / "baserate.toml").write_text(code, encoding="utf-8")
        if language == "python":
            exec(compile(code, str(page), "exec"), names)
        if language == "sh":
            for line in code.splitlines():
                assert main(shlex.split(line)[1:]) in (0, 3), line
    plt.close("all")
    assert "Traceback" not in capsys.readouterr().err


CALLS = re.findall(r"^\|[^|]*\| `(br\.[^`]+|model\.[^`]+)`", (DOCS / "questions.md").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("call", [call for call in CALLS if "…" not in call])
def test_each_call_of_the_table_of_questions_runs(call: str, tmp_path: Path) -> None:
    runs = br.load_example("blackmail")
    runs["leaking"] = runs["blackmail_keywords"]
    runs["version"] = runs["version"].cat.rename_categories({"mockllm/mock-1": "old", "mockllm/mock-2": "new"})
    names = {"br": br, "runs": runs, "pilot": runs}
    if call.startswith("model"):
        names["model"] = br.fit(runs, "blackmail ~ version * urgency")
    if "read" in call:
        runs.to_csv(tmp_path / "runs.csv")
    assert eval(call, names) is not None


def test_every_page_is_in_the_site() -> None:
    config = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        assert page.relative_to(DOCS).as_posix() in config


def test_every_link_leads_somewhere() -> None:
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
