"""A fitted model of ratings, and the questions it answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from baserate.annotations import checked
from baserate.errors import BaserateError
from baserate.model.answers import coefficients_answer, references_of, term_in_words
from baserate.model.averages import settings
from baserate.model.design import Design, Floats
from baserate.model.estimates import Estimates
from baserate.ordinal.quantities import COLUMNS, Quantity, infer
from baserate.result import Result
from baserate.stats.cumulative import Cumulative, chances
from baserate.stats.multiplicity import holm
from baserate.text import interval, p_value


@dataclass(frozen=True, eq=False, repr=False)
class OrdinalModel(Result):
    """A proportional-odds model; ``table`` has its coefficients, log odds of a higher rating at every cut.

    ``table`` has the columns ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high``.

    Attributes
    ----------
    thresholds : DataFrame
        ``above`` (a rating), ``estimate, std_error``: the log odds of a rating at most that, at the reference levels.
    ratings : ndarray
        The ratings that occur.
    design : Design
        Design matrix and counts of rated runs.
    fitted : Cumulative
        Thresholds and coefficients.
    covariance : ndarray
        Of both.
    cells : ndarray of shape (c, k)
        Runs of each cell by rating, each prompt of a combination counting once.
    """

    thresholds: pd.DataFrame = field(kw_only=True)
    ratings: Floats = field(kw_only=True)
    design: Design = field(kw_only=True)
    fitted: Cumulative = field(kw_only=True)
    covariance: Floats = field(kw_only=True)
    cells: Floats = field(kw_only=True)

    @property
    def df(self) -> float:
        """Degrees of freedom: prompts less one, infinite where prompts are fixed."""
        return float(self.design.prompts - 1) if self.scope == "sampled" else np.inf

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[["term"]].astype(str).map(term_in_words)
        shown["log odds"] = [f"{v:.3f}" for v in t["estimate"]]
        limits = zip(t["conf_low"], t["conf_high"], strict=True)
        shown[f"{self.confidence} interval"] = [interval(low, high, 3, 1.0) for low, high in limits]
        shown["odds ratio"] = [f"{np.exp(v):.2f}" for v in t["estimate"]]
        shown["p"] = [p_value(v) for v in t["p_value"]]
        return shown

    @property
    def answer(self) -> str:
        """The clearest odds ratio in one plain sentence."""
        return coefficients_answer(self.table, self.outcome, references_of(self.design), self.confidence)

    def described(self) -> str:
        """Say in plain words which method was used and why.

        Returns
        -------
        str
        """
        runs = round(float(self.design.cell_n.sum()))
        return (
            f"Rating {self.outcome!r}, {self.ratings[0]:g} to {self.ratings[-1]:g}, of {runs} runs: {self.method}. "
            f"Scope {self.scope}: {self.scope_reason}."
        )

    @checked
    def rates(self, by: str | Sequence[str] | None = None, *, at_least: float) -> Estimates:
        """Predict how many runs are rated at least so high, averaged over the same mix of runs.

        Parameters
        ----------
        by : str or sequence of str, optional
            Factors of the model.
        at_least : float
            The lowest rating that counts.

        Returns
        -------
        Estimates
            `by`, ``estimate, std_error, conf_low, conf_high`` (on the logit scale), and ``n, events, missing`` of the
            runs that really had these levels.

        Raises
        ------
        BaserateError
            If no rating, or every rating, is that high.
        """
        high = self._high(at_least)
        names, rows = _names(by), []
        for setting in settings(self.design, names):
            value, slope = self._average(setting, high)
            spread = value * (1 - value)
            found = infer((float(logit(value)), slope / spread), self.covariance, self.df, self.level)
            rows.append(
                {
                    **setting,
                    "estimate": value,
                    "std_error": found["std_error"] * spread,
                    "conf_low": float(expit(found["conf_low"])),
                    "conf_high": float(expit(found["conf_high"])),
                    **self._observed(setting, high),
                }
            )
        return self._estimates(pd.DataFrame(rows), "rate", names, f"{self.outcome} at least {at_least:g}")

    @checked
    def means(self, by: str | Sequence[str] | None = None) -> Estimates:
        """Predict the mean rating, averaged over the same mix of runs.

        Parameters
        ----------
        by : str or sequence of str, optional
            Factors of the model.

        Returns
        -------
        Estimates
            `by`, ``estimate, std_error, conf_low, conf_high``: ratings taken as numbers. For ranks see `superiority`.
        """
        names, rows = _names(by), []
        for setting in settings(self.design, names):
            found = infer(self._average(setting, self.ratings), self.covariance, self.df, self.level)
            keep = ("estimate", "std_error", "conf_low", "conf_high")
            rows.append({**setting, **{name: found[name] for name in keep}})
        return self._estimates(pd.DataFrame(rows), "mean rating", names, self.outcome)

    @checked
    def contrasts(self, across: str, *, at_least: float | None = None) -> Estimates:
        """Contrast mean ratings, or how many runs are rated at least so high, between the levels of a factor.

        Parameters
        ----------
        across : str
            The factor, such as ``"version"``; each later level minus each earlier one.
        at_least : float, optional
            The lowest rating that counts; left out, mean ratings are contrasted.

        Returns
        -------
        Estimates
            ``candidate, baseline, estimate, std_error, p_value, p_adjusted`` (Holm), ``conf_low, conf_high``.

        Raises
        ------
        BaserateError
            If the model has no such factor.
        """
        weights = self.ratings if at_least is None else self._high(at_least)

        def difference(candidate: str, baseline: str) -> Quantity:
            one, two = (self._average({across: name}, weights) for name in (candidate, baseline))
            return one[0] - two[0], one[1] - two[1]

        what = self.outcome if at_least is None else f"{self.outcome} at least {at_least:g}"
        return self._pairs(across, difference, 0.0, "mean difference" if at_least is None else "difference", what)

    @checked
    def superiority(self, across: str) -> Estimates:
        """Estimate the chance that a run of one level is rated higher than one of another, ties counting half.

        It is the difference of mean ranks on a scale from 0 to 1, 0.5 being none.

        Parameters
        ----------
        across : str
            The factor.

        Returns
        -------
        Estimates
            ``candidate, baseline, estimate, std_error, p_value, p_adjusted, conf_low, conf_high``.

        Raises
        ------
        BaserateError
            If the model has no such factor.

        References
        ----------
        Agresti, A. & Kateri, M. (2017). Ordinal probability effect measures for group comparisons in multinomial
        cumulative link models. Biometrics 73, 214–219.
        """

        def chance(candidate: str, baseline: str) -> Quantity:
            (pc, gc), (pb, gb) = (self._distribution({across: name}) for name in (candidate, baseline))
            beats = np.tril(np.ones((self.ratings.size,) * 2), -1) + np.eye(self.ratings.size) / 2
            return float(pc @ beats @ pb), gc.T @ (beats @ pb) + gb.T @ (beats.T @ pc)

        return self._pairs(across, chance, 0.5, "superiority", self.outcome)

    def _pairs(
        self, across: str, quantity: Callable[[str, str], Quantity], null: float, name: str, what: str
    ) -> Estimates:
        rows = []
        for baseline, candidate in itertools.combinations(self.design.levels(across), 2):
            found = infer(quantity(candidate, baseline), self.covariance, self.df, self.level, null)
            rows.append({"candidate": candidate, "baseline": baseline, **found})
        table = pd.DataFrame(rows, columns=["candidate", "baseline", *COLUMNS])
        table.insert(table.columns.get_loc("p_value") + 1, "p_adjusted", holm(table["p_value"].to_numpy()))
        return self._estimates(table, name, (), what, across)

    def _distribution(self, setting: dict[str, Any]) -> tuple[Floats, Floats]:
        """Return the average chance of each rating and its gradient, shapes (k,) and (k, parameters)."""
        X, weights = self.design.rows_with(setting)
        chance, gradient = chances(self.fitted.theta, X[:, 1:], self.ratings.size)
        return weights @ chance, np.tensordot(weights, gradient, axes=1)

    def _average(self, setting: dict[str, Any], worth: Floats) -> Quantity:
        chance, gradient = self._distribution(setting)
        return float(chance @ worth), worth @ gradient

    def _high(self, at_least: float) -> Floats:
        high = (self.ratings >= at_least).astype(float)
        if high.all() or not high.any():
            raise BaserateError(
                f"at_least={at_least:g} parts no ratings: they go from {self.ratings[0]:g} to {self.ratings[-1]:g}."
            )
        return high

    def _observed(self, setting: dict[str, Any], high: Floats) -> dict[str, int]:
        patterns = self.design.patterns
        hit = np.ones(len(self.design.pattern), dtype=bool)
        for name, value in setting.items():
            hit &= (patterns[name].astype(str) == str(value)).to_numpy()[self.design.pattern]
        runs = self.cells[hit] / self.design.scale[hit, None]
        return {"n": round(float(runs.sum())), "events": round(float((runs @ high).sum())), "missing": 0}

    def _estimates(
        self, table: pd.DataFrame, quantity: str, by: tuple[str, ...], outcome: str, across: str = ""
    ) -> Estimates:
        return Estimates(
            table=table,
            outcome=outcome,
            method=f"averages from {self.method}",
            level=self.level,
            scope=self.scope,
            scope_reason=self.scope_reason,
            notes=self.notes,
            cautions=self.cautions,
            quantity=quantity,
            by=by,
            across=across,
        )


def _names(by: str | Sequence[str] | None) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by or ())
