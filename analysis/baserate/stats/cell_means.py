"""The rate of a group as a weighted mean over its conditions and prompts, and how much each unit pulls on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from baserate.stats._arrays import Floats

Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class CellMeans:
    """Cells (a group, a condition, a prompt) of any number of groups, flat.

    A stratum is one condition of one group. The rate of a stratum is the mean of its cells' shares of events, each
    weighted by `share`; the rate of a group is the mean of its strata's rates, each weighted by `weight`.

    Attributes
    ----------
    stratum : ndarray of int, shape (cells,)
        Of each cell.
    unit : ndarray of int, shape (cells,)
        The sampled unit of each cell, a prompt or a cluster of prompts; equal across groups that share it.
    events, n : ndarray, shape (cells,)
        Runs with the behavior, and graded runs; every cell has some.
    share : ndarray, shape (cells,)
        Weight of the cell; sums to one in each stratum.
    group : ndarray of int, shape (strata,)
        Of each stratum.
    weight : ndarray, shape (strata,)
        Sums to one in each group that has cells.
    groups : int
        How many groups there are; one without cells has no rate.
    """

    stratum: Ints
    unit: Ints
    events: Floats
    n: Floats
    share: Floats
    group: Ints
    weight: Floats
    groups: int

    @property
    def strata(self) -> int:
        """How many strata there are."""
        return len(self.group)

    @cached_property
    def of(self) -> Ints:
        """The group of each cell."""
        return np.asarray(self.group[self.stratum])

    @cached_property
    def mean(self) -> Floats:
        """Share of events of each cell."""
        return np.asarray(self.events / self.n)

    @cached_property
    def pull(self) -> Floats:
        """Weight of each cell in its group's rate."""
        return np.asarray(self.weight[self.stratum] * self.share)

    @cached_property
    def rate(self) -> Floats:
        """Rate of each stratum; 1 where all runs showed the behavior, whatever their weights add up to."""
        all_of_it = self.in_strata(self.events) == self.in_strata(self.n)
        return np.where(all_of_it, 1.0, self.in_strata(self.share * self.mean))

    @cached_property
    def estimate(self) -> Floats:
        """Rate of each group; NaN without cells."""
        found = np.bincount(self.group, self.weight * self.rate, self.groups)
        found = np.where(self.shown == self.graded, 1.0, found)  # and not less by what rounding takes
        return np.where(self.graded > 0, found, np.nan)

    @cached_property
    def graded(self) -> Floats:
        """Graded runs of each group."""
        return self.in_groups(self.n)

    @cached_property
    def shown(self) -> Floats:
        """Runs of each group that showed the behavior."""
        return self.in_groups(self.events)

    @cached_property
    def smoothed(self) -> Floats:
        """Rate of each stratum with half an event and half a miss added, so that it is never 0 or 1."""
        runs = self.in_strata(self.n)
        return np.asarray((self.rate * runs + 0.5) / (runs + 1))

    @cached_property
    def binomial(self) -> Floats:
        """Variance of each group's rate if runs were all that varied, at the smoothed rates."""
        spread = self.weight**2 * self.smoothed * (1 - self.smoothed)
        return np.asarray(np.bincount(self.group, spread * self.in_strata(self.share**2 / self.n), self.groups), float)

    def in_strata(self, values: Floats) -> Floats:
        """Sum values of cells over strata."""
        return np.asarray(np.bincount(self.stratum, values, self.strata))

    def in_groups(self, values: Floats) -> Floats:
        """Sum values of cells over groups."""
        return np.asarray(np.bincount(self.of, values, self.groups))

    @cached_property
    def blocks(self) -> Blocks:
        """The cells of one unit in one stratum, taken together."""
        units = int(self.unit.max(initial=-1)) + 1
        key = self.stratum.astype(np.int64) * max(units, 1) + self.unit
        found, place = np.unique(key, return_inverse=True)
        stratum, unit = found // max(units, 1), found % max(units, 1)

        def summed(values: Floats) -> Floats:
            return np.asarray(np.bincount(place, values, len(found)))

        residual = self.share * (self.mean - self.rate[self.stratum])
        return Blocks(self, stratum, unit, summed(self.share), summed(residual), units)


@dataclass(frozen=True, eq=False)
class Blocks:
    """What each sampled unit holds of each stratum.

    Attributes
    ----------
    cells : CellMeans
    stratum, unit : ndarray of int, shape (blocks,)
    share : ndarray, shape (blocks,)
        Weight of the unit in the stratum.
    residual : ndarray, shape (blocks,)
        Its part of the rate of the stratum, less that of an average unit.
    units : int
        How many units there are over all groups.
    """

    cells: CellMeans
    stratum: Ints
    unit: Ints
    share: Floats
    residual: Floats
    units: int

    @cached_property
    def of(self) -> Ints:
        """The group of each block."""
        return np.asarray(self.cells.group[self.stratum])

    @cached_property
    def size(self) -> Ints:
        """Units of each stratum."""
        return np.asarray(np.bincount(self.stratum, minlength=self.cells.strata))

    def by_unit(self, values: Floats) -> csr_array:
        """Sum values of blocks over the strata of a group: a matrix of groups by units."""
        shape = (self.cells.groups, max(self.units, 1))
        return csr_array((values, (self.of, self.unit)), shape=shape)

    def in_strata(self, values: Floats) -> Floats:
        """Sum values of blocks over strata."""
        return np.asarray(np.bincount(self.stratum, values, self.cells.strata))


def distinct(group: Ints, value: Ints, groups: int) -> Ints:
    """Count the distinct values of each group.

    Parameters
    ----------
    group, value : ndarray of int, shape (n,)
    groups : int

    Returns
    -------
    ndarray of int, shape (groups,)
    """
    span = int(value.max(initial=0)) + 1
    return np.bincount(np.unique(group.astype(np.int64) * span + value) // span, minlength=groups)
