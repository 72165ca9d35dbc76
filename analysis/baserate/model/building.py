"""A formula and a table become a `Design`: counts by pattern and prompt, and the design matrix of the patterns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baserate.counts import COUNTS, Counts, count
from baserate.design.mix import Mix
from baserate.errors import BaserateError
from baserate.formula import Formula, Term
from baserate.model.columns import check_columns, drop_levels, without_missing
from baserate.model.design import Design, Floats, scale_of


def build_design(
    table: Any,
    formula: Formula,
    conditions: Sequence[str] | str | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    accept: str | Sequence[str] = ("ok",),
    given: str | Sequence[str] | None = None,
    groups: Sequence[str] = (),
) -> tuple[Design, Counts]:
    """Count a table's runs and make the design matrix of a formula.

    Parameters
    ----------
    table : DataFrame
        Runs or counts.
    formula : Formula
        The model.
    conditions : sequence of str, optional
        The columns whose combinations were designed.
    cluster : str, optional
        The column of what prompts were sampled in.
    mix : {"planned", "balanced"} or mapping
    weights : {"prompts", "runs"}
        Whether each prompt of a pattern counts once, or each run.
    accept : str or sequence of str
        The statuses whose logged verdicts count beside those of "ok".
    given : str or sequence of str, optional
        What the outcome is conditional on (see `baserate.counts.count`).
    groups : sequence of str
        Columns whose levels are to have random effects.

    Returns
    -------
    design : Design
    counts : Counts
        What `baserate.counts.count` returned, for the choice of scope.

    Raises
    ------
    BaserateError
        If a column is not there or cannot be a factor, no run was graded, or the design matrix is rank deficient.
    """
    numeric, notes = check_columns(table, formula)
    asked: dict[str, Any] = {"conditions": conditions, "cluster": cluster, "accept": accept, "given": given}
    extra = [c for c in groups if c not in (*formula.columns, "prompt", "version")]
    counts = count(table, formula.outcome, by=[*formula.columns, *extra], **asked)
    notes += counts.notes
    cells = counts.cells
    for name in numeric:
        cells[name] = cells[name].astype(object).astype(float)
        if np.isinf(cells[name]).any():
            raise BaserateError(
                f"{name!r} holds infinite values, which no model can weigh. Mend or leave out these runs."
            )
    known, dropped = without_missing(cells, formula)
    graded = known[known["n"] > 0].copy()
    if graded.empty:
        raise BaserateError(f"No run has a verdict on {formula.outcome!r}, so there is nothing to fit.")
    for name in formula.columns:
        dropped += drop_levels(graded, name, table)
    apart = list(dict.fromkeys([*formula.columns, *([cluster] if cluster else []), *groups, "prompt"]))
    if groups and graded[apart].isna().any(axis=None):
        raise BaserateError(f"Some graded runs lack a value of {', '.join(groups)}. Fill it in, or leave them out.")
    graded = graded.groupby(apart, observed=True)[list(COUNTS)].sum().reset_index()
    patterns, pattern = _patterns(graded, list(formula.columns))
    X, columns, terms, spec = _matrix(patterns, formula)
    n, events = (graded[c].to_numpy(dtype=float) for c in ("n", "events"))
    prompt = (graded[cluster].astype(str) if cluster else graded["prompt"]).to_numpy()
    scale = scale_of(pattern, n) if weights == "prompts" else np.ones(len(n))
    told = tuple(notes + dropped)
    design = Design(
        *(formula, patterns, X, columns, terms, pattern, events, n, scale, prompt, known, spec, told, mix),
        groups={name: graded[name].astype(str).to_numpy() for name in dict.fromkeys(["prompt", *groups])},
    )
    design.require_full_rank()
    return design, counts


def _patterns(graded: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """List the combinations of a formula's columns with their counts, and number the combination of each cell."""
    if not keys:
        return graded[["n", "events"]].sum().to_frame().T, np.zeros(len(graded), dtype=np.intp)
    grouped = graded.groupby(keys, observed=True)
    return grouped[["n", "events"]].sum().reset_index(), grouped.ngroup().to_numpy()


def _matrix(
    patterns: pd.DataFrame, formula: Formula
) -> tuple[Floats, tuple[str, ...], dict[Term, tuple[int, ...]], Any]:
    """Make the design matrix by formulaic: treatment coding, the first level as reference."""
    from formulaic import Formula as Formulaic

    for name in formula.columns:
        column = patterns[name]
        if isinstance(column.dtype, pd.CategoricalDtype) and len(column.cat.categories) < 2:
            raise BaserateError(
                f"The factor {name!r} has one level with graded runs, {column.iloc[0]!r}, so it explains nothing. "
                "Leave it out of the formula."
            )
    parts = [":".join(f"`{name}`" for name in term) for term in formula.terms]
    matrix = Formulaic(" + ".join(["1", *parts])).get_model_matrix(patterns[[*formula.columns, "n"]], context={})
    spec = matrix.model_spec
    by_names = {frozenset(term): term for term in formula.terms}
    terms = {
        by_names[frozenset(str(f) for f in term.factors)]: tuple(map(int, indices))
        for term, indices in spec.term_indices.items()
        if str(term) != "1"
    }
    return np.asarray(matrix, dtype=float), tuple(map(str, matrix.columns)), terms, spec
