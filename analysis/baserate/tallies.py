"""Runs, counted: what every estimate is computed from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from baserate.frames import own_frames
from baserate.layout import Layout

COUNTS = ("n", "events", "missing")
STOPPED_COLUMNS = ("cell", "status", "accepted", "n", "events")


def _none_stopped() -> pd.DataFrame:
    return pd.DataFrame(columns=list(STOPPED_COLUMNS))


@own_frames("cells", "stopped")
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
    stopped : DataFrame
        Of runs that were stopped, but graded: ``cell`` (the row of `cells`), ``status``, ``accepted`` (whether they
        count in the cell), and by their verdicts ``n`` and ``events``. A copy each time.
    """

    cells: pd.DataFrame
    outcome: str
    layout: Layout
    notes: tuple[str, ...] = ()
    graders: tuple[tuple[str, str], ...] = ()
    stopped: pd.DataFrame = field(default_factory=_none_stopped)

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
        kept = np.flatnonzero(np.asarray(keep, dtype=bool))
        stopped = self.stopped
        stopped = stopped[stopped["cell"].isin(kept)]
        stopped = stopped.assign(cell=np.searchsorted(kept, stopped["cell"].astype("int64")))
        return replace(self, cells=self.cells.iloc[kept].reset_index(drop=True), stopped=stopped.reset_index(drop=True))
