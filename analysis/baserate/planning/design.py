"""What will be run, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from baserate.groups import Group, IntArray
from baserate.infer import infer
from baserate.pairs import Inference, Pair, pair_design
from baserate.simulation import prompt_rates
from baserate.verdict import Region, against_region, verdict

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

    def shown_by(self, pair: Pair, scope: str) -> tuple[bool, Inference]:
        """Judge data as `baserate.comparison.compare` does.

        Parameters
        ----------
        pair : Pair
        scope : {"fixed", "sampled"}

        Returns
        -------
        shown : bool
        inference : Inference
            How it was judged.
        """
        inference = infer(pair, scope, None)
        region = None if self.margin is None else Region(-self.margin, self.margin)
        if self.kind == NOT_WORSE and region is not None:
            return against_region(inference, self.alpha / self.comparisons, region)[1] == "shown", inference
        p = min(1.0, inference.p_value * self.comparisons)
        said = verdict(inference, p, self.alpha, region, self.comparisons)
        return said in VERDICTS[self.kind], inference

    @property
    def limits_level(self) -> float:
        """The level of the interval that tells the verdict by itself, since the test is its dual."""
        sides = 1 if self.kind == DIFFERENCE else 2
        return 1 - sides * self.alpha / self.comparisons

    def shown_by_limits(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Judge many data sets by their limits, as `shown_by` judges each.

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
        """How the runs hang together; see `baserate.pairs.pair_design`."""
        none = np.zeros(self.prompts, dtype=np.int64)
        return pair_design(self.pair(none, none), self.scope)

    def pair(self, candidate: IntArray, baseline: IntArray) -> Pair:
        """Make data of this design.

        Parameters
        ----------
        candidate, baseline : int array, shape (prompts,)
            Runs with the behavior.

        Returns
        -------
        Pair
        """
        n = np.full(self.prompts, self.epochs, dtype=np.int64)
        names = tuple(f"p{i}" for i in range(self.prompts))
        others = names if self.shared else tuple(f"q{i}" for i in range(self.prompts))
        return Pair(Group(("candidate",), names, candidate, n, 0), Group(("baseline",), others, baseline, n, 0))

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
