"""The page: complete, self-contained, escaped, the same each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

import baserate as br
from baserate.comparison.sentences import summary, verdicts
from baserate.reports import Report
from baserate.reports.picture import inline

mpl.use("agg")
EVIL = "<script>alert(1)</script>"


class Elements(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    parts = []
    for seed, (threat, shift) in enumerate({"none": -0.3, "replacement": 0.0}.items()):
        part = br.simulate({"old": 0.6 + shift, "new": 0.9 + shift}, prompts=5, epochs=4, ungraded=0.1, seed=seed)
        parts.append(part.assign(threat=threat, prompt=threat + part["prompt"]))
    table = pd.concat(parts, ignore_index=True)
    table["run_id"] = [f"r{i}" for i in range(len(table))]
    table["source"] = [f"/home/me/logs/{v}.eval::samples/{i}.json" for i, v in enumerate(table["version"])]
    table["task"] = "simulated_task"
    return table


@pytest.fixture(scope="module")
def written(runs: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("report")
    return br.report(runs, "blackmail", baseline="old", to=folder / "r.html", figures=folder / "figures")


@pytest.fixture(scope="module")
def page(written: Report) -> str:
    return Path(written).read_text(encoding="utf-8")


def test_the_page_says_what_was_found(written: Report, page: str) -> None:
    text = " ".join(Elements(page).text.split())
    assert written.answers.comparison is not None
    row = written.answers.comparison.table.iloc[0]
    assert "Blackmail across versions" in text
    assert f"{row.events_candidate}/{row.n_candidate}" in text
    assert row.verdict in text
    for heading in ("Rates", "Differences between versions", "By factor", "All factors together"):
        assert heading in text
    assert "What these runs can and cannot answer" in text
    assert "Where the numbers come from" in text
    assert "logs/old.eval" in text


def test_each_table_and_figure_says_how_and_from_what(written: Report, page: str) -> None:
    shown = written.answers.rates.table
    basis = f"{shown.n.sum()} graded runs, {shown.missing.sum()} without a verdict, from 2 logs"
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL)
    assert len(captions) == 4
    assert all(basis in caption for caption in captions)
    tables = [text for text in re.findall(r'<p class="caption">(.*?)</p>', page, re.DOTALL) if "% interval" in text]
    assert len(tables) == 4
    assert not any(basis in text for text in tables), "said once, under the figure"
    assert page.count("Scope fixed") + page.count("Scope sampled") <= 3, "the method once a result, in the appendix"


def test_the_page_needs_nothing_else(page: str) -> None:
    elements = Elements(page)
    assert not {"script", "link", "img", "iframe", "object"} & set(elements.tags)
    assert all(link.startswith("#") for link in elements.links)
    assert "@import" not in page
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]+"', "", page)


def test_ids_do_not_clash_and_references_resolve(page: str) -> None:
    elements = Elements(page)
    assert len(elements.ids) == len(set(elements.ids))
    referred = set(re.findall(r"url\(#([^)]+)\)", page)) | {link[1:] for link in elements.links}
    assert referred <= set(elements.ids)


def test_the_same_runs_give_the_same_bytes(runs: pd.DataFrame, written: Report, tmp_path: Path) -> None:
    elsewhere = runs.assign(source=runs["source"].str.replace("/home/me", "/tmp/you"))
    again = br.report(elsewhere, "blackmail", baseline="old", to=tmp_path / "sub" / "r.html", figures=tmp_path / "f")
    assert Path(again).read_bytes() == Path(written).read_bytes()
    assert [p.name for p in again.files] == [p.name for p in written.files]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(again.files, written.files, strict=True))
    assert b"/home/me" not in Path(written).read_bytes()


def test_simulated_data_are_called_so(runs: pd.DataFrame, page: str, tmp_path: Path) -> None:
    assert "Simulated data" in page
    real = br.report(runs.assign(task="measured"), "blackmail", to=tmp_path / "r.html")
    assert "Simulated data" not in Path(real).read_text(encoding="utf-8")


def test_names_are_escaped(tmp_path: Path) -> None:
    table = pd.DataFrame({"version": ["a", EVIL], "n": [50, 50], "blackmail": [20, 40], EVIL: ["x", "<b>"]})
    table = pd.concat([table, table.assign(**{EVIL: ["<b>", "x"]})])
    written = br.report(table, "blackmail", to=tmp_path / "r.html", title=EVIL)
    elements = Elements(written.path.read_text(encoding="utf-8"))
    assert "script" not in elements.tags
    assert EVIL in elements.text


def test_counts_and_one_version_have_a_page_too(tmp_path: Path) -> None:
    table = pd.DataFrame({"n": [50], "blackmail": [20]})
    written = br.report(table, "blackmail", to=tmp_path / "r.html")
    text = written.path.read_text(encoding="utf-8")
    assert "there is nothing to compare" in text
    assert "No logistic model" in text
    assert "without logs" in text


def test_many_comparisons_are_summed_up(tmp_path: Path) -> None:
    table = pd.DataFrame({"version": [f"v{i}" for i in range(6)], "n": 40, "blackmail": [5, 6, 7, 30, 31, 32]})
    text = br.report(table, "blackmail", to=tmp_path / "r.html").path.read_text(encoding="utf-8")
    assert "15 comparisons: 6 inconclusive, 9 higher" in text.replace(
        "9 higher, 6 inconclusive", "6 inconclusive, 9 higher"
    )
    assert text.count('<li class="higher">') + text.count('<li class="inconclusive">') == 12


def test_a_report_prints_its_tables_and_verdicts(written: Report) -> None:
    text = str(written)
    assert "new shows blackmail more often than old: " in text
    assert "events/graded" in text
    assert text.endswith(f"Written: {written.path}")


@pytest.mark.parametrize(
    ("events", "margin", "claim"),
    [
        ((70, 84), None, "new shows blackmail more often than old"),
        ((84, 70), None, "new shows blackmail less often than old"),
        ((70, 72), None, "Whether new and old differ in blackmail is open"),
        ((700, 702), 0.1, "new and old differ by less than 10 points in blackmail"),
    ],
)
def test_verdicts_are_sentences(events: tuple[int, int], margin: float | None, claim: str) -> None:
    n = 1000 if max(events) > 100 else 100
    table = pd.DataFrame({"version": ["old", "new"], "n": [n, n], "blackmail": events})
    (found,) = verdicts(br.compare(table, "blackmail", baseline="old", margin=margin))
    assert found.claim == claim
    assert f"({events[1]}/{n}) against" in found.numbers
    assert str(found) == f"{claim}: {found.numbers}."
    assert summary([found]) == f"1 comparison: 1 {found.word}."


def test_inline_svg_keeps_its_names_to_itself() -> None:
    svg = '<?xml?><svg width="1pt" height="2pt" viewBox="0 0 360 9"><style>*{a: b}</style>'
    svg += '<g id="a" width="3"/><use href="#a"/></svg>'
    element = inline(svg, "fig1", 'a "b"')
    assert element.startswith('<svg role="img" aria-label="a &quot;b&quot;" style="max-width:36.0rem" viewBox')
    assert '<g id="fig1-a" width="3"/>' in element
    assert 'href="#fig1-a"' in element
    assert "<style" not in element


def test_nothing_random_stands_in_the_page(page: str) -> None:
    assert not re.search(r"\d{4}-\d{2}-\d{2}T", page)


def test_runs_of_unknown_version_are_counted_and_stand_in_no_rate(runs: pd.DataFrame, tmp_path: Path) -> None:
    lost = runs.assign(version=runs["version"].where(runs.index > 0), blackmail=runs["blackmail"].where(runs.index > 0))
    written = br.report(lost, "blackmail", to=tmp_path / "r.html")
    assert list(written.answers.rates.table["version"]) == ["old", "new"]
    assert "1 run of unknown version stands in no rate" in written.path.read_text(encoding="utf-8")
