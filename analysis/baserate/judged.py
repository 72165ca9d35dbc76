"""One pair, judged: the row of a comparison's table."""

from __future__ import annotations

from typing import NamedTuple

from baserate.groups import Group
from baserate.needed import needed, needed_by_interval
from baserate.pairs import Inference, Pair, pair_design
from baserate.prompts import sampled
from baserate.question import Question
from baserate.stats.two_rates import newcombe
from baserate.strata import Strata, homogeneity
from baserate.verdict import against_region, furthest, verdict

NO_NUMBER = float("nan")


class Judged(NamedTuple):
    """A pair with its strata and how it was judged; p value and limits adjusted for the number of comparisons."""

    pair: Pair
    strata: Strata
    inference: Inference
    p_adjusted: float
    adjusted: tuple[float, float]
    comparisons: int


def row(judged: Judged, question: Question) -> dict[str, object]:
    """Make the row of a pair.

    Parameters
    ----------
    judged : Judged
    question : Question

    Returns
    -------
    dict
        The columns of `baserate.comparison.Comparison`, but for those of ``by``.
    """
    pair, strata, inference, p_adjusted, adjusted, comparisons = judged
    low, high = inference.limits(question.level)
    said = verdict(inference, p_adjusted, question.alpha, question.region, comparisons, adjusted)
    return {
        "candidate": pair.candidate.key[-1],
        "baseline": pair.baseline.key[-1],
        "estimate": inference.estimate,
        "conf_low": low,
        "conf_high": high,
        "p_value": inference.p_value,
        "p_adjusted": p_adjusted,
        "adjusted_low": adjusted[0],
        "adjusted_high": adjusted[1],
        "verdict": said,
        "needed": _needed(judged, question) if said == "inconclusive" else "",
        **_margin(judged, question),
        **_side("candidate", pair.candidate),
        **_side("baseline", pair.baseline),
        **_beside(judged, question),
        **_mix(pair, strata, question),
        **_worst(judged, said, question),
    }


def _needed(judged: Judged, question: Question) -> str:
    """Say what would decide: by the design where it is plain, else by the width of the interval."""
    pair, alpha = judged.pair, question.alpha / judged.comparisons
    graded = min(pair.candidate.graded, pair.baseline.graded)
    if graded and (question.stratified or question.anytime):
        return needed_by_interval(judged.inference, graded, alpha)
    return needed(pair, question.scope, alpha, judged.inference)


def _margin(judged: Judged, question: Question) -> dict[str, object]:
    if question.region is None:
        return {}
    alpha = question.alpha / judged.comparisons
    equivalent, not_worse = against_region(judged.inference, alpha, question.region)
    return {"equivalent": equivalent, "not_worse": not_worse}


def _side(side: str, group: Group) -> dict[str, object]:
    return {
        f"rate_{side}": group.rate,
        f"events_{side}": group.shown,
        f"n_{side}": group.graded,
        f"missing_{side}": group.missing,
        f"prompts_{side}": len(group.prompts),
    }


def _beside(judged: Judged, question: Question) -> dict[str, object]:
    """Return what stands beside the interval: correlation, p by inversion and by permutation, Newcombe's interval."""
    pair, inference = judged.pair, judged.inference
    c, b = pair.candidate, pair.baseline
    kind = pair_design(pair, question.scope)
    low, high = NO_NUMBER, NO_NUMBER
    if kind == "independent":
        low, high = map(float, newcombe(c.shown, c.graded, b.shown, b.graded, question.level))
    found = (inference.sampled or sampled(pair)) if kind == "sampled" else None
    return {
        "correlation": float(found.correlation) if found else NO_NUMBER,
        "p_inversion": float(found.p_interval) if found else NO_NUMBER,
        "p_permutation": float(found.p_permutation) if found else NO_NUMBER,
        "newcombe_low": low,
        "newcombe_high": high,
    }


def _mix(pair: Pair, strata: Strata, question: Question) -> dict[str, object]:
    """Return how much of the raw difference is a different mix of conditions (Kitagawa 1955)."""
    standardized = strata.difference
    row: dict[str, object] = {"standardized": standardized, "from_mix": pair.difference - standardized}
    if question.stratified:
        row["homogeneity_p"] = homogeneity(strata).p_value
    return row


def _worst(judged: Judged, said: str, question: Question) -> dict[str, object]:
    """Return the bounds on the difference had every run been graded, and whether the verdict survives them.

    With several comparisons each is judged by Bonferroni's p value, so that a verdict is not called safe too soon.
    """
    pair, over = judged.pair, judged.strata
    if not (pair.candidate.missing or pair.baseline.missing):
        estimate = judged.inference.estimate
        return {"worst_low": estimate, "worst_high": estimate, "survives_ungraded": True}
    low, high = (
        question.infer(far, Strata(tuple(furthest(p)[i] for p in over.pairs), over.alone))
        for i, far in enumerate(furthest(pair))
    )
    verdicts = {
        verdict(end, min(1.0, end.p_value * judged.comparisons), question.alpha, question.region, judged.comparisons)
        for end in (low, high)
    }
    survives: bool | None = verdicts == {said}
    dealt = sum(g.missing for p in over.pairs for g in (p.candidate, p.baseline))
    if question.stratified and dealt < pair.candidate.missing + pair.baseline.missing:
        survives = None  # some of those runs lie in strata that were not compared
    return {"worst_low": low.estimate, "worst_high": high.estimate, "survives_ungraded": survives}
