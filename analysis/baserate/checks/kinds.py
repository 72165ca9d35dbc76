"""The kinds of checks: which keys each takes, and how it judges."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from baserate.checks.further_runs import more_for_difference, more_for_rate
from baserate.checks.judgment import FAIL, INCONCLUSIVE, PASS, WORST_FIRST, Interval, Judgment, against, survives
from baserate.checks.rule import Key, Rule, proportion, version
from baserate.comparison import Comparison, compare
from baserate.counts import count
from baserate.errors import BaserateError, require_known
from baserate.looks import level_at_look
from baserate.rate_table import Rates, rates
from baserate.result import Result
from baserate.runs import as_category
from baserate.text import code_of, percent

UNKNOWN = "unknown version"
_OF_ALL = ("no-prompt-column", "no-version-column")


@dataclass(frozen=True)
class Kind:
    """A kind of check.

    Attributes
    ----------
    keys : mapping of str to callable
        Its own keys, all of them needed, and what each may hold.
    judge : callable
        From counts per cell and the rule to what was found.
    """

    keys: Mapping[str, Key]
    judge: Callable[[pd.DataFrame, Rule], Judgment]


def not_above_rate(cells: pd.DataFrame, rule: Rule) -> Judgment:
    """Judge whether the rate of each version is shown to be at most ``rate``; the worst version decides.

    One-sided Clopper–Pearson limits at alpha, on the effective number of runs where runs share prompts.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns for the runs chosen.
    rule : Rule
        With the limit ``rate``.

    Returns
    -------
    Judgment

    References
    ----------
    Clopper & Pearson (1934) Biometrika 26:404. Korn & Graubard (1998) Survey Methodology 24:193.
    """
    return _worst([_above(cells[cells["version"] == v], str(v), rule) for v in _versions(cells)])


def _above(cells: pd.DataFrame, name: str, rule: Rule) -> Judgment:
    limit = rule.limits["rate"]

    def estimate(these: pd.DataFrame) -> Rates:
        level = level_at_look(rule.looks or None, 1 - 2 * rule.alpha)
        return rates(these, rule.outcome, method="clopper-pearson", level=level, scope=rule.scope)

    def verdict_of(these: pd.DataFrame) -> str:
        return against(_interval(estimate(these)), limit)

    result, verdict = estimate(cells.assign(missing=0)), verdict_of(cells)
    row = result.table.iloc[0]
    bound = f"at least {percent(row['conf_low'])}" if verdict == FAIL else f"at most {percent(row['conf_high'])}"
    found = f"{name}: {row['events']}/{row['n']} ({percent(row['estimate'])}), {bound}; limit {percent(limit)}"
    more = more_for_rate(row, limit, rule.alpha) if verdict == INCONCLUSIVE else ""
    holds, said = survives(verdict, cells, pd.Series(True, index=cells.index), verdict_of, name)
    told = ((*said, *result.cautions), _own_notes(result))
    return Judgment(verdict, _interval(result), limit, *_counts(cells), f"{found}{more}.", _basis(result), holds, *told)


def not_worse_than(cells: pd.DataFrame, rule: Rule) -> Judgment:
    """Judge whether the candidate's rate is shown to exceed the baseline's by at most ``margin``.

    The interval of level 1 - 2 alpha of the difference against the margin: non-inferiority with three outcomes.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns for the runs chosen.
    rule : Rule
        With ``baseline``, ``candidate`` and ``margin``.

    Returns
    -------
    Judgment

    References
    ----------
    Farrington & Manning (1990) Stat. Med. 9:1447. Miettinen & Nurminen (1985) Stat. Med. 4:213.
    """
    baseline, candidate, margin = (rule.limits[key] for key in ("baseline", "candidate", "margin"))
    if baseline == candidate:
        raise BaserateError(f"baseline and candidate are both {baseline!r}. Name two versions.")
    for side in (baseline, candidate):
        require_known(side, _versions(cells), "version")
    cells = cells[cells["version"].isin([baseline, candidate])]

    def difference(these: pd.DataFrame) -> Comparison:
        level = 1 - 2 * rule.alpha
        return compare(these, rule.outcome, baseline=baseline, level=level, scope=rule.scope, looks=rule.looks or None)

    def verdict_of(these: pd.DataFrame) -> str:
        graded = these.groupby("version", observed=True)["n"].sum().all()
        return against(_interval(difference(these)), margin) if graded else INCONCLUSIVE

    result, verdict = difference(cells.assign(missing=0)), verdict_of(cells)
    row = result.table.iloc[0]
    more = more_for_difference(row, margin) if verdict == INCONCLUSIVE else ""
    found = f"{_difference(row, verdict)}; margin {100 * margin:+.1f}{more}."
    holds, said = survives(verdict, cells, cells["version"] == candidate, verdict_of, f"{candidate} and {baseline}")
    told = ((*said, *result.cautions), _own_notes(result))
    return Judgment(verdict, _interval(result), margin, *_counts(cells), found, _basis(result), holds, *told)


def _difference(row: pd.Series, verdict: str) -> str:
    rated = [
        f"{row[side]} {row[f'events_{side}']}/{row[f'n_{side}']} ({percent(row[f'rate_{side}'])})"
        for side in ("candidate", "baseline")
    ]
    pair = f"{rated[0]} against {rated[1]}"
    if math.isnan(row["estimate"]):
        return f"{pair}: a side has no graded run"
    bound = f"at least {100 * row['conf_low']:+.1f}" if verdict == FAIL else f"at most {100 * row['conf_high']:+.1f}"
    return f"{pair}: {100 * row['estimate']:+.1f} points, {bound}"


def no_more_ungraded_than(cells: pd.DataFrame, rule: Rule) -> Judgment:
    """Judge whether at most ``share`` of the runs of each version lack a verdict, failed runs included.

    That is a fact about these runs, so there is no interval, and never an inconclusive verdict.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns for the runs chosen.
    rule : Rule
        With the limit ``share``.

    Returns
    -------
    Judgment
    """
    return _worst([_ungraded(cells[cells["version"] == v], str(v), rule.limits["share"]) for v in _versions(cells)])


def _ungraded(cells: pd.DataFrame, name: str, limit: float) -> Judgment:
    n, events, missing = _counts(cells)
    share = missing / max(n + missing, 1)
    found = f"{name}: {missing} of {n + missing} runs without a verdict ({percent(share)}); limit {percent(limit)}."
    basis = "a count of these runs, failed ones included"
    interval = Interval(share, float("nan"), float("nan"))
    return Judgment(PASS if share <= limit else FAIL, interval, limit, n, events, missing, found, basis)


KINDS = {
    "not_above_rate": Kind({"rate": proportion}, not_above_rate),
    "not_worse_than": Kind({"baseline": version, "candidate": version, "margin": proportion}, not_worse_than),
    "no_more_ungraded_than": Kind({"share": proportion}, no_more_ungraded_than),
}


def judge(runs: pd.DataFrame, rule: Rule) -> Judgment:
    """Judge one rule.

    Parameters
    ----------
    runs : DataFrame
        The runs chosen, or counts of them.
    rule : Rule

    Returns
    -------
    Judgment

    Raises
    ------
    BaserateError
        If the outcome, or a version, is not there.
    """
    cells = count(runs, rule.outcome)
    cells["version"] = as_category(cells["version"].astype(object).fillna(UNKNOWN))  # of files that cannot be read
    return KINDS[rule.kind].judge(cells, rule)


def _worst(judged: Sequence[Judgment]) -> Judgment:
    """Let the worst of several versions stand for the check, with the cautions of all."""
    worst = min(judged, key=lambda j: (WORST_FIRST.index(j.verdict), j.survives is not False, -_distance(j)))
    if len(judged) == 1:
        return worst
    cautions = tuple(caution for one in judged for caution in one.cautions)
    return replace(worst, found=f"{worst.found} The worst of {len(judged)} versions.", cautions=cautions)


def _distance(judged: Judgment) -> float:
    estimate, _, high = judged.interval
    return estimate if math.isnan(high) else high


def _versions(cells: pd.DataFrame) -> list[str]:
    return list(cells["version"].cat.categories)


def _counts(cells: pd.DataFrame) -> tuple[int, int, int]:
    return int(cells["n"].sum()), int(cells["events"].sum()), int(cells["missing"].sum())


def _interval(result: Result) -> Interval:
    row = result.table.iloc[0]
    return Interval(float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"]))


def _own_notes(result: Result) -> tuple[str, ...]:
    """Leave out what holds for all checks of a table and is said once, beside what reading had to say."""
    return tuple(note for note in result.notes if code_of(note) not in _OF_ALL)


def _basis(result: Result) -> str:
    sided = f"one-sided limits of {(1 + result.level) / 2:.4g} confidence"
    return f"{result.method}; {sided}; scope {result.scope}: {result.scope_reason}"
