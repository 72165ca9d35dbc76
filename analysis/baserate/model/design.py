"""A formula and a table become arrays: a design matrix over patterns, and counts per pattern and prompt."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baserate.counts import COUNTS, count, events_column
from baserate.errors import BaserateError, DesignWarning, did_you_mean
from baserate.formula import Formula, Term
from baserate.runs import outcomes

Floats = NDArray[np.float64]

_RANK_TOLERANCE = 1e-9  # of columns scaled to length 1
_NOT_A_FACTOR = ("prompt", "run_id", *COUNTS)


@dataclass(frozen=True, eq=False)
class Design:
    """What a model is fitted to.

    Attributes
    ----------
    formula : Formula
        The model.
    patterns : DataFrame
        One row a combination of the formula's columns that has graded runs: those columns, then ``n`` and ``events``.
    X : ndarray of shape (m, p)
        The design matrix of the patterns; the first column is the intercept.
    columns : tuple of str
        Names of its columns.
    terms : mapping of tuple of str to tuple of int
        The columns of each term.
    pattern : ndarray of int of shape (c,)
        The pattern of each cell (pattern × prompt).
    cell_events, cell_n : ndarray of shape (c,)
        Its events and graded runs.
    prompt : ndarray of shape (c,)
        Its prompt.
    counts : DataFrame
        All cells, also those without graded runs, for totals.
    spec : object
        What makes design rows of new combinations.
    notes : tuple of str
        What was dropped or needs saying.
    """

    formula: Formula
    patterns: pd.DataFrame
    X: Floats
    columns: tuple[str, ...]
    terms: Mapping[Term, tuple[int, ...]]
    pattern: NDArray[np.intp]
    cell_events: Floats
    cell_n: Floats
    prompt: NDArray[Any]
    counts: pd.DataFrame
    spec: Any
    notes: tuple[str, ...]

    @property
    def n(self) -> Floats:
        """Graded runs of each pattern, shape (m,)."""
        return np.asarray(self.patterns["n"], dtype=float)

    @property
    def events(self) -> Floats:
        """Events of each pattern, shape (m,)."""
        return np.asarray(self.patterns["events"], dtype=float)

    @property
    def prompts(self) -> int:
        """How many prompts have graded runs."""
        return int(np.unique(self.prompt).size)

    def levels(self, name: str) -> list[str]:
        """List the levels of a factor, its reference first.

        Raises
        ------
        BaserateError
            If the model has no such factor.
        """
        if name not in self.formula.columns:
            raise BaserateError(f"The model has no factor {name!r}.{did_you_mean(name, self.formula.columns)}")
        if not isinstance(self.patterns[name].dtype, pd.CategoricalDtype):
            raise BaserateError(
                f"{name!r} is a number: rates and contrasts need a factor. "
                f"Cut it into a column of text, or test it with test({name!r})."
            )
        return list(self.patterns[name].cat.categories)

    def rows_with(self, setting: Mapping[str, str]) -> Floats:
        """Make the design rows of all patterns after some factors are set to one level.

        Parameters
        ----------
        setting : mapping of str to str
            Level by factor.

        Returns
        -------
        ndarray of shape (m, p)
        """
        same = {
            name: pd.Categorical([level] * len(self.patterns), categories=self.levels(name))
            for name, level in setting.items()
        }
        changed = self.patterns[list(self.formula.columns)].assign(**same)
        return np.asarray(self.spec.get_model_matrix(changed), dtype=float)


def build_design(table: Any, formula: Formula) -> tuple[Design, pd.DataFrame]:
    """Count a table's runs and make the design matrix of a formula.

    Parameters
    ----------
    table : DataFrame
        Runs or counts.
    formula : Formula
        The model.

    Returns
    -------
    design : Design
    cells : DataFrame
        What `baserate.counts.count` returned, for the choice of scope.

    Raises
    ------
    BaserateError
        If a column is not there or cannot be a factor, no run was graded, or the design matrix is rank deficient.
    """
    numeric, notes = _check_columns(table, formula)
    cells = count(table, formula.outcome, by=formula.columns)
    notes += cells.attrs.get("notes", [])
    for name in numeric:
        cells[name] = cells[name].astype(object).astype(float)
    known, dropped = _without_missing(cells, formula)
    graded = known[known["n"] > 0].copy()
    if graded.empty:
        raise BaserateError(f"No run has a verdict on {formula.outcome!r}, so there is nothing to fit.")
    for name in formula.columns:
        dropped += _drop_levels(graded, name, table)
    keys = list(formula.columns)
    patterns = graded.groupby(keys, observed=True)[["n", "events"]].sum().reset_index()
    pattern = graded.groupby(keys, observed=True).ngroup().to_numpy()
    X, columns, terms, spec = _matrix(patterns, formula)
    _require_full_rank(X, columns, terms)
    n, events = (graded[c].to_numpy(dtype=float) for c in ("n", "events"))
    prompt = graded["prompt"].to_numpy()
    design = Design(
        formula, patterns, X, columns, terms, pattern, events, n, prompt, known, spec, tuple(notes + dropped)
    )
    return design, cells


def _check_columns(table: Any, formula: Formula) -> tuple[list[str], list[str]]:
    """Return which columns of the formula are numbers, and notes on what they are."""
    frame = nw.from_native(table).lazy()
    schema = frame.collect_schema()
    known_outcomes = outcomes(table) if isinstance(table, pd.DataFrame) else []
    filled_in = {"version"} if isinstance(table, pd.DataFrame) else set()
    numeric, notes = [], []
    for name in formula.columns:
        if name not in schema and name not in filled_in:
            raise BaserateError(f"There is no column {name!r} for the formula.{did_you_mean(name, schema.names())}")
        if name in _NOT_A_FACTOR:
            raise BaserateError(
                f"{name!r} cannot be a factor: it tells runs apart, or counts them. For prompts that vary use "
                "scope='sampled' or random='prompt'."
            )
        if isinstance(table, pd.DataFrame) and events_column(table, name) in (name, f"n_{name}"):
            raise BaserateError(
                f"{name!r} counts another outcome's events, which cannot be a factor. Fit it by itself."
            )
        if name in known_outcomes:
            notes.append(f"{name} is measured after the run: it is an outcome, not a randomized factor.")
            warnings.warn(notes[-1], DesignWarning, stacklevel=4)
        if name in schema and schema[name].is_numeric():
            numeric.append(name)
    return numeric, notes


def _without_missing(cells: pd.DataFrame, formula: Formula) -> tuple[pd.DataFrame, list[str]]:
    """Leave out cells that lack a value of the formula's columns, and runs that were not graded."""
    lacking = cells[list(formula.columns)].isna().any(axis=1)
    known, notes = cells[~lacking], []
    if lacking.any():
        lost = int(cells.loc[lacking, "n"].sum())
        notes.append(f"{lost} graded runs lack a value of {', '.join(formula.columns)} and were left out.")
    ungraded = int(known["missing"].sum())
    if ungraded:
        notes.append(f"{ungraded} runs without a verdict were left out; they are not counted as 'no'.")
    return known, notes


def _drop_levels(cells: pd.DataFrame, name: str, table: Any) -> list[str]:
    """Drop, in place, the levels of a factor that have no graded run, also those that the table only declares."""
    if not isinstance(cells[name].dtype, pd.CategoricalDtype):
        return []
    before = list(cells[name].cat.categories)
    if isinstance(table, pd.DataFrame) and name in table and isinstance(table[name].dtype, pd.CategoricalDtype):
        before = list(map(str, table[name].cat.categories))
    cells[name] = cells[name].cat.remove_unused_categories()
    gone = [level for level in before if level not in set(cells[name].cat.categories)]
    return [f"{name}: no graded run has {', '.join(map(repr, gone))}, which the model leaves out."] if gone else []


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
    matrix = Formulaic(" + ".join(["1", *parts])).get_model_matrix(patterns[list(formula.columns)], context={})
    spec = matrix.model_spec
    by_names = {frozenset(term): term for term in formula.terms}
    terms = {
        by_names[frozenset(str(f) for f in term.factors)]: tuple(map(int, indices))
        for term, indices in spec.term_indices.items()
        if str(term) != "1"
    }
    return np.asarray(matrix, dtype=float), tuple(map(str, matrix.columns)), terms, spec


def _require_full_rank(X: Floats, columns: tuple[str, ...], terms: Mapping[Term, tuple[int, ...]]) -> None:
    """Raise if a column of the design matrix is a combination of those before it."""
    length = np.linalg.norm(X, axis=0)
    scaled = X / np.where(length > 0, length, 1.0)
    padded = np.vstack([scaled, np.zeros((X.shape[1], X.shape[1]))])
    aliased = np.flatnonzero(np.abs(np.diag(np.linalg.qr(padded, mode="r"))) < _RANK_TOLERANCE)
    if not aliased.size:
        return
    named = ", ".join(columns[j] for j in aliased[:6]) + (", …" if aliased.size > 6 else "")
    among = [":".join(term) for term, indices in terms.items() if set(indices) & set(aliased.tolist())]
    empty = any(":" in term for term in among) and "a combination of levels was never run"
    raise BaserateError(
        f"The design matrix is rank deficient (rank {X.shape[1] - aliased.size} of {X.shape[1]}; aliased: {named}): "
        f"{empty or 'one factor is nested in others, or they always change together'}. "
        f"Drop {' or '.join(among)} from the formula, or combine the factors into one column."
    )
