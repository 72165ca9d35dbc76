"""Rates by two columns as a grid of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from baserate.model import Estimates
from baserate.plot import canvas
from baserate.plot.canvas import FAINT, ON_DARK, ON_LIGHT, PAPER, SMALL, SOFT, TEXT
from baserate.plot.captions import method_line
from baserate.plot.dots import require_rates
from baserate.rate_table import Rates
from baserate.text import in_words, interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHADES = "blend:#eef3f7,#8fc1e0,#0272b2,#06283d"  # evenly darker, so that it reads the same in grey
_DARK = 0.59  # the rate from which a cell is dark enough for white type
_ROW, _COLUMN = 0.62, 0.6  # inches, at least


def heatmap(result: Rates | Estimates, ax: Axes | None = None) -> Axes:
    """Draw rates by two columns as a grid of cells, each with its rate, interval and counts.

    Parameters
    ----------
    result : Rates or Estimates
        By two columns: the first gives the rows, the second the columns of the grid.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Cell (i, j) has its center at x = j + 0.5, y = i + 0.5. The darker, the higher the rate, from 0 to 100 %; a cell
        without runs is hatched.

    Raises
    ------
    BaserateError
        If the result is not of rates by two columns.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84}).assign(threat="none")
    >>> axes = br.plot.heatmap(br.rates(runs, "blackmail", by=["version", "threat"]))
    """
    require_rates(result, "heatmap", (2,))
    rows, columns = ([str(v) for v in dict.fromkeys(result.table[name])] for name in result.by)
    cells = {(str(row[result.by[0]]), str(row[result.by[1]])): row for _, row in result.table.iterrows()}
    with canvas.look():
        width = max(canvas.WIDTH, 0.09 * min(canvas.MOST_LABEL, max(map(len, rows))) + _COLUMN * len(columns))
        ax = canvas.make_axes(ax, _ROW * len(rows) + 1.3, width)
        _shade(ax, result, rows, columns)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                _write(ax, i, j, cells.get((row, column)))
        by = " and ".join(map(in_words, result.by))
        canvas.heading(ax, f"{canvas.sentence(in_words(result.outcome))} by {by}", _caption(result))
    return ax


def _shade(ax: Axes, result: Rates | Estimates, rows: list[str], columns: list[str]) -> None:
    """Color the cells from light to dark, which reads the same in grey."""
    import seaborn as sns

    wide = pd.DataFrame(float("nan"), index=rows, columns=columns)
    for row, column, rate in zip(*(result.table[name] for name in (*result.by, "estimate")), strict=True):
        wide.loc[str(row), str(column)] = rate
    shades = sns.color_palette(_SHADES, as_cmap=True)
    sns.heatmap(wide, vmin=0, vmax=1, cmap=shades, cbar=False, linewidths=2, linecolor=PAPER, ax=ax)
    breadth = max(8, 52 // len(columns))
    ax.set_xticks([j + 0.5 for j in range(len(columns))], [canvas.wrap(c, breadth) for c in columns], rotation=0)
    ax.set_yticks([i + 0.5 for i in range(len(rows))], [canvas.wrap(r) for r in rows], rotation=0)
    ax.set_xlabel(in_words(result.by[1]))
    ax.set_ylabel("")
    ax.tick_params(length=0)
    ax.grid(visible=False)


def _write(ax: Axes, i: int, j: int, cell: pd.Series | None) -> None:
    """Write rate, interval and counts into a cell, or hatch it where nothing is known."""
    if cell is None or cell["n"] == 0:
        from matplotlib.patches import Rectangle

        ax.add_patch(Rectangle((j, i), 1, 1, fill=False, hatch="////", edgecolor=FAINT, linewidth=0, label="_empty"))
        said = "no runs" if cell is None or not cell["missing"] else f"{cell['missing']}\nungraded"
        box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
        ax.text(j + 0.5, i + 0.5, said, ha="center", va="center", size=SMALL, color=SOFT, bbox=box)
        return
    color = ON_DARK if cell["estimate"] >= _DARK else ON_LIGHT
    place: dict[str, Any] = {"ha": "center", "va": "center", "color": color}
    small = SMALL - 1
    ax.text(j + 0.5, i + 0.27, f"{100 * cell['estimate']:.0f}%", size=TEXT, weight="bold", **place)
    ax.text(j + 0.5, i + 0.54, interval(cell["conf_low"], cell["conf_high"], 0), size=small, **place)
    ax.text(j + 0.5, i + 0.78, f"{cell['events']}/{cell['n']}", size=small, **place)


def _caption(result: Rates | Estimates) -> str:
    missing = int(result.table["missing"].sum())
    said = f"{method_line(result)}. In each cell rate, interval and events / graded runs"
    return said + (f"; {missing} ungraded runs left out" if missing else "")
