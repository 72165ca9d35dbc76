"""Two groups held against each other: the conditions and prompts that both ran, and what one side alone ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baserate.design.cells import Cells, weigh
from baserate.design.design import Design
from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans, Ints, distinct

Pairs = Sequence[tuple[int, int]]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PairedSides:
    """Candidates and baselines, side by side on what both ran; arrays of shape (pairs,) unless said otherwise.

    Attributes
    ----------
    pairs : sequence of (int, int)
        Groups of the design: candidate, baseline.
    cells : Cells
        Of 2m groups: the candidates of m pairs, then their baselines; units are numbered apart from pair to pair.
    weight : ndarray, shape (conditions,)
    weights : str
    shared : ndarray of bool
        Whether the sides share prompts; then each is taken on those that both ran.
    left_conditions, left_prompts, left_runs : ndarray
        Conditions, prompts and graded runs that one side alone ran.
    design : Design
    """

    pairs: Pairs
    cells: Cells
    weight: Floats
    weights: str
    shared: Bools
    left_conditions: Ints
    left_prompts: Ints
    left_runs: Floats
    design: Design

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.pairs)

    def means(self, cells: Cells | None = None) -> CellMeans:
        """Weigh both sides.

        Parameters
        ----------
        cells : Cells, optional
            Left out, all of them; else such as `Cells.ungraded_as` gives.

        Returns
        -------
        CellMeans
            Of 2m groups.
        """
        given = self.cells if cells is None else cells
        return weigh(given, 2 * len(self.pairs), self.weight, self.weights)

    def only(self, keep: Bools) -> PairedSides:
        """Keep some pairs."""
        m, place = len(self.pairs), np.cumsum(keep) - 1
        pair, side = self.cells.group % m, self.cells.group // m
        taken = self.cells.where(keep[pair])
        moved = place[pair[keep[pair]]] + side[keep[pair]] * int(keep.sum())
        fields = {name: getattr(taken, name) for name in taken.__dataclass_fields__} | {"group": moved}
        chosen = [pair for pair, kept in zip(self.pairs, keep, strict=True) if kept]
        return PairedSides(
            chosen,
            Cells(**fields),
            self.weight,
            self.weights,
            self.shared[keep],
            self.left_conditions[keep],
            self.left_prompts[keep],
            self.left_runs[keep],
            self.design,
        )


def pair_sides(design: Design, pairs: Pairs, ungraded: bool = False) -> PairedSides:
    """Take each pair on the conditions that both ran and, where they share prompts, on the prompts that both ran.

    Parameters
    ----------
    design : Design
    pairs : sequence of (int, int)
        Candidate and baseline.
    ungraded : bool
        Whether ungraded runs count as run: for what the difference could be had all been graded.

    Returns
    -------
    PairedSides
    """
    stacked = _stacked(design.cells, pairs, len(design.groups))
    m = len(pairs)
    pair, side = stacked.group % m, stacked.group // m
    graded = (stacked.n + stacked.missing if ungraded else stacked.n) > 0
    used = design.weight[stacked.condition] > 0
    conditions, prompts = len(design.weight), len(design.prompts) or 1
    both = _on_both_sides(pair * conditions + stacked.condition, side, graded & used)
    cell = (pair * conditions + stacked.condition) * prompts + stacked.prompt
    met = _on_both_sides(cell, side, graded & both) & both
    shared = np.bincount(pair[met & graded], minlength=m) > 0
    kept = both & np.where(shared[pair], met, True)
    out = graded & used & ~kept
    left = [
        distinct(pair[out & ~both], stacked.condition[out & ~both], m),
        distinct(pair[out & both], stacked.prompt[out & both], m),
    ]
    units = int(stacked.unit.max(initial=0)) + 1
    fields = {name: getattr(stacked, name)[kept] for name in stacked.__dataclass_fields__}
    fields["unit"] = pair[kept] * units + fields["unit"]
    return PairedSides(
        pairs,
        Cells(**fields),
        design.weight,
        design.weights,
        shared,
        left[0],
        left[1],
        np.asarray(np.bincount(pair[out], stacked.n[out], m), dtype=np.float64),
        design,
    )


def _stacked(cells: Cells, pairs: Pairs, groups: int) -> Cells:
    """Repeat the cells of each group for each pair that it is in."""
    order = np.argsort(cells.group, kind="stable")
    start = np.searchsorted(cells.group[order], np.arange(groups + 1))
    wanted = np.array([p[0] for p in pairs] + [p[1] for p in pairs], dtype=np.intp)
    sizes = start[wanted + 1] - start[wanted]
    offsets = np.repeat(start[wanted] - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    rows = order[np.arange(int(sizes.sum())) + offsets]
    fields = {name: getattr(cells, name)[rows] for name in cells.__dataclass_fields__}
    return Cells(**(fields | {"group": np.repeat(np.arange(len(wanted)), sizes)}))


def _on_both_sides(key: Ints, side: Ints, counted: Bools) -> Bools:
    """Tell of each cell whether its key occurs on both sides among the cells that count."""
    found, place = np.unique(key, return_inverse=True)
    seen = [np.bincount(place[counted & (side == s)], minlength=len(found)) > 0 for s in (0, 1)]
    return np.asarray((seen[0] & seen[1])[place])
