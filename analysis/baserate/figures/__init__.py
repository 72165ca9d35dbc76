"""The figures of a report, defined once for the report, the notebooks and the command line.

================  ===================================================================
`answer`          computes all that a report says about one outcome
`figures_of`      the figures that show it
`report_figures`  both in one step
`save`            a figure as SVG, PNG, CSV (its numbers) and JSON (their provenance)
================  ===================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baserate.annotations import Table, checked
from baserate.figures.answers import Answers as Answers
from baserate.figures.answers import answer as answer
from baserate.figures.provenance import Sources as Sources
from baserate.figures.provenance import sources as sources
from baserate.figures.provenance import totals
from baserate.figures.saving import save as save
from baserate.plot import forest, heatmap, rates
from baserate.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_NAME = 200  # bytes: file systems take 255, with the extension

__all__ = ["Answers", "Figure", "Sources", "answer", "figures_of", "report_figures", "save", "sources"]


@dataclass(frozen=True, eq=False)
class Figure:
    """One figure: what it shows, and how it is drawn.

    Attributes
    ----------
    name : str
        A file name without extension.
    title : str
        In plain words.
    result : Result
        The numbers.
    plot : callable
        One of `baserate.plot`: a result in, Axes out.
    counts : tuple of int or None
        The graded and the ungraded runs it rests on.
    """

    name: str
    title: str
    result: Result
    plot: Callable[[Any], Axes]
    counts: tuple[int, int] | None = None

    def draw(self) -> Axes:
        """Draw the figure.

        Returns
        -------
        Axes
        """
        return self.plot(self.result)

    def save(self, ax: Axes, folder: str | Path, logs: Sources | None = None) -> list[Path]:
        """Write the figure to a folder, see `save`.

        Parameters
        ----------
        ax : Axes
            What `draw` returned.
        folder : str or Path
            Made if it is not there.
        logs : Sources, optional
            What `sources` returns.

        Returns
        -------
        list of Path
        """
        return save(ax, self.result, Path(folder) / self.name, logs, self.counts)


@checked
def report_figures(
    runs: Table,
    outcome: str,
    across: str = "version",
    baseline: str | None = None,
    margin: float | None = None,
    **weighed: Any,
) -> list[Figure]:
    """Define the figures of a report.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcome, across, baseline, margin, **weighed
        As in `baserate.compare`.

    Returns
    -------
    list of Figure
        Rates; differences; a heatmap for each factor of 2 to 8 levels; odds ratios of the main effects. What cannot be
        estimated has no figure.

    Raises
    ------
    BaserateError
        If a column or level is not there.
    """
    return figures_of(answer(runs, outcome, across, baseline, margin, **weighed))


def figures_of(answers: Answers) -> list[Figure]:
    """Define the figures that show answers.

    Parameters
    ----------
    answers : Answers
        What `answer` returns.

    Returns
    -------
    list of Figure
    """
    (across,) = answers.rates.by
    outcome = answers.rates.outcome
    found = [_figure("rates_by", across, f"Rate of {outcome} by {across}", answers.rates, rates)]
    if answers.comparison is not None:
        title = f"Differences in {outcome} between {across}s"
        found.append(_figure("differences_by", across, title, answers.comparison, forest))
    for cells in answers.by_factor:
        both = " and ".join(cells.by)
        found.append(_figure("rates_by", "_and_".join(cells.by), f"Rate of {outcome} by {both}", cells, heatmap))
    if answers.model is not None and answers.odds_ratios is not None:
        title = f"Odds ratios of {outcome}, all factors together"
        counted = answers.model.design.counts
        runs = int(counted["n"].sum()), int(counted["missing"].sum())
        found.append(_figure("odds", "ratios", title, answers.odds_ratios, forest, runs))
    return found


def _figure(
    kind: str,
    of: str,
    title: str,
    result: Result,
    draw: Callable[[Any], Axes],
    counts: tuple[int, int] | None = None,
) -> Figure:
    name = re.sub(r"[^\w-]+", "-", f"{result.outcome}_{kind}_{of}")
    if len(name.encode()) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME // 4]}-{sha256(name.encode()).hexdigest()[:12]}"
    return Figure(name, title.replace("_", " "), result, draw, counts or totals(result))
