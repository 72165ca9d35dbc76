"""Ratings such as overtness from 1 to 10: a proportional-odds model, rates of "at least 7", and mean ratings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_level
from baserate.design.mix import Mix, require_weights
from baserate.design.scope import choose_scope
from baserate.engines import as_frame
from baserate.errors import BaserateError, did_you_mean
from baserate.formula import Formula, parse_formula
from baserate.given import applicable, given_of
from baserate.model.building import build_design
from baserate.model.design import Design, Floats
from baserate.model.estimation import full_precision
from baserate.note import Note
from baserate.ordinal.quantities import COLUMNS, infer
from baserate.ordinal.result import OrdinalModel
from baserate.run_table import run_table
from baserate.stats.cumulative import Cumulative, fit_cumulative, jackknife_covariance

__all__ = ["OrdinalModel", "fit_ordinal"]

MOST_RATINGS = 20
FEW_PROMPTS = 10
_RATED = "rated"  # a yes of this column: the run has a rating


@checked
def fit_ordinal(
    runs: Table,
    formula: str,
    level: float = 0.95,
    scope: str | None = None,
    *,
    given: str | Sequence[str] | None = None,
    conditions: Sequence[str] | str | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
) -> OrdinalModel:
    """Fit a cumulative (proportional-odds) logistic model of a rating.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each.
    formula : str
        Such as ``"overtness ~ version + urgency"``. The rating is a column of numbers, such as a judge's 1 to 10; of an
        outcome that was read with a cut, the scores beside it (``overtness_score``).
    level : float
        The level of the intervals.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.
    given : str or sequence of str, optional
        Columns of yes and no that the rating is conditional on, such as ``"blackmail"``: runs without them are not
        asked, and not missing. Left out, the column ``<rating>_given`` tells.
    conditions : sequence of str, optional
        The columns whose combinations were designed, which decide the scope; left out, the columns tell.
    cluster : str, optional
        The column of what prompts were sampled in: clusters, not prompts, are then the sample.
    mix : {"planned", "balanced"} or mapping
        How the combinations of the other factors are weighed that rates and means are averaged over.
    weights : {"prompts", "runs"}
        Whether each prompt counts once among those of the same factors, or each run.

    Returns
    -------
    OrdinalModel
        Coefficients are log odds of a higher rating, the same at every cut.

    Raises
    ------
    BaserateError
        If there is no rating, it has one level or more than 20, or a level of a factor has extreme ratings alone.

    References
    ----------
    McCullagh (1980) J. R. Stat. Soc. B 42:109. Bell & McCaffrey (2002) Survey Methodology 28:169.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> runs["overtness"] = 1 + (7 * runs["epoch"] + runs["prompt"].str.len()) % 9
    >>> br.fit_ordinal(runs, "overtness ~ version", given="blackmail").table["term"].tolist()
    ['version[T.new]']
    """
    require_level(level)
    require_weights(weights)
    parsed = parse_formula(formula)
    frame, rating, notes = _rated(runs, parsed.outcome, given)
    table, counts = run_table(frame, _RATED)
    asked: dict[str, Any] = {"conditions": conditions, "cluster": cluster, "mix": mix, "weights": weights}
    design, counts = build_design(table, Formula(_RATED, parsed.terms), **asked)
    ratings, cells = _by_rating(table, rating, design, cluster)
    keys = [c for c in dict.fromkeys(["version", *counts.conditions, *parsed.columns]) if c in counts.cells]
    unit = cluster or "prompt"
    chosen, reason = choose_scope(counts.cells, [k for k in keys if k != cluster], counts.prompts_known, scope, unit)
    X = design.X[design.pattern][:, 1:]
    with full_precision():
        found = fit_cumulative(X, cells)
        covariance = np.asarray(np.linalg.inv(found.information), dtype=float)
        if chosen == "sampled":
            covariance = jackknife_covariance(X, cells, design.prompt)
    said = [note for note in design.notes if "without a verdict" not in note]
    if chosen == "sampled" and design.prompts < FEW_PROMPTS:
        said.append(f"Only {design.prompts} prompts: little can be said of prompts like these; run more prompts.")
    if np.isnan(covariance).any():
        said.append("One prompt alone determines a parameter, so what prompts like it would do is unknown.")
    df = float(design.prompts - 1) if chosen == "sampled" else np.inf
    how = f"jackknife over {design.prompts} prompts, t" if chosen == "sampled" else "Wald intervals"
    cuts = ratings.size - 1
    errors = np.sqrt(np.diag(covariance))[:cuts]
    return OrdinalModel(
        table=_coefficients(design, found, covariance, df, level),
        outcome=parsed.outcome,
        method=f"cumulative logistic regression (proportional odds) by maximum likelihood, {how}",
        level=level,
        scope=chosen,
        scope_reason=reason,
        notes=(*notes, *said),
        thresholds=pd.DataFrame({"above": ratings[:-1], "estimate": found.theta[:cuts], "std_error": errors}),
        ratings=ratings,
        design=design,
        fitted=found,
        covariance=covariance,
        cells=cells,
    )


def _coefficients(design: Design, found: Cumulative, covariance: Floats, df: float, level: float) -> pd.DataFrame:
    terms = design.columns[1:]
    units = np.eye(found.theta.size)[found.theta.size - len(terms) :]
    rows = [infer((float(unit @ found.theta), unit), covariance, df, level) for unit in units]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.insert(0, "term", list(terms))
    return table


def _rated(runs: Any, rating: str, given: str | Sequence[str] | None) -> tuple[pd.DataFrame, str, list[Note]]:
    """Take the runs into pandas, find the rating's column, and keep the runs that it is asked of."""
    frame = as_frame(runs)
    table = frame if isinstance(frame, pd.DataFrame) else frame.collect().to_pandas()
    if rating not in table:
        raise BaserateError(f"There is no rating {rating!r}.{did_you_mean(rating, table.columns)}")
    known = [str(name) for name in table.columns]
    acts = given_of(table, known, rating, given)
    column = f"{rating}_score" if f"{rating}_score" in table else rating
    values = pd.to_numeric(table[column], errors="coerce").astype(float)
    if pd.api.types.is_bool_dtype(table[column]) or values.isna().all():
        raise BaserateError(
            f"{column!r} holds no ratings, which are numbers such as 1 to 10. For yes and no use fit()."
        )
    if "status" in table:
        values = values.mask(table["status"].astype(str) != "ok")
    rated = table.assign(**{column: values, _RATED: values.notna().astype("boolean").where(values.notna())})
    if not acts:
        return rated, column, []
    kept, notes = applicable(rated, _RATED, acts)
    kept[column] = kept[column].where(kept[_RATED].notna())
    return kept, column, [Note("given", str(note).replace(_RATED, rating)) for note in notes]


def _by_rating(table: pd.DataFrame, rating: str, design: Design, cluster: str | None) -> tuple[Floats, Floats]:
    """Count the runs of each cell of the design by their rating; each prompt of a pattern counts once."""
    rated = table[table[rating].notna()]
    ratings = np.sort(rated[rating].unique()).astype(float)
    if not 2 <= ratings.size <= MOST_RATINGS:
        raise BaserateError(
            f"{rating!r} has {ratings.size} different values; a model of ratings takes 2 to {MOST_RATINGS}. "
            "Round them, or cut them into yes and no."
        )
    names = list(design.formula.columns)
    keys = design.patterns[names].iloc[design.pattern].astype(object).astype(str).reset_index(drop=True)
    keys["_unit"] = design.prompt.astype(str)
    place = {key: i for i, key in enumerate(keys.itertuples(index=False, name=None))}
    unit = cluster or ("prompt" if "prompt" in rated else None)
    if unit is None:
        raise BaserateError("No column tells the prompts. Name it 'prompt', or give cluster=.")
    cells = np.zeros((len(place), ratings.size))
    at = {value: j for j, value in enumerate(ratings)}
    grouped = rated.groupby([*names, unit, rating], observed=True).size()
    for key, n in grouped.items():
        *levels, own, value = key
        row = place.get((*map(str, levels), str(own)))
        if row is not None:
            cells[row, at[float(value)]] += n
    return ratings, cells * design.scale[:, None]
