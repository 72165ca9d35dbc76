"""What the reader of a comparison should know."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from baserate.judged import Judged
from baserate.pairs import pair_design
from baserate.question import Question
from baserate.text import interval, p_value

MIX = 0.01  # a part of the difference, in rate, that is worth a warning
FEW_PROMPTS = 5


def caveats(judged: Sequence[Judged], question: Question, table: pd.DataFrame, adjust: str = "holm") -> list[str]:
    """List what limits a comparison, in sentences.

    Parameters
    ----------
    judged : sequence of Judged
        The pairs.
    question : Question
    table : DataFrame
        Of the comparison, one row a pair.
    adjust : str
        How several comparisons were allowed for.

    Returns
    -------
    list of str
    """
    return [
        *_prompts(judged, question),
        *_exchanged(judged, question),
        *mixed(judged, question),
        *_several(table, adjust),
        *_margin(judged, table, question),
        *_ungraded(judged, table, question),
        *_split(judged, table, question),
    ]


def mixed(judged: Sequence[Judged], question: Question) -> list[str]:
    """Say where a raw difference compares different mixes of conditions.

    Parameters
    ----------
    judged : sequence of Judged
    question : Question

    Returns
    -------
    list of str
        A sentence for each such pair.
    """
    said = []
    for one in judged:
        raw, standardized = one.pair.difference, one.strata.difference
        named = _name(one)
        if question.stratified or not (one.pair.candidate.graded and one.pair.baseline.graded):
            continue
        if not one.strata.pairs:
            said.append(f"{named}: no condition was run on both sides, so nothing tells version from condition.")
        elif abs(raw - standardized) >= MIX or one.strata.alone:
            low, high = question.standardize(one.strata).limits(question.level)
            limits = "" if question.anytime else f" {interval(low, high, 4, 1)}"
            alone = f"; {one.strata.alone} runs are of conditions that one side alone ran" if one.strata.alone else ""
            said.append(
                f"{named} compares different mixes of conditions: {raw - standardized:+.4f} of {raw:+.4f} is the mix. "
                f"On the same mix the difference is {standardized:+.4f}{limits}{alone}. "
                "Name the conditions as strata, or compare by condition."
            )
    return said


def _name(one: Judged) -> str:
    return f"{one.pair.candidate.name} − {one.pair.baseline.name}"


def _prompts(judged: Sequence[Judged], question: Question) -> list[str]:
    notes = []
    kinds = {pair_design(one.pair, question.scope) for one in judged}
    if question.method in ("miettinen-nurminen", "newcombe") and kinds - {"independent", "none"}:
        notes.append(
            f"{question.method} takes runs as independent, but prompts repeat here: expect too many false alarms."
        )
    if "one prompt" in kinds:
        notes.append("Where a side has one prompt, the comparison holds for the prompts run, not for others like them.")
    sides = [g for one in judged for g in (one.pair.candidate, one.pair.baseline)]
    if "sampled" in kinds and any(len(g.prompts) < FEW_PROMPTS for g in sides):
        notes.append("Fewer than 5 prompts on a side: little can be said of prompts like these; run more prompts.")
    elif "sampled" in kinds and any(min((g.events > 0).sum(), (g.events < g.n).sum()) < FEW_PROMPTS for g in sides):
        notes.append(
            "Fewer than 5 prompts contain the rarer outcome on a side: the interval is wide with caution, and only "
            "more prompts will narrow it."
        )
    return notes


def _exchanged(judged: Sequence[Judged], question: Question) -> list[str]:
    """Name the pairs whose verdict needs that versions which do not differ spread alike over prompts."""
    rest = [
        f"{_name(one)} (p = {p_value(float(found.p_interval))})"
        for one in judged
        if (found := one.inference.sampled) is not None and found.p_value < question.alpha <= found.p_interval
    ]
    if not rest:
        return []
    return [
        f"The test exchanges prompts: versions that do not differ are taken to spread over prompts alike. The interval "
        f"that does not assume this reaches 0 for {'; '.join(rest)}."
    ]


def _several(table: pd.DataFrame, adjust: str) -> list[str]:
    if len(table) < 2:
        return []
    if adjust == "none":
        return [f"{len(table)} comparisons, none adjusted: the chance of some false alarm is above alpha."]
    by = {"holm": "Holm's p values", "max-z": "max-|z| p values", "bonferroni": "Bonferroni's p values"}[adjust]
    return [
        f"{len(table)} comparisons: verdicts use {by}; the intervals shown stand alone, and adjusted_low, "
        "adjusted_high agree with the verdicts."
    ]


def _margin(judged: Sequence[Judged], table: pd.DataFrame, question: Question) -> list[str]:
    if question.margin is None:
        return []
    said = [
        f"{_name(one)}: equivalence {row.equivalent}, not worse {row.not_worse}"
        for one, row in zip(judged[:3], table.itertuples(), strict=False)
    ]
    rest = " (see the columns equivalent, not_worse for the rest)" if len(table) > 3 else ""
    level = 1 - 2 * question.alpha / judged[0].comparisons
    notes = [f"Against the margin of {question.margin:g} (intervals of level {level:.4g}): {'; '.join(said)}{rest}."]
    if ((table["verdict"] == "equivalent") & (table["p_adjusted"] < question.alpha)).any():
        notes.append("A difference can be real and still within the margin: then the verdict is equivalent.")
    return notes


def _ungraded(judged: Sequence[Judged], table: pd.DataFrame, question: Question) -> list[str]:
    sides = {id(g): g.missing for one in judged for g in (one.pair.candidate, one.pair.baseline)}
    if not sum(sides.values()):
        return []
    affected = [
        (one, row)
        for one, row in zip(judged, table.itertuples(), strict=True)
        if row.missing_candidate or row.missing_baseline
    ]
    what = f"the {question.effect.replace('-', ' ')}" + (" over strata" if question.stratified else "")
    bounds = [
        f"{what} {_name(one)} could lie anywhere in {interval(row.worst_low, row.worst_high, 3, 1)}"
        for one, row in affected[:3]
    ]
    rest = " (see worst_low, worst_high for the rest)" if len(affected) > 3 else ""
    notes = [f"{sum(sides.values())} runs have no verdict; had all been graded, {'; '.join(bounds)}{rest}."]
    fragile = [_name(one) for one, row in affected if row.survives_ungraded is False and row.verdict != "inconclusive"]
    if fragile:
        notes.append(f"Ungraded runs could overturn the verdict on {', '.join(fragile)}.")
    return notes


def _split(judged: Sequence[Judged], table: pd.DataFrame, question: Question) -> list[str]:
    """Name the pairs of which the interval, or the test, but not the other rules out no effect."""
    null = 0.0 if question.effect == "difference" else 1.0
    outside = (table["conf_low"] > null) | (table["conf_high"] < null)
    differ = outside != (table["p_value"] < question.alpha)
    named = "; ".join(_name(one) for one, d in zip(judged, differ, strict=True) if d)
    if not named:
        return []
    return [f"Interval and test disagree for {named}: the verdict is inconclusive until both rule out no difference."]
