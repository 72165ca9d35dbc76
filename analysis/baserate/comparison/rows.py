"""The table of a comparison: one row a pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from baserate.arguments import require_free
from baserate.comparison.adjustment import Adjusted
from baserate.comparison.decisive import Decisive
from baserate.comparison.ungraded import Ungraded
from baserate.design import Design, PairedSides
from baserate.equivalence import AgainstMargin, Words
from baserate.estimate import Estimates, Question
from baserate.estimate.prompt_tests import pairs_of
from baserate.estimate.stratified import holds, stratum_counts
from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans, distinct
from baserate.stats.stratified import breslow_day
from baserate.stats.two_rates import DIFFERENCE_INTERVALS


@dataclass(frozen=True, eq=False)
class Judged:
    """Pairs with all that was found of them.

    Attributes
    ----------
    design : Design
    sides : PairedSides
    means : CellMeans
        Of 2m groups: candidates, then baselines.
    question : Question
    level : float
        Of the intervals.
    found : Estimates
    adjusted : Adjusted
    said : ndarray of str
        Verdicts.
    decisive : Decisive
    ungraded : Ungraded
    margin : AgainstMargin or None
    """

    design: Design
    sides: PairedSides
    means: CellMeans
    question: Question
    level: float
    found: Estimates
    adjusted: Adjusted
    said: Words
    decisive: Decisive
    ungraded: Ungraded
    margin: AgainstMargin | None = None

    def name(self, pair: int) -> str:
        """Name a pair, candidate first."""
        one, two = self.sides.pairs[pair]
        return f"{self.design.name(one)} − {self.design.name(two)}"


def table_of(judged: Judged) -> pd.DataFrame:
    """Make the table of a comparison.

    Parameters
    ----------
    judged : Judged

    Returns
    -------
    DataFrame
        The columns of `baserate.comparison.Comparison`.
    """
    found, adjusted, bounds = judged.found, judged.adjusted, judged.ungraded.bounds
    low, high = found.limits(judged.level)
    columns: dict[str, Any] = {
        "candidate": _levels(judged, 0),
        "baseline": _levels(judged, 1),
        "estimate": found.value,
        "std_error": found.std_error,
        "conf_low": low,
        "conf_high": high,
        "p_value": found.p_value,
        "p_adjusted": adjusted.p,
        "adjusted_low": adjusted.low,
        "adjusted_high": adjusted.high,
        "verdict": judged.said.astype(object),
        "needed": judged.decisive.words,
        "needed_prompts": judged.decisive.more.prompts,
        "needed_epochs": judged.decisive.more.epochs,
        "needed_runs": judged.decisive.more.runs,
    }
    if judged.margin is not None:
        columns["equivalent"] = judged.margin.equivalent.astype(object)
        columns["not_worse"] = judged.margin.not_worse.astype(object)
    columns |= _side(judged, 0, "candidate") | _side(judged, 1, "baseline")
    raw = raw_difference(judged)
    columns |= {
        "correlation": found.correlation,
        "df": found.df,
        "raw": raw,
        "from_mix": raw - _plain(judged),
    }
    if judged.question.combined:
        columns["homogeneity_p"] = _homogeneity(judged)
    columns |= {
        "left_conditions": judged.sides.left_conditions,
        "left_prompts": judged.sides.left_prompts,
        "left_runs": judged.sides.left_runs.astype("int64"),
        "worst_low": bounds.low,
        "worst_high": bounds.high,
        "both_low": bounds.both_low,
        "both_high": bounds.both_high,
        "survives_ungraded": judged.ungraded.survives,
        "tipping": judged.ungraded.tipping,
    }
    within = _within(judged)
    require_free(within, (*columns, "difference", "p", "to decide"))
    return pd.DataFrame(within | columns, index=range(len(found)))


def _within(judged: Judged) -> dict[str, pd.Categorical]:
    """Return the columns of ``by``, in the order of their levels."""
    design = judged.design
    return {
        name: pd.Categorical(
            [design.groups[one][i] for one, _ in judged.sides.pairs], categories=list(design.orders[i])
        )
        for i, name in enumerate(design.by[:-1])
    }


def _levels(judged: Judged, side: int) -> list[str]:
    return [judged.design.groups[pair[side]][-1] for pair in judged.sides.pairs]


def _side(judged: Judged, side: int, name: str) -> dict[str, Any]:
    """Return what stands of one side: on what both ran, but for the runs without a verdict, which are all."""
    m = len(judged.sides)
    part = slice(0, m) if side == 0 else slice(m, 2 * m)
    means, design = judged.means, judged.design
    missing = np.bincount(design.cells.group, design.cells.missing, len(design.groups))
    prompts = np.zeros(m, dtype="int64")
    if design.prompts_known:
        cells = judged.sides.cells
        graded = (cells.n > 0) & (cells.group // m == side)
        prompts = distinct(cells.group[graded] % m, cells.prompt[graded], m).astype("int64")
    plain = judged.question.method in DIFFERENCE_INTERVALS  # which takes all runs of a side as one sample
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = means.shown / means.graded if plain else means.estimate
    return {
        f"rate_{name}": rate[part],
        f"events_{name}": means.shown[part].astype("int64"),
        f"n_{name}": means.graded[part].astype("int64"),
        f"missing_{name}": np.array([missing[pair[side]] for pair in judged.sides.pairs]).astype("int64"),
        f"prompts_{name}": prompts,
    }


def raw_difference(judged: Judged) -> Floats:
    """Return the difference of the plain shares of events, whatever the sides ran.

    Parameters
    ----------
    judged : Judged

    Returns
    -------
    ndarray, shape (m,)
    """
    cells, groups = judged.design.cells, len(judged.design.groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.bincount(cells.group, cells.events, groups) / np.bincount(cells.group, cells.n, groups)
    return np.array([rate[one] - rate[two] for one, two in judged.sides.pairs])


def _plain(judged: Judged) -> Floats:
    """Return the difference of the rates, also where a ratio is estimated or strata are combined."""
    m, means = len(judged.sides), judged.means
    if judged.question.method in DIFFERENCE_INTERVALS:
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = means.shown / means.graded
        return np.asarray(rate[:m] - rate[m:])
    return np.asarray(means.estimate[:m] - means.estimate[m:])


def _homogeneity(judged: Judged) -> Floats:
    """Test whether the odds ratio is the same in all strata; NaN where their runs are not independent."""
    out = np.full(len(judged.sides), np.nan)
    for i, one in enumerate(pairs_of(judged.means)):
        if one.strata > 3 and holds(one, "fixed") and not judged.design.prompts_known:
            out[i] = float(breslow_day(*stratum_counts(one))[2])
    return out
