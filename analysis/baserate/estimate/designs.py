"""The designs, in the order in which they are tried: the first that holds of a group, or a pair, answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from baserate.design.design import Design
from baserate.design.pairing import PairedSides
from baserate.errors import BaserateError
from baserate.estimate import anytime, independent, linearized, paired, prompt_tests, stratified
from baserate.estimate.effect import EFFECTS, Effect
from baserate.estimate.estimates import Estimates, stacked, unknown
from baserate.estimate.traits import Traits, groups_of, pair_traits, traits
from baserate.stats.cell_means import CellMeans
from baserate.stats.rate import RATE_INTERVALS
from baserate.stats.two_rates import DIFFERENCE_INTERVALS
from baserate.stats.two_rates_tests import TWO_RATES_TESTS

Bools = npt.NDArray[np.bool_]

NONE, ONE_PROMPT = "none", "one prompt"
KORN_GRAUBARD = "korn-graubard"
RATE_METHODS = (*RATE_INTERVALS, KORN_GRAUBARD)
DIFFERENCE_METHODS = (*DIFFERENCE_INTERVALS, "tango", "mover", "t")
TESTS = (*TWO_RATES_TESTS, *prompt_tests.TESTS)


@dataclass(frozen=True)
class Question:
    """What is asked of groups, or of pairs of them.

    Attributes
    ----------
    scope : {"fixed", "sampled"}
    effect : str
        One of `EFFECTS`.
    method, test : str or None
        Of the interval and the test; None where the design decides.
    anytime : bool
        Whether the answer must hold however often one looks.
    combined : bool
        Whether strata are combined with Mantel–Haenszel weights where runs are independent.
    """

    scope: str
    effect: str = "difference"
    method: str | None = None
    test: str | None = None
    anytime: bool = False
    combined: bool = False


class DesignKind(NamedTuple):
    """A design.

    Attributes
    ----------
    name : str
    holds : callable
        Traits -> which groups, or pairs, it is the design of.
    rate : callable
        Means, question -> rates.
    difference : callable
        Means, effect, question -> effects.
    """

    name: str
    holds: Callable[[Traits], Bools]
    rate: Callable[[CellMeans, Question], Estimates]
    difference: Callable[[CellMeans, Effect, Question], Estimates]


def _nothing(m: int, effect: Effect | None) -> Estimates:
    worst = (0.0, 1.0) if effect is None else effect.worst
    return Estimates(
        value=unknown(m),
        std_error=unknown(m),
        limits_at=lambda level: (np.full(m, worst[0]), np.full(m, worst[1])),
        test=lambda: unknown(m),
        null=np.nan if effect is None else effect.null,
        n_eff=np.zeros(m),
        df=unknown(m),
        correlation=unknown(m),
        designs=(NONE,) * m,
        intervals=("nothing graded",) * m,
        tests=("none",) * m,
    )


def _independent_rate(means: CellMeans, question: Question) -> Estimates:
    return independent.rates(means, _plain_name(question.method))


def _plain_name(method: str | None) -> str | None:
    return "clopper-pearson" if method == KORN_GRAUBARD else method


def _independent(means: CellMeans, effect: Effect, question: Question) -> Estimates:
    if question.method in ("mover", "t"):
        return linearized.differences(means, linearized.FIXED, effect, question.method)
    return independent.differences(means, effect, question.method, question.test)


def _paired(means: CellMeans, effect: Effect, question: Question) -> Estimates:
    if question.method in DIFFERENCE_INTERVALS:
        return independent.differences(means, effect, question.method, question.test)
    if effect.null != 0 or question.method in ("mover", "t") or question.test in prompt_tests.TESTS:
        return _dependent(means, linearized.SAMPLED, effect, question)
    return paired.differences(means, question.method)


def _dependent(means: CellMeans, kind: str, effect: Effect, question: Question) -> Estimates:
    if question.method in DIFFERENCE_INTERVALS:
        return independent.differences(means, effect, question.method, question.test)
    found = linearized.differences(means, kind, effect, question.method)
    return prompt_tests.permuted(found, means) if question.test == "permutation" else found


def _sampled(means: CellMeans, effect: Effect, question: Question) -> Estimates:
    return _dependent(means, linearized.SAMPLED, effect, question)


def _fixed(means: CellMeans, effect: Effect, question: Question) -> Estimates:
    return _dependent(means, linearized.FIXED, effect, question)


def _linearized_rate(kind: str) -> Callable[[CellMeans, Question], Estimates]:
    return lambda means, question: linearized.rates(means, kind, _plain_name(question.method))


DESIGNS = (
    DesignKind(
        NONE,
        lambda t: ~t.graded,
        lambda means, question: _nothing(means.groups, None),
        lambda means, effect, question: _nothing(means.groups // 2, effect),
    ),
    DesignKind(paired.NAME, lambda t: t.simple & t.once & t.shared & ~t.lone, _independent_rate, _paired),
    DesignKind(
        independent.NAME,
        lambda t: t.simple & ((t.once & ~t.shared) | (t.lone & ~t.wanted)),
        _independent_rate,
        _independent,
    ),
    DesignKind(linearized.SAMPLED, lambda t: t.sampled, _linearized_rate(linearized.SAMPLED), _sampled),
    DesignKind(ONE_PROMPT, lambda t: t.wanted, _linearized_rate(linearized.FIXED), _fixed),
    DesignKind(linearized.FIXED, lambda t: np.ones_like(t.graded), _linearized_rate(linearized.FIXED), _fixed),
)


def kinds_of(found: Traits) -> npt.NDArray[np.str_]:
    """Name the design of each group, or pair.

    Parameters
    ----------
    found : Traits

    Returns
    -------
    ndarray of str
    """
    names = np.full(found.graded.shape, "", dtype="U16")
    for kind in DESIGNS:
        names[(names == "") & kind.holds(found)] = kind.name
    return names


def estimate_rates(design: Design, question: Question, means: CellMeans | None = None) -> Estimates:
    """Estimate the rate of each group.

    Parameters
    ----------
    design : Design
    question : Question
    means : CellMeans, optional
        Of other cells of the same design, such as had every run been graded.

    Returns
    -------
    Estimates
    """
    given = design.means() if means is None else means
    kinds = kinds_of(traits(given, question.scope, design.prompts_known))
    parts = [
        (np.flatnonzero(kinds == kind.name), kind.rate(groups_of(given, kinds == kind.name), question))
        for kind in DESIGNS
        if (kinds == kind.name).any()
    ]
    return stacked([(place, _renamed(part, kinds[place])) for place, part in parts], given.groups, np.nan)


def _renamed(part: Estimates, kinds: Any) -> Estimates:
    """Let estimates carry the name of the design that they were made for."""
    return replace(part, designs=tuple(map(str, kinds)))


def pair_kinds(sides: PairedSides, question: Question) -> npt.NDArray[np.str_]:
    """Name the design of each pair.

    Parameters
    ----------
    sides : PairedSides
    question : Question

    Returns
    -------
    ndarray of str
    """
    return kinds_of(pair_traits(sides, sides.means(), question.scope))


def estimate_differences(sides: PairedSides, question: Question, means: CellMeans | None = None) -> Estimates:
    """Estimate the effect of each pair.

    Parameters
    ----------
    sides : PairedSides
    question : Question
    means : CellMeans, optional
        Of other cells of the same pairs, such as had every run been graded.

    Returns
    -------
    Estimates
    """
    given = sides.means() if means is None else means
    effect = EFFECTS[question.effect]
    kinds = kinds_of(pair_traits(sides, given, question.scope))
    parts = []
    for kind in DESIGNS:
        hit = kinds == kind.name
        if hit.any():
            own = groups_of(given, np.concatenate([hit, hit]))
            parts.append((np.flatnonzero(hit), _renamed(_answer(kind, own, effect, question), kinds[hit])))
    return stacked(parts, len(sides), effect.null)


def _answer(kind: DesignKind, means: CellMeans, effect: Effect, question: Question) -> Estimates:
    if kind.name == NONE:
        return kind.difference(means, effect, question)
    if question.anytime:
        return anytime.differences(means, kind.name)
    if question.combined and stratified.holds(means, kind.name):
        return stratified.differences(means)
    return kind.difference(means, effect, question)


def require_fitting(sides: PairedSides, question: Question) -> None:
    """Raise where a named method or test does not fit the design of a pair.

    Parameters
    ----------
    sides : PairedSides
    question : Question

    Raises
    ------
    BaserateError
    """
    for (one, two), kind in zip(sides.pairs, pair_kinds(sides, question), strict=True):
        named = f"{sides.design.name(one)} against {sides.design.name(two)}"
        if question.method == "tango" and kind not in (paired.NAME, NONE):
            raise BaserateError(
                f"method='tango' needs the same prompts on both sides with one run each; {named} has another design. "
                "Leave method out, and the design decides."
            )
        of_prompts = question.test in prompt_tests.TESTS
        fits = (linearized.SAMPLED, paired.NAME, NONE) if of_prompts else (independent.NAME, NONE)
        plain = question.method in DIFFERENCE_INTERVALS and not of_prompts
        if question.test and not plain and kind not in fits:
            takes = "sampled prompts" if of_prompts else "independent runs"
            raise BaserateError(
                f"test={question.test!r} takes {takes}; {named} has another design. "
                "Leave test out, and the design decides."
            )
