"""Answers, audit and sources become the sections of a page, and the page becomes HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jinja2
import pandas as pd

from baserate._version import __version__
from baserate.audits import Audit, Finding
from baserate.audits.tables import TITLES
from baserate.figures import Answers
from baserate.note import brief
from baserate.plot.canvas import sentence
from baserate.result import CAUTION, Result
from baserate.text import in_words, percent

_NUMBER = re.compile(r"[\d∞.,%/+−<>~\[\]–e -]*")


@dataclass(frozen=True)
class Table:
    """A table of text; each head and cell says whether it is a number."""

    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, bool], ...], ...]
    title: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure as an element of the page; `svg` is safe markup."""

    name: str
    svg: str
    title: str
    caption: str


@dataclass(frozen=True)
class Part:
    """A figure, a table with its notes, or both; `folded` names a table that is closed at first."""

    figure: Picture | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()
    folded: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading."""

    name: str
    title: str
    texts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: tuple[Part, ...] = field(default=())


def table_of(frame: pd.DataFrame, title: str = "", caption: str = "") -> Table:
    """Make a table of the page: columns whose cells are all numbers are set flush right.

    Parameters
    ----------
    frame : DataFrame
        Of text, or of what reads well as text.
    title, caption : str
        Written over it.

    Returns
    -------
    Table
    """
    texts = frame.copy()
    for name in texts:
        write = percent if str(name).startswith("share") else _text
        texts[name] = [write(value) for value in frame[name]]
    right = [all(_NUMBER.fullmatch(cell) for cell in texts[name]) for name in texts]
    heads = tuple(zip((in_words(name) for name in texts), right, strict=True))
    rows = tuple(tuple(zip(row, right, strict=True)) for row in texts.itertuples(index=False))
    return Table(heads, rows, title, caption)


def _text(value: Any) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def basis(counts: tuple[int, int] | None, logs: int) -> str:
    """Say what numbers rest on.

    Parameters
    ----------
    counts : tuple of int or None
        Graded and ungraded runs, where they are known.
    logs : int
        How many logs the runs come from.

    Returns
    -------
    str
        ``"1,234 graded runs, 16 without a verdict, from 31 logs."``
    """
    graded, ungraded = counts or (0, 0)
    from_logs = f"from {logs} log{'s' * (logs != 1)} (listed below)" if logs else ""
    runs = (
        "" if graded is None else f"{graded:,} graded runs" + (f", {ungraded:,} without a verdict" if ungraded else "")
    )
    said = ", ".join(part for part in (runs, from_logs) if part)
    return f"{sentence(said)}." if said else ""


def section_of(
    name: str,
    title: str,
    result: Result,
    picture: Picture | None,
    known: Iterable[str],
    texts: Sequence[str] = (),
) -> Section:
    """Show a result: its figure, then its table with what it rests on and what the reader should know.

    Parameters
    ----------
    name, title : str
        Of the section.
    result : Result
        What is shown.
    picture : Picture or None
        Its figure.
    known : iterable of str
        Notes that stand elsewhere on the page.
    texts : sequence of str
        Paragraphs before it.

    Returns
    -------
    Section
    """
    notes = told_of(result, known)
    table = table_of(result.pretty(), title, sentence(result.computed))
    return Section(name, title, tuple(texts), parts=(Part(picture), Part(table=table, notes=notes)))


def told_of(result: Result, known: Iterable[str]) -> tuple[str, ...]:
    """List what a result depends on, then its notes, but for those that stand elsewhere on the page.

    Parameters
    ----------
    result : Result
    known : iterable of str

    Returns
    -------
    tuple of str
    """
    elsewhere = set(known)
    loud = brief(text for text in result.cautions if text not in elsewhere)
    return (*(CAUTION + text for text in loud), *brief(note for note in result.notes if note not in elsewhere))


def factor_section(pictures: Sequence[tuple[Picture, Result]], known: Iterable[str]) -> Section:
    """Show the heatmaps, each with its numbers folded away.

    Parameters
    ----------
    pictures : sequence of (Picture, Result)
        One a factor.
    known : iterable of str
        Notes that stand elsewhere on the page.

    Returns
    -------
    Section
    """
    parts = []
    for picture, result in pictures:
        notes = told_of(result, known)
        numbers = table_of(result.pretty(), "", sentence(result.computed))
        parts.append(Part(picture, numbers, notes, folded="Numbers and notes"))
    return Section("factors", "By factor", parts=tuple(parts))


def audit_section(audit: Audit) -> Section:
    """Show what the design can and cannot answer.

    Parameters
    ----------
    audit : Audit
        Of the same runs.

    Returns
    -------
    Section
    """
    more = [Part(table=table_of(table), folded=TITLES[name]) for name, table in audit.sections.items()]
    parts = (Part(table=table_of(audit.table, "Runs by status", "Only runs with a verdict count as graded.")), *more)
    return Section("audit", "What these runs can and cannot answer", (audit.answer,), audit.findings, parts)


def method_section(results: Sequence[Result]) -> Section:
    """Say once how each number was computed, and why so.

    Parameters
    ----------
    results : sequence of Result

    Returns
    -------
    Section
    """
    told = [line for result in results for line in (result.described(), *result.reasons())]
    return Section("methods", "How this was computed", tuple(dict.fromkeys(told)))


def source_section(logs: pd.DataFrame, notes: Sequence[str]) -> Section:
    """List the logs; what all of them share is said once.

    Parameters
    ----------
    logs : DataFrame
        What `baserate.figures.sources` returns.
    notes : sequence of str
        What reading had to say.

    Returns
    -------
    Section
    """
    if logs.empty:
        return Section("sources", "Where the numbers come from", ("A table of counts or runs, without logs.",))
    same = [name for name in logs.columns[1:-1] if len(logs) > 1 and logs[name].nunique() == 1]
    shared = ", ".join(f"{in_words(name)} {logs[name].iloc[0]}" for name in same if logs[name].iloc[0] != "–")
    texts = (f"In all logs: {shared}.",) if shared else ()
    parts = (
        Part(notes=tuple(notes)),
        Part(
            table=table_of(logs.drop(columns=same)),
            folded=f"All {len(logs)} logs" if len(logs) > 1 else "The log",
        ),
    )
    return Section("sources", "Where the numbers come from", texts, parts=parts)


def model_section(answers: Answers, picture: Picture | None, known: Iterable[str]) -> Section:
    """Show the odds ratios of the model, or say why there are none.

    Parameters
    ----------
    answers : Answers
        All results.
    picture : Picture or None
        The figure of the odds ratios.
    known : iterable of str
        Notes that stand elsewhere on the page.

    Returns
    -------
    Section
    """
    title = "All factors together"
    if answers.model is None or answers.odds_ratios is None:
        return Section("model", title, answers.model_notes)
    formula = f"Odds ratios of the logistic model {answers.model.formula}."
    return section_of("model", title, answers.odds_ratios, picture, known, (formula, *answers.model_notes))


def render(**content: Any) -> str:
    """Write the page; every text is escaped.

    Parameters
    ----------
    **content
        What the template shows.

    Returns
    -------
    str
        HTML.
    """
    loader = jinja2.PackageLoader("baserate")
    env = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    css = loader.get_source(env, "report.css")[0]
    return env.get_template("report.html.j2").render(version=__version__, css=css, **content) + "\n"
