"""Checks of rates that are corrected for the judge's errors, as human labels tell."""

from __future__ import annotations

from typing import Any

import pandas as pd

from baserate.checks.judgment import FAIL, INCONCLUSIVE, WORST_FIRST, Interval, Judgment, against
from baserate.checks.rule import Rule
from baserate.comparison import compare
from baserate.errors import BaserateError
from baserate.note import code_of
from baserate.rate_table import rates
from baserate.result import Result
from baserate.text import percent

KINDS = ("not_above_rate", "not_worse_than")


def corrected_judgment(runs: pd.DataFrame, rule: Rule) -> Judgment:
    """Judge a rule on corrected rates; where labels are too few, nothing is decided.

    Parameters
    ----------
    runs : DataFrame
        The runs chosen.
    rule : Rule
        Of a kind that has limits, with ``corrected``.

    Returns
    -------
    Judgment

    Raises
    ------
    BaserateError
        If the kind has no correction, or planned looks are asked for.
    """
    if rule.kind not in KINDS or rule.looks or rule.limits.get("better") == "higher":
        raise BaserateError(
            f"corrected = {rule.corrected!r} goes with {' and '.join(KINDS)}, and without looks or better = 'higher'. "
            "Leave it out."
        )
    asked: dict[str, Any] = {"corrected": rule.corrected, "human": rule.human, "level": 1 - 2 * rule.alpha}
    asked |= {"scope": rule.scope, "accept": rule.accept, **rule.weighing}
    if rule.kind == "not_above_rate":
        return _not_above(rates(runs, rule.outcome, **asked), rule)
    baseline, candidate = rule.limits["baseline"], rule.limits["candidate"]
    if baseline == candidate:
        raise BaserateError(f"baseline and candidate are both {baseline!r}. Name two versions.")
    found = compare(runs, rule.outcome, baseline=baseline, **asked)
    rows = found.table[found.table["candidate"].astype(str) == candidate]
    if rows.empty:
        raise BaserateError(f"There is no version {candidate!r} to hold against {baseline!r}.")
    row = rows.iloc[0]
    sides = [f"{row[side]} {percent(row[f'rate_{side}'])}" for side in ("candidate", "baseline")]
    counted = (int(row[f"{what}_candidate"] + row[f"{what}_baseline"]) for what in ("n", "events", "missing"))
    return _judged(found, row, rule.limits["margin"], " against ".join(sides), 1.0, tuple(counted))


def _not_above(found: Any, rule: Rule) -> Judgment:
    """Let the worst version decide."""
    judged = [
        _judged(found, row, rule.limits["rate"], str(row["version"]), 0.0, (row["n"], row["events"], row["missing"]))
        for row in found.table.to_dict("records")
    ]
    return min(judged, key=lambda one: (WORST_FIRST.index(one.verdict), -one.interval.high))


def _judged(result: Result, row: Any, limit: float, who: str, difference: float, counted: tuple[int, ...]) -> Judgment:
    interval = Interval(float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"]))
    known = not any(code_of(caution) == "uncorrected" for caution in result.cautions)
    verdict = against(interval, limit) if known else INCONCLUSIVE

    def write(value: float) -> str:
        return f"{100 * value:+.1f} points" if difference else percent(value)

    bound = f"at least {write(interval.low)}" if verdict == FAIL else f"at most {write(interval.high)}"
    held = f"corrected {write(interval.estimate)}, {bound}; {'margin' if difference else 'limit'} {write(limit)}"
    found = f"{who}: {held}." if known else f"{who}: too few human labels to correct by; nothing is decided."
    n, events, missing = map(int, counted)
    sided = f"{result.method}; one-sided limits of {(1 + result.level) / 2:.4g} confidence"
    basis = f"{sided}; scope {result.scope}: {result.scope_reason}"
    return Judgment(
        verdict, interval, limit, n, events, missing, found, basis, None, tuple(result.cautions), tuple(result.notes)
    )
