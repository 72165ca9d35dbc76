"""The same comparison within strata, such as conditions, and over them; what of a raw difference is a different mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from baserate.counts import COUNTS
from baserate.groups import Group, groups
from baserate.infer import infer
from baserate.pairs import Inference, Pair, pair_design
from baserate.stats.inversion import p_by_inversion
from baserate.stats.stratified import breslow_day, cochran_mantel_haenszel, stratified_miettinen_nurminen

Key = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Strata:
    """A pair, stratum by stratum.

    Attributes
    ----------
    pairs : tuple of Pair
        One for each stratum that both sides ran.
    alone : int
        Graded runs in strata that one side alone ran.
    """

    pairs: tuple[Pair, ...]
    alone: int

    @property
    def weights(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Weight of each stratum: its share of the runs, averaged over the two sides."""
        runs = np.array([(p.candidate.graded, p.baseline.graded) for p in self.pairs], dtype=np.float64)
        return np.asarray((runs / runs.sum(axis=0)).mean(axis=1))

    @property
    def difference(self) -> float:
        """Difference of the rates, standardized to the same mix of strata; NaN where no stratum is shared."""
        if not self.pairs:
            return float("nan")
        return float(self.weights @ [p.difference for p in self.pairs])


class Homogeneity(NamedTuple):
    """Breslow and Day's test that the odds ratio is the same in all strata."""

    statistic: float
    df: float
    p_value: float


def conditions(cells: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """List the factors, other than `keys`, that take more than one level.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns.
    keys : sequence of str
        The columns that are compared, and those within which they are.

    Returns
    -------
    list of str
    """
    apart = {*keys, *COUNTS, "prompt"}
    return [str(c) for c in cells.columns if c not in apart and cells[c].nunique() > 1]


def split(cells: pd.DataFrame, keys: Sequence[str], strata: Sequence[str]) -> dict[Key, dict[Key, Group]]:
    """Split the groups of `keys` by strata.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns.
    keys, strata : sequence of str
        Columns.

    Returns
    -------
    dict
        Key of the group -> key of the stratum -> its graded runs.
    """
    found: dict[Key, dict[Key, Group]] = {}
    for group in groups(cells, [*keys, *strata]):
        if group.graded:
            found.setdefault(group.key[: len(keys)], {})[group.key[len(keys) :]] = group
    return found


def stratify(pair: Pair, parts: dict[Key, dict[Key, Group]]) -> Strata:
    """Pair two groups stratum by stratum.

    Parameters
    ----------
    pair : Pair
    parts : dict
        What `split` returns.

    Returns
    -------
    Strata
    """
    candidate, baseline = (parts.get(g.key, {}) for g in (pair.candidate, pair.baseline))
    shared = [s for s in candidate if s in baseline]
    graded = sum(g.graded for side in (candidate, baseline) for s, g in side.items() if s not in shared)
    return Strata(tuple(Pair(candidate[s], baseline[s]) for s in shared), graded)


def infer_standardized(strata: Strata, scope: str, method: str | None = None) -> Inference:
    """Judge the difference of the rates standardized to the same mix of strata.

    Parameters
    ----------
    strata : Strata
    scope : {"fixed", "sampled"}
    method : str, optional
        Of the interval within each stratum.

    Returns
    -------
    Inference
        MOVER over the strata (Zou 2008, equation 4), the p value by inversion. All of [-1, 1] without shared strata.

    References
    ----------
    Kitagawa (1955) JASA 50:1168. Zou (2008) Am. J. Epidemiol. 168:212.
    """
    if not strata.pairs:
        return Inference(lambda level: (-1.0, 1.0), float("nan"), "no shared stratum", "none")
    each = [infer(p, scope, method) for p in strata.pairs]
    weights, parts = strata.weights, np.array([p.difference for p in strata.pairs])
    center = float(weights @ parts)

    def limits(level: float) -> tuple[float, float]:
        low, high = np.array([i.limits(level) for i in each]).T
        below, above = (float(np.sqrt(((weights * d) ** 2).sum())) for d in (parts - low, high - parts))
        return max(center - below, -1.0), min(center + above, 1.0)

    return Inference(limits, p_by_inversion(limits), "mover over strata", "inversion of the interval", center)


def infer_stratified(strata: Strata, scope: str) -> Inference:
    """Judge the common difference over strata.

    Parameters
    ----------
    strata : Strata
    scope : {"fixed", "sampled"}

    Returns
    -------
    Inference
        Miettinen and Nurminen's with Mantel-Haenszel weights and the Cochran-Mantel-Haenszel test where the runs of
        each stratum are independent; else `infer_standardized`.

    References
    ----------
    Mantel & Haenszel (1959) JNCI 22:719. Miettinen & Nurminen (1985) Stat. Med. 4:213.
    """
    if not strata.pairs or any(pair_design(p, scope) != "independent" for p in strata.pairs):
        return infer_standardized(strata, scope)
    counts = _counts(strata)
    estimate = float(stratified_miettinen_nurminen(*counts).estimate)

    def limits(level: float) -> tuple[float, float]:
        found = stratified_miettinen_nurminen(*counts, level)
        return float(found.low), float(found.high)

    p = float(cochran_mantel_haenszel(*counts)[1])
    name = "miettinen-nurminen with Mantel–Haenszel weights"
    return Inference(limits, p, name, "Cochran–Mantel–Haenszel test", estimate)


def homogeneity(strata: Strata) -> Homogeneity:
    """Test whether the odds ratio is the same in all strata (Breslow and Day, with Tarone's correction).

    Parameters
    ----------
    strata : Strata

    Returns
    -------
    Homogeneity
        NaN with fewer than two shared strata.
    """
    if len(strata.pairs) < 2:
        return Homogeneity(float("nan"), float("nan"), float("nan"))
    return Homogeneity(*map(float, breslow_day(*_counts(strata))))


def _counts(strata: Strata) -> tuple[list[int], list[int], list[int], list[int]]:
    sides = [(p.candidate, p.baseline) for p in strata.pairs]
    c, b = [c for c, _ in sides], [b for _, b in sides]
    return [g.shown for g in c], [g.graded for g in c], [g.shown for g in b], [g.graded for g in b]
