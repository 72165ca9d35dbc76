"""All that a report says about one outcome, computed once from one count of the runs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.comparison import Comparison, compare
from baserate.counts import Counts, count
from baserate.design.design import without_aliases
from baserate.design.mix import Mix
from baserate.errors import BaserateError, DesignWarning
from baserate.figures.crossed import crossed
from baserate.model import Estimates, LogisticModel, fit
from baserate.note import Note, worded
from baserate.rate_table import Rates, rates

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


@checked
def answer(
    runs: Table,
    outcome: str,
    across: str = "version",
    baseline: str | None = None,
    margin: float | None = None,
    level: float = 0.95,
    scope: str | None = None,
    *,
    conditions: Sequence[str] | str | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    accept: str | Sequence[str] = ("ok",),
) -> Answers:
    """Compute all that a report says about one outcome.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcome, across, baseline, margin, level, scope, conditions, cluster, mix, weights, accept
        As in `baserate.compare`.

    Returns
    -------
    Answers

    Raises
    ------
    BaserateError
        If a column or level is not there, or the outcome cannot be estimated. A model that cannot be fitted is a note.
    """
    named = [conditions] if isinstance(conditions, str) else conditions
    counted = count(runs, outcome, [across], conditions=named, cluster=cluster, accept=accept)
    counts, notes = _known(counted, across)
    cells = counts.cells
    weighed: dict[str, Any] = {"level": level, "scope": scope, "mix": mix, "weights": weights}
    if not cells[across].notna().any():
        raise BaserateError(f"No graded run has a {across}. Read the runs with columns={{'…': {across!r}}}.")
    several = cells[across].nunique() > 1 or baseline is not None
    others = [name for name in ("version", *counts.conditions) if name != across and name in cells]
    shown = without_aliases(cells, [n for n in dict.fromkeys(others) if _FEWEST <= cells[n].nunique() <= _MOST])
    model, more = _model(counts, outcome, [across, *shown], {"level": level, "scope": scope})
    if not several:
        one = f"All runs share one {across}, {cells[across].iloc[0]}: there is nothing to compare."
        notes.append(Note("nothing-to-compare", one))
    by_factor = []
    for name in shown:
        part, left = crossed(_known(counts, name)[0], name, shown)
        notes += [note for note in left if part is None]
        if part is not None:
            found = rates(part, outcome, by=[across, name], **_without(weighed, mix))
            by_factor.append(replace(found, cautions=(*left, *found.cautions)))
    return Answers(
        rates=rates(counts, outcome, by=across, **weighed),
        comparison=_compared(counts, outcome, across, baseline, margin=margin, **weighed) if several else None,
        by_factor=tuple(by_factor),
        model=model,
        odds_ratios=None if model is None else model.odds_ratios(),
        notes=tuple(notes),
        model_notes=tuple(more),
    )


def _compared(*asked: Any, **options: Any) -> Comparison:
    """Compare; what would be warned of stands in the cautions, which are shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DesignWarning)
        return compare(*asked, **options)


def _without(options: dict[str, Any], mix: Mix) -> dict[str, Any]:
    """Weigh conditions as planned where one of their columns is grouped by, so that named weights do not fit."""
    return options if isinstance(mix, str) else options | {"mix": "planned"}


def _known(counts: Counts, name: str) -> tuple[Counts, list[str]]:
    """Leave out the runs of which a column is unknown, such as those that could not be read."""
    cells = counts.cells
    unknown = cells[name].isna()
    if unknown.all():
        raise BaserateError(f"No run has a {name}: nothing can be told of {name}s. Fill the column, or name another.")
    if not unknown.any():
        return counts, []
    lost = int(cells.loc[unknown, ["n", "missing"]].to_numpy().sum())
    told = f"{lost} run{'s' * (lost != 1)} of unknown {name} stand{'s' * (lost == 1)} in no rate; the audit lists them."
    return counts.where(~unknown), [Note("unknown-level", told)]


def _model(
    counts: Counts, outcome: str, names: Sequence[str], settings: dict[str, Any]
) -> tuple[LogisticModel | None, list[str]]:
    """Fit the main effects of all factors that can be told apart; why there is no model is a note."""
    cells = counts.cells
    kept, entangled = _separable(cells[cells["n"] > 0], names)
    left = f"Left out of the model: {', '.join(entangled)} (determined by the other factors)."
    notes = [Note("factors-left-out", left)] if entangled else []
    if not kept:
        return None, [*notes, Note("no-model", "No logistic model: no factor has two levels with graded runs.")]
    formula = f"{outcome} ~ {' + '.join(kept)}"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = fit(counts, formula, **settings)
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
