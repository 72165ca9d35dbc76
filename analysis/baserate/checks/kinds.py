"""The kinds of checks: which keys each takes, and how it judges."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from baserate.checks.baseline import with_baseline
from baserate.checks.corrected import corrected_judgment
from baserate.checks.facts import same_grader
from baserate.checks.further_runs import more_for_difference, more_for_rate
from baserate.checks.judgment import FAIL, INCONCLUSIVE, PASS, Interval, Judgment, against, survives, worst
from baserate.checks.prompts import bounded_at_k, no_prompt_above, no_prompt_below
from baserate.checks.rule import Key, Rule, one_of, proportion, version, whole
from baserate.comparison import Comparison, compare
from baserate.comparison.interim import level_at_look
from baserate.counts import Counts, count
from baserate.errors import BaserateError, require_known
from baserate.layout import VERSION
from baserate.note import code_of
from baserate.rate_table import Rates, rates
from baserate.result import Result
from baserate.runs import as_category
from baserate.stopped import said_of_stopped
from baserate.text import percent

UNKNOWN = "unknown version"
_OF_ALL = ("no-prompt-column", "no-version-column", "simulated", "reading-notes", "several-comparisons")


@dataclass(frozen=True)
class Kind:
    """A kind of check.

    Attributes
    ----------
    keys : mapping of str to callable
        Its own keys, all of them needed, and what each may hold.
    judge : callable
        From counts and the rule to what was found.
    optional : mapping of str to callable
        Further keys of its own that may be left out.
    """

    keys: Mapping[str, Key]
    judge: Callable[[Counts, Rule], Judgment]
    optional: Mapping[str, Key] = field(default_factory=dict)


def not_above_rate(counts: Counts, rule: Rule) -> Judgment:
    """Judge whether the rate of each version is shown to be at most ``rate``; the worst version decides.

    The one-sided bounds of `baserate.rates` at alpha, which respect conditions and prompts.

    Parameters
    ----------
    counts : Counts
        Of the runs chosen.
    rule : Rule
        With the limit ``rate``.

    Returns
    -------
    Judgment
    """
    return _of_each(counts, rule, lambda own, name, rule: _bounded(own, name, rule, above=True))


def not_below_rate(counts: Counts, rule: Rule) -> Judgment:
    """Judge whether the rate of each version is shown to be at least ``rate``, as of refusals; see `not_above_rate`."""
    return _of_each(counts, rule, lambda own, name, rule: _bounded(own, name, rule, above=False))


def _of_each(counts: Counts, rule: Rule, judge: Callable[[Counts, str, Rule], Judgment]) -> Judgment:
    """Judge each version; the worst decides."""
    cells = counts.cells
    return worst([judge(counts.where((cells["version"] == v).to_numpy()), str(v), rule) for v in _versions(counts)])


def _bounded(counts: Counts, name: str, rule: Rule, *, above: bool) -> Judgment:
    limit = rule.limits["rate"]
    if (k := rule.limits.get("any_of" if above else "all_of")) is not None:
        return bounded_at_k(counts, name, rule, k, above=above)
    level = (1 + level_at_look(rule.looks or None, 1 - 2 * rule.alpha)) / 2

    def bound(these: Counts, side: str) -> Rates:
        return rates(these, rule.outcome, level=level, scope=rule.scope, side=side, **rule.weighing)

    def interval_of(these: Counts) -> Interval:
        low, high = (bound(these, side).table.iloc[0] for side in ("lower", "upper"))
        return Interval(float(high["estimate"]), float(low["conf_low"]), float(high["conf_high"]))

    def verdict_of(these: Counts) -> str:
        interval = interval_of(these)
        return against(interval, limit) if above else against(interval.mirrored(), -limit)

    result, interval = bound(counts, "upper"), interval_of(counts)
    verdict = verdict_of(counts)
    row = result.table.iloc[0]
    at_least = (verdict == FAIL) == above
    limited = f"at least {percent(interval.low)}" if at_least else f"at most {percent(interval.high)}"
    found = f"{name}: {row['events']}/{row['n']} ({percent(row['estimate'])}), {limited}; limit {percent(limit)}"
    more = more_for_rate(row, interval.high, limit, rule.alpha) if verdict == INCONCLUSIVE and above else ""
    bad = np.full(len(counts.cells), above)  # a yes speaks against passing, or for it
    holds, said = survives(verdict, counts, bad, verdict_of, name)
    told = ((*said, *_own_cautions(result)), _own_notes(result))
    return Judgment(verdict, interval, limit, *_counts(counts), f"{found}{more}.", _basis(result, level), holds, *told)


def not_worse_than(counts: Counts, rule: Rule) -> Judgment:
    """Judge whether the candidate's rate is shown to exceed the baseline's by at most ``margin``.

    With ``better = "higher"``, as of refusals: whether it is shown to fall short of it by at most ``margin``. The
    interval of level 1 - 2 alpha of the difference against the margin: non-inferiority with three outcomes.

    Parameters
    ----------
    counts : Counts
        Of the runs chosen.
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
    higher = rule.limits.get("better", "lower") == "higher"
    if baseline == candidate:
        raise BaserateError(f"baseline and candidate are both {baseline!r}. Name two versions.")
    for side in (baseline, candidate):
        require_known(side, _versions(counts), "version")
    counts = counts.where(counts.cells["version"].isin([baseline, candidate]).to_numpy())

    def difference(these: Counts) -> Comparison:
        asked: dict[str, Any] = {"level": 1 - 2 * rule.alpha, "scope": rule.scope, "looks": rule.looks or None}
        return compare(these, rule.outcome, baseline=baseline, **asked, **rule.weighing)

    def verdict_of(these: Counts) -> str:
        graded = these.cells.groupby("version", observed=True)["n"].sum().all()
        if not graded:
            return INCONCLUSIVE
        interval = _interval(difference(these))
        return against(interval.mirrored() if higher else interval, margin)

    result, verdict = difference(counts), verdict_of(counts)
    row = result.table.iloc[0]
    more = more_for_difference(row, margin) if verdict == INCONCLUSIVE and not higher else ""
    sign = -1 if higher else 1
    found = f"{_difference(row, at_least=(verdict == FAIL) != higher)}; margin {sign * 100 * margin:+.1f}{more}."
    bad = (counts.cells["version"] == (baseline if higher else candidate)).to_numpy()
    holds, said = survives(verdict, counts, bad, verdict_of, f"{candidate} and {baseline}")
    told = ((*said, *_own_cautions(result)), _own_notes(result))
    level = (1 + result.level) / 2
    basis = _basis(result, level)
    return Judgment(verdict, _interval(result), margin, *_counts(counts), found, basis, holds, *told)


def _difference(row: pd.Series, *, at_least: bool) -> str:
    rated = [
        f"{row[side]} {row[f'events_{side}']}/{row[f'n_{side}']} ({percent(row[f'rate_{side}'])})"
        for side in ("candidate", "baseline")
    ]
    pair = f"{rated[0]} against {rated[1]}"
    if math.isnan(row["estimate"]):
        return f"{pair}: a side has no graded run"
    bound = f"at least {100 * row['conf_low']:+.1f}" if at_least else f"at most {100 * row['conf_high']:+.1f}"
    return f"{pair}: {100 * row['estimate']:+.1f} points, {bound}"


def no_more_ungraded_than(counts: Counts, rule: Rule) -> Judgment:
    """Judge whether at most ``share`` of the runs of each version lack a verdict, failed runs included.

    That is a fact about these runs, so there is no interval, and never an inconclusive verdict.

    Parameters
    ----------
    counts : Counts
        Of the runs chosen.
    rule : Rule
        With the limit ``share``.

    Returns
    -------
    Judgment
    """
    cells, share = counts.cells, rule.limits["share"]
    each = [(str(v), counts.where((cells["version"] == v).to_numpy())) for v in _versions(counts)]
    return worst([_ungraded(own, version, share) for version, own in each])


def _ungraded(counts: Counts, name: str, limit: float) -> Judgment:
    n, events, missing = _counts(counts)
    share = missing / max(n + missing, 1)
    found = f"{name}: {missing} of {n + missing} runs without a verdict ({percent(share)}); limit {percent(limit)}."
    basis = "a count of these runs, failed ones included"
    interval = Interval(share, float("nan"), float("nan"))
    said = said_of_stopped(counts, [VERSION])
    told = (None, said.cautions, said.notes)
    return Judgment(PASS if share <= limit else FAIL, interval, limit, n, events, missing, found, basis, *told)


KINDS = {
    "not_above_rate": Kind({"rate": proportion}, not_above_rate, {"any_of": whole}),
    "not_below_rate": Kind({"rate": proportion}, not_below_rate, {"all_of": whole}),
    "not_worse_than": Kind(
        {"baseline": version, "candidate": version, "margin": proportion},
        not_worse_than,
        {"better": one_of(("lower", "higher"))},
    ),
    "no_prompt_above": Kind({"rate": proportion}, lambda counts, rule: _of_each(counts, rule, no_prompt_above)),
    "no_prompt_below": Kind({"rate": proportion}, lambda counts, rule: _of_each(counts, rule, no_prompt_below)),
    "no_more_ungraded_than": Kind({"share": proportion}, no_more_ungraded_than),
    "same_grader": Kind({}, same_grader),
}


OF_VERSIONS = ("not_worse_than", "same_grader")  # kinds that hold versions against each other


def judge(runs: pd.DataFrame, rule: Rule, baseline: Mapping[str, Any] | None = None) -> Judgment:
    """Judge one rule.

    Parameters
    ----------
    runs : DataFrame
        The runs chosen, or counts of them.
    rule : Rule
    baseline : mapping, optional
        Counts of an earlier version, for kinds that hold versions against each other.

    Returns
    -------
    Judgment

    Raises
    ------
    BaserateError
        If the outcome, or a version, is not there.
    """
    if rule.corrected is not None:
        if baseline is not None:
            raise BaserateError("A baseline holds counts, not labels: leave corrected out, or give its runs.")
        return corrected_judgment(runs, rule)
    counts = count(runs, rule.outcome, conditions=rule.conditions, cluster=rule.cluster, accept=rule.accept)
    if baseline is not None and rule.kind in OF_VERSIONS:
        counts = with_baseline(counts, baseline, rule.where)
    cells = counts.cells
    cells["version"] = as_category(cells["version"].astype(object).fillna(UNKNOWN))  # of files that cannot be read
    return KINDS[rule.kind].judge(replace(counts, cells=cells), rule)


def _versions(counts: Counts) -> list[str]:
    return list(counts.cells["version"].cat.remove_unused_categories().cat.categories)


def _counts(counts: Counts) -> tuple[int, int, int]:
    cells = counts.cells
    return int(cells["n"].sum()), int(cells["events"].sum()), int(cells["missing"].sum())


def _interval(result: Result) -> Interval:
    row = result.table.iloc[0]
    return Interval(float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"]))


def _own_notes(result: Result) -> tuple[str, ...]:
    """Leave out what holds for all checks of a table and is said once, beside what reading had to say."""
    return tuple(note for note in result.notes if code_of(note) not in _OF_ALL)


def _own_cautions(result: Result) -> tuple[str, ...]:
    """Leave out what is said of ungraded runs: `survives` says what they mean for the verdict."""
    return tuple(c for c in result.cautions if code_of(c) not in ("ungraded-runs", "rests-on-ungraded"))


def _basis(result: Result, level: float) -> str:
    sided = f"one-sided limits of {level:.4g} confidence"
    return f"{result.method}; {sided}; scope {result.scope}: {result.scope_reason}"
