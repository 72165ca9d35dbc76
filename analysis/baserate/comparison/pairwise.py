"""Counts become differences between versions, with a verdict that holds up."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from baserate.annotations import Table, checked
from baserate.comparison.adjustment import Family, adjusted
from baserate.comparison.cautions import cautions_of, notes_of
from baserate.comparison.corrected import with_corrected
from baserate.comparison.decisive import decisive
from baserate.comparison.interim import Looks, level_at_look, notes_on_looks
from baserate.comparison.options import Options, require_askable, require_correctable
from baserate.comparison.pairs import pairs_of, with_absent
from baserate.comparison.result import Comparison
from baserate.comparison.rows import Judged, table_of
from baserate.comparison.several import families_of, together
from baserate.comparison.ungraded import Judge, ungraded
from baserate.comparison.verdict import against_region, verdicts
from baserate.counts import Counts, count
from baserate.design import Design, build_design, pair_sides
from baserate.design.design import require_groups
from baserate.design.graders import grader_cautions, uncorrected
from baserate.design.mix import Mix
from baserate.design.pairing import PairedSides
from baserate.equivalence import region_of
from baserate.errors import BaserateError, DesignWarning
from baserate.estimate import EFFECTS, Estimates, Question, estimate_differences
from baserate.estimate.designs import require_fitting
from baserate.note import code_of
from baserate.rate_table import rates
from baserate.several import require_each_once
from baserate.stats.cell_means import CellMeans

_WARNED = ("confounded",)


@checked
def compare(
    runs: Table,
    outcome: str | Sequence[str],
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
    conditions: str | Sequence[str] | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    accept: str | Sequence[str] = ("ok",),
    given: str | Sequence[str] | None = None,
    corrected: str | None = None,
    human: str | None = None,
) -> Comparison:
    """Compare the rates of a behavior between versions, or between the levels of another column.

    Rates are held against each other over the conditions that both sides ran, in one mix, and where they share prompts,
    over the prompts that both ran.

    Parameters
    ----------
    runs : DataFrame or Counts
        Runs, one row each, or counts of runs (see `baserate.counts.count`).
    outcome : str or sequence of str
        The graded behavior, or several, whose comparisons are then adjusted for together.
    across : str
        The column whose levels are compared.
    baseline : str, optional
        The level that the others are compared with; left out, all pairs.
    by : str or sequence of str, optional
        Compare within each group of these columns.
    margin : float, optional
        The largest difference of rates that counts as equivalent, between 0 and 1: 0.05 is five percentage points. Of
        a ratio, a factor above 1.
    method : {"miettinen-nurminen", "newcombe", "tango", "mover", "t"}, optional
        The interval; left out, the design decides and the result names what it chose.
    level : float
        The level of the intervals; verdicts use alpha = 1 - level.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.
    effect : {"difference", "ratio", "odds-ratio"}
        What is estimated.
    strata : str or sequence of str, optional
        Conditions to combine: with Mantel-Haenszel weights where their runs are independent, else as all conditions.
    test : {"n-1-chi2", "boschloo", "fisher", "fisher-mid-p", "permutation", "inversion"}, optional
        Of independent runs, left out, Boschloo's where an expected count is below 5, else the N-1 chi-squared test. Of
        sampled prompts, left out, the inversion of the interval; "permutation" takes versions that do not differ to
        spread over prompts alike.
    adjust : {"holm", "max-z", "bonferroni", "benjamini-hochberg", "benjamini-yekutieli", "none"}
        How p values and the limits ``adjusted_low, adjusted_high`` allow for several comparisons.
    looks : sequence of float or "anytime", optional
        If the runs are looked at while they come in: the share of the planned runs (or prompts) at each look so far,
        this one last; or "anytime" where no looks were planned.
    spending : {"obrien-fleming", "pocock"}
        How planned looks spend alpha.
    conditions, cluster, mix, weights, accept
        As in `baserate.rates`.
    given : str or sequence of str, optional
        Columns of yes and no that the outcome is conditional on, such as ``"blackmail"`` for how overt it was: runs
        without them are not asked, and not missing. Left out, the column ``<outcome>_given`` tells.
    corrected : {"rogan-gladen", "ppi"}, optional
        Correct both rates for what the judge gets wrong, as in `baserate.rates`; of differences, of one outcome.
    human : str, optional
        The column of human labels; left out, the one called ``<outcome>_human`` or the like.

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
        If a condition changes with what is compared, so that nothing tells one from the other.

    References
    ----------
    Miettinen & Nurminen (1985) Stat. Med. 4:213. Campbell (2007) Stat. Med. 26:3661. Boschloo (1970) Stat. Neerl. 24:1.
    Zou & Donner (2008) Stat. Med. 27:1693. Tango (1998) Stat. Med. 17:891. Fagerland, Lydersen & Laake (2013) BMC Med.
    Res. Methodol. 13:91. Mantel & Haenszel (1959) JNCI 22:719. Kitagawa (1955) JASA 50:1168. Holm (1979) Scand. J.
    Stat. 6:65. Schuirmann (1987) J. Pharmacokinet. Biopharm. 15:657. Benjamini & Hochberg (1995) JRSS B 57:289.
    Benjamini & Yekutieli (2001) Ann. Stat. 29:1165; (2005) JASA 100:71.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"version": ["old", "new"], "n": [100, 100], "blackmail": [70, 84]})
    >>> compare(counts, "blackmail", baseline="old").table[["conf_low", "conf_high"]].round(4).values.tolist()
    [[0.0235, 0.2552]]
    """
    within, over, named = (_names(given) for given in (by, strata, conditions))
    options = Options(level, effect, margin, method, test, bool(over), adjust, looks, spending)
    require_askable(options)
    outcomes = _names(outcome)
    require_each_once(outcomes)
    if corrected is not None:
        require_correctable(corrected, options, outcomes)
    if len(outcomes) > 1 and adjust == "max-z":
        raise BaserateError("adjust='max-z' takes one outcome. Use 'holm', or 'benjamini-hochberg' for many outcomes.")
    now = level_at_look(looks, level, spending)
    keys = [*within, across]
    asked: dict[str, Any] = {"conditions": None if conditions is None else named, "cluster": cluster}
    asked |= {"accept": accept, "given": given}
    estimated = []
    for name in outcomes:
        counts = count(runs, name, [*keys, *over], **asked)
        counts = _with_conditions(counts, [c for c in over if c not in keys])
        design = build_design(counts, keys, scope, mix, weights, compared=across)
        require_groups(design, across)
        design = with_absent(design)
        question = Question(design.scope, effect, method, test, options.anytime, bool(over))
        estimated.append(_estimate(counts, design, pairs_of(design, across, baseline), question, scope))
    families = families_of([one.found.p_value for one in estimated])
    setting = {"across": across, "baseline": baseline, "by": tuple(within), "strata": tuple(over)}
    found = [_result(one, options, now, family, setting) for one, family in zip(estimated, families, strict=True)]
    result = found[0] if isinstance(outcome, str) or len(found) == 1 else together(found, adjust)
    if corrected is not None:
        asked |= {"mix": mix, "weights": weights, "scope": scope, "level": now}
        rated = rates(runs, outcomes[0], keys, corrected=corrected, human=human, **asked)
        result = with_corrected(result, rated)
    for caution in result.cautions:
        if code_of(caution) in _WARNED:
            warnings.warn(DesignWarning(caution), stacklevel=3)
    return result


class Estimated(NamedTuple):
    """The differences of one outcome, before the number of comparisons is allowed for."""

    counts: Counts
    design: Design
    pairs: list[tuple[int, int]]
    sides: PairedSides
    means: CellMeans
    question: Question
    found: Estimates


def _names(given: str | Sequence[str] | None) -> list[str]:
    return [given] if isinstance(given, str) else list(given or ())


def _with_conditions(counts: Counts, strata: Sequence[str]) -> Counts:
    """Take strata as conditions."""
    if not strata:
        return counts
    wanted = tuple(dict.fromkeys([*counts.conditions, *strata]))
    return replace(counts, layout=replace(counts.layout, conditions=wanted))


def _estimate(
    counts: Counts, design: Design, pairs: list[tuple[int, int]], question: Question, asked: str | None
) -> Estimated:
    """Estimate all pairs at once."""
    sides = pair_sides(design, pairs)
    require_fitting(sides, question)
    found = estimate_differences(sides, question)
    _require_prompts(design, found.designs, pairs, asked)
    return Estimated(counts, design, pairs, sides, sides.means(), question, found)


def _result(one: Estimated, options: Options, level: float, family: Family, setting: dict[str, Any]) -> Comparison:
    """Judge the differences of one outcome, and say what they depend on."""
    judged = _judge(one, options, level, family)
    table = table_of(judged)
    alpha = (1 - level) / (1 if options.adjust == "none" else family.tests)
    looked = notes_on_looks(options.looks, options.level, options.spending)
    ways = map(", ".join, zip(one.found.named(level), one.found.tests, strict=True))
    return Comparison(
        table=table,
        outcome=one.counts.outcome,
        method=" or ".join(dict.fromkeys(ways)),
        level=level,
        scope=one.design.scope,
        scope_reason=one.design.scope_reason,
        notes=(
            *one.design.notes,
            *uncorrected(one.counts),
            *looked,
            *notes_of(judged, table, options.adjust, options.margin, alpha),
        ),
        cautions=(*one.design.cautions, *grader_cautions(one.counts, setting["across"]), *cautions_of(judged, table)),
        margin=options.margin,
        effect=options.effect,
        adjust=options.adjust,
        conditions=one.design.conditions,
        **setting,
    )


def _judge(one: Estimated, options: Options, level: float, family: Family) -> Judged:
    """Adjust for the number of comparisons, and say what each comes to."""
    found, alpha = one.found, 1 - level
    limited = adjusted(one.design, one.pairs, found, alpha, options.adjust, family)
    comparisons = 1 if options.adjust == "none" else family.tests
    region = region_of(options.margin, EFFECTS[one.question.effect].null)
    said = verdicts(found, limited.p, (limited.low, limited.high), alpha, region, comparisons)
    return Judged(
        one.design,
        one.sides,
        one.means,
        one.question,
        level,
        found,
        limited,
        said,
        decisive(one.means, found, alpha / comparisons, said == "inconclusive", not one.question.anytime),
        ungraded(one.design, one.sides, found, said, Judge(one.question, alpha, region, comparisons)),
        None if region is None else against_region(found, alpha / comparisons, region),
    )


def _require_prompts(design: Design, kinds: Sequence[str], pairs: Sequence[tuple[int, int]], asked: str | None) -> None:
    """Raise where prompts are asked to be a sample of which a side has one."""
    for (one, two), kind in zip(pairs, kinds, strict=True):
        if kind == "one prompt" and asked == "sampled":
            raise BaserateError(
                f"scope='sampled' needs two or more prompts on both sides of a condition; {design.name(one)} against "
                f"{design.name(two)} has fewer. Use scope='fixed', or run more prompts."
            )
