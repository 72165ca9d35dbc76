"""All that a report says about one outcome, computed once from one count of the runs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from baserate.comparison import Comparison, compare
from baserate.counts import count, notes_of
from baserate.errors import BaserateError
from baserate.model import Estimates, LogisticModel, fit
from baserate.rate_table import Rates, rates
from baserate.result import Result
from baserate.runs import factors
from baserate.scope import choose_scope
from baserate.text import Note, codes, worded

AnyResult = TypeVar("AnyResult", bound=Result)
_FEWEST, _MOST = 2, 8  # levels of a factor that a figure or model of all factors can hold


@dataclass(frozen=True, eq=False)
class Answers:
    """The results that a report shows.

    Attributes
    ----------
    rates : Rates
        By the column that is compared.
    comparison : Comparison or None
        None where there is one level only.
    by_factor : tuple of Rates
        By that column and each factor of 2 to 8 levels.
    model : LogisticModel or None
        Of the main effects; None where it cannot be fitted.
    odds_ratios : Estimates or None
        Of that model.
    notes : tuple of str
        What was left out of all results, and why.
    model_notes : tuple of str
        What was left out of the model, or why there is none.
    """

    rates: Rates
    comparison: Comparison | None
    by_factor: tuple[Rates, ...]
    model: LogisticModel | None
    odds_ratios: Estimates | None
    notes: tuple[str, ...]
    model_notes: tuple[str, ...]


def answer(
    runs: Any,
    outcome: str,
    across: str = "version",
    baseline: str | None = None,
    margin: float | None = None,
    level: float = 0.95,
    scope: str | None = None,
) -> Answers:
    """Compute all that a report says about one outcome.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcome, across, baseline, margin, level, scope
        As in `baserate.compare`.

    Returns
    -------
    Answers

    Raises
    ------
    BaserateError
        If a column or level is not there, or the outcome cannot be estimated. A model that cannot be fitted is a note.
    """
    counted = count(runs, outcome, [across])
    cells, notes = _known(counted.rename(columns={"events": outcome}), across)
    told = partial(_of_first_count, counted, scope)
    settings: dict[str, Any] = {"level": level, "scope": scope}
    several = cells[across].nunique() > 1 or baseline is not None
    others = [name for name in ("version", *factors(cells)) if name != across]
    shown = _distinct(cells, [name for name in dict.fromkeys(others) if _FEWEST <= cells[name].nunique() <= _MOST])
    fitted, more = _model(cells, outcome, [across, *shown], settings)
    model = None if fitted is None else told(fitted)
    if not several:
        one = f"All runs share one {across}, {cells[across].iloc[0]}: there is nothing to compare."
        notes.append(Note("nothing-to-compare", one))
    return Answers(
        rates=told(rates(cells, outcome, by=across, **settings)),
        comparison=told(compare(cells, outcome, across, baseline, margin=margin, **settings)) if several else None,
        by_factor=tuple(told(rates(_known(cells, name)[0], outcome, by=[across, name], **settings)) for name in shown),
        model=model,
        odds_ratios=None if model is None else model.odds_ratios(),
        notes=tuple(notes),
        model_notes=tuple(more),
    )


def _of_first_count(counted: pd.DataFrame, scope: str | None, result: AnyResult) -> AnyResult:
    """Let a result from cells say what counting the runs into them had to say."""
    notes = tuple(dict.fromkeys([*notes_of(counted), *result.notes]))
    reason = result.scope_reason
    if scope is None and result.scope == "fixed" and "counts-without-prompts" in codes(notes):
        reason = choose_scope(counted)[1]
    return replace(result, notes=notes, scope_reason=reason)


def _known(cells: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Leave out the runs of which a column is unknown, such as those that could not be read."""
    unknown = cells[name].isna()
    if not unknown.any():
        return cells, []
    lost = int(cells.loc[unknown, ["n", "missing"]].to_numpy().sum())
    told = f"{lost} run{'s' * (lost != 1)} of unknown {name} stand{'s' * (lost == 1)} in no rate; the audit lists them."
    return cells[~unknown], [Note("unknown-level", told)]


def _distinct(cells: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Leave out factors that are another one under other names, level for level."""
    kept: list[str] = []
    for name in names:
        levels = cells[name].nunique()
        same = [k for k in kept if cells[k].nunique() == levels == len(cells[[k, name]].drop_duplicates())]
        kept += [] if same else [name]
    return kept


def _model(
    cells: pd.DataFrame, outcome: str, names: Sequence[str], settings: dict[str, Any]
) -> tuple[LogisticModel | None, list[str]]:
    """Fit the main effects of all factors that can be told apart; why there is no model is a note."""
    kept, entangled = _separable(cells[cells["n"] > 0], names)
    left = f"Left out of the model: {', '.join(entangled)} (determined by the other factors)."
    notes = [Note("factors-left-out", left)] if entangled else []
    if not kept:
        return None, [*notes, Note("no-model", "No logistic model: no factor has two levels with graded runs.")]
    formula = f"{outcome} ~ {' + '.join(kept)}"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = fit(cells, formula, **settings)
        except BaserateError as error:
            return None, [*notes, Note("no-model", f"No logistic model ({formula}): {error}")]
    said = dict.fromkeys(worded(warning.message) for warning in caught)
    return model, [*notes, *(text for text in said if not any(text in note for note in model.notes))]


def _separable(cells: pd.DataFrame, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split factors into those whose main effects can be told apart and those that the ones before them determine."""
    kept: list[str] = []
    entangled: list[str] = []
    design = np.ones((len(cells), 1))
    for name in names:
        dummies = pd.get_dummies(cells[name].astype(str), drop_first=True, dtype=float).to_numpy()
        wider = np.hstack([design, dummies])
        if dummies.shape[1] == 0:
            continue
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            design = wider
            kept.append(name)
        else:
            entangled.append(name)
    return kept, entangled
