"""What would decide an inconclusive check, if the rates stay as they are: more prompts, or more runs."""

from __future__ import annotations

import math

import pandas as pd

from baserate.stats.rate import clopper_pearson, wilson

_MOST = 1e12
_FARTHEST = 1e6  # times the room between difference and margin


def more_for_rate(row: pd.Series, bound: float, limit: float, alpha: float) -> str:
    """Say what would show that a rate is at most a limit, by the same bound.

    Parameters
    ----------
    row : Series
        A row of `baserate.rate_table.Rates.table`.
    bound : float
        Its one-sided upper bound.
    limit : float
    alpha : float
        Of the bound.

    Returns
    -------
    str
        A clause, empty where the rate seen is not below the limit.
    """
    rate = float(row["estimate"]) if row["n"] else 0.0
    if not rate < limit:
        return ""
    sampled = row["prompts"] > 1 and row["n"] > row["prompts"]
    if not row["n"]:
        return f"; about {math.ceil(_worth(rate, limit, alpha, False))} more runs at this rate would show it"
    times = _worth(rate, limit, alpha, sampled) / _worth(rate, bound, alpha, sampled)
    what, size = ("prompts", int(row["prompts"])) if sampled else ("runs", int(row["n"]))
    more = max(math.ceil(size * (times - 1) - 1e-6), 1)
    rest = "; more runs of these would not do" if sampled else ""
    return f"; about {more} more {what} at this rate would show it{rest}"


def _worth(rate: float, bound: float, alpha: float, sampled: bool) -> float:
    """Return the number of independent runs at a rate whose upper bound is the one given."""

    def above(n: float) -> bool:
        between = wilson if sampled else clopper_pearson
        return bool(between(rate * n, n, 1 - 2 * alpha)[1] > bound)

    low, high = 1e-9, 1.0
    while above(high) and high < _MOST:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle) else (low, middle)
    return high


def more_for_difference(row: pd.Series, margin: float) -> str:
    """Say what would tell whether a difference lies within a margin.

    The half of the interval that faces the margin shrinks with the root of the number of runs, or of prompts.

    Parameters
    ----------
    row : Series
        A row of `baserate.comparison.Comparison.table`.
    margin : float

    Returns
    -------
    str
        A clause, empty where the difference is the margin, or all but, or a side has no graded run.
    """
    runs = min(row["n_candidate"], row["n_baseline"])
    prompts = min(row["prompts_candidate"], row["prompts_baseline"])
    room = margin - row["estimate"]
    if not runs or room == 0:
        return ""
    facing = row["conf_high"] - row["estimate"] if room > 0 else row["estimate"] - row["conf_low"]
    if abs(facing) > _FARTHEST * abs(room):
        return ""  # the margin all but is the difference
    times = (facing / room) ** 2
    if prompts > 1:
        more = max(math.ceil(prompts * (times - 1)), 1)
        return f"; about {more} more prompts at these rates would decide"
    more = max(math.ceil(runs * (times - 1)), 1)
    return f"; about {more} more runs a version at these rates would decide"
