"""What the user asked, checked and made into designs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from baserate.arguments import require_level, require_margin, require_whole
from baserate.design import SCOPES
from baserate.errors import BaserateError, require_known
from baserate.planning.design import DIFFERENCE, EQUIVALENCE, NOT_WORSE, Design, Question

Sizes = int | Sequence[int]
KINDS = (DIFFERENCE, EQUIVALENCE, NOT_WORSE)


def require_rates(rates: Sequence[float]) -> tuple[float, float]:
    """Return the two true rates, or say what is wrong with them.

    Parameters
    ----------
    rates : sequence of float

    Returns
    -------
    tuple of float

    Raises
    ------
    BaserateError
    """
    found = tuple(float(rate) for rate in rates)
    if len(found) != 2:
        raise BaserateError(f"rates are the true rates of two versions, such as (0.84, 0.7); got {len(found)} of them.")
    if wrong := [rate for rate in found if not 0 <= rate <= 1]:
        hint = f" Did you mean {wrong[0] / 100:g}?" if 1 < wrong[0] <= 100 else ""
        raise BaserateError(f"rates lie between 0 and 1, such as 0.84; got {wrong[0]!r}.{hint}")
    return found[0], found[1]


def question_of(kind: str | None, margin: float | None, level: float, comparisons: int) -> Question:
    """Put the question, or say why it cannot be put.

    Parameters
    ----------
    kind : {"difference", "equivalence", "not-worse"}, optional
        Left out, a margin makes it equivalence.
    margin : float, optional
    level : float
    comparisons : int

    Returns
    -------
    Question

    Raises
    ------
    BaserateError
    """
    require_level(level)
    chosen = kind or (DIFFERENCE if margin is None else EQUIVALENCE)
    require_known(chosen, KINDS, "question")
    if chosen == DIFFERENCE and margin is not None:
        raise BaserateError(
            f"margin={margin!r} does not go with question='difference'. "
            "Drop the margin, or ask for 'equivalence' or 'not-worse'."
        )
    if chosen != DIFFERENCE and margin is None:
        raise BaserateError(f"question={chosen!r} needs a margin, such as margin=0.05 for five percentage points.")
    require_margin(margin)
    if chosen != DIFFERENCE and level <= 0.5:
        raise BaserateError(f"A margin is held against an interval of level 1 - 2 alpha; level={level!r} leaves none.")
    return Question(chosen, margin, level, require_whole("comparisons", comparisons))


def designs(
    rates: tuple[float, float],
    runs: Sizes | None,
    prompts: Sizes | None,
    epochs: Sizes | None,
    icc: float | None,
    shared: bool,
    scope: str | None,
) -> list[Design]:
    """List the designs asked for: each number of runs, or each number of prompts with each number of epochs.

    Parameters
    ----------
    rates : tuple of float
    runs, prompts, epochs : int or sequence of int, optional
    icc : float, optional
    shared : bool
    scope : {"fixed", "sampled"}, optional

    Returns
    -------
    list of Design

    Raises
    ------
    BaserateError
    """
    if (runs is None) == (prompts is None):
        found = "neither" if runs is None else "both"
        raise BaserateError(
            f"Give either runs= (independent runs a version) or prompts= with epochs= and icc= (runs on shared or "
            f"repeated prompts); got {found}."
        )
    if prompts is None:
        require_no_prompts(epochs, icc, "give prompts= too, or runs= alone")
        return [independent(rates, size, scope) for size in _sizes("runs", runs)]
    if epochs is None:
        raise BaserateError("prompts= needs epochs=, the runs of each version on each prompt; 1 for one run a prompt.")
    return [
        clustered(rates, size, times, icc, shared, scope)
        for size in _sizes("prompts", prompts)
        for times in _sizes("epochs", epochs)
    ]


def independent(rates: tuple[float, float], runs: int, scope: str | None) -> Design:
    """Make a design of independent runs.

    Parameters
    ----------
    rates : tuple of float
    runs : int
    scope : {"fixed", "sampled"}, optional
        Makes no difference where runs are independent.

    Returns
    -------
    Design
    """
    _require_scope(scope)
    return Design(rates, prompts=1, epochs=runs)


def clustered(
    rates: tuple[float, float], prompts: int, epochs: int, icc: float | None, shared: bool, scope: str | None
) -> Design:
    """Make a design of prompts and epochs.

    Parameters
    ----------
    rates : tuple of float
    prompts, epochs : int
    icc : float, optional
        Not needed where no two runs share a prompt.
    shared : bool
    scope : {"fixed", "sampled"}, optional
        Left out, two or more prompts are a sample.

    Returns
    -------
    Design

    Raises
    ------
    BaserateError
    """
    _require_scope(scope)
    if scope == "sampled" and prompts < 2:
        raise BaserateError(
            f"scope='sampled' needs two or more prompts; got {prompts}. Use scope='fixed', or plan more prompts."
        )
    chosen = scope or ("sampled" if prompts >= 2 else "fixed")
    if icc is None and prompts > 1 and (epochs > 1 or shared):
        raise BaserateError(
            "Runs on one prompt are alike: give icc=, the correlation of two of them, between 0 and 1 "
            "(baserate.rates(...).table['icc'] tells it of runs you have; 0.1 to 0.5 is usual)."
        )
    if icc is not None and not 0 <= icc < 1:
        raise BaserateError(f"icc is a correlation in [0, 1), such as 0.3; got {icc!r}.")
    if epochs == 1 and not shared:
        return independent(rates, prompts, scope)
    return Design(rates, prompts, epochs, icc or 0.0, shared, chosen)


def why(design: Design, asked: str | None) -> str:
    """Say why a design has its scope.

    Parameters
    ----------
    design : Design
    asked : str or None

    Returns
    -------
    str
        A clause that ends a sentence.
    """
    if design.kind == "independent":
        return "runs are independent, so that it makes no difference"
    if asked is not None:
        return f"asked for; it holds for {'these prompts only' if asked == 'fixed' else 'prompts like these'}"
    return "two or more prompts are taken as a sample of prompts like these"


def require_no_prompts(epochs: Sizes | None, icc: float | None, remedy: str) -> None:
    """Raise where independent runs were given what belongs to prompts.

    Parameters
    ----------
    epochs : int or sequence of int, optional
    icc : float, optional
    remedy : str

    Raises
    ------
    BaserateError
    """
    for name, value in (("epochs", epochs), ("icc", icc)):
        if value is not None:
            raise BaserateError(f"{name}={value!r} tells of runs that share prompts, but there are none: {remedy}.")


def _sizes(name: str, given: Sizes | None) -> list[int]:
    sizes = [require_whole(name, size) for size in np.atleast_1d(np.asarray(given)).tolist()]
    if not sizes:
        raise BaserateError(f"{name} is empty; give a number, or several.")
    return sizes


def _require_scope(scope: str | None) -> None:
    if scope is not None:
        require_known(scope, SCOPES, "scope")
