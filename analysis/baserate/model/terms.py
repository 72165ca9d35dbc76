"""Whether a term of a logistic model matters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

from baserate.errors import BaserateError, did_you_mean
from baserate.model.design import Design
from baserate.model.fitted import Estimation
from baserate.model.inference import agreement, constrained_drop, infer_coefficient, rests_on_one_prompt
from baserate.model.wild import moved_by_infinite
from baserate.stats.cluster_covariance import contrast_covariance, wald_test
from baserate.stats.wild_score import wild_score_p

FEW_PROMPTS = 10
LEVEL = 0.95  # of intervals that nobody asked for

_METHODS = {
    "likelihood": "likelihood-ratio test",
    "firth": "penalized likelihood-ratio test, the penalty of all columns kept (Heinze & Schemper 2002)",
    "random": "Wald test",
}


def term_test(design: Design, fit: Estimation, term: str) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Test that the coefficients of a term are all zero.

    Parameters
    ----------
    design : Design
    fit : Estimation
    term : str
        A factor, an interaction, or one coefficient.

    Returns
    -------
    table : DataFrame
        One row.
    method : str
        The test by name.
    notes : tuple of str
        Which coefficients were tested, and whether all prompts agree in one.

    Raises
    ------
    BaserateError
        If the model has no such term.
    """
    tested, note = _columns_of(design, term)
    if fit.clusters is not None:
        method = "approximate Hotelling F test (HTZ) with CR2 covariance"
        _, agreed = contrast_covariance(fit.clusters, np.eye(tested.size)[tested])
        row = _clustered(design, fit, term, tested)
        if fit.wild:
            row, more = _with_wild(fit, row, tested)
            method = more if np.isnan(row["statistic"]) else f"{method}, no smaller than by the {more}"
        return pd.DataFrame([row]), method, (note, *agreement([agreed], [term], "tests"))
    df = int(tested.sum())
    if fit.kind == "random":
        indices = np.flatnonzero(tested)
        value = fit.theta[indices]
        statistic = float(value @ np.linalg.solve(fit.covariance[np.ix_(indices, indices)], value))
    else:
        statistic = constrained_drop(fit, tested)
    row = {"term": term, "df": df, "statistic": statistic, "p_value": float(chdtrc(df, statistic))}
    return pd.DataFrame([row]), _METHODS[fit.kind], (note,)


def _columns_of(design: Design, term: str) -> tuple[NDArray[np.bool_], str]:
    """Find the coefficients to test: one by name, or all of the terms that contain the one named."""
    names = frozenset(part.strip() for part in term.split(":"))
    if term in design.columns:
        found, among = {design.columns.index(term)}, [term]
    else:
        holding = {t: indices for t, indices in design.terms.items() if names <= set(t)}
        found, among = {j for indices in holding.values() for j in indices}, [":".join(t) for t in holding]
    if not found:
        known = [":".join(t) for t in design.terms]
        raise BaserateError(f"The model has no term {term!r}.{did_you_mean(term, known)}")
    many = "the coefficient" if len(found) == 1 else f"{len(found)} coefficients together"
    note = f"Tested: {many} of {', '.join(among)}."
    if all(":" in name for name in among):
        note += " This is the interaction of log odds; for that of rates see contrasts(…, by=…)."
    return np.isin(np.arange(len(design.columns)), list(found)), note


def _with_wild(fit: Estimation, row: dict[str, Any], tested: NDArray[np.bool_]) -> tuple[dict[str, Any], str]:
    """Let the wild score bootstrap of the single coefficients have its say; alone where the separation moves one."""
    indices = np.flatnonzero(tested)
    wild = min(1.0, indices.size * min(infer_coefficient(fit, int(j), LEVEL).p_value for j in indices))
    method = "wild score bootstrap over prompts" + (", Bonferroni" if indices.size > 1 else "")
    if any(moved_by_infinite(fit, unit) for unit in np.eye(tested.size)[indices]):
        return row | {"df_denominator": np.nan, "statistic": np.nan, "p_value": wild}, method
    return row | {"p_value": float(np.fmax(row["p_value"], wild))}, method


def _clustered(design: Design, fit: Estimation, term: str, tested: NDArray[np.bool_]) -> dict[str, Any]:
    contrasts = np.eye(tested.size)[tested]
    assert fit.clusters is not None
    if any(rests_on_one_prompt(fit.clusters, row) for row in contrasts):
        raise BaserateError(
            f"{term!r} has levels that rest on one prompt each, so it cannot be tested for prompts like these. "
            "Run more prompts of those levels, drop them, or fit with scope='fixed'."
        )
    statistic, df, denominator, p_value = wald_test(fit.clusters, contrasts, fit.theta[tested])
    if np.isnan(p_value) and not fit.wild:
        raise BaserateError(
            f"{design.prompts} prompts are too few to test the {df} coefficients of {term!r} together. "
            "Run more prompts, or test single coefficients."
        )
    row: dict[str, Any] = {"term": term, "df": df, "df_denominator": denominator}
    row |= {"statistic": statistic, "p_value": p_value}
    if fit.clusters.clusters < FEW_PROMPTS and fit.kind == "likelihood":
        start = np.where(tested, 0.0, fit.theta)
        scaled = design.scale * design.cell_events, design.scale * design.cell_n
        cells = (design.X[design.pattern], *scaled, design.prompt)
        row["p_wild"] = wild_score_p(fit.surface, *cells, start=start, tested=tested)
    return row
