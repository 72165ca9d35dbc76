"""Checks of each prompt: a rate over all of them can hide the one on which it always happens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from baserate.checks.judgment import FAIL, INCONCLUSIVE, PASS, Interval, Judgment, against, survives
from baserate.checks.rule import Rule
from baserate.counts import Counts
from baserate.errors import BaserateError
from baserate.k_runs import of_counts
from baserate.stats.multiplicity import holm
from baserate.stats.rate import clopper_pearson
from baserate.text import p_equals, percent

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_NAMED = 3  # prompts that are named


def no_prompt_above(counts: Counts, name: str, rule: Rule) -> Judgment:
    """Judge whether each prompt's rate is shown to be at most ``rate``.

    It fails where some prompt is shown to be above: by exact one-sided tests with Holm's (1979) p values over all
    prompts. It passes where every prompt is shown not to be: each at alpha, which needs no adjustment, since all of
    them must hold (intersection–union; Berger 1982). Prompts are these prompts: nothing is said of others.

    Parameters
    ----------
    counts : Counts
        Of one version.
    name : str
        The version.
    rule : Rule
        With the limit ``rate``.

    Returns
    -------
    Judgment

    References
    ----------
    Clopper & Pearson (1934) Biometrika 26:404. Holm (1979) Scand. J. Stat. 6:65. Berger (1982) Technometrics 24:295.
    """
    return _each(counts, name, rule, above=True)


def no_prompt_below(counts: Counts, name: str, rule: Rule) -> Judgment:
    """Judge whether each prompt's rate is shown to be at least ``rate``; see `no_prompt_above`."""
    return _each(counts, name, rule, above=False)


class _Prompts(NamedTuple):
    """What the exact tests say of each prompt."""

    verdict: str
    low: Floats
    high: Floats
    adjusted: Floats
    settled: NDArray[np.bool_]


def _judged(table: pd.DataFrame, limit: float, alpha: float, *, above: bool) -> _Prompts:
    n, events = table["n"].to_numpy(np.int64), table["events"].to_numpy(np.int64)
    graded = n > 0
    low, high = clopper_pearson(events, n, 1 - 2 * alpha)
    adjusted = np.ones(len(table))
    adjusted[graded] = holm(_p_beyond(events, n, limit, above=above)[graded])
    settled = ((high <= limit) if above else (low >= limit)) & graded
    verdict = FAIL if (adjusted <= alpha).any() else PASS if len(table) and settled.all() else INCONCLUSIVE
    return _Prompts(verdict, low, high, adjusted, settled)


def _each(counts: Counts, name: str, rule: Rule, *, above: bool) -> Judgment:
    if rule.looks or rule.scope == "sampled":
        raise BaserateError(f"{rule.kind} is about each of these prompts, once: leave looks and scope out.")
    limit = float(rule.limits["rate"])
    table = by_prompt(counts)
    found = _judged(table, limit, rule.alpha, above=above)
    rate = (table["events"] / table["n"].where(table["n"] > 0)).fillna(0.0 if above else 1.0).to_numpy()
    order = np.argsort(-rate if above else rate, kind="stable")
    worst = int(order[0])
    interval = Interval(float(rate[worst]), float(found.low[worst]), float(found.high[worst]))
    said = _in_words(table, found, order, rule.alpha, above=above)

    def verdict_of(these: Counts) -> str:
        return _judged(by_prompt(these), limit, rule.alpha, above=above).verdict

    bad = np.full(len(counts.cells), above)
    holds, told = survives(found.verdict, counts, bad, verdict_of, name)
    n, events, missing = (int(table[column].sum()) for column in ("n", "events", "missing"))
    words = f"{name}: {said}; limit {percent(limit)}."
    return Judgment(found.verdict, interval, limit, n, events, missing, words, _BASIS, holds, told)


_BASIS = "exact tests of each prompt, Holm's p values; to pass, each prompt's exact one-sided limit"


def _in_words(table: pd.DataFrame, found: _Prompts, order: NDArray[np.intp], alpha: float, *, above: bool) -> str:
    side = "above" if above else "below"
    named = [f"{name} {k}/{n}" for name, k, n in zip(table.index, table["events"], table["n"], strict=True)]
    if found.verdict == FAIL:
        those = [named[i] for i in order if found.adjusted[i] <= alpha]
        more = f" and {len(those) - _NAMED} more" if len(those) > _NAMED else ""
        tested = p_equals(float(found.adjusted.min()))
        return f"{len(those)} of {len(table)} prompts {side}: {', '.join(those[:_NAMED])}{more} ({tested}, Holm)"
    worst = int(order[0])
    bound = f"at most {percent(found.high[worst])}" if above else f"at least {percent(found.low[worst])}"
    said = f"none of {len(table)} prompts shown {side}; worst {named[worst]}, {bound}"
    open_ = int((~found.settled).sum())
    return said + (f"; {open_} prompts have too few runs to tell" if found.verdict == INCONCLUSIVE else "")


def by_prompt(counts: Counts) -> pd.DataFrame:
    """Add up the cells of each condition and prompt.

    Parameters
    ----------
    counts : Counts

    Returns
    -------
    DataFrame
        ``n, events, missing``, by the name of the prompt.

    Raises
    ------
    BaserateError
        If no column tells the prompts.
    """
    cells = counts.cells
    if not counts.prompts_known:
        raise BaserateError("No column tells which runs share a prompt. Name it: prompt = 'column' in [data].")
    return cells.groupby("prompt", observed=True, sort=True)[["n", "events", "missing"]].sum()


def _p_beyond(events: Ints, n: Ints, limit: float, *, above: bool) -> Floats:
    """Return the exact chance, at the limit, of so many events or more, or of so many or fewer."""
    return np.asarray(binom.sf(events - 1, n, limit) if above else binom.cdf(events, n, limit), dtype=np.float64)


def bounded_at_k(counts: Counts, name: str, rule: Rule, k: int, *, above: bool) -> Judgment:
    """Judge whether any of k runs shows it in at most, or all of k in at least, the share ``rate`` of prompts.

    Parameters
    ----------
    counts : Counts
        Of one version.
    name : str
        The version.
    rule : Rule
        With the limit ``rate``.
    k : int
    above : bool
        Whether the rate is an upper limit, of hit@k; else a lower one, of pass^k.

    Returns
    -------
    Judgment
    """
    if rule.looks or rule.scope == "fixed" or rule.cluster or rule.weights != "prompts":
        refused = "leave looks, scope, cluster and weights out"
        raise BaserateError(f"any_of and all_of are of prompts like these, each counted once: {refused}.")
    limit, measure = float(rule.limits["rate"]), "hit@k" if above else "pass^k"

    def row_of(these: Counts) -> pd.Series:
        found = of_counts(these, rule.outcome, k, ["version"], 1 - 2 * rule.alpha, rule.mix).table
        return found[found["measure"] == measure].iloc[0]

    def verdict_of(these: Counts) -> str:
        row = row_of(these)
        interval = Interval(row["estimate"], row["conf_low"], row["conf_high"])
        return against(interval, limit) if above else against(interval.mirrored(), -limit)

    row, verdict = row_of(counts), verdict_of(counts)
    interval = Interval(float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"]))
    at_least = (verdict == FAIL) == above
    bound = f"at least {percent(interval.low)}" if at_least else f"at most {percent(interval.high)}"
    which = f"any of {k}" if above else f"all of {k}"
    found = f"{name}: {which} runs in {percent(interval.estimate)} of prompts, {bound}; limit {percent(limit)}."
    holds, told = survives(verdict, counts, np.full(len(counts.cells), above), verdict_of, name)
    n, events, missing = (int(row[column]) for column in ("n", "events", "missing"))
    basis = "unbiased shares of k runs of each prompt, exact limits at the number of prompts"
    return Judgment(verdict, interval, limit, n, events, missing, found, basis, holds, told)
