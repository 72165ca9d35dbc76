"""The result of a policy, and the ways to show it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from baserate.checks.judgment import FAIL, INCONCLUSIVE, PASS, WORST_FIRST, Judgment
from baserate.checks.junit import junit
from baserate.checks.rule import Rule
from baserate.escape import one_line
from baserate.note import Note, coded
from baserate.shown import CAUTION, Shown
from baserate.text import markdown_table, to_json_value

PASSED, FAILED, UNDECIDED = 0, 1, 3  # 2 is for errors of usage and data


@dataclass(frozen=True)
class Checked:
    """One rule with what was found.

    Attributes
    ----------
    rule : Rule
    judged : Judgment
    """

    rule: Rule
    judged: Judgment

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 inconclusive, unless the rule says what inconclusive means."""
        undecided = {None: UNDECIDED, "fail": FAILED, "warn": PASSED}[self.rule.on_inconclusive]
        return {PASS: PASSED, FAIL: FAILED, INCONCLUSIVE: undecided}[self.judged.verdict]

    @property
    def said(self) -> str:
        """The verdict, with what the rule makes of an open one."""
        meant = {"fail": " (fails)", "warn": " (warning)"}.get(self.rule.on_inconclusive or "", "")
        return self.judged.verdict + (meant if self.judged.verdict == INCONCLUSIVE else "")

    def row(self) -> dict[str, Any]:
        """Return everything in one flat row."""
        j, r = self.judged, self.rule
        return {
            "check": r.name,
            "kind": r.kind,
            "outcome": r.outcome,
            "verdict": j.verdict,
            "estimate": j.interval.estimate,
            "conf_low": j.interval.low,
            "conf_high": j.interval.high,
            "limit": j.limit,
            "n": j.n,
            "events": j.events,
            "missing": j.missing,
            "survives_ungraded": j.survives,
            "on_inconclusive": r.on_inconclusive,
            "found": j.found,
        }


@dataclass(frozen=True, repr=False)
class Checks(Shown):
    """The verdicts of a policy.

    Attributes
    ----------
    checked : tuple of Checked
        In the order of the policy.
    policy : str
        The policy's path.
    runs : int
        How many rows were read.
    reading : tuple of str
        What reading had to say.
    """

    checked: tuple[Checked, ...]
    policy: str
    runs: int
    reading: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 where all pass, 1 where one fails, else 3 where one is inconclusive."""
        codes = {one.exit_code for one in self.checked}
        return next((code for code in (FAILED, UNDECIDED) if code in codes), PASSED)

    @property
    def table(self) -> pd.DataFrame:
        """One row a check, unrounded."""
        return pd.DataFrame([one.row() for one in self.checked])

    @property
    def cautions(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the verdicts depend on, each with the check it is about."""
        return tuple(_about(one, caution) for one in self.checked for caution in one.judged.cautions)

    @property
    def notes(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the estimates have to say of themselves, each with its check; then what reading had to say."""
        return (*(_about(one, note) for one in self.checked for note in one.judged.notes), *self.reading)

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        rows = [{"verdict": one.said, "check": one.rule.name, "found": one.judged.found} for one in self.checked]
        return pd.DataFrame(rows)

    @property
    def answer(self) -> str:
        """What came out, with the exit code."""
        return self.described()

    def described(self) -> str:
        """Say in two sentences what came out.

        Returns
        -------
        str
        """
        counts = Counter(one.judged.verdict for one in self.checked)
        told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in reversed(WORST_FIRST) if counts[verdict])
        return f"{len(self.checked)} checks of {self.policy} on {self.runs:,} rows: {told}. Exit code {self.exit_code}."

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, as a dictionary.

        Returns
        -------
        dict
        """
        return {
            "policy": self.policy,
            "exit_code": self.exit_code,
            "explanation": self.explain(),
            "answer": self.answer,
            "checks": [
                {key: to_json_value(value) for key, value in one.row().items()}
                | {"alpha": one.rule.alpha, "where": {k: to_json_value(v) for k, v in one.rule.where.items()}}
                | {"basis": one.judged.basis}
                | {"cautions": [coded(text) for text in one.judged.cautions]}
                | {"notes": [str(text) for text in one.judged.notes]}
                for one in self.checked
            ],
            "notes": [str(text) for text in self.reading],
        }

    def to_markdown(self) -> str:
        """Return the verdicts as GitHub's Markdown, for a step summary.

        Returns
        -------
        str
        """
        told = "".join(f"\n- **{CAUTION.strip()}** {one_line(text)}" for text in self.cautions)
        told += "".join(f"\n- {one_line(text)}" for text in self.notes)
        return f"### baserate check\n\n{markdown_table(self.pretty())}\n\n{one_line(self.explain())}\n{told}\n"

    def to_junit(self) -> str:
        """Return the verdicts as JUnit's XML; an open verdict is a skipped test unless the rule makes it a failure.

        Returns
        -------
        str
        """
        cases = [
            {
                "name": one.rule.name,
                "kind": one.rule.kind,
                "mark": {PASSED: "", FAILED: "failure", UNDECIDED: "skipped"}[one.exit_code]
                or ("skipped" if one.judged.verdict == INCONCLUSIVE else ""),
                "verdict": one.said,
                "message": one.judged.found,
                "detail": "\n".join([one.judged.found, one.judged.basis, *one.judged.cautions, *one.judged.notes]),
            }
            for one in self.checked
        ]
        return junit(cases, self.policy)


def _about(one: Checked, text: str) -> str:
    told = f"{one.rule.name}: {text}"
    return Note(text.code, told) if isinstance(text, Note) else told
