"""How many more runs would decide an inconclusive check, if the rates stay as they are."""

from __future__ import annotations

import math
from bisect import bisect_left

import pandas as pd
from scipy.special import betaincinv


def more_for_rate(row: pd.Series, limit: float, alpha: float) -> str:
    """Say how many more runs would show that a rate is at most a limit.

    Parameters
    ----------
    row : Series
        A row of `baserate.rate_table.Rates.table`.
    limit : float
    alpha : float
        Of the one-sided Clopper–Pearson limit.

    Returns
    -------
    str
        A clause, empty where the rate seen is not below the limit.
    """
    rate = float(row["estimate"]) if row["n"] else 0.0
    if not rate < limit:
        return ""

    def shown(n: int) -> bool:
        return bool(betaincinv(rate * n + 1, n - rate * n, 1 - alpha) <= limit)

    most = 1
    while not shown(most):
        most *= 2
    n = bisect_left(range(most + 1), True, lo=1, key=shown)
    worth = row["n"] / row["n_eff"] if row["n"] else 1.0  # runs that one independent run is worth
    return f"; about {max(math.ceil(n * worth) - int(row['n']), 1)} more runs at this rate would show it"


def more_for_difference(row: pd.Series, margin: float) -> str:
    """Say how many more runs would tell whether a difference lies within a margin.

    The half of the interval that faces the margin shrinks with the root of the number of runs.

    Parameters
    ----------
    row : Series
        A row of `baserate.comparison.Comparison.table`.
    margin : float

    Returns
    -------
    str
        A clause, empty where the difference is the margin, or a side has no graded run.
    """
    runs = min(row["n_candidate"], row["n_baseline"])
    room = margin - row["estimate"]
    if not runs or room == 0:
        return ""
    facing = row["conf_high"] - row["estimate"] if room > 0 else row["estimate"] - row["conf_low"]
    more = max(math.ceil(runs * ((facing / room) ** 2 - 1)), 1)
    return f"; about {more} more runs a version at these rates would decide"
