"""The look of the figures: one accent color, legible type, and words beside the marks they belong to."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pandas as pd

from baserate.errors import BaserateError, shown
from baserate.escape import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

INK = "#14202b"  # text
SOFT = "#5d6975"  # text that explains
FAINT = "#98a2ac"  # bounds that are not intervals
EDGE = "#b9c1c9"  # the axis
GRID = "#e4e8ec"
ACCENT = "#0173b2"  # the first of seaborn's color-blind safe palette
PAPER = "#ffffff"
ON_LIGHT, ON_DARK = "#14202c", "#fefefe"  # type on a shade that does not change with the page's colors

WIDTH = 5.2  # inches: scaled down to one column of a paper (3.4 inches), the smallest type is still 5 points
TITLE, TEXT, SMALL = 11.0, 9.5, 8.0  # points
_PAD = 0.08  # inches around the figure
_LINE = 1.32  # line height, in sizes
_LETTER, _DIGIT = 0.55, 0.62  # mean widths of characters, in sizes
MOST_LABEL = 24  # characters of a row's label before it wraps

FONTS = ["DejaVu Sans", "Verdana", "Arial", "sans-serif"]  # comes with matplotlib; Verdana is as wide

_STYLE = {
    "axes.edgecolor": EDGE,
    "axes.labelcolor": INK,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "font.family": ["sans-serif"],
    "font.sans-serif": FONTS,
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": INK,
}

_LITERAL: Any = {"text.parse_math": False, "text.usetex": False}  # a name such as "$x^2$" is shown as it is

_SIZES = {
    "axes.labelsize": TEXT,
    "axes.linewidth": 0.8,
    "font.size": TEXT,
    "grid.linewidth": 0.8,
    "legend.fontsize": TEXT,
    "legend.title_fontsize": TEXT,
    "hatch.linewidth": 0.6,
    "xtick.labelsize": TEXT - 0.5,
    "ytick.labelsize": TEXT,
}


_PALETTE: ContextVar[str | Sequence[str] | None] = ContextVar("palette", default=None)


@contextmanager
def colored(palette: str | Sequence[str] | None) -> Iterator[None]:
    """Draw in the colors of a palette: seaborn's, by its name, or a list."""
    before = _PALETTE.set(palette)
    try:
        _require_colors(palette)
        yield
    finally:
        _PALETTE.reset(before)


def _require_colors(palette: str | Sequence[str] | None) -> None:
    try:
        colors(1)
    except (ValueError, TypeError) as error:
        raise BaserateError(f"palette={palette!r} is no palette of seaborn, nor a list of colors: {error}.") from None


def colors(number: int) -> list[Any]:
    """Choose so many colors; one alone is the accent of the house, unless a palette was chosen."""
    import seaborn as sns

    palette = _PALETTE.get()
    if palette is None and number == 1:
        return [ACCENT]
    return list(sns.color_palette(palette or "colorblind", number))


@contextmanager
def look() -> Iterator[None]:
    """Draw in seaborn's whitegrid style, in this package's colors and sizes, and leave the user's settings alone."""
    import matplotlib as mpl
    import seaborn as sns

    style, context = sns.axes_style("whitegrid", _STYLE), sns.plotting_context("paper", rc=_SIZES)
    with style, context, mpl.rc_context(_LITERAL), without_advice():
        yield


@contextmanager
def without_advice() -> Iterator[None]:
    """Leave out what matplotlib says of signs that a font lacks, and of long names that leave no room."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def make_axes(ax: Axes | None, height: float, width: float = WIDTH) -> Axes:
    """Take the axes given, or make a figure for them.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw.
    height, width : float
        Size of the new figure, in inches.

    Returns
    -------
    Axes
    """
    if ax is not None:
        if not hasattr(ax, "annotate"):
            raise BaserateError(f"ax must be Axes of matplotlib; got {shown(ax)}. Leave it out for a new figure.")
        return ax
    import matplotlib.pyplot as plt
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = ConstrainedLayoutEngine(w_pad=_PAD, h_pad=_PAD)
    made: Axes = plt.subplots(figsize=(width, height), layout=engine)[1]
    return made


def whole_figure(ax: Axes) -> Figure:
    """Return the figure that axes stand in, also if they stand in a part of it."""
    return ax.figure.canvas.figure


def sentence(text: str) -> str:
    """Begin with a capital letter, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def wrap(text: object, width: int = MOST_LABEL) -> str:
    """Break a long label into lines, at hyphens and spaces where it has them."""
    shown = printable(text)
    return "\n".join(textwrap.wrap(shown, width)) or shown


def lines(texts: Sequence[str]) -> int:
    """Count the lines of the tallest text."""
    return max((text.count("\n") + 1 for text in texts), default=1)


def line_height(size: float) -> float:
    """Return the height of a line of type, in points."""
    return _LINE * size


def heading(ax: Axes, title: str, caption: str, above: float = 8.0) -> None:
    """Write title and caption over the axes, flush with the left edge of the row labels.

    Parameters
    ----------
    ax : Axes
        Below the heading.
    title, caption : str
        The caption is wrapped to the width of the figure.
    above : float
        Points between axes and caption.
    """
    below = textwrap.fill(printable(caption), characters(ax, SMALL))
    rise = above + line_height(SMALL) * (below.count("\n") + 1) + 4
    over = textwrap.fill(printable(title), characters(ax, TITLE * 1.1))

    def left(renderer: RendererBase) -> Bbox:
        return ax.yaxis.get_tightbbox(renderer) or ax.get_window_extent(renderer)

    place: Any = {"xycoords": (left, "axes fraction"), "textcoords": "offset points", "va": "bottom", "ha": "left"}
    had = (*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both"), ax.xaxis.label, ax.yaxis.label)
    for label in had:  # which the axes may have had before
        label.set_parse_math(False)
    for text in (
        ax.annotate(over, (0, 1), (0, rise), gid="title", size=TITLE, weight="bold", **place),
        ax.annotate(below, (0, 1), (0, above), gid="caption", size=SMALL, color=SOFT, linespacing=1.25, **place),
    ):
        text.set_in_layout(False)  # its left edge follows from the layout
    strut = "\n".join(" " * len(over.split("\n")))
    ax.annotate(strut, (0, 1), (0, rise), xycoords="axes fraction", textcoords="offset points", size=TITLE, va="bottom")


def characters(ax: Axes, size: float) -> int:
    """Count the characters of a size that fit the width of the axes with their labels."""
    columns = spec.get_gridspec().ncols if (spec := ax.get_subplotspec()) else 1
    share = 0.97 if columns == 1 else 0.85  # columns differ in width
    return int(share * 72 * whole_figure(ax).get_figwidth() / columns / (size * _LETTER))


def beside(
    ax: Axes,
    ys: Sequence[float],
    texts: Sequence[str],
    start: float = 8.0,
    header: str = "",
    **style: Any,
) -> float:
    """Write a column of texts to the right of the axes.

    Parameters
    ----------
    ax : Axes
        To the left of the column.
    ys : sequence of float
        Where each text goes, in data units.
    texts : sequence of str
        One a row.
    start : float
        Points between the axes and the column.
    header : str
        Written over the column.
    **style
        Passed to `Axes.annotate`; ``ha="right"`` sets numbers flush right.

    Returns
    -------
    float
        Where the next column can start, in points.
    """
    size = style.setdefault("size", TEXT - 0.5)
    broad = max((len(text) for text in texts), default=0)
    width: float = max(_DIGIT * size * broad, _LETTER * SMALL * len(header))
    x = start + (width if style.get("ha") == "right" else 0)
    for y, text in zip(ys, texts, strict=True):
        place: Any = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "annotation_clip": False}
        ax.annotate(text, (1, y), (x, 0), **{"va": "center", **place, **style})
    if header:
        aligned = {"ha": style.get("ha", "left"), "va": "bottom", "size": SMALL, "color": SOFT}
        ax.annotate(header, (1, 1), (x, 3), xycoords="axes fraction", textcoords="offset points", **aligned)
    return start + width + 12


def row_axis(ax: Axes, labels: Sequence[str]) -> None:
    """Set one row a label, the first on top, with grid lines for the values only.

    Parameters
    ----------
    ax : Axes
        Row i gets the data coordinate y = i.
    labels : sequence of str
        From top to bottom.
    """
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_yticks(range(len(labels)), labels)
    ax.tick_params(length=0)
    ax.tick_params(axis="y", which="both", pad=7)
    ax.grid(visible=False, axis="y")
    ax.locator_params(axis="x", nbins=5)
    ax.set_axisbelow(True)
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)


def intervals(ax: Axes, ys: pd.Series, low: pd.Series, high: pd.Series, color: Any = None) -> None:
    """Draw confidence intervals as thick lines."""
    ax.hlines(ys, low, high, colors(1)[0] if color is None else color, linewidth=2.4, zorder=2, label="_interval")


def bounds(ax: Axes, ys: pd.Series, low: pd.Series, high: pd.Series) -> None:
    """Draw, thin and behind the intervals, what would be possible had every run been graded."""
    if len(ys) == 0:
        return  # matplotlib lays out an empty line as if it lay at the corner of the figure
    ax.hlines(ys, low, high, FAINT, linewidth=1.0, zorder=1, label="_worst")
    for ends in (low, high):
        ax.plot(ends, ys, "|", color=FAINT, markersize=5, zorder=1, clip_on=False)
