"""The figure of any result, with words and colors of one's own."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from baserate.annotations import checked
from baserate.checks import SelfTest
from baserate.comparison import Comparison
from baserate.errors import BaserateError, did_you_mean
from baserate.escape import printable
from baserate.model import Estimates, LogisticModel
from baserate.model.diagnosis import Diagnosis
from baserate.pathway import Paths
from baserate.plot import canvas
from baserate.plot.curves import curve
from baserate.plot.diagnosis import calibration
from baserate.plot.dots import rates
from baserate.plot.intervals import draw_effects, forest
from baserate.plot.others import SHOWN, others
from baserate.plot.paths import paths
from baserate.plot.power_curve import power_curve
from baserate.rate_result import Rates


@checked
def draw(
    result: Any,
    ax: Any = None,
    *,
    title: str | None = None,
    caption: str | None = None,
    order: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    palette: Any = None,
) -> Any:
    """Draw a result as the figure that fits it.

    Parameters
    ----------
    result : object
        What a function of this package returns.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    title, caption : str, optional
        In place of those that the result makes.
    order : sequence of str, optional
        Levels of the first column that names rows, from the top; those left out follow in their order.
    labels : mapping of str to str, optional
        What to call levels: ``{"mockllm/mock-3": "Mock 3"}``.
    palette : str or sequence of str, optional
        A palette of seaborn by name, or colors.

    Returns
    -------
    Axes

    Raises
    ------
    BaserateError
        If the result has no figure, `order` names a level that is not there, or `palette` is none.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> axes = br.rates(runs, "blackmail").plot(title="Blackmail", order=["new", "old"], palette="dark:green")
    """
    with canvas.colored(palette):
        ax = _figure(result)(_named(_ordered(result, order), labels), ax)
    for kind, text in (("title", title), ("caption", caption)):
        for artist in ax.texts:
            if text is not None and artist.get_gid() == kind:
                size = canvas.TITLE * 1.1 if kind == "title" else canvas.SMALL
                artist.set_text(textwrap.fill(printable(text), canvas.characters(ax, size)))
    return ax


def _figure(result: Any) -> Any:
    if isinstance(result, LogisticModel):
        return lambda model, ax: forest(model.odds_ratios(), ax)
    if isinstance(result, Rates):
        return rates
    if isinstance(result, Estimates):
        if result.quantity != "rate":
            return forest
        return curve if any(pd.api.types.is_numeric_dtype(result.table[name]) for name in result.by) else rates
    for kind, figure in ((Comparison, forest), (Paths, paths), (Diagnosis, calibration), (SelfTest, power_curve)):
        if isinstance(result, kind):
            return figure
    if isinstance(result, SHOWN):
        return lambda told, ax: draw_effects(others(told), ax)
    raise BaserateError(f"{type(result).__name__} has no figure.")


def _naming(result: Any) -> list[str]:
    """List the columns of a result that name its rows."""
    known = (*getattr(result, "by", ()), "candidate", "baseline", "version", "awareness", "check", "term")
    return [name for name in dict.fromkeys(known) if name in result.table]


def _ordered(result: Any, order: Sequence[str] | None) -> Any:
    if order is None:
        return result
    column = next(iter(_naming(result)), None)
    levels = [] if column is None else list(dict.fromkeys(result.table[column].astype(str)))
    for level in order:
        if level not in levels:
            raise BaserateError(f"order= names {level!r}, which is not drawn.{did_you_mean(level, levels)}")
    places = {level: place for place, level in enumerate([*order, *(x for x in levels if x not in order)])}
    rows = result.table[column].astype(str).map(places).sort_values(kind="stable").index
    return dataclasses.replace(result, table=result.table.loc[rows].reset_index(drop=True))


def _named(result: Any, labels: Mapping[str, str] | None) -> Any:
    if not labels:
        return result
    table = result.table
    for column in _naming(result):
        table[column] = [labels.get(str(level), str(level)) for level in table[column]]
    return dataclasses.replace(result, table=table)
