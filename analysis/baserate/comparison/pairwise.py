"""Counts become differences between versions, with a verdict that holds up."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd

from baserate.caveats import caveats, mixed
from baserate.comparison.result import Comparison
from baserate.counts import count, notes_of
from baserate.errors import BaserateError, DesignWarning, did_you_mean, require_known
from baserate.groups import Group, groups, unassigned
from baserate.infer import TESTS_OF_PROMPTS
from baserate.judged import Judged, row
from baserate.looks import ANYTIME, Looks, level_at_look, note_on_looks
from baserate.pairs import Inference, Pair, pair_design
from baserate.question import Question, require_askable
from baserate.scope import choose_scope
from baserate.several import ADJUSTMENTS
from baserate.several import adjust as adjust_all
from baserate.stats.two_rates import DIFFERENCE_INTERVALS
from baserate.strata import Strata, conditions, split, stratify


def compare(
    runs: Any,
    outcome: str,
    across: str = "version",
    baseline: str | None = None,
    by: str | Sequence[str] | None = None,
    margin: float | None = None,
    method: str | None = None,
    level: float = 0.95,
    scope: str | None = None,
    *,
    effect: str = "difference",
    strata: str | Sequence[str] | None = None,
    test: str | None = None,
    adjust: str = "holm",
    looks: Looks | None = None,
    spending: str = "obrien-fleming",
) -> Comparison:
    """Compare the rates of a behavior between versions, or between the levels of another column.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each, or counts of runs (see `baserate.counts.count`).
    outcome : str
        The graded behavior.
    across : str
        The column whose levels are compared.
    baseline : str, optional
        The level that the others are compared with; left out, all pairs.
    by : str or sequence of str, optional
        Compare within each group of these columns.
    margin : float, optional
        The largest difference of rates that counts as equivalent, between 0 and 1: 0.05 is five percentage points. Of
        a ratio, a factor above 1.
    method : {"miettinen-nurminen", "newcombe", "tango", "mover"}, optional
        The interval; left out, the design decides and the result names what it chose.
    level : float
        The level of the intervals; verdicts use alpha = 1 - level.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.
    effect : {"difference", "ratio", "odds-ratio"}
        What is estimated; the ratios take independent runs.
    strata : str or sequence of str, optional
        Compare within the levels of these columns and combine: Mantel-Haenszel weights where runs are independent, else
        the difference standardized to the same mix.
    test : {"n-1-chi2", "boschloo", "fisher", "fisher-mid-p", "permutation", "inversion"}, optional
        Of independent runs, left out, Boschloo's where an expected count is below 5, else the N-1 chi-squared test. Of
        sampled prompts "permutation" or "inversion" (of the interval); left out, the sign-flip test of shared prompts
        or a permutation of others where prompts suffice for it.
    adjust : {"holm", "max-z", "bonferroni", "none"}
        How p values and the limits ``adjusted_low, adjusted_high`` allow for several comparisons.
    looks : sequence of float or "anytime", optional
        If the runs are looked at while they come in: the share of the planned runs (or prompts) at each look so far,
        this one last; or "anytime" where no looks were planned.
    spending : {"obrien-fleming", "pocock"}
        How planned looks spend alpha.

    Returns
    -------
    Comparison
        One row a pair, difference = candidate - baseline, with a verdict: ``higher``, ``lower``, ``equivalent``
        (against the margin) or ``inconclusive`` (with what would decide it). Over several pairs verdicts use p values
        adjusted by Holm's method; the intervals are each at `level`.

    Raises
    ------
    BaserateError
        If a column, version, method or margin is not usable.

    Warns
    -----
    DesignWarning
        If the versions were run on different mixes of conditions, so that the raw difference is not one of versions
        alone.

    References
    ----------
    Miettinen & Nurminen (1985) Stat. Med. 4:213. Campbell (2007) Stat. Med. 26:3661. Boschloo (1970) Stat. Neerl. 24:1.
    Zou & Donner (2008) Stat. Med. 27:1693. Tango (1998) Stat. Med. 17:891. Fagerland, Lydersen & Laake (2013) BMC Med.
    Res. Methodol. 13:91. Mantel & Haenszel (1959) JNCI 22:719. Kitagawa (1955) JASA 50:1168. Holm (1979) Scand. J.
    Stat. 6:65. Schuirmann (1987) J. Pharmacokinet. Biopharm. 15:657.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"version": ["old", "new"], "n": [100, 100], "blackmail": [70, 84]})
    >>> compare(counts, "blackmail", baseline="old").table[["conf_low", "conf_high"]].round(4).values.tolist()
    [[0.0235, 0.2552]]
    """
    within, over = ([names] if isinstance(names, str) else list(names or ()) for names in (by, strata))
    anytime = looks == ANYTIME
    require_askable(level, margin, effect, method, test, bool(over), anytime)
    require_known(adjust, ADJUSTMENTS, "adjustment")
    now = level_at_look(looks, level, spending)
    keys = [*within, across]
    cells = count(runs, outcome, [*keys, *over])
    chosen, reason = choose_scope(cells, scope)
    question = Question(chosen, now, effect, margin, method, test, bool(over), anytime)
    pairs = _pairs(groups(cells, keys), across, baseline)
    _require_answerable(pairs, question, scope)
    parts = split(cells, keys, over or conditions(cells, keys))
    judged = _judge(pairs, [stratify(pair, parts) for pair in pairs], question, adjust)
    table = pd.DataFrame(
        {**dict(zip(within, one.pair.candidate.key[:-1], strict=True)), **row(one, question)} for one in judged
    )
    for said in mixed(judged, question):
        warnings.warn(said, DesignWarning, stacklevel=2)
    return Comparison(
        table=table,
        outcome=outcome,
        method=_name([one.inference for one in judged]),
        level=now,
        scope=chosen,
        scope_reason=reason,
        notes=(
            *notes_of(cells),
            *unassigned(cells, keys),
            *note_on_looks(looks, level, spending),
            *caveats(judged, question, table, adjust),
        ),
        across=across,
        baseline=baseline,
        margin=margin,
        by=tuple(within),
        effect=effect,
        strata=tuple(over),
        adjust=adjust,
    )


def _judge(pairs: list[Pair], strata: list[Strata], question: Question, method: str) -> list[Judged]:
    inferences = [question.infer(pair, over) for pair, over in zip(pairs, strata, strict=True)]
    found = adjust_all(pairs, inferences, question.alpha, method)
    return [
        Judged(pair, over, inference, float(p), (float(low), float(high)), 1 if method == "none" else len(pairs))
        for pair, over, inference, p, low, high in zip(pairs, strata, inferences, *found, strict=True)
    ]


def _pairs(found: list[Group], across: str, baseline: str | None) -> list[Pair]:
    """Pair the levels within each group of `by`: with the baseline, or each later level with each earlier one."""
    levels = list(dict.fromkeys(g.key[-1] for g in found))
    if len(levels) < 2:
        raise BaserateError(f"There is nothing to compare: {across!r} has the one level {levels[0]!r}.")
    if baseline is not None and baseline not in levels:
        raise BaserateError(f"There is no {across} {baseline!r} to compare with.{did_you_mean(baseline, levels)}")
    pairs = []
    for _, part in itertools.groupby(found, key=lambda g: g.key[:-1]):
        members = list(part)
        pairs += [
            Pair(candidate=two, baseline=one)
            for one, two in itertools.permutations(members, 2)
            if (one.key[-1] == baseline if baseline is not None else members.index(one) < members.index(two))
        ]
    if not pairs:
        raise BaserateError(f"No group holds two levels of {across!r}; compare without by=, or by another column.")
    return pairs


def _name(inferences: list[Inference]) -> str:
    return " or ".join(dict.fromkeys(f"{i.interval_method}, {i.test_method}" for i in inferences))


def _require_answerable(pairs: list[Pair], question: Question, asked: str | None) -> None:
    """Raise where a named scope, method or test does not fit the design of a pair."""
    for pair in pairs:
        kind = pair_design(pair, question.scope)
        named = f"{pair.candidate.name} against {pair.baseline.name}"
        if kind == "one prompt" and asked == "sampled":
            raise BaserateError(
                f"scope='sampled' needs two or more prompts on both sides; {named} has "
                f"{len(pair.candidate.prompts)} and {len(pair.baseline.prompts)}. "
                "Use scope='fixed', or run more prompts."
            )
        if question.method == "tango" and kind != "paired":
            raise BaserateError(
                f"method='tango' needs the same prompts on both sides with one run each; {named} has another design. "
                "Leave method out, and the design decides."
            )
        fits = "sampled" if question.test in TESTS_OF_PROMPTS else "independent"
        plain = question.method in DIFFERENCE_INTERVALS
        if question.test and kind not in (fits, "none") and not (plain and fits == "independent"):
            of = "prompts" if fits == "sampled" else "runs"
            raise BaserateError(
                f"test={question.test!r} takes {fits} {of}; {named} has another design. "
                "Leave test out, and the design decides."
            )
