"""How a model is estimated: maximum likelihood, Firth's penalized likelihood, or random intercepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baserate.errors import BaserateError
from baserate.model.design import Design, Floats
from baserate.stats.cluster_covariance import ClusterCovariance, cluster_covariance
from baserate.stats.firth import augmented_likelihood, fit_firth, flic_shift, penalized_likelihood
from baserate.stats.logistic import fit_maximum_likelihood, likelihood
from baserate.stats.mixed import RandomEffects, fit_random_effects
from baserate.stats.newton import ConvergenceError, Surface, maximize
from baserate.stats.separation import infinite_estimates
from baserate.stats.weak_prior import weak_prior

EVENTS_PER_PARAMETER = 10
RARE = 0.05  # share of runs with the rarer outcome, and
FEW_WITH_RARER = 5  # prompts with it, from which on a sandwich covariance holds its level


class Cells(NamedTuple):
    """The runs of each pattern and sampled prompt.

    Attributes
    ----------
    X : ndarray of shape (c, p)
        Design rows.
    events, n : ndarray of shape (c,)
        Events and runs, scaled so that each prompt of a pattern counts once.
    group : ndarray of int of shape (c,)
        The prompt, numbered.
    """

    X: Floats
    events: Floats
    n: Floats
    group: NDArray[np.intp]


class RandomTerms(NamedTuple):
    """The random effects of a model.

    Attributes
    ----------
    terms : tuple of str
        The groupings.
    prior : bool
        Whether there was a weakly informative prior.
    found : RandomEffects
        The fit.
    """

    terms: tuple[str, ...]
    prior: bool
    found: RandomEffects


@dataclass(frozen=True, eq=False)
class Estimation:
    """A fitted model.

    Attributes
    ----------
    kind : {"likelihood", "firth", "flac", "random"}
        How it was estimated.
    theta : ndarray of shape (p,), (p + 1,) or (p + k,)
        The coefficients; with random intercepts their standard deviations last, for FLAC that of the added covariate.
    covariance : ndarray
        Of `theta`, if runs (given the prompts' random intercepts) are independent.
    surface : callable
        The (penalized) log-likelihood of the patterns.
    infinite : ndarray of shape (p,)
        Where maximum likelihood runs away, see `baserate.stats.separation.infinite_estimates`.
    shift : float
        What Firth's intercept lacks for the predicted events to add up to those observed; else 0.
    clusters : ClusterCovariance or None
        The covariance if prompts, not runs, are independent.
    cells : Cells or None
        The runs by prompt, if prompts are independent.
    patterns : tuple of ndarray or None
        Then also the design rows of the patterns, their events and runs.
    rare : bool
        Whether the rarer outcome is in too few runs or prompts for a sandwich covariance alone.
    method : {"", "CR2", "wild"}
        What the user asked for in place of the default for sampled prompts.
    random : RandomTerms or None
        The random effects, if there are any.
    """

    kind: str
    theta: Floats
    covariance: Floats
    surface: Surface
    infinite: Floats
    shift: float = 0.0
    clusters: ClusterCovariance | None = None
    cells: Cells | None = None
    patterns: tuple[Floats, Floats, Floats] | None = None
    rare: bool = False
    method: str = ""
    random: RandomTerms | None = None

    @property
    def separated(self) -> bool:
        """Whether some coefficient has no finite maximum-likelihood estimate."""
        return bool(np.any(self.infinite != 0))

    @property
    def wild(self) -> bool:
        """Whether the wild score bootstrap has its say: prompts are sampled, and a sandwich cannot be trusted alone."""
        if self.clusters is None or self.method == "CR2":
            return False
        return self.rare or self.separated or self.method == "wild"


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
