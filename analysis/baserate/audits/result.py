"""The result of an audit, and the ways to show it."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from baserate.arguments import COMMAND, way_asked
from baserate.audits.finding import SEVERITIES, Finding, ranked
from baserate.audits.tables import TITLES
from baserate.errors import BaserateError, did_you_mean
from baserate.escape import one_line, paragraph
from baserate.frames import own_frames
from baserate.note import brief, code_of, coded
from baserate.result import records
from baserate.shown import CAUTION, Shown, html_table
from baserate.text import markdown_table, percent, text_table

_MOST_OUTCOMES = 6  # that fit beside each other


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

    def described(self) -> str:
        """Say in a sentence how many runs there are, and how many findings.

        Returns
        -------
        str
        """
        runs, readable = int(self.table["runs"].sum()), int(self.table.get("ok", pd.Series([0])).sum())
        counts = Counter(severity for severity, _ in {(f.severity, f.kind) for f in self.findings})
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

    @property
    def answer(self) -> str:
        """How many runs there are of what, and how many findings, in a sentence or two."""
        return self.described()

    def detail(self, section: str | None = None) -> str:
        """Write out what the audit shows in brief.

        Parameters
        ----------
        section : str, optional
            ``"findings"``, or one of `sections`; left out, all of them.

        Returns
        -------
        str

        Raises
        ------
        BaserateError
            If there is no such section.

        Examples
        --------
        >>> import baserate as br
        >>> runs = br.simulate({"old": 0.3, "new": 0.5}, prompts=4, epochs=2, seed=1)
        >>> print(br.audit(runs).detail("prompts"))
        Prompts and epochs by version
        version  conditions  prompts  fewest runs a prompt  most runs a prompt
        ───────  ──────────  ───────  ────────────────────  ──────────────────
        old               1        4                     2                   2
        new               1        4                     2                   2
        """
        told = [paragraph(f"{f.what}. {f.found} {f.do}", f"{f.severity}: ", "  ") for f in self.findings]
        told += [paragraph(text, "- ", "  ") for text in (*self.cautions, *self.notes)]
        parts = {"findings": "Findings\n" + "\n".join(told)}
        parts |= {name: f"{TITLES[name]}\n{text_table(_shown(table))}" for name, table in self.sections.items()}
        if section is None:
            return "\n\n".join(parts.values())
        if section not in parts:
            raise BaserateError(f"The audit has no section {section!r}.{did_you_mean(section, parts)}")
        return parts[section]

    def _shown_first(self) -> list[tuple[str, pd.DataFrame]]:
        """Return the tables that are shown at once: the design and the verdicts."""
        tables = [(TITLES[name], _shown(self.sections[name])) for name in ("design",) if name in self.sections]
        return [*tables, ("Verdicts", self.verdicts())]

    def verdicts(self) -> pd.DataFrame:
        """Return events over graded runs, a row a version and a column an outcome, as text for people.

        Returns
        -------
        DataFrame
            Of strings; of more than six outcomes, those with the most events.
        """
        counted = self.sections.get("outcomes")
        if counted is None:
            return self.pretty()
        told = counted.assign(told=[f"{k}/{n}" for k, n in zip(counted["events"], counted["n"], strict=True)])
        wide = told.pivot_table("told", "version", "outcome", aggfunc="first", sort=False, observed=True)
        graded = counted.groupby("outcome", sort=False)["n"].sum()
        kept = [name for name in graded.index if graded[name]][:_MOST_OUTCOMES]
        runs = self.table.astype({"version": str}).set_index("version")["runs"]
        shown = wide[kept].reset_index().astype(str).rename_axis(None, axis=1)
        shown.insert(1, "runs", [str(runs.get(version, "–")) for version in shown["version"]])
        return shown

    def _loud(self) -> list[str]:
        """Shorten the cautions, of each code the first, with the number of outcomes that it holds for too."""
        shown: dict[str, list[str]] = {}
        for caution in self.cautions:
            told = brief([caution])[0]
            shown.setdefault(code_of(caution) or told, []).append(told)
        more = {code: len(set(told)) - 1 for code, told in shown.items()}
        return [
            told[0] + (f" So for {more[code]} more outcomes." if more[code] else "") for code, told in shown.items()
        ]

    def _cautions_html(self) -> str:
        told = (f"<li><strong>{CAUTION.strip()}</strong> {html.escape(text)}</li>" for text in self._loud())
        return f"<ul>{''.join(told)}</ul>" if self.cautions else ""

    def _more(self) -> str:
        names = ", ".join(name for name in self.sections if name not in ("design", "outcomes"))
        how = "--detail findings" if way_asked() == COMMAND else "detail('findings')"
        return f"In full: {how}, or {names}."

    def to_markdown(self) -> str:
        """Return what is shown at once, as GitHub's Markdown.

        Returns
        -------
        str
        """
        told = [f"- **{CAUTION.strip()}** {one_line(text)}" for text in self._loud()]
        told += [f"- {one_line(text)}" for text in ranked(self.findings)]
        tables = [f"**{title}**\n\n{markdown_table(table)}" for title, table in self._shown_first()]
        return "\n\n".join([f"**{one_line(self.answer)}**", *tables, "\n".join(told), f"*{self._more()}*"]) + "\n"

    def _repr_html_(self) -> str:
        shown = [f"<h4>{html.escape(title)}</h4>{html_table(table)}" for title, table in self._shown_first()]
        told = "".join(f"<li>{html.escape(text)}</li>" for text in ranked(self.findings))
        more = "".join(
            f"<details><summary>{html.escape(TITLES[name])}</summary>{html_table(_shown(table))}</details>"
            for name, table in self.sections.items()
            if name not in ("design", "outcomes")
        )
        head = f"<p><strong>{html.escape(self.answer)}</strong></p>"
        return f'<div class="baserate">{head}{"".join(shown)}{self._cautions_html()}<ul>{told}</ul>{more}</div>'

    def __str__(self) -> str:
        """Return the design, the verdicts and the findings, a line each: one screen."""
        tables = [f"{title}\n{text_table(table)}" for title, table in self._shown_first()]
        told = [paragraph(CAUTION + text, "- ", "  ") for text in self._loud()]
        told += [paragraph(text, "- ", "  ") for text in ranked(self.findings)]
        findings = ["Findings\n" + "\n".join(told)] if told else []
        return "\n\n".join([paragraph(self.answer), *tables, *findings, paragraph(self._more())])


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    shown = table.copy()
    if "share_missing" in shown:
        shown["share_missing"] = shown["share_missing"].map(percent)
    return shown.astype(str).rename(columns=lambda name: str(name).replace("_", " "))
