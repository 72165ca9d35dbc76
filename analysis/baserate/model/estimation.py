"""How a model is estimated: maximum likelihood, Firth's penalized likelihood, or random intercepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from baserate.errors import BaserateError
from baserate.model.design import Design
from baserate.model.fitted import Cells, Estimation, RandomTerms
from baserate.stats.cluster_covariance import cluster_covariance
from baserate.stats.firth import augmented_likelihood, fit_firth, flic_shift, penalized_likelihood
from baserate.stats.logistic import fit_maximum_likelihood, likelihood
from baserate.stats.mixed import fit_random_effects
from baserate.stats.newton import ConvergenceError, maximize
from baserate.stats.separation import infinite_estimates
from baserate.stats.weak_prior import weak_prior

EVENTS_PER_PARAMETER = 10
RARE = 0.05  # share of runs with the rarer outcome, and
FEW_WITH_RARER = 5  # prompts with it, from which on a sandwich covariance holds its level


@contextmanager
def full_precision() -> Iterator[None]:
    """Turn an iteration that did not end into a refusal that the user can act on.

    Raises
    ------
    BaserateError
        In place of `ConvergenceError` or a singular matrix.
    """
    try:
        yield
    except (ConvergenceError, np.linalg.LinAlgError) as problem:
        why = str(problem).rstrip(".")
        raise BaserateError(
            f"The model could not be evaluated to full precision: {why}. Use fewer terms, or center and scale numbers."
        ) from problem


def estimate(design: Design, scope: str, method: str = "") -> Estimation:
    """Estimate a logistic model by the method its data allow.

    Maximum likelihood where no coefficient runs away and there are at least 10 events of the rarer outcome a parameter;
    else Firth's penalized likelihood. With sampled prompts a cluster-robust covariance comes along, and the cells that
    the wild score bootstrap takes where that covariance cannot be trusted.

    Parameters
    ----------
    design : Design
    scope : {"fixed", "sampled"}
    method : {"", "CR2", "wild"}
        For sampled prompts, see `Estimation`.

    Returns
    -------
    Estimation

    Raises
    ------
    ConvergenceError
        If an iteration did not end.
    """
    X, events, n = design.X, design.events, design.n
    infinite = infinite_estimates(X, events, n)
    if np.any(infinite != 0) or rarer(design) < EVENTS_PER_PARAMETER * X.shape[1]:
        surface, beta, kind = penalized_likelihood(X, events, n), fit_firth(X, events, n), "firth"
        shift = flic_shift(beta, X, events, n)
    else:
        surface, beta, kind = likelihood(X, events, n), fit_maximum_likelihood(X, events, n), "likelihood"
        shift = 0.0
    covariance = np.asarray(np.linalg.inv(surface(beta).information), dtype=float)
    plain = Estimation(kind, beta, covariance, surface, infinite, shift)
    if scope == "fixed":
        return plain
    group = np.unique(design.prompt, return_inverse=True)[1]
    cells = Cells(X[design.pattern], design.scale * design.cell_events, design.scale * design.cell_n, group)
    clusters = cluster_covariance(beta, *cells)
    rare, patterns = is_rare(design), (X, events, n)
    return replace(plain, clusters=clusters, cells=cells, patterns=patterns, rare=rare, method=method)


def estimate_random(design: Design, terms: Sequence[str] = ("prompt",), prior: bool = False) -> Estimation:
    """Estimate a logistic model with random intercepts; without a prior the data must not separate.

    Parameters
    ----------
    design : Design
    terms : sequence of str
        The groupings: columns of `Design.groups`, several of one joined by colons.
    prior : bool
        Whether coefficients and deviations have weakly informative priors.

    Returns
    -------
    Estimation
        Its `theta` ends with the deviations, in the order of `terms`.

    Raises
    ------
    ConvergenceError
        If an iteration did not end.
    """
    X, events, n = design.X, design.events, design.n
    cells = X[design.pattern], design.cell_events, design.cell_n
    start = fit_firth(X, events, n) if prior else fit_maximum_likelihood(X, events, n)
    penalty = weak_prior(X, n, len(terms)) if prior else None
    found = fit_random_effects(*cells, [grouping(design, term) for term in terms], start, penalty=penalty)
    theta = np.append(found.coefficients, found.deviations)
    effects = RandomTerms(tuple(terms), prior, found)
    surface = likelihood(X, events, n)
    return Estimation("random", theta, found.covariance, surface, np.zeros(X.shape[1]), random=effects)


def grouping(design: Design, term: str) -> NDArray[np.intp]:
    """Find which level of a grouping each cell has, as a number.

    Parameters
    ----------
    design : Design
    term : str
        Such as ``"prompt"`` or ``"prompt:version"``.

    Returns
    -------
    ndarray of int of shape (c,)
    """
    parts = [np.unique(design.groups[name], return_inverse=True)[1] for name in term.split(":")]
    return np.unique(np.column_stack(parts), axis=0, return_inverse=True)[1].ravel()


def for_averages(design: Design, fit: Estimation) -> Estimation:
    """Return the estimation that average rates are inferred from.

    Firth's penalty pulls rates toward one half. Where prompts are fixed, FLAC takes that back: its average rate is the
    observed one, and in simulations its intervals cover better than those of Firth's region shifted by FLIC (.92 to .98
    against .86 to .97 at rates of 1 to 5 %). Where all or no runs have the event it does not exist, and Firth's fit
    stays.

    Parameters
    ----------
    design : Design
    fit : Estimation

    Returns
    -------
    Estimation

    Raises
    ------
    ConvergenceError
        If an iteration did not end.
    """
    if fit.kind != "firth" or fit.clusters is not None or rarer(design) == 0:
        return fit
    surface = augmented_likelihood(fit.theta, design.X, design.events, design.n)
    theta = maximize(surface, np.append(fit.theta, 0.0))
    covariance = np.asarray(np.linalg.inv(surface(theta).information), dtype=float)
    return replace(fit, kind="flac", theta=theta, surface=surface, covariance=covariance)


def is_rare(design: Design) -> bool:
    """Tell whether the rarer outcome is in at most 5 % of runs, or in fewer than five prompts.

    Parameters
    ----------
    design : Design

    Returns
    -------
    bool
    """
    return rarer(design) <= RARE * design.cell_n.sum() or prompts_with_rarer(design) < FEW_WITH_RARER


def prompts_with_rarer(design: Design) -> int:
    """Count the prompts that have the rarer outcome, events or no events.

    Parameters
    ----------
    design : Design

    Returns
    -------
    int
    """
    group = np.unique(design.prompt, return_inverse=True)[1]
    events, n = (np.bincount(group, of) for of in (design.cell_events, design.cell_n))
    return int(min((events > 0).sum(), (events < n).sum()))


def rarer(design: Design) -> int:
    """Count the runs with the rarer outcome, events or no events.

    Parameters
    ----------
    design : Design

    Returns
    -------
    int
    """
    events = design.cell_events.sum()
    return int(min(events, design.cell_n.sum() - events))
