"""The result of an audit, and the ways to show it."""

from __future__ import annotations

import html
import json
import textwrap
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from baserate.audits.finding import SEVERITIES, Finding
from baserate.audits.tables import TITLES
from baserate.markdown import markdown_table
from baserate.result import WIDTH, percent, text_table, to_json_value

_MOST_ROWS = 24  # of one section, where people read it; the sections themselves are whole


@dataclass(frozen=True, eq=False)
class Audit:
    """What the runs are, and what they can and cannot answer.

    Attributes
    ----------
    table : DataFrame
        Runs per version, by status.
    sections : dict of str to DataFrame
        ``outcomes``, ``prompts``, ``levels``, ``logs``, ``unreadable``; those that are not empty.
    findings : tuple of Finding
        Problems first, then warnings, then notes.
    outcomes : tuple of str
        The graded behaviors looked at.
    notes : tuple of str
        What reading had to say.
    """

    table: pd.DataFrame
    sections: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    outcomes: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the runs per version by status.

        Returns
        -------
        DataFrame
        """
        return self.table.copy()

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
        return f"{runs:,} runs of {versions}, {readable:,} of them graded. Found: {told}."

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, as a dictionary.

        Returns
        -------
        dict
        """
        return {
            "explanation": self.explain(),
            "outcomes": list(self.outcomes),
            "findings": [asdict(finding) for finding in self.findings],
            "rows": _records(self.table),
            "sections": {name: _records(table) for name, table in self.sections.items()},
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """Return everything as strict JSON.

        Returns
        -------
        str
        """
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def to_markdown(self) -> str:
        """Return the findings with all tables, as GitHub's Markdown.

        Returns
        -------
        str
        """
        told = [f"- **{f.severity}: {f.what}.** {f.found} {f.do}" for f in self.findings]
        told += [f"- {note}" for note in self.notes]
        parts = [f"*{self.explain()}*", markdown_table(self.table), *(["\n".join(told)] if told else [])]
        parts += [f"**{title}**\n\n{markdown_table(_shown(table))}" for title, table in self._titled()]
        return "\n\n".join(parts) + "\n"

    def _titled(self) -> list[tuple[str, pd.DataFrame]]:
        return [(TITLES[name], table) for name, table in self.sections.items()]

    def _repr_html_(self) -> str:
        told = "".join(
            f"<li><strong>{f.severity}: {html.escape(f.what)}.</strong> {html.escape(f.found)} {html.escape(f.do)}</li>"
            for f in self.findings
        )
        told += "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        tables = "".join(f"<h4>{title}</h4>{_html(_shown(table))}" for title, table in self._titled())
        explained = f"<p><em>{html.escape(self.explain())}</em></p>"
        return f'<div class="baserate">{explained}{_html(self.table)}<ul>{told}</ul>{tables}</div>'

    def __str__(self) -> str:
        """Return the tables, then the findings, at most 100 columns wide."""
        parts = [textwrap.fill(self.explain(), WIDTH), text_table(self.table.astype(str))]
        parts += [f"{title}\n{_text(table, name)}" for name, (title, table) in self._named()]
        told = [_wrap(f"{f.severity}: ", f"{f.what}. {f.found} {f.do}") for f in self.findings]
        told += [_wrap("- ", note) for note in self.notes]
        return "\n\n".join([*parts, *(["Findings\n" + "\n".join(told)] if told else [])])

    def _named(self) -> list[tuple[str, tuple[str, pd.DataFrame]]]:
        return list(zip(self.sections, self._titled(), strict=True))

    __repr__ = __str__


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): to_json_value(v) for k, v in row.items()} for row in table.to_dict("records")]


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    shown = table.copy()
    if "share_missing" in shown:
        shown["share_missing"] = shown["share_missing"].map(percent)
    return shown.astype(str).rename(columns=lambda name: str(name).replace("_", " "))


def _html(table: pd.DataFrame) -> str:
    return str(table.to_html(index=False, escape=True, border=0, classes="baserate"))


def _text(table: pd.DataFrame, name: str) -> str:
    cut = len(table) - _MOST_ROWS
    more = f"\n… {cut} more rows in .sections[{name!r}]" if cut > 0 else ""
    return text_table(_shown(table.head(_MOST_ROWS))) + more


def _wrap(head: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent="  ")
