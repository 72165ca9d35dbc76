"""The figure that ``baserate plot`` draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from baserate.errors import BaserateError, did_you_mean

KINDS = ("rates", "differences", "odds-ratios")


def figure(
    runs: pd.DataFrame,
    outcome: str,
    kind: str,
    formula: str | None,
    question: dict[str, Any],
    weighing: dict[str, Any],
) -> Callable[..., Any]:
    """Estimate what a figure shows.

    Parameters
    ----------
    runs : DataFrame
    outcome : str
    kind : str
        One of `KINDS`.
    formula : str or None
        Of the model whose odds ratios are drawn.
    question : dict
        ``by, across, baseline, margin, level, scope``.
    weighing : dict
        ``conditions, cluster, mix, weights, accept``.

    Returns
    -------
    callable
        The result's ``plot``.

    Raises
    ------
    BaserateError
        If there is no such kind.
    """
    import matplotlib as mpl

    from baserate.comparison import compare
    from baserate.model import fit
    from baserate.rate_table import rates

    mpl.use("agg")
    shared = {name: question[name] for name in ("level", "scope")} | weighing
    if kind == "rates":
        return rates(runs, outcome, by=question["by"] or [question["across"]], **shared).plot
    if kind == "differences":
        asked = {name: question[name] for name in ("across", "baseline", "margin", "by")}
        return compare(runs, outcome, **asked, **shared).plot
    if kind == "odds-ratios":
        return fit(runs, formula or f"{outcome} ~ {question['across']}", **shared).plot
    raise BaserateError(f"--kind takes {', '.join(KINDS)}; found {kind!r}.{did_you_mean(kind, KINDS)}")
