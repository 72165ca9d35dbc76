"""Counts become rates with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_free, require_level, require_method
from baserate.corrected_rates import CORRECTIONS, corrected_rates
from baserate.counts import count
from baserate.design import Design, build_design
from baserate.design.design import require_groups
from baserate.design.graders import uncorrected
from baserate.design.mix import Mix
from baserate.errors import BaserateError, require_known
from baserate.estimate import RATE_METHODS, Estimates, Question, estimate_rates
from baserate.estimate.ungraded import Bounds, bounds, rate_extremes
from baserate.rate_notes import cautions_of, notes_of
from baserate.rate_result import Rates as Rates
from baserate.several import OUTCOME, require_each_once, told_once
from baserate.stats._arrays import Floats
from baserate.stats.cell_means import distinct
from baserate.stats.prompt_spread import intraclass_correlation

SIDES = ("two-sided", "upper", "lower")
_SHOWN = ("rate", "ungraded", "if all were graded", "events/graded")  # what people see of the columns
_EXACT = ("independent", "paired")  # designs whose bounds on one side are exact


@checked
def rates(
    runs: Table,
    outcome: str | Sequence[str],
    by: str | Sequence[str] | None = "version",
    method: str | None = None,
    level: float = 0.95,
    scope: str | None = None,
    *,
    side: str = "two-sided",
    conditions: str | Sequence[str] | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    accept: str | Sequence[str] = ("ok",),
    given: str | Sequence[str] | None = None,
    corrected: str | None = None,
    human: str | None = None,
) -> Rates:
    """Estimate the rate of a behavior in each group of runs.

    The rate of a condition is the mean of its prompts' rates, each prompt once; the rate of a group is the mean of its
    conditions' rates in one mix.

    Parameters
    ----------
    runs : DataFrame or Counts
        Runs, one row each, or counts of runs (see `baserate.counts.count`).
    outcome : str or sequence of str
        The graded behavior: a column of yes and no, missing where not graded; or several, in one table.
    by : str or sequence of str, optional
        The columns that make a group; None pools all runs.
    method : {"wilson", "clopper-pearson", "korn-graubard", "mid-p", "jeffreys"}, optional
        The published interval, applied to the effective number of runs where runs share prompts. Left out, Wilson's,
        with caution where it would cover too little: with very few events, or few prompts that show the rarer outcome
        (docs/calibration.md).
    level : float
        The level of the intervals.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.
    side : {"two-sided", "upper", "lower"}
        An interval, or a bound of that level on one side: the limit of the same interval, and at least as far as
        Clopper and Pearson's on the effective number of runs; where runs are independent, theirs.
    conditions : str or sequence of str, optional
        The columns whose combinations were designed; left out, the columns tell (see `baserate.counts.count`).
    cluster : str, optional
        The column of what prompts were sampled in, such as a scenario family; clusters, not prompts, are then the
        sample.
    mix : {"planned", "balanced"} or mapping
        How conditions are weighed, the same for all groups: as often as they were planned, failed runs included; alike;
        or weights by level.
    weights : {"prompts", "runs"}
        Whether each prompt of a condition counts once, or each run.
    accept : str or sequence of str
        The statuses whose logged verdicts count beside those of "ok", such as "limit" (see `baserate.counts.count`).
    given : str or sequence of str, optional
        Columns of yes and no that the outcome is conditional on, such as ``"blackmail"`` for how overt it was: runs
        without them are not asked, and not missing. Left out, the column ``<outcome>_given`` tells.
    corrected : {"rogan-gladen", "ppi"}, optional
        Correct the rates for what the judge gets wrong, as human labels of some of these runs tell: by its sensitivity
        and specificity (Rogan and Gladen's estimate with Lang and Reiczigel's limits; each group's own where it has ten
        labels of either kind, else those of all), or by what labels say of either verdict (prediction-powered
        inference, PPI++, which is shorter where labels are few of one kind, and takes labels of these very runs).
    human : str, optional
        The column of human labels; left out, the one called ``<outcome>_human`` or the like.

    Returns
    -------
    Rates
        One row a group. A run without a verdict is never a no: it is counted in ``missing`` and bounds the rate.

    Raises
    ------
    BaserateError
        If a column, method or scope is unknown, or cannot be answered.

    References
    ----------
    Wilson (1927) JASA 22:209. Clopper & Pearson (1934) Biometrika 26:404. Korn & Graubard (1998) Survey Methodology
    24:193. Dean & Pagano (2015) J. Surv. Stat. Methodol. 3:484. Binder (1983) Int. Stat. Rev. 51:279. Manski (1989) J.
    Hum. Resour. 24:343. Imbens & Manski (2004) Econometrica 72:1845. Rogan & Gladen (1978) Am. J. Epidemiol. 107:71.
    Lang & Reiczigel (2014) Prev. Vet. Med. 113:13. Angelopoulos, Duchi & Zrnic (2023) PPI++, arXiv:2311.01453.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"version": ["a", "b"], "n": [100, 100], "blackmail": [84, 70]})
    >>> rates(counts, "blackmail").table[["estimate", "conf_low", "conf_high"]].round(3).values.tolist()
    [[0.84, 0.756, 0.899], [0.7, 0.604, 0.781]]
    """
    require_level(level)
    require_known(side, SIDES, "side")
    if method is not None:
        require_method(method, RATE_METHODS)
    keys = [by] if isinstance(by, str) else list(by or ())
    if not isinstance(outcome, str):
        require_each_once(outcome)
        options: dict[str, Any] = {"conditions": conditions, "cluster": cluster, "mix": mix, "weights": weights}
        options |= {"accept": accept, "given": given, "side": side, "corrected": corrected, "human": human}
        return _together([rates(runs, one, by, method, level, scope, **options) for one in outcome])
    if corrected is not None:
        require_known(corrected, CORRECTIONS, "correction")
        asked: dict[str, Any] = {"level": level, "scope": scope, "conditions": conditions, "cluster": cluster}
        asked |= {"mix": mix, "weights": weights, "accept": accept, "given": given}
        return corrected_rates(rates, runs, outcome, keys, human, side, corrected, asked)
    counts = count(runs, outcome, keys, conditions=conditions, cluster=cluster, accept=accept, given=given)
    design = build_design(counts, keys, scope, mix, weights)
    require_groups(design, " and ".join(keys) or "group")
    question = Question(design.scope, method=method)
    both = _two_sided(level, side)
    found = estimate_rates(design, question)
    if scope == "sampled":
        _require_prompts(design, found)
    low, high, names = _limits(found, question, both, side)
    missing = design.cells.missing.any()
    worst = bounds(found, rate_extremes(design, question), both) if missing else None
    table = _table(design, found, low, high, worst, side)
    return Rates(
        table=table,
        outcome=outcome,
        method=" or ".join(dict.fromkeys(names)) + ("" if side == "two-sided" else f", {side} bound"),
        level=level,
        scope=design.scope,
        scope_reason=design.scope_reason,
        notes=(*design.notes, *notes_of(design, found, table, level), *uncorrected(counts)),
        cautions=(*design.cautions, *cautions_of(design, found, table)),
        by=tuple(keys),
        conditions=design.conditions,
    )


def _together(found: Sequence[Rates]) -> Rates:
    """Put the rates of several outcomes into one table, under a column of their names."""
    if len(found) == 1:
        return found[0]
    table = pd.concat([one.table.assign(**{OUTCOME: one.outcome}) for one in found], ignore_index=True)
    return replace(
        found[0],
        table=table[[OUTCOME, *table.columns.drop(OUTCOME)]],
        outcome=", ".join(one.outcome for one in found),
        method=" or ".join(dict.fromkeys(one.method for one in found)),
        notes=tuple(told_once([(one.outcome, one.notes) for one in found])),
        cautions=tuple(told_once([(one.outcome, one.cautions) for one in found])),
        by=(OUTCOME, *found[0].by),
    )


def _two_sided(level: float, side: str) -> float:
    """Return the level of the two-sided interval whose limit is the bound."""
    if side == "two-sided":
        return level
    if level <= 0.5:
        raise BaserateError(f"A bound on one side needs a level above 0.5, such as 0.95; got {level!r}.")
    return 2 * level - 1


def _limits(found: Estimates, question: Question, level: float, side: str) -> tuple[Floats, Floats, list[str]]:
    """Compute limits, or the bound on one side.

    A bound is Clopper and Pearson's exact one where runs are independent; elsewhere the limit of the interval, and at
    least as far as theirs on the effective number of runs (Korn and Graubard's).
    """
    low, high = found.limits(level)
    names = list(found.named(level))
    if side == "two-sided":
        return low, high, names
    low, high = found.bounds(level)
    if question.method is None:
        names = ["clopper-pearson" if kind in _EXACT else name for name, kind in zip(names, found.designs, strict=True)]
    return (np.zeros_like(low), high, names) if side == "upper" else (low, np.ones_like(high), names)


def _table(
    design: Design, found: Estimates, low: Floats, high: Floats, worst: Bounds | None, side: str
) -> pd.DataFrame:
    cells, groups = design.cells, len(design.groups)
    means = design.means()

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(cells.group, values, groups))

    n, events, missing = (total(values) for values in (cells.n, cells.events, cells.missing))
    nothing = (n + missing == 0) | np.isnan(found.value)
    none = np.where(n + missing > 0, found.value, np.nan)
    bounds_of = [none, none, low, high] if worst is None else [np.asarray(a) for a in worst]
    for i, end in ((0, 0.0), (1, 1.0)):
        bounds_of[i] = np.where(np.isnan(bounds_of[i]) & nothing, end, bounds_of[i])
    if side == "upper":
        bounds_of[2] = np.zeros(groups)
    if side == "lower":
        bounds_of[3] = np.ones(groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        raw, effect = events / n, n / found.n_eff
    measured = pd.DataFrame(
        {
            "estimate": found.value,
            "std_error": found.std_error,
            "conf_low": low,
            "conf_high": high,
            "n": n.astype("int64"),
            "events": events.astype("int64"),
            "missing": missing.astype("int64"),
            "prompts": _prompts(design),
            "raw": raw,
            "n_eff": found.n_eff,
            "icc": intraclass_correlation(means) if design.prompts_known else np.full(groups, np.nan),
            "design_effect": np.where(np.isfinite(effect), effect, np.nan),
            "worst_low": bounds_of[0],
            "worst_high": bounds_of[1],
            "both_low": bounds_of[2],
            "both_high": bounds_of[3],
        },
        index=range(groups),
    )
    require_free(design.by, (*measured, *_SHOWN))
    levels = pd.DataFrame({name: _levels(design, i) for i, name in enumerate(design.by)}, index=range(groups))
    return pd.concat([levels, measured], axis=1)


def _levels(design: Design, place: int) -> pd.Categorical:
    """Return a column of groups' levels, in the order of the levels."""
    values = [group[place] for group in design.groups]
    return pd.Categorical(values, categories=list(design.orders[place]), ordered=False)


def _prompts(design: Design) -> np.ndarray[Any, Any]:
    """Count the prompts with graded runs of each group; 0 where no column tells them."""
    if not design.prompts_known:
        return np.zeros(len(design.groups), dtype="int64")
    graded = design.cells.where(design.cells.n > 0)
    return distinct(graded.group, graded.prompt, len(design.groups)).astype("int64")


def _require_prompts(design: Design, found: Estimates) -> None:
    for i, kind in enumerate(found.designs):
        if kind == "one prompt":
            runs = int(design.cells.n[design.cells.group == i].sum())
            raise BaserateError(
                f"scope='sampled' needs at least two prompts a group; {design.name(i)} has one with {runs} runs. "
                "Use scope='fixed' (how this prompt behaves), or run more prompts."
            )
