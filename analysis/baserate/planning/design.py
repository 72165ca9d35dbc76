"""What will be run, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from baserate.simulation import prompt_rates
from baserate.stats.cell_means import CellMeans

IntArray = NDArray[np.int64]

DIFFERENCE, EQUIVALENCE, NOT_WORSE = "difference", "equivalence", "not-worse"
VERDICTS = {DIFFERENCE: ("higher", "lower"), EQUIVALENCE: ("equivalent",)}


class Question(NamedTuple):
    """What the runs are to show.

    Attributes
    ----------
    kind : {"difference", "equivalence", "not-worse"}
    margin : float or None
        The largest difference that does not matter.
    level : float
        Verdicts use alpha = 1 - level.
    comparisons : int
        How many comparisons are made; each is held to alpha over their number, which Holm's method never exceeds.
    """

    kind: str
    margin: float | None
    level: float
    comparisons: int

    @property
    def alpha(self) -> float:
        """The error that is allowed over all comparisons."""
        return 1 - self.level

    @property
    def limits_level(self) -> float:
        """The level of the interval that tells the verdict by itself, since the test is its dual."""
        sides = 1 if self.kind == DIFFERENCE else 2
        return 1 - sides * self.alpha / self.comparisons

    def shown_by_limits(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Judge many data sets by their limits, as `baserate.comparison.compare` judges each.

        Parameters
        ----------
        low, high : ndarray
            Of level `limits_level`.

        Returns
        -------
        ndarray of bool
        """
        if self.margin is None:
            return np.asarray((low > 0) | (high < 0))
        below = high < self.margin
        return np.asarray(below & (low > -self.margin) if self.kind == EQUIVALENCE else below)


@dataclass(frozen=True)
class Design:
    """Runs of two versions, as many of each.

    Attributes
    ----------
    rates : tuple of float
        The true rates of candidate and baseline.
    prompts, epochs : int
        Prompts a version, and runs a prompt. Independent runs are the epochs of one prompt.
    icc : float
        Correlation of two runs on one prompt.
    shared : bool
        Whether both versions run the same prompts.
    scope : {"fixed", "sampled"}
    """

    rates: tuple[float, float]
    prompts: int
    epochs: int
    icc: float = 0.0
    shared: bool = True
    scope: str = "fixed"

    @property
    def runs(self) -> int:
        """Runs of one version."""
        return self.prompts * self.epochs

    @property
    def kind(self) -> str:
        """How the runs hang together; a name of `baserate.estimate.designs.DESIGNS`."""
        if self.prompts == 1:
            return "independent"
        if self.epochs == 1:
            return "paired" if self.shared else "independent"
        return self.scope

    def means(self, candidate: IntArray, baseline: IntArray) -> CellMeans:
        """Make data of this design.

        Parameters
        ----------
        candidate, baseline : int array, shape (repeats, prompts)
            Runs with the behavior.

        Returns
        -------
        CellMeans
            Of the candidates of all repeats, then their baselines.
        """
        repeats, prompts = candidate.shape
        groups = 2 * repeats
        group = np.repeat(np.arange(groups), prompts)
        unit = np.tile(np.arange(repeats * prompts), 2)
        if not self.shared:
            unit[repeats * prompts :] += repeats * prompts
        events = np.concatenate([candidate.ravel(), baseline.ravel()]).astype(float)
        share = np.full(group.size, 1 / prompts)
        n = np.full(group.size, float(self.epochs))
        return CellMeans(group, unit, events, n, share, np.arange(groups), np.ones(groups), groups)

    def draw(self, rng: np.random.Generator, repeats: int) -> tuple[IntArray, IntArray]:
        """Draw data of this design.

        Sampled prompts have beta-distributed rates, a shared one at the same quantile for both versions. Fixed prompts
        are always the same: their rates are the means of equal slices of that distribution.

        Parameters
        ----------
        rng : Generator
        repeats : int

        Returns
        -------
        candidate, baseline : int array, shape (repeats, prompts)
            Runs with the behavior.
        """
        shape = (repeats, self.prompts)
        if self.scope == "fixed":
            chances = [slice_means(rate, self.icc, self.prompts) for rate in self.rates]
        else:
            u = rng.random(shape)
            quantiles = (u, u if self.shared else rng.random(shape))
            chances = [prompt_rates(rate, self.icc, q) for rate, q in zip(self.rates, quantiles, strict=True)]
        one, two = (rng.binomial(self.epochs, chance, shape).astype(np.int64) for chance in chances)
        return one, two


def slice_means(rate: float, icc: float, prompts: int) -> NDArray[np.float64]:
    """Return the mean rates of equal slices of the beta distribution, so that their mean is exactly `rate`.

    Parameters
    ----------
    rate, icc : float
    prompts : int

    Returns
    -------
    ndarray, shape (prompts,)
    """
    if icc == 0 or rate in (0, 1):
        return np.full(prompts, rate)
    if rate > 0.5:  # quantiles near 0 are told apart in floating point, those near 1 are not
        return 1 - slice_means(1 - rate, icc, prompts)[::-1]
    spread = (1 - icc) / icc
    cuts = prompt_rates(rate, icc, np.linspace(0, 1, prompts + 1))
    # E[X; X < c] = rate · I_c(a + 1, b) for X ~ Beta(a, b)
    below = rate * betainc(rate * spread + 1, (1 - rate) * spread, cuts)
    return np.asarray(np.clip(np.diff(below) * prompts, 0.0, 1.0))
