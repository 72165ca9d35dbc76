"""Several outcomes at once: their comparisons adjusted together, in one table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from baserate.comparison.adjustment import Family
from baserate.comparison.cautions import several
from baserate.comparison.result import Comparison
from baserate.several import OUTCOME, told_once
from baserate.stats._arrays import Floats

_OF_THE_NUMBER = ("several-comparisons", "not-adjusted")


def families_of(p_values: Sequence[Floats]) -> list[Family]:
    """Make one family of the p values of several outcomes.

    Parameters
    ----------
    p_values : sequence of ndarray
        Of each outcome.

    Returns
    -------
    list of Family
        For each outcome all p values, and where its own are.
    """
    whole = np.concatenate(p_values)
    ends = np.cumsum([len(p) for p in p_values])
    return [Family(whole, slice(int(end) - len(p), int(end))) for end, p in zip(ends, p_values, strict=True)]


def together(found: Sequence[Comparison], adjust: str) -> Comparison:
    """Put the comparisons of several outcomes into one table.

    Parameters
    ----------
    found : sequence of Comparison
        Adjusted together.
    adjust : str
        How.

    Returns
    -------
    Comparison
        With the outcome as the first column of ``by``.
    """
    tables = [one.table.assign(**{OUTCOME: one.outcome}) for one in found]
    table = pd.concat(tables, ignore_index=True)
    table = table[[OUTCOME, *table.columns.drop(OUTCOME)]]
    first = found[0]
    return Comparison(
        table=table,
        outcome=", ".join(one.outcome for one in found),
        method=" or ".join(dict.fromkeys(one.method for one in found)),
        level=first.level,
        scope=first.scope,
        scope_reason=first.scope_reason,
        notes=(*told_once([(one.outcome, one.notes) for one in found], _OF_THE_NUMBER), *several(table, adjust)),
        cautions=tuple(told_once([(one.outcome, one.cautions) for one in found])),
        across=first.across,
        baseline=first.baseline,
        margin=first.margin,
        by=(OUTCOME, *first.by),
        effect=first.effect,
        strata=first.strata,
        adjust=adjust,
        conditions=first.conditions,
    )
