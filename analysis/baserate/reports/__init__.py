"""One self-contained page about one behavior: verdicts, rates, differences, factors, model, audit, sources."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import CALL, asked_in, writing
from baserate.audits import Audit, audit
from baserate.comparison.sentences import Verdict, summary, verdicts
from baserate.design.mix import Mix
from baserate.escape import paragraph, printable, xml_text
from baserate.figures import Answers, Figure, Sources, answer, figures_of, sources
from baserate.figures.provenance import totals, without_place
from baserate.figures.saving import to_svg
from baserate.note import brief, code_of
from baserate.plot.canvas import sentence
from baserate.reports.page import (
    Picture,
    Section,
    audit_section,
    basis,
    factor_section,
    method_section,
    model_section,
    render,
    section_of,
    source_section,
)
from baserate.reports.picture import inline
from baserate.result import CAUTION, Result
from baserate.runs import is_simulated
from baserate.text import in_words, text_table

__all__ = ["Report", "report"]

_SIMULATED = "Simulated data: no model was asked anything. The numbers show what such a report looks like."
_MOST_VERDICTS = 12


@dataclass(frozen=True, eq=False)
class Report:
    """What a report wrote, and the results in it.

    Attributes
    ----------
    path : Path
        The page.
    answers : Answers
        Rates, comparison, rates by factor, odds ratios.
    audit : Audit
        What the runs can and cannot answer.
    files : tuple of Path
        The figures as files, if a folder was named.
    """

    path: Path
    answers: Answers
    audit: Audit
    files: tuple[Path, ...] = ()

    def __fspath__(self) -> str:
        """Return the path of the page, so that a report can be opened like one."""
        return os.fspath(self.path)

    def __str__(self) -> str:
        """Write tables and verdicts for a terminal."""
        first = self.answers.comparison or self.answers.rates
        more = (self.answers.rates, self.answers.odds_ratios)
        shown = [
            f"{paragraph(result.answer)}\n\n{text_table(result.pretty())}"
            for result in more
            if result is not None and result is not first
        ]
        said = [paragraph(text) for text in (*self.answers.notes, *self.answers.model_notes)]
        return "\n\n".join([str(first), *shown, *said, f"Written: {printable(self.path)}"])

    __repr__ = __str__


@checked
def report(
    runs: Table,
    outcome: str,
    across: str = "version",
    baseline: str | None = None,
    margin: float | None = None,
    to: str | Path = "report.html",
    figures: str | Path | None = None,
    title: str | None = None,
    level: float = 0.95,
    scope: str | None = None,
    *,
    conditions: Sequence[str] | str | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    accept: str | Sequence[str] = ("ok",),
) -> Report:
    """Write a page about one behavior that needs nothing else to be read: no network, no scripts, no other files.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcome, across, baseline, margin, level, scope, conditions, cluster, mix, weights, accept
        As in `baserate.compare`.
    to : str or Path
        The page to write.
    figures : str or Path, optional
        A folder to write each figure to as SVG, PNG, CSV and JSON.
    title : str, optional
        Of the page.

    Returns
    -------
    Report
        With ``path`` and all results. The same runs give the same bytes.

    Raises
    ------
    BaserateError
        If a column or level is not there, or nothing can be estimated.
    """
    weighed: dict[str, Any] = {"conditions": conditions, "cluster": cluster, "mix": mix, "weights": weights}
    with asked_in(CALL):  # a page says the same whether a command wrote it or a notebook
        answers = answer(runs, outcome, across, baseline, margin, level, scope, **weighed, accept=accept)
        audited = audit(runs, outcome, accept)
    logs = sources(runs, outcome)
    drawn = figures_of(answers)
    pictures: list[Picture] = []
    files: list[Path] = []
    for number, figure in enumerate(drawn, start=1):
        picture, written = _picture(figure, number, logs, figures)
        pictures.append(picture)
        files += written
    found = verdicts(answers.comparison) if answers.comparison is not None else []
    page = render(
        title=title or f"{sentence(in_words(outcome))} across {in_words(across)}s",
        lede=_lede(answers, len(logs.table)),
        banner=_SIMULATED if isinstance(runs, pd.DataFrame) and is_simulated(runs) else "",
        verdicts=_first(found),
        summary=[text for text in (_summary(found), *_cautions(answers), *answers.notes) if text],
        sections=_sections(answers, audited, drawn, pictures, logs),
    )
    path = Path(to)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(xml_text(without_place(page, logs)), encoding="utf-8", newline="\n")
    return Report(path, answers, audited, tuple(files))


def _picture(figure: Figure, number: int, logs: Sources, folder: str | Path | None) -> tuple[Picture, list[Path]]:
    """Draw a figure once, for the page and for the folder."""
    import matplotlib.pyplot as plt

    ax = figure.draw()
    try:
        svg = to_svg(ax, figure.name)
        written = [] if folder is None else figure.save(ax, folder, logs)
    finally:
        plt.close(ax.figure.canvas.figure)
    element = inline(svg, f"fig{number}", figure.title)
    caption = basis(figure.counts, len(logs.table))
    return Picture(figure.name, element, f"Figure {number}", caption), written


def _lede(answers: Answers, logs: int) -> str:
    levels = len(answers.rates.table)
    across = in_words(answers.rates.by[0])
    return f"{levels} {across}{'s' * (levels != 1)}. {basis(totals(answers.rates), logs)}"


def _first(found: list[Verdict]) -> list[Verdict]:
    """Choose the verdicts that stand on top: all, or of many those that are decided."""
    if len(found) <= _MOST_VERDICTS:
        return found
    return sorted(found, key=lambda verdict: verdict.word == "inconclusive")[:_MOST_VERDICTS]


def _summary(found: list[Verdict]) -> str:
    if len(found) < 2:
        return ""
    more = f" {_MOST_VERDICTS} of them are above, all in the table." if len(found) > _MOST_VERDICTS else ""
    return summary(found) + more


def _cautions(answers: Answers) -> list[str]:
    """Let what the verdicts depend on stand beside them."""
    result = answers.comparison or answers.rates
    return [CAUTION + text for text in brief(result.cautions)]


def _sections(
    answers: Answers, audited: Audit, drawn: list[Figure], pictures: list[Picture], logs: Sources
) -> list[Section]:
    """Put the sections in order; what all results have to say stands once, with the sources."""
    across = in_words(answers.rates.by[0])
    shown = {id(figure.result): picture for figure, picture in zip(drawn, pictures, strict=True)}
    top = (answers.comparison or answers.rates).cautions
    known = {*audited.notes, *top, *_said_by_all([figure.result for figure in drawn])}
    sections = [section_of("rates", "Rates", answers.rates, shown[id(answers.rates)], known)]
    if answers.comparison is not None:
        title = f"Differences between {across}s"
        sections.append(section_of("differences", title, answers.comparison, shown[id(answers.comparison)], known))
    if answers.by_factor:
        sections.append(factor_section([(shown[id(r)], r) for r in answers.by_factor], known))
    sections.append(model_section(answers, shown.get(id(answers.odds_ratios)), known))
    shared = (note for note in answers.rates.notes if note in known and code_of(note) != "reading-notes")
    said = dict.fromkeys((*audited.notes, *shared))
    results = [result for result in (answers.rates, answers.comparison, answers.odds_ratios) if result is not None]
    appendix = (audit_section(audited), method_section(results), source_section(logs.table, tuple(said)))
    return [*sections, *appendix]


def _said_by_all(results: list[Result]) -> set[str]:
    if len(results) < 2:
        return set()
    return set.intersection(*(set(result.notes) for result in results))
