"""Differences and odds ratios as a forest plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from baserate.plot import canvas
from baserate.plot.canvas import GRID, PAPER, SMALL, SOFT, TEXT
from baserate.plot.effects import Effects, effects

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def forest(result: Any, ax: Axes | None = None) -> Axes:
    """Draw differences or odds ratios with their intervals, one row each, and the verdict beside it.

    A limit beyond the axis ends in an arrow; the numbers beside the row are never cut.

    Parameters
    ----------
    result : Comparison or Estimates
        Differences between versions, the contrasts of a model, or its odds ratios.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The x axis is in percentage points, or logarithmic for ratios.

    Raises
    ------
    BaserateError
        If the result holds neither differences nor ratios.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> axes = br.plot.forest(br.compare(runs, "blackmail", baseline="old"))
    """
    return draw_effects(effects(result), ax)


def draw_effects(shown: Effects, ax: Axes | None = None) -> Axes:
    """Draw rows of estimates with intervals.

    Parameters
    ----------
    shown : Effects
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
    """
    labels, rows = _with_headings(shown.rows)
    with canvas.look():
        row = (0.26 if rows["counts"].any() else 0.13) + 0.165 * canvas.lines(labels)
        ax = canvas.make_axes(ax, len(labels) * row + 1.15)
        canvas.row_axis(ax, labels)
        _effect_axis(ax, shown)
        _draw_effects(ax, rows)
        _words(ax, rows)
        _label_counts(ax, rows)
        for i in set(range(len(labels))) - set(rows["_y"]):
            ax.get_yticklabels()[i].set_fontweight("bold")
        canvas.heading(ax, shown.title, shown.caption)
    return ax


def _with_headings(rows: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    """Make room for a heading above each group of rows."""
    labels: list[str] = []
    places = []
    group = ""
    for row in rows.itertuples():
        if row.group != group:
            group = str(row.group)
            labels += [group] if group else []
        places.append(len(labels))
        labels.append(str(row.label))
    return labels, rows.assign(_y=places)


def _effect_axis(ax: Axes, shown: Effects) -> None:
    """Set limits that hold every finite number, up to a ratio of a thousand, and mark where there is no effect."""
    numbers = shown.rows[["estimate", "low", "high", "worst_low", "worst_high"]].to_numpy(float)
    finite = numbers[np.isfinite(numbers) & ((numbers > 0) | (not shown.log))]
    band = _band(shown)
    marks = [mark for mark in (shown.reference, *band) if not np.isnan(mark)]
    low, high = min([*finite, *marks], default=0.0), max([*finite, *marks], default=1.0)
    if shown.log:
        ax.set_xscale("log")
        low, high = min(max(low, 1e-3) / 1.3, 0.5), max(min(high, 1e3) * 1.3, 2.0)
        ax.set_xlim(low, high)
        ticks = [tick for tick in _ratio_ticks(high / low) if low <= tick <= high]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    else:
        pad = 0.06 * max(high - low, 10.0 if shown.signed else 0.1)
        ax.set_xlim(low - pad, high + pad)
        ax.xaxis.set_major_formatter(
            lambda value, _: (f"{value:+g}" if shown.signed and value else f"{value:g}").replace("-", "−")
        )
    if band:
        ax.axvspan(*band, color=GRID, alpha=0.8, linewidth=0, zorder=0, label="_margin")
    if not np.isnan(shown.reference):
        ax.axvline(shown.reference, color=SOFT, linewidth=1.0, zorder=1, label="_reference")
    ax.set_xlabel(shown.axis)


def _band(shown: Effects) -> tuple[float, ...]:
    """Return the two ends of the band of equivalence, or nothing."""
    if shown.margin is None:
        return ()
    return (1 / shown.margin, shown.margin) if shown.log else (-shown.margin, shown.margin)


def _ratio_ticks(span: float) -> tuple[float, ...]:
    """Choose ticks of a logarithmic axis, fewer the more decades there are."""
    if span < 50:
        return (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    if span < 500:
        return (0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50, 100)
    return (0.001, 0.01, 0.1, 1, 10, 100, 1000) if span < 20_000 else (0.01, 1, 100)


def _draw_effects(ax: Axes, rows: pd.DataFrame) -> None:
    left, right = ax.get_xlim()
    accent = canvas.colors(1)[0]
    known = rows[rows["low"].notna() & rows["high"].notna()]
    ungraded = rows[rows["worst_low"].notna()]
    canvas.bounds(ax, ungraded["_y"], ungraded["worst_low"], ungraded["worst_high"])
    canvas.intervals(ax, known["_y"], known["low"].clip(left), known["high"].clip(upper=right))
    arrow: dict[str, Any] = {
        "color": accent,
        "markersize": 6,
        "clip_on": False,
        "linestyle": "none",
        "zorder": 3,
    }
    for end, marker, cut in ((left, "<", known[known["low"] < left]), (right, ">", known[known["high"] > right])):
        if len(cut):
            ax.plot([end] * len(cut), cut["_y"], marker, label="_beyond", **arrow)
    dots: dict[str, Any] = {"markersize": 6, "markeredgewidth": 1.6, "linestyle": "none", "zorder": 4}
    within = rows[rows["estimate"].between(left, right)]
    for decided, part in within.groupby("decided"):
        face = accent if decided else PAPER
        ax.plot(
            part["estimate"],
            part["_y"],
            "o",
            markerfacecolor=face,
            markeredgecolor=accent,
            label="_estimate",
            **dots,
        )


def _words(ax: Axes, rows: pd.DataFrame) -> None:
    """Write verdict and numbers to the right of each row."""
    for words, part in rows.groupby("words", sort=False):
        weight = "bold" if words and part["decided"].all() else "normal"
        canvas.beside(ax, part["_y"], part["words"], va="bottom", weight=weight)
    bare = rows["words"] == ""
    canvas.beside(ax, rows.loc[~bare, "_y"], rows.loc[~bare, "numbers"], va="top", size=SMALL, color=SOFT)
    canvas.beside(ax, rows.loc[bare, "_y"], rows.loc[bare, "numbers"])


def _label_counts(ax: Axes, rows: pd.DataFrame) -> None:
    """Write the counts under the label of each row, and center the two on the row."""
    from matplotlib.transforms import ScaledTranslation

    counted = rows[rows["counts"] != ""]
    ax.yaxis.remove_overlapping_locs = False
    ax.set_yticks(counted["_y"], counted["counts"], minor=True, size=SMALL, color=SOFT, va="top")
    ax.tick_params(axis="y", which="minor", length=0)
    for counts, y in zip(ax.get_yticklabels(minor=True), counted["_y"], strict=True):
        label = ax.get_yticklabels()[y]
        label.set_verticalalignment("bottom")
        drop = 0.5 * canvas.line_height(TEXT) * label.get_text().count("\n")
        for text in (label, counts):
            text.set_transform(text.get_transform() + ScaledTranslation(0, -drop / 72, ax.figure.dpi_scale_trans))
