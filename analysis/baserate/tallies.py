"""Runs, counted: what every estimate is computed from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from baserate.frames import own_frames
from baserate.layout import Layout

COUNTS = ("n", "events", "missing")


@own_frames("cells")
@dataclass(frozen=True, eq=False)
class Counts:
    """Runs, counted: all that an estimate of a graded behavior needs of them.

    Attributes
    ----------
    cells : DataFrame
        One row a cell that occurs: ``version``, the conditions and what is grouped by (categories), the cluster if one
        is named, ``prompt`` (text), then the integers ``n`` (graded runs), ``events`` and ``missing`` (runs without a
        verdict); sorted by these columns. A copy each time.
    outcome : str
        The graded behavior.
    layout : Layout
        Which of the table's columns is which.
    notes : tuple of Note
        What was filled in or taken as something.
    graders : tuple of (str, str)
        Each version that has graded runs with each of its graders, where the runs tell them.
    """

    cells: pd.DataFrame
    outcome: str
    layout: Layout
    notes: tuple[str, ...] = ()
    graders: tuple[tuple[str, str], ...] = ()

    @property
    def conditions(self) -> tuple[str, ...]:
        """The columns whose combinations were designed."""
        return self.layout.conditions

    @property
    def prompts_known(self) -> bool:
        """Whether a column tells which runs share a prompt."""
        return self.layout.prompt is not None

    def where(self, keep: Any) -> Counts:
        """Keep some cells.

        Parameters
        ----------
        keep : array_like of bool
            By row of `cells`.

        Returns
        -------
        Counts
        """
        return replace(self, cells=self.cells[keep].reset_index(drop=True))
