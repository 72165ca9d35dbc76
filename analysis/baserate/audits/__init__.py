"""What this design can and cannot answer: the runs counted, and what a reader should know before any rate."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from baserate.annotations import Table, checked
from baserate.audits import design, findings, reruns
from baserate.audits.evidence import gather
from baserate.audits.finding import SEVERITIES, Finding
from baserate.audits.result import Audit
from baserate.audits.tables import sections, versions

__all__ = ["FINDINGS", "Audit", "Finding", "audit"]

FINDINGS = (
    findings.unreadable,
    findings.repeated,
    findings.unbalanced,
    design.entangled,
    design.lone_levels,
    design.never_together,
    design.empty_cells,
    design.unshared_prompts,
    findings.graded_by_itself,
    findings.changed_between_versions,
    reruns.differing_reruns,
    findings.partial_logs,
    findings.ungraded,
    design.one_sided_levels,
    design.one_sided_cells,
    findings.dirty_trees,
    design.scope,
)


@checked
def audit(runs: Table, outcome: str | None = None, accept: str | Sequence[str] = ("ok",)) -> Audit:
    """Show what the runs are, and what they can and cannot answer.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcome : str, optional
        The graded behavior to look at; without it all of them.
    accept : str or sequence of str
        The statuses whose logged verdicts count beside those of "ok", such as "limit" (see `baserate.counts.count`).

    Returns
    -------
    Audit
        Runs per version by status, tables by factor level, prompt and log, and findings: lost, repeated, partial and
        ungraded runs; empty cells and cells with no or all events; factors confounded, nested or aliased with the
        version or each other; graders that differ between versions; reruns that differ.

    Raises
    ------
    BaserateError
        If the table has no rows, there is no such outcome, or a status is unknown.
    """
    evidence = gather(runs, outcome, accept)
    told = chain.from_iterable(find(evidence) for find in FINDINGS)
    return Audit(
        table=versions(evidence),
        sections=sections(evidence),
        findings=tuple(sorted(told, key=lambda finding: SEVERITIES.index(finding.severity))),
        outcomes=tuple(evidence.cells),
        notes=evidence.notes,
        cautions=evidence.cautions,
        accepted=evidence.accepted,
    )
