"""Two groups of runs, and which design they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from baserate.groups import Group, design
from baserate.stats.sampled_difference import SampledDifference

Limits = Callable[[float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Pair:
    """A candidate and a baseline.

    Attributes
    ----------
    candidate, baseline : Group
        Counts per prompt.
    """

    candidate: Group
    baseline: Group

    @property
    def difference(self) -> float:
        """Rate of the candidate minus rate of the baseline."""
        return self.candidate.rate - self.baseline.rate

    @property
    def shared(self) -> tuple[str, ...]:
        """The prompts that both ran."""
        other = set(self.baseline.prompts)
        return tuple(p for p in self.candidate.prompts if p in other)


class Inference(NamedTuple):
    """How a pair is judged: limits at any level, the p value of no effect, the names of both, estimate and null.

    Over sampled prompts it also holds what was found of them.
    """

    limits: Limits
    p_value: float
    interval_method: str
    test_method: str
    estimate: float = float("nan")
    null: float = 0.0
    sampled: SampledDifference | None = None


def pair_design(pair: Pair, scope: str) -> str:
    """Tell how two groups of runs hang together.

    Parameters
    ----------
    pair : Pair
    scope : {"fixed", "sampled"}

    Returns
    -------
    str
        ``"none"``, ``"independent"``, ``"paired"`` (the same prompts, one run each), ``"sampled"``, ``"fixed"``, or
        ``"one prompt"`` where prompts should be sampled but a side has one.
    """
    kinds = {design(pair.candidate, scope), design(pair.baseline, scope)}
    for kind in ("none", "one prompt"):
        if kind in kinds:
            return kind
    if kinds != {"independent"}:
        return scope
    if len(pair.candidate.prompts) == 1 or not pair.shared:
        return "independent"
    complete = set(pair.candidate.prompts) == set(pair.baseline.prompts)
    return "paired" if complete else scope
