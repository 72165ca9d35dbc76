"""The result of an audit, and the ways to show it."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from baserate.audits.finding import SEVERITIES, Finding
from baserate.audits.tables import TITLES
from baserate.escape import one_line, paragraph
from baserate.frames import own_frames
from baserate.result import CAUTION, Shown, html_table, records
from baserate.text import coded, markdown_table, percent, text_table

_MOST_ROWS = 24  # of one section, where people read it; the sections themselves are whole


@own_frames("table", "sections")
@dataclass(frozen=True, eq=False, repr=False)
class Audit(Shown):
    """What the runs are, and what they can and cannot answer.

    Attributes
    ----------
    table : DataFrame
        Runs per version, by status. A copy each time, as are the sections.
    sections : dict of str to DataFrame
        ``design``, ``outcomes``, ``prompts``, ``levels``, ``logs``, ``unreadable``; those that are not empty.
    findings : tuple of Finding
        Problems first, then warnings, then notes.
    outcomes : tuple of str
        The graded behaviors looked at.
    notes : tuple of str
        What reading had to say.
    cautions : tuple of Note
        What any answer from these runs depends on.
    accepted : int
        Runs of another status than "ok" that count as graded.
    """

    table: pd.DataFrame
    sections: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    outcomes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    accepted: int = 0

    @property
    def accounting(self) -> pd.DataFrame | None:
        """Where each file and run of the read went, as ``what`` and ``number``; None where the table does not tell."""
        return self.sections.get("accounting")

    def explain(self) -> str:
        """Say in a sentence how many runs there are, and how many findings.

        Returns
        -------
        str
        """
        runs, readable = int(self.table["runs"].sum()), int(self.table.get("ok", pd.Series([0])).sum())
        counts = Counter(finding.severity for finding in self.findings)
        told = ", ".join(f"{counts[s]} {s}{'s' * (counts[s] != 1)}" for s in SEVERITIES if counts[s]) or "nothing"
        versions = f"{len(self.table)} version{'s' * (len(self.table) != 1)}"
        return f"{runs:,} runs of {versions}, {readable + self.accepted:,} of them graded. Found: {told}."

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, as a dictionary.

        Returns
        -------
        dict
        """
        return {
            "explanation": self.explain(),
            "answer": self.answer,
            "outcomes": list(self.outcomes),
            "cautions": [coded(text) for text in self.cautions],
            "findings": [asdict(finding) for finding in self.findings],
            "rows": records(self.table),
            "sections": {name: records(table) for name, table in self.sections.items()},
            "notes": [str(note) for note in self.notes],
        }

    def pretty(self) -> pd.DataFrame:
        """Return the runs per version by status as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        return self.table.astype(str)

    def to_markdown(self) -> str:
        """Return the findings with all tables, as GitHub's Markdown.

        Returns
        -------
        str
        """
        told = [f"- **{CAUTION.strip()}** {text}" for text in self.cautions]
        told += [f"- **{f.severity}: {f.what}.** {f.found} {f.do}" for f in self.findings]
        told += [f"- {note}" for note in self.notes]
        shown = {name: f"**{title}**\n\n{markdown_table(_shown(table))}" for name, (title, table) in self._named()}
        design = [shown.pop("design")] if "design" in shown else []
        parts = [
            one_line(f"*{self.explain()}*"),
            *design,
            markdown_table(self.table),
            *(["\n".join(map(one_line, told))] if told else []),
        ]
        parts += shown.values()
        return "\n\n".join(parts) + "\n"

    def _titled(self) -> list[tuple[str, pd.DataFrame]]:
        return [(TITLES[name], table) for name, table in self.sections.items()]

    def _repr_html_(self) -> str:
        found = "".join(
            f"<li><strong>{f.severity}: {html.escape(f.what)}.</strong> {html.escape(f.found)} {html.escape(f.do)}</li>"
            for f in self.findings
        )
        shown = {name: f"<h4>{title}</h4>{html_table(_shown(table))}" for name, (title, table) in self._named()}
        head = f"<p><em>{html.escape(self.explain())}</em></p>{shown.pop('design', '')}{html_table(self.table)}"
        return f'<div class="baserate">{head}{self._told_html(found)}{"".join(shown.values())}</div>'

    def __str__(self) -> str:
        """Return the design, the other tables, then the findings, at most 100 columns wide."""
        shown = {name: f"{title}\n{_text(table, name)}" for name, (title, table) in self._named()}
        design = [shown.pop("design")] if "design" in shown else []
        parts = [paragraph(self.explain()), *design, text_table(self.table.astype(str)), *shown.values()]
        told = [paragraph(f"{f.what}. {f.found} {f.do}", f"{f.severity}: ", "  ") for f in self.findings]
        told += self._told()
        return "\n\n".join([*parts, *(["Findings\n" + "\n".join(told)] if told else [])])

    def _named(self) -> list[tuple[str, tuple[str, pd.DataFrame]]]:
        return list(zip(self.sections, self._titled(), strict=True))


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    shown = table.copy()
    if "share_missing" in shown:
        shown["share_missing"] = shown["share_missing"].map(percent)
    return shown.astype(str).rename(columns=lambda name: str(name).replace("_", " "))


def _text(table: pd.DataFrame, name: str) -> str:
    cut = len(table) - _MOST_ROWS
    more = f"\n… {cut} more rows in .sections[{name!r}]" if cut > 0 else ""
    return text_table(_shown(table.head(_MOST_ROWS))) + more
