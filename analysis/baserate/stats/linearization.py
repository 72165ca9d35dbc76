"""The variance of rates over sampled units, by the influence of each unit (Taylor linearization)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from baserate.stats._arrays import Floats
from baserate.stats.cell_means import Blocks, CellMeans, Ints

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Linearized:
    """How the rates of groups vary over samples of units.

    Attributes
    ----------
    cells : CellMeans
    influence : csr_array, shape (groups, units)
        How far each unit moves each rate.
    variance : ndarray, shape (groups,)
        The sum of its squares, and of what conditions with a single unit add.
    df : ndarray, shape (groups,)
        Satterthwaite's degrees of freedom of the variance; NaN where no condition has two units.
    borrowed : ndarray of bool, shape (groups,)
        Whether a condition with a single unit took the design effect of the others.
    """

    cells: CellMeans
    influence: csr_array
    variance: Floats
    df: Floats
    borrowed: Mask


def linearize(cells: CellMeans) -> Linearized:
    """Compute the linearized variance of each group's rate, with the correction of the cluster-robust CR2.

    The influence of a unit is Σ w (ȳ − θ) / G · √(G / (G − 1)) over the conditions it occurs in; units of unequal
    weight h in a condition take 1 / √(1 − h) instead. A condition with a single unit tells nothing of how units vary:
    it takes the design effect of the group's other conditions, and at least 1.

    Parameters
    ----------
    cells : CellMeans

    Returns
    -------
    Linearized

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International
    Statistical Review 51, 279-292.
    Bell, R. M. & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. Survey Methodology 28, 169-181.
    """
    blocks = cells.blocks
    moved = _moved(blocks)
    influence = blocks.by_unit(cells.weight[blocks.stratum] * moved)
    alone, borrowed = _of_single_units(cells, blocks, moved)
    df = _degrees_of_freedom(blocks, moved)
    variance = _squared(influence)
    return Linearized(cells, influence, variance + alone, df, borrowed)


def _of_single_units(cells: CellMeans, blocks: Blocks, moved: Floats) -> tuple[Floats, Mask]:
    """Return what conditions with one unit add to the variance of each group, and where there are some."""
    single = (blocks.size == 1).astype(float)
    plain = cells.smoothed * (1 - cells.smoothed) * cells.in_strata(cells.share**2 / cells.n) * cells.weight**2
    seen = blocks.in_strata(moved**2) * cells.weight**2

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(cells.group, values, cells.groups))

    others = total(plain * (1 - single))
    effect = np.divide(total(seen), others, out=np.ones(cells.groups), where=others > 0)
    return total(plain * single) * np.maximum(effect, 1.0), total(single) > 0


def _moved(blocks: Blocks) -> Floats:
    """Return how far each block moves the rate of its stratum; 0 where the stratum has no other unit."""
    several = blocks.size[blocks.stratum] > 1
    return np.asarray(np.where(several, blocks.residual, 0.0) / np.sqrt(1 - np.where(several, blocks.share, 0.0)))


def _squared(matrix: csr_array) -> Floats:
    """Sum the squares of each row."""
    return np.asarray((matrix * matrix).sum(axis=1)).ravel()


def _degrees_of_freedom(blocks: Blocks, moved: Floats) -> Floats:
    """Return Satterthwaite's degrees of freedom, or what the units leave where nothing varies."""
    first, second = _moments(blocks, blocks.in_strata(moved**2) * blocks.cells.weight**2)
    spare = np.bincount(blocks.cells.group, np.maximum(blocks.size - 1, 0), blocks.cells.groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(second > 0, first**2 / second, np.where(spare > 0, spare, np.nan))


def _moments(blocks: Blocks, spread: Floats) -> tuple[Floats, Floats]:
    """Return trace and squared trace of the influences' covariance if units varied independently in each condition."""
    diagonal, root = _covariance_parts(blocks, spread)
    groups = blocks.cells.groups
    first = np.asarray(np.bincount(blocks.of, diagonal - root**2, groups), dtype=np.float64)
    D, B = blocks.by_unit(diagonal), blocks.by_unit(root**2)
    shape = (blocks.cells.strata, max(blocks.units, 1))
    roots = csr_array((root, (blocks.stratum, blocks.unit)), shape=shape)
    own = _same_group(roots, blocks.cells.group)
    second = np.asarray((D * D - 2 * (D * B)).sum(axis=1)).ravel() + np.bincount(blocks.cells.group, own, groups)
    return first, np.asarray(second, dtype=np.float64)


def _covariance_parts(blocks: Blocks, spread: Floats) -> tuple[Floats, Floats]:
    """Return d and b of each stratum, whose units' influences have the covariance diag(d) − b b'."""
    size = blocks.size[blocks.stratum]
    # Σ h (1 − h) / (1 − h) = 1: the trace of a stratum is its part of the variance
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(size > 1, spread[blocks.stratum] / (1 - np.where(size > 1, blocks.share, 0.0)), 0.0)
    return scale * blocks.share, np.sqrt(scale) * blocks.share


def _same_group(roots: csr_array, group: Ints) -> Floats:
    """Sum, for each stratum, the squared products of its b with those of the strata of the same group."""
    gram = (roots @ roots.T).tocoo()
    same = group[gram.row] == group[gram.col]
    return np.asarray(np.bincount(gram.row[same], gram.data[same] ** 2, len(group)))


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Two linearized sides of any number of pairs, side by side.

    Attributes
    ----------
    covariance : ndarray, shape (pairs,)
        Of the two rates, from the units that both sides have.
    df : ndarray, shape (pairs,)
        Satterthwaite's degrees of freedom of the variance of the difference.
    """

    covariance: Floats
    df: Floats


def contrast(both: Linearized) -> Contrasts:
    """Relate the first half of the groups, the candidates, to the second half, their baselines.

    Parameters
    ----------
    both : Linearized
        Of 2m groups: m candidates, then their baselines. Units must be numbered apart from pair to pair.

    Returns
    -------
    Contrasts

    References
    ----------
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics Bulletin
    2, 110-114.
    """
    m = both.cells.groups // 2
    covariance = np.asarray((both.influence[:m] * both.influence[m:]).sum(axis=1)).ravel()
    blocks = _as_one(both.cells, m).blocks
    df = _degrees_of_freedom(blocks, _moved(blocks))
    return Contrasts(covariance, df)


def _as_one(cells: CellMeans, pairs: int) -> CellMeans:
    """Take both sides of a pair as one group of twice as many strata."""
    return CellMeans(
        cells.stratum, cells.unit, cells.events, cells.n, cells.share, cells.group % pairs, cells.weight, pairs
    )


def unit_weights(cells: CellMeans) -> csr_array:
    """Return the weight of each unit in each group's rate, a matrix of groups by units."""
    blocks = cells.blocks
    return blocks.by_unit(cells.weight[blocks.stratum] * blocks.share)


def agreed_variance(cells: CellMeans, among: Mask | None = None) -> Floats:
    """Return the variance of each rate if all runs of a unit agreed, in all of its conditions.

    That is an intraclass correlation of 1, which no sample can pass.

    Parameters
    ----------
    cells : CellMeans
    among : ndarray of bool, shape (strata,), optional
        The conditions whose part of the variance is wanted.

    Returns
    -------
    ndarray, shape (groups,)
    """
    blocks = cells.blocks
    deviation = cells.weight * np.sqrt(cells.smoothed * (1 - cells.smoothed))
    part = deviation if among is None else np.where(among, deviation, 0.0)
    return _squared(blocks.by_unit(part[blocks.stratum] * blocks.share))


def partial_variance(cells: CellMeans, among: Mask) -> Floats:
    """Return the part of each rate's variance that some of its conditions make, at least that of their runs.

    Parameters
    ----------
    cells : CellMeans
    among : ndarray of bool, shape (strata,)

    Returns
    -------
    ndarray, shape (groups,)
    """
    blocks = cells.blocks
    moved = np.where(among, cells.weight, 0.0)[blocks.stratum] * _moved(blocks)
    spread = np.where(among, cells.weight**2 * cells.smoothed * (1 - cells.smoothed), 0.0)
    runs = np.bincount(cells.group, spread * cells.in_strata(cells.share**2 / cells.n), cells.groups)
    return np.maximum(_squared(blocks.by_unit(moved)), runs)


def telling_units(cells: CellMeans, among: Mask) -> Floats:
    """Return the effective number of units that show the rarer outcome of some conditions, (Σ e)² / Σ e².

    Parameters
    ----------
    cells : CellMeans
    among : ndarray of bool, shape (strata,)
        Conditions that share their rarer outcome, yes or no.

    Returns
    -------
    ndarray, shape (groups,)
        0 where no unit shows it.
    """
    rare = np.where(cells.rate[cells.stratum] <= 0.5, cells.mean, 1 - cells.mean)
    seen = np.where(among[cells.stratum], cells.pull * rare, 0.0)
    by_unit = csr_array((seen, (cells.of, cells.unit)), shape=(cells.groups, max(cells.blocks.units, 1)))
    total, squares = np.asarray(by_unit.sum(axis=1)).ravel(), _squared(by_unit)
    return np.asarray(np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0))


def effective_units(cells: CellMeans) -> Floats:
    """Return the effective number of units of each group, 1 / Σ a² for their weights a; 0 without cells."""
    blocks = cells.blocks
    squares = _squared(blocks.by_unit(cells.weight[blocks.stratum] * blocks.share))
    return np.divide(1.0, squares, out=np.zeros_like(squares), where=squares > 0)
