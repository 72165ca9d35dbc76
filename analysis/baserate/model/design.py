"""What a model is fitted to: a design matrix over patterns, and counts per pattern and prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baserate.design.mix import Mix, condition_weights
from baserate.errors import BaserateError, did_you_mean
from baserate.formula import Formula, Term

Floats = NDArray[np.float64]

_RANK_TOLERANCE = 1e-9  # of columns scaled to length 1


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

    def subset(self, chosen: NDArray[np.bool_]) -> Design:
        """Keep some cells, and the patterns that still have runs.

        Parameters
        ----------
        chosen : ndarray of bool of shape (c,)

        Returns
        -------
        Design
            With the same columns, of which some may be zero now (see `require_full_rank`).
        """
        kept, pattern = np.unique(self.pattern[chosen], return_inverse=True)
        n, events = self.cell_n[chosen], self.cell_events[chosen]
        totals = {"n": np.bincount(pattern, n), "events": np.bincount(pattern, events)}
        return replace(
            self,
            patterns=self.patterns.iloc[kept].reset_index(drop=True).assign(**totals),
            X=self.X[kept],
            pattern=pattern,
            cell_events=events,
            cell_n=n,
            scale=scale_of(pattern, n) if np.any(self.scale != 1) else self.scale[chosen],
            prompt=self.prompt[chosen],
            groups={name: of[chosen] for name, of in self.groups.items()},
        )

    def require_full_rank(self) -> None:
        """Raise if a column of the design matrix is a combination of those before it.

        Raises
        ------
        BaserateError
        """
        X, columns, terms = self.X, self.columns, self.terms
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
            f"The design matrix is rank deficient (rank {X.shape[1] - aliased.size} of {X.shape[1]}; aliased: "
            f"{named}): "
            f"{empty or 'one factor is nested in others, or they always change together'}. "
            f"Drop {' or '.join(among)} from the formula, or combine the factors into one column."
        )

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
                f"{name!r} is a number: rates and contrasts need a factor. Ask slopes({name!r}), "
                f"rates(at={{{name!r}: [...]}}) or test({name!r}), or cut it into a column of text."
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
        return self.rows_of(others, setting), weights

    def rows_of(self, combinations: pd.DataFrame, setting: Mapping[str, Any]) -> Floats:
        """Make the design rows of combinations of some columns after the others are set to one value each.

        Parameters
        ----------
        combinations : DataFrame
            As of `combinations`.
        setting : mapping of str to str or float

        Returns
        -------
        ndarray of shape (k, p)
        """
        k = len(combinations)
        same = {
            name: np.full(k, float(value))
            if self.is_number(name)
            else pd.Categorical([value] * k, categories=self.levels(name))
            for name, value in setting.items()
        }
        changed = combinations.assign(**same, n=1)[[*self.formula.columns, "n"]]
        return np.asarray(self.spec.get_model_matrix(changed), dtype=float)

    def is_number(self, name: str) -> bool:
        """Tell whether a column of the formula is a number rather than a factor."""
        return name in self.formula.columns and not isinstance(self.patterns[name].dtype, pd.CategoricalDtype)


def scale_of(pattern: NDArray[np.intp], n: Floats) -> Floats:
    """Return what the runs of each cell are multiplied by, so that each prompt of a pattern counts once.

    A pattern then has as many runs as the mean of its prompts' rates is worth, 1 / Σ (1/G)² / n.

    Parameters
    ----------
    pattern : ndarray of int of shape (c,)
        The pattern of each cell.
    n : ndarray of shape (c,)
        Its runs.

    Returns
    -------
    ndarray of shape (c,)
    """
    prompts = np.bincount(pattern)
    worth = prompts**2 / np.bincount(pattern, 1 / n)
    return np.asarray((worth / prompts)[pattern] / n)
