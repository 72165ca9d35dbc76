"""The rate along a number, as a model predicts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from baserate.errors import BaserateError
from baserate.model import Estimates
from baserate.plot import canvas
from baserate.plot.captions import method_line
from baserate.text import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "--", ":", "-.")


def curve(result: Estimates, ax: Axes | None = None) -> Axes:
    """Draw the predicted rate along a number, with its interval as a band.

    Parameters
    ----------
    result : Estimates
        What `LogisticModel.curve` returned; by one factor, a curve a level.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The y axis is in percent, 0 to 100.

    Raises
    ------
    BaserateError
        If the result is no curve.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> runs["temperature"] = runs["epoch"] / 10
    >>> axes = br.plot.curve(br.fit(runs, "blackmail ~ version + temperature").curve("temperature", "version"))
    """
    number = _number(result)
    groups = [name for name in result.by if name != number]
    table = result.table
    names = table[groups].astype(str).agg(", ".join, axis=1) if groups else pd.Series("", index=table.index)
    with canvas.look():
        ax = canvas.make_axes(ax, 3.6)
        for place, (name, rows) in enumerate(table.groupby(names, sort=False)):
            color = f"C{place}"
            x = rows[number].astype(float)
            ax.fill_between(x, 100 * rows["conf_low"], 100 * rows["conf_high"], color=color, alpha=0.15, linewidth=0)
            ax.plot(x, 100 * rows["estimate"], _DASHES[place % 4], color=color, label=str(name) or "_curve")
        ax.set(ylim=(0, 100), xlabel=in_words(number), ylabel=f"rate of {in_words(result.outcome)}, %")
        ax.margins(x=0)
        if groups:
            ax.legend(title=" and ".join(map(in_words, groups)), frameon=False)
        title = f"{canvas.sentence(in_words(result.outcome))} along {in_words(number)}"
        canvas.heading(ax, title, method_line(result))
    return ax


def _number(result: object) -> str:
    if isinstance(result, Estimates) and result.quantity == "rate":
        numbers = [name for name in result.by if pd.api.types.is_float_dtype(result.table[name])]
        if len(numbers) == 1:
            return numbers[0]
    raise BaserateError(f"plot.curve draws what model.curve() returns; got {type(result).__name__}.")
