"""What a fit is: its coefficients, their covariance, its likelihood, and the runs that it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baserate.model.design import Floats
from baserate.stats.cluster_covariance import ClusterCovariance
from baserate.stats.mixed import RandomEffects
from baserate.stats.newton import Surface


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
