"""Models with random intercepts: of prompts by quadrature, of several groupings by Laplace's approximation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from baserate.errors import BaserateError, did_you_mean
from baserate.model.account import coefficient_table, few_prompts, runaway
from baserate.model.design import Design
from baserate.model.estimation import estimate_random, full_precision, grouping
from baserate.model.logistic_model import LogisticModel
from baserate.note import Note
from baserate.stats.mixed import fit_random_effects
from baserate.stats.separation import infinite_estimates

MOST_INTERCEPTS = 3_000  # of several groupings together: their curvature is a matrix of that size
_NONE = 1e-3  # log odds below which a deviation is none


def random_terms(
    random: str | Sequence[str] | None, prior: str | None, scope: str | None, cluster: str | None
) -> tuple[str, ...]:
    """Read what has random intercepts; the parts of ``"prompt:version"`` but the version have their own beside it.

    Parameters
    ----------
    random : str, sequence of str or None
    prior, scope, cluster : str or None
        What else was asked for.

    Returns
    -------
    tuple of str
        The groupings; empty without random intercepts.

    Raises
    ------
    BaserateError
        If the options do not go together.
    """
    if prior not in (None, "weak"):
        raise BaserateError(f"There is no prior {prior!r}.{did_you_mean(prior, ['weak'])} Known: 'weak'.")
    if random is None:
        if prior:
            raise BaserateError("prior='weak' is for random=; without it Firth's penalty is taken where it is needed.")
        return ()
    named = [random] if isinstance(random, str) else list(random)
    if not named or not all(part.strip() for name in named for part in name.split(":")):
        raise BaserateError("random= names columns, such as 'prompt' or ['scenario', 'prompt']. Leave it out for none.")
    if scope == "fixed":
        raise BaserateError(
            f"random={named[0]!r} takes its levels as a sample, so scope cannot be 'fixed'. Leave scope out."
        )
    if cluster is not None:
        raise BaserateError(f"cluster= and random= do not go together: name {cluster!r} in random=.")
    terms: list[str] = []
    for name in named:
        parts = [part.strip() for part in name.split(":")]
        own = [part for part in parts if part != "version"] if len(parts) > 1 else []
        terms += [term for term in (*own, ":".join(parts)) if term not in terms]
    return tuple(terms)


def fit_random(
    design: Design, terms: Sequence[str], prior: bool, level: float, cautions: tuple[Note, ...]
) -> LogisticModel:
    """Fit a model with random intercepts.

    Parameters
    ----------
    design : Design
    terms : sequence of str
        See `random_terms`.
    prior : bool
        Whether coefficients and deviations have weakly informative priors.
    level : float
    cautions : tuple of Note
        Of the runs.

    Returns
    -------
    LogisticModel

    Raises
    ------
    BaserateError
        If a grouping has one level, there are too many, or the data separate and there is no prior.
    """
    sizes = [np.unique(grouping(design, term)).size for term in terms]
    for term, size in zip(terms, sizes, strict=True):
        if size < 2:
            raise BaserateError(
                f"random={term!r} needs at least two of them; all graded runs share one {term}. Leave random out."
            )
    if len(terms) > 1 and sum(sizes) > MOST_INTERCEPTS:
        raise BaserateError(
            f"{sum(sizes):,} random intercepts of {len(terms)} groupings are more than the {MOST_INTERCEPTS:,} that "
            "Laplace's approximation takes here. Leave a grouping out, or ask without random: scope='sampled'."
        )
    with full_precision():
        infinite = infinite_estimates(design.X, design.events, design.n)
        if np.any(infinite != 0) and not prior:
            raise BaserateError(
                f"{runaway(design, infinite)} With random intercepts that needs a prior: prior='weak'; or leave random "
                "out, for penalized estimates."
            )
        found = estimate_random(design, terms, prior)
        table, _ = coefficient_table(design, found, level)
    deviations = dict(zip(terms, found.theta[len(design.columns) :], strict=True))
    how = "adaptive quadrature" if len(terms) == 1 else "Laplace's approximation"
    each = " and ".join(f"each {term}" for term in terms)
    weak = ", weakly informative priors" if prior else ""
    return LogisticModel(
        table=table,
        outcome=design.formula.outcome,
        method=f"logistic regression with a random intercept for {each}, {how}{weak}, Wald intervals",
        level=level,
        scope="sampled",
        scope_reason=f"random={terms[0]!r} takes the prompts as a sample of prompts like these"
        if terms == ("prompt",)
        else f"random={list(terms)!r} takes their levels as samples",
        notes=(*_said(design, deviations), *few_prompts(design), *design.notes),
        cautions=(*_same_everywhere(design, terms), *cautions),
        formula=str(design.formula),
        design=design,
        estimation=found,
        why="Coefficients are log odds within a level of these; rates and contrasts average over their levels.",
        prompt_deviation=deviations.get("prompt", float("nan")),
    )


def _said(design: Design, deviations: dict[str, float]) -> list[str]:
    """Say how far levels differ, and how far Laplace's approximation errs on these data where it is used."""
    notes = []
    for term, deviation in deviations.items():
        one = f"Between levels of {term}" if term != "prompt" else "Between prompts"
        notes.append(f"{one} the log odds have standard deviation {deviation:.3g}.")
        if deviation < _NONE:
            notes[-1] = f"No spread between levels of {term} was found: the fit is the same as without its intercepts."
            if term == "prompt":
                notes[-1] = "No spread between prompts was found: the fit is the same as without random intercepts."
    if len(deviations) > 1:
        notes += _laplace_error(design, next(iter(deviations)))
    return notes


def _laplace_error(design: Design, term: str) -> list[str]:
    """Fit the first grouping alone both ways: the one case in which the integral is known."""
    if np.any(infinite_estimates(design.X, design.events, design.n) != 0):
        return []
    cells = design.X[design.pattern], design.cell_events, design.cell_n
    start = np.zeros(design.X.shape[1])
    with full_precision():
        both = [fit_random_effects(*cells, [grouping(design, term)], start, nodes=nodes) for nodes in (1, 25)]
    laplace, exact = (float(one.deviations[0]) for one in both)
    told = (
        f"Laplace's approximation: of {term} alone it finds a deviation of {laplace:.3g} where quadrature finds "
        f"{exact:.3g}."
    )
    return [told]


def _same_everywhere(design: Design, terms: Sequence[str]) -> tuple[Note, ...]:
    """Caution where each prompt was run on several versions, whose difference the model takes as the same on each."""
    if "version" not in design.formula.columns or any("version" in term.split(":") for term in terms):
        return ()
    versions = design.patterns["version"].astype(str).to_numpy()[design.pattern]
    prompts = design.groups["prompt"]
    if len(set(zip(prompts, versions, strict=True))) == np.unique(prompts).size:
        return ()
    told = (
        f"random={terms[0]!r} takes the versions to differ by the same log odds on each prompt; where they do not, its "
        "tests raise false alarms (.06 to .46 in simulations). random='prompt:version' lets them."
    )
    return (Note("same-difference", told),)
