"""Counts of cells, flat, and the weights that make a rate of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans, Ints


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts of cells, flat: each of one group, one condition, one prompt; arrays of shape (cells,).

    Attributes
    ----------
    group, condition, prompt, unit : ndarray of int
    n, events, missing : ndarray
    """

    group: Ints
    condition: Ints
    prompt: Ints
    unit: Ints
    n: Floats
    events: Floats
    missing: Floats

    def where(self, keep: npt.NDArray[np.bool_]) -> Cells:
        """Keep some cells."""
        return Cells(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    def ungraded_as(self, yes: npt.ArrayLike) -> Cells:
        """Take all ungraded runs as graded: as a yes in the groups named, as a no in the others.

        Parameters
        ----------
        yes : array_like of bool
            One, or one a cell.
        """
        more = np.where(np.broadcast_to(np.asarray(yes), self.n.shape), self.missing, 0.0)
        return replace(self, n=self.n + self.missing, events=self.events + more, missing=np.zeros_like(self.missing))


def weigh(cells: Cells, groups: int, weight: Floats, weights: str) -> CellMeans:
    """Weigh graded cells: prompts within conditions, conditions within groups.

    Parameters
    ----------
    cells : Cells
    groups : int
    weight : ndarray, shape (conditions,)
        The mix; in each group that of the conditions it ran, to sum to one.
    weights : {"prompts", "runs"}
        With "runs" each run counts once, in the mix that the group was run in.

    Returns
    -------
    CellMeans
    """
    graded = cells.where((cells.n > 0) & (weight[cells.condition] > 0))
    conditions = max(len(weight), 1)
    found, stratum = np.unique(graded.group * conditions + graded.condition, return_inverse=True)
    group, condition = found // conditions, found % conditions
    runs = np.bincount(stratum, graded.n, len(found))
    if weights == "runs":
        share, raw = graded.n / runs[stratum], runs
    else:
        share, raw = 1 / np.bincount(stratum, minlength=len(found))[stratum], weight[condition]
    total = np.bincount(group, raw, groups)
    return CellMeans(stratum, graded.unit, graded.events, graded.n, share, group, raw / total[group], groups)


def merged(cells: Cells) -> Cells:
    """Add up cells that differ by columns that are neither of groups nor of conditions."""
    sizes = [int(a.max(initial=0)) + 1 for a in (cells.group, cells.condition, cells.prompt, cells.unit)]
    key = ((cells.group.astype(np.int64) * sizes[1] + cells.condition) * sizes[2] + cells.prompt) * sizes[
        3
    ] + cells.unit
    found, place = np.unique(key, return_inverse=True)
    if len(found) == len(key):
        return cells
    rest, unit = np.divmod(found, sizes[3])
    rest, prompt = np.divmod(rest, sizes[2])
    group, condition = np.divmod(rest, sizes[1])

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(place, values, len(found)), dtype=np.float64)

    return Cells(group, condition, prompt, unit, *map(summed, (cells.n, cells.events, cells.missing)))
