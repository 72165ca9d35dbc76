"""A formula and a table become arrays: a design matrix over patterns, and counts per pattern and prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baserate.counts import COUNTS, Counts, count
from baserate.design.mix import Mix, condition_weights
from baserate.errors import BaserateError, did_you_mean
from baserate.formula import Formula, Term
from baserate.model.columns import check_columns, drop_levels, without_missing

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
    scale : ndarray of shape (c,)
        What its runs are multiplied by so that each prompt of a pattern counts once; 1 where all have as many runs.
    prompt : ndarray of shape (c,)
        Its prompt.
    counts : DataFrame
        All cells, also those without graded runs, for totals.
    spec : object
        What makes design rows of new combinations.
    notes : tuple of str
        What was dropped or needs saying.
    mix : {"planned", "balanced"} or mapping
        How the combinations of factors are weighed that rates are averaged over.
    groups : mapping of str to ndarray of shape (c,)
        The level of each cell of the columns that may have random effects, and of the version.
    """

    formula: Formula
    patterns: pd.DataFrame
    X: Floats
    columns: tuple[str, ...]
    terms: Mapping[Term, tuple[int, ...]]
    pattern: NDArray[np.intp]
    cell_events: Floats
    cell_n: Floats
    scale: Floats
    prompt: NDArray[Any]
    counts: pd.DataFrame
    spec: Any
    notes: tuple[str, ...]
    mix: Mix = "planned"
    groups: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def n(self) -> Floats:
        """Runs of each pattern, scaled so that each prompt counts once, shape (m,)."""
        return np.asarray(np.bincount(self.pattern, self.scale * self.cell_n, len(self.patterns)), dtype=float)

    @property
    def events(self) -> Floats:
        """Events of each pattern, scaled alike, shape (m,)."""
        return np.asarray(np.bincount(self.pattern, self.scale * self.cell_events, len(self.patterns)), dtype=float)

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

    def combinations(self, by: Sequence[str]) -> tuple[pd.DataFrame, Floats]:
        """List what rates by some factors are averaged over: the combinations of the other columns, with their mix.

        Parameters
        ----------
        by : sequence of str

        Returns
        -------
        combinations : DataFrame
            One row each that has graded runs; a single row without columns where there are no others.
        weights : ndarray
            Sum to one.
        """
        others = [name for name in self.formula.columns if name not in by]
        if not others:
            return pd.DataFrame(index=[0]), np.ones(1)
        met = self.patterns[others].drop_duplicates(ignore_index=True)
        runs = self.counts.assign(_runs=self.counts["n"] + self.counts["missing"])
        planned = runs.groupby(others, observed=True)["_runs"].sum().reset_index()
        each = met.merge(planned.astype({n: met[n].dtype for n in others}), on=others, how="left")["_runs"]
        cells = pd.DataFrame({"n": each.fillna(0.0), "missing": 0})
        return met, condition_weights(cells, np.arange(len(met)), met, self.mix)

    def rows_with(self, setting: Mapping[str, Any]) -> tuple[Floats, Floats]:
        """Make the design rows of all combinations of the other columns after some columns are set to one value.

        Parameters
        ----------
        setting : mapping of str to str or float
            Level by factor, or value by number.

        Returns
        -------
        rows : ndarray of shape (k, p)
        weights : ndarray of shape (k,)
        """
        others, weights = self.combinations(list(setting))
        same = {
            name: np.full(len(others), float(level))
            if self.is_number(name)
            else pd.Categorical([level] * len(others), categories=self.levels(name))
            for name, level in setting.items()
        }
        changed = others.assign(**same, n=1)[[*self.formula.columns, "n"]]
        return np.asarray(self.spec.get_model_matrix(changed), dtype=float), weights

    def is_number(self, name: str) -> bool:
        """Tell whether a column of the formula is a number rather than a factor."""
        return name in self.formula.columns and not isinstance(self.patterns[name].dtype, pd.CategoricalDtype)


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
    _require_full_rank(X, columns, terms)
    n, events = (graded[c].to_numpy(dtype=float) for c in ("n", "events"))
    prompt = (graded[cluster].astype(str) if cluster else graded["prompt"]).to_numpy()
    scale = _scale(pattern, n) if weights == "prompts" else np.ones(len(n))
    told = tuple(notes + dropped)
    design = Design(
        *(formula, patterns, X, columns, terms, pattern, events, n, scale, prompt, known, spec, told, mix),
        groups={name: graded[name].astype(str).to_numpy() for name in (*groups, *({"version"} & {*formula.columns}))},
    )
    return design, counts


def _patterns(graded: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """List the combinations of a formula's columns with their counts, and number the combination of each cell."""
    if not keys:
        return graded[["n", "events"]].sum().to_frame().T, np.zeros(len(graded), dtype=np.intp)
    grouped = graded.groupby(keys, observed=True)
    return grouped[["n", "events"]].sum().reset_index(), grouped.ngroup().to_numpy()


def _scale(pattern: NDArray[np.intp], n: Floats) -> Floats:
    """Return what the runs of each cell are multiplied by, so that each prompt of a pattern counts once.

    A pattern then has as many runs as the mean of its prompts' rates is worth, 1 / Σ (1/G)² / n.
    """
    prompts = np.bincount(pattern)
    worth = prompts**2 / np.bincount(pattern, 1 / n)
    return np.asarray((worth / prompts)[pattern] / n)


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
