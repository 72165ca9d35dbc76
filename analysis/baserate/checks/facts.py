"""Checks of facts about these runs: no interval, and never an inconclusive verdict."""

from __future__ import annotations

from baserate.checks.judgment import FAIL, INCONCLUSIVE, PASS, Interval, Judgment
from baserate.checks.rule import Rule
from baserate.counts import Counts

_UNKNOWN = float("nan")


def same_grader(counts: Counts, rule: Rule) -> Judgment:
    """Judge whether all versions were graded by the same graders.

    Parameters
    ----------
    counts : Counts
        Of the runs chosen.
    rule : Rule

    Returns
    -------
    Judgment
        Inconclusive where no grader is known.
    """
    used: dict[str, list[str]] = {}
    for version, grader in counts.graders:
        used.setdefault(str(version), []).append(str(grader))
    cells = counts.cells
    kinds = {tuple(sorted(graders)) for graders in used.values()}
    versions = cells["version"].nunique()
    known = len(used) == versions and bool(used)
    verdict = INCONCLUSIVE if not known else PASS if len(kinds) == 1 else FAIL
    told = "; ".join(f"{version} by {' and '.join(sorted(graders))}" for version, graders in used.items())
    lacking = "" if known else f" {versions - len(used)} of {versions} versions do not say who graded {rule.outcome}."
    found = f"{told or 'no grader is known'}.{lacking}"
    n, events, missing = (int(cells[name].sum()) for name in ("n", "events", "missing"))
    interval = Interval(_UNKNOWN, _UNKNOWN, _UNKNOWN)
    return Judgment(verdict, interval, _UNKNOWN, n, events, missing, found, "what the logs say of their graders")
