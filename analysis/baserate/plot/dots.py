"""Rates as dots with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from baserate.errors import BaserateError
from baserate.model import Estimates
from baserate.plot import canvas
from baserate.plot.canvas import PAPER, SMALL, SOFT
from baserate.plot.captions import method_line
from baserate.rate_table import Rates
from baserate.text import in_words, interval, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "osD^vPX*"


def rates(result: Rates | Estimates, ax: Axes | None = None) -> Axes:
    """Draw rates as dots with their intervals, one row a group.

    A second `by` column is drawn in color and marker. Where runs have no verdict, a thin line spans the rates possible
    had all been graded.

    Parameters
    ----------
    result : Rates or Estimates
        By one or two columns, or by none; or the rates of a model.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The x axis is in percent, 0 to 100; row i lies at y = i.

    Raises
    ------
    BaserateError
        If the result is not of rates, or by more than two columns.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> axes = br.plot.rates(br.rates(runs, "blackmail", by="version"))
    """
    require_rates(result, "rates", (0, 1, 2))
    table, groups, hues = _rows(result)
    with canvas.look():
        row = max(0.2 + 0.15 * canvas.lines(groups), 0.38 if len(hues) == 1 else 0.12 + 0.2 * len(hues))
        ax = canvas.make_axes(ax, len(groups) * row + 1.05 + (0.3 if len(hues) > 1 else 0))
        canvas.row_axis(ax, groups)
        for place, (hue, part) in enumerate(table.groupby("_hue", sort=False)):
            _draw(ax, part, _color(place, len(hues)), _MARKERS[place % len(_MARKERS)], str(hue) or "_estimate")
        of = "graded runs with" if isinstance(result, Rates) else "modeled rate of"
        _percent_axis(ax, f"{of} {in_words(result.outcome)}")
        if len(hues) == 1:
            _numbers(ax, table)
        else:
            _counts(ax, table)
            _legend(ax, in_words(result.by[1]))
        by = " and ".join(map(in_words, result.by))
        title = canvas.sentence(in_words(result.outcome)) + (f" by {by}" if by else "")
        canvas.heading(ax, title, _caption(result), above=8 if len(hues) == 1 else 16)
    return ax


def require_rates(result: object, what: str, columns: tuple[int, ...]) -> None:
    """Raise unless a result is of rates, by as many columns as can be drawn.

    Parameters
    ----------
    result : object
        What the user handed over.
    what : str
        Name of the plot, for the message.
    columns : tuple of int
        The numbers of `by` columns it draws.

    Raises
    ------
    BaserateError
    """
    if not (isinstance(result, Rates) or (isinstance(result, Estimates) and result.quantity == "rate")):
        raise BaserateError(
            f"plot.{what} draws what rates() or model.rates() returns; got {type(result).__name__}. "
            "For differences and odds ratios use plot.forest."
        )
    if len(result.by) not in columns:
        raise BaserateError(
            f"plot.{what} draws rates by {' or '.join(map(str, columns))} columns; these are by {len(result.by)}"
            f" ({', '.join(result.by) or 'none'}). Call rates(…, by=[…]) with as many."
        )


def _rows(result: Rates | Estimates) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Give each rate its place: the row of its group, and beside the others of that group."""
    table = result.table.assign(both_low=result.table.get("both_low"), both_high=result.table.get("both_high"))
    first = table[result.by[0]].astype(str) if result.by else pd.Series("all runs", index=table.index)
    second = table[result.by[1]].astype(str) if len(result.by) > 1 else pd.Series("", index=table.index)
    groups, hues = list(dict.fromkeys(first)), list(dict.fromkeys(second))
    step = 0.8 / len(hues)
    dodge = {hue: (i - (len(hues) - 1) / 2) * step for i, hue in enumerate(hues)}
    table["_hue"] = second
    table["_y"] = [groups.index(group) + dodge[hue] for group, hue in zip(first, second, strict=True)]
    return table, [canvas.wrap(group) for group in groups], hues


def _draw(ax: Axes, part: pd.DataFrame, color: Any, marker: str, label: str) -> None:
    known = part[part["n"] > 0]
    ungraded = part[(part["missing"] > 0) & part["both_low"].notna()]
    canvas.bounds(ax, ungraded["_y"], 100 * ungraded["both_low"], 100 * ungraded["both_high"])
    canvas.intervals(ax, known["_y"], 100 * known["conf_low"], 100 * known["conf_high"], color)
    dots: dict[str, Any] = {"markersize": 7, "markeredgecolor": PAPER, "clip_on": False, "zorder": 3}
    if len(known):
        ax.plot(100 * known["estimate"], known["_y"], marker, color=color, label=label, **dots)


def _color(place: int, of: int) -> Any:
    return canvas.colors(of)[place]


def _numbers(ax: Axes, table: pd.DataFrame) -> None:
    """Write rate and interval beside each row, and under them what they rest on."""
    rates = [
        f"{percent(rate)} {interval(low, high)}" if n else "no graded runs"
        for rate, low, high, n in zip(*(table[c] for c in ("estimate", "conf_low", "conf_high", "n")), strict=True)
    ]
    counts = [
        f"{k}/{n}" + (f", {missing} ungraded" if missing else "")
        for k, n, missing in zip(table["events"], table["n"], table["missing"], strict=True)
    ]
    canvas.beside(ax, table["_y"], rates, va="bottom")
    canvas.beside(ax, table["_y"], counts, va="top", size=SMALL, color=SOFT)


def _counts(ax: Axes, table: pd.DataFrame) -> None:
    """Write counts beside each rate, in columns, where there is no room for more."""
    counts = [f"{k}/{n}" for k, n in zip(table["events"], table["n"], strict=True)]
    start = canvas.beside(ax, table["_y"], counts, header="events / graded", ha="right")
    if table["missing"].any():
        canvas.beside(ax, table["_y"], table["missing"].astype(str), start, "ungraded", ha="right", color=SOFT)


def _percent_axis(ax: Axes, label: str) -> None:
    ax.set_xlim(-1.5, 101.5)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}%")
    ax.set_xlabel(label)


def _legend(ax: Axes, title: str) -> None:
    """Put the legend below the axis label, whatever the height of the axes."""
    from matplotlib.transforms import offset_copy

    below = offset_copy(ax.transAxes, canvas.whole_figure(ax), y=-31, units="points")
    ax.legend(
        title=title,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        bbox_transform=below,
        ncols=3,
        frameon=False,
        alignment="left",
        handletextpad=0.3,
    )


def _caption(result: Rates | Estimates) -> str:
    if not result.table["missing"].any() or "worst_low" not in result.table:
        return method_line(result)
    return f"{method_line(result)}. Thin line: had all ungraded runs been no, or yes"
