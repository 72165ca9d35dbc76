"""The search for the smallest design that has the power asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from scipy.special import ndtri

from baserate.arguments import require_whole
from baserate.errors import BaserateError
from baserate.note import Note
from baserate.planning.design import DIFFERENCE, EQUIVALENCE, Design, Question
from baserate.planning.request import clustered, independent, require_no_prompts, why
from baserate.planning.result import PowerResult, tabulate
from baserate.planning.search import smallest
from baserate.planning.simulated_power import Estimate, estimate
from baserate.planning.stages import least_size
from baserate.stats.power import MOST_RUNS
from baserate.stats.power import runs_needed as exact_runs

MOST_PROMPTS = 10_000
MOST_EPOCHS = 1_000_000  # as good as knowing each prompt's rate
EXACT = 1e-4  # share of itself to which a size is found that is computed, not simulated
RESOLUTION = 0.02  # of a simulated size; the simulation's error makes more of it worthless


@dataclass(frozen=True)
class Search:
    """What is given of a design; what is left out is searched.

    Attributes
    ----------
    rates : tuple of float
    prompts, epochs : int or None
    icc : float or None
    shared : bool
    scope : str or None
    looks : tuple of float
        Shares of the runs at which to look.
    """

    rates: tuple[float, float]
    prompts: int | None
    epochs: int | None
    icc: float | None
    shared: bool
    scope: str | None
    looks: tuple[float, ...] = (1.0,)

    @property
    def searched(self) -> str:
        """What is searched: ``"runs"``, ``"prompts"`` or ``"epochs"``."""
        if self.prompts is not None:
            return "epochs"
        return "runs" if self.epochs is None else "prompts"

    def design(self, size: int) -> Design:
        """Fill in what is searched.

        Parameters
        ----------
        size : int

        Returns
        -------
        Design
        """
        if self.searched == "runs":
            return independent(self.rates, size, self.scope)
        sizes = (size, self.epochs) if self.prompts is None else (self.prompts, size)
        scope = self.scope or ("sampled" if self.prompts is None else None)  # though the search may pass 1 prompt
        return clustered(self.rates, int(sizes[0]), int(sizes[1] or 1), self.icc, self.shared, scope)


class Range(NamedTuple):
    """The sizes to search, and how finely."""

    guess: int
    least: int
    most: int
    resolution: float


def find(plan: Search, question: Question, target: float, repeats: int, seed: int) -> PowerResult:
    """Search the smallest design that has the power asked for.

    Parameters
    ----------
    plan : Search
    question : Question
    target : float
        The power.
    repeats, seed : int
        As for `estimate`.

    Returns
    -------
    PowerResult

    Raises
    ------
    BaserateError
    """
    _require_possible(plan, question, target)
    sizes = _divisible(_range(plan, question, target), plan)

    def at(size: int, target: float | None = None) -> Estimate:
        return estimate(plan.design(size), question, plan.looks, repeats, seed, target)

    def enough(size: int) -> bool:
        return at(size, target).power >= target

    if plan.searched == "epochs" and not enough(sizes.most):
        size, reached = sizes.most, False
    else:
        size, reached = smallest(enough, *sizes)
    chosen, found = plan.design(size), at(size)
    notes = () if reached else (_short_of(plan, size, found.power, target),)
    return tabulate([chosen], question, [found], why(chosen, plan.scope), plan.looks, target, notes)


def _require_possible(plan: Search, question: Question, target: float) -> None:
    """Raise where nothing is left to search, or no number of runs can show what is asked."""
    if not question.alpha < target < 1:
        hint = f" Did you mean {target / 100:g}?" if 1 < target < 100 else ""
        raise BaserateError(
            f"power is a probability between alpha ({question.alpha:.4g}) and 1, such as 0.8; got {target!r}.{hint}"
        )
    if plan.prompts is not None and plan.epochs is not None:
        raise BaserateError("prompts= and epochs= are both given: leave out the one to search, or ask power().")
    if plan.searched == "runs":
        require_no_prompts(None, plan.icc, "give epochs= to search the prompts, or prompts= to search the epochs")
    for name in ("prompts", "epochs"):
        if (given := getattr(plan, name)) is not None:
            require_whole(name, given)
    one, two = plan.rates
    if question.margin is None and one == two:
        raise BaserateError(
            f"The rates are equal ({one:g}): no number of runs finds a difference. "
            "To show that there is none to speak of, give a margin=."
        )
    if question.margin is not None and _room(plan, question) <= 0:
        raise BaserateError(
            f"The difference of the rates, {one - two:+.4g}, is not within the margin of {question.margin:g}: "
            f"no number of runs shows {question.kind!r}. Give a wider margin, or other rates."
        )


def _room(plan: Search, question: Question) -> float:
    """Return how far the difference lies from the margin."""
    one, two = plan.rates
    gap = abs(one - two) if question.kind == EQUIVALENCE else one - two
    return (question.margin or 0.0) - gap


def _range(plan: Search, question: Question, target: float) -> Range:
    """Begin where the normal approximation says, with what prompts add to it or take from it."""
    runs = min(_independent_runs(plan, question, target), float(MOST_RUNS))
    if plan.searched == "runs":
        return Range(math.ceil(runs), 1, MOST_RUNS, EXACT)
    icc, shared = plan.icc or 0.0, plan.shared or plan.scope == "fixed"
    if plan.epochs is not None:
        least = 1 if plan.scope == "fixed" else 2
        if plan.design(2).kind == "independent":
            return Range(math.ceil(runs), least, MOST_RUNS, EXACT)
        per_prompt = plan.epochs / (1 - icc if shared else 1 + (plan.epochs - 1) * icc)
        return Range(math.ceil(runs / per_prompt), least, MOST_PROMPTS, RESOLUTION)
    assert plan.prompts is not None
    spare = plan.prompts / runs - (0.0 if shared else icc)
    guess = min((1 - icc) / spare, MOST_EPOCHS) if spare > 0 else 100.0
    return Range(math.ceil(guess), 1, MOST_EPOCHS, EXACT if plan.prompts == 1 else RESOLUTION)


def _divisible(sizes: Range, plan: Search) -> Range:
    """Leave out sizes that the looks cannot divide; with looks, independent runs are simulated as well."""
    if len(plan.looks) == 1 or (plan.searched == "epochs" and plan.design(2).scope == "sampled"):
        return sizes
    return sizes._replace(least=max(sizes.least, least_size(plan.looks)), resolution=RESOLUTION)


def _independent_runs(plan: Search, question: Question, target: float) -> float:
    """Return about how many independent runs a version would do."""
    one, two = plan.rates
    alpha = question.alpha / question.comparisons
    if question.kind == DIFFERENCE:
        return exact_runs(one, two, alpha=alpha, power=target)
    both = question.kind == EQUIVALENCE and one == two
    z = ndtri(1 - alpha) + ndtri((1 + target) / 2 if both else target)
    return max(1.0, float((z / _room(plan, question)) ** 2 * (one * (1 - one) + two * (1 - two))))


def _short_of(plan: Search, size: int, power: float, target: float) -> Note:
    """Say that the largest design tried is too small."""
    short = f"power reaches {100 * power:.3g} %, not {100 * target:.4g} %"
    if plan.searched == "epochs":
        prompts = f"these {plan.prompts} prompts" if plan.prompts != 1 else "this one prompt"
        told = f"No number of epochs on {prompts} is enough: with {size:,} each, {short}. Plan more prompts."
    else:
        told = (
            f"Even {size:,} {plan.searched} are not enough: {short}. Plan for a larger difference, or a wider margin."
        )
    return Note("power-not-reached", told)
