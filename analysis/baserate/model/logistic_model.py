"""A fitted logistic model, and the questions it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import checked
from baserate.errors import BaserateError, require_known
from baserate.model.averages import SCALES, contrasts_table, never_run, rates_table
from baserate.model.design import Design
from baserate.model.estimates import Estimates
from baserate.model.estimation import Estimation, for_averages, full_precision, rarer
from baserate.model.inference import agreement, uses_profile
from baserate.model.terms import term_test
from baserate.result import Result
from baserate.text import interval, p_value

_ODDS = {"finite": "finite", "+∞": "∞", "−∞": "0", "±∞": "0 or ∞"}


@dataclass(frozen=True, eq=False, repr=False)
class LogisticModel(Result):
    """A fitted logistic model; ``table`` has its coefficients in log odds.

    ``table`` has the columns ``term, estimate, std_error, statistic, p_value, conf_low, conf_high``; with sampled
    prompts ``df``, the degrees of freedom of ``statistic``; and where the data separate ``maximum_likelihood``, which
    says where the unpenalized estimate would be.

    Attributes
    ----------
    formula : str
        The model, its terms spelt out.
    design : Design
        Design matrix and counts.
    estimation : Estimation
        Coefficients, covariances and likelihood.
    why : str
        A sentence on why this method.
    prompt_deviation : float
        With random intercepts, the standard deviation of the prompts' log odds; else nan.
    """

    formula: str = ""
    design: Design = field(kw_only=True)
    estimation: Estimation = field(kw_only=True)
    why: str = ""
    prompt_deviation: float = float("nan")

    def explain(self) -> str:
        """Say in plain words which method was used and why.

        Returns
        -------
        str
        """
        return f"{self.formula}: {self.method}. {self.why} Scope {self.scope}: {self.scope_reason}."

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[["term"]].astype(str)
        shown["log odds"] = [f"{v:.3f}" for v in t["estimate"]]
        shown["std. error"] = [f"{v:.3f}" if np.isfinite(v) else "–" for v in t["std_error"]]
        limits = zip(t["conf_low"], t["conf_high"], strict=True)
        shown[f"{self.confidence} interval"] = [interval(low, high, 3, 1.0) for low, high in limits]
        if "df" in t:
            shown["df"] = [f"{v:.1f}" if np.isfinite(v) else "–" for v in t["df"]]
        shown["p"] = [p_value(v) for v in t["p_value"]]
        if "maximum_likelihood" in t:
            shown["maximum likelihood"] = t["maximum_likelihood"]
        return shown

    def odds_ratios(self) -> Estimates:
        """Return the odds ratio of each term but the intercept.

        Returns
        -------
        Estimates
            ``term, estimate, statistic, p_value, conf_low, conf_high``. Where the data separate, ``maximum_likelihood``
            says which odds ratios are 0 or infinite without the penalty.
        """
        table = self.table.iloc[1:].drop(columns="std_error").reset_index(drop=True)
        with np.errstate(over="ignore"):  # an odds ratio beyond 1e308 is shown as infinite
            for name in ("estimate", "conf_low", "conf_high"):
                table[name] = np.exp(table[name])
        if "maximum_likelihood" in table:
            table["maximum_likelihood"] = table["maximum_likelihood"].map(_ODDS)
        return self._estimates(table, "coefficient odds ratio", self.method)

    @checked
    def rates(self, by: str | Sequence[str]) -> Estimates:
        """Predict the rate at each level of a factor, averaged over the same mix of graded runs.

        Parameters
        ----------
        by : str or sequence of str
            Factors of the model; of several, each combination of their levels.

        Returns
        -------
        Estimates
            `by`, ``estimate, std_error, conf_low, conf_high``, and ``n, events, missing`` of the runs that really had
            these levels.

        Raises
        ------
        BaserateError
            If the model has no such factor.
        """
        names = _names(by)
        with full_precision():
            table = rates_table(self.design, for_averages(self.design, self.estimation), names, self.level)
        levels = [" / ".join(map(str, row)) for row in table[list(names)].to_numpy(dtype=object)]
        notes = (*agreement(table.pop("agreed"), levels, "rates"), *self._filled_in(names))
        return self._estimates(table, "rate", self._averaging("the logit"), by=names, notes=notes)

    @checked
    def contrasts(
        self,
        across: str,
        by: str | Sequence[str] | None = None,
        baseline: str | None = None,
        scale: str = "difference",
    ) -> Estimates:
        """Contrast the average rates of the levels of a factor, on one mix of graded runs.

        Parameters
        ----------
        across : str
            The factor, such as ``"version"``.
        by : str or sequence of str, optional
            Contrast at each level of these factors, which is how an interaction shows.
        baseline : str, optional
            The level that the others are compared with; left out, all pairs, each later level minus each earlier.
        scale : {"difference", "ratio", "odds-ratio"}
            What the contrast is of two rates.

        Returns
        -------
        Estimates
            ``candidate, baseline, estimate, p_value, p_adjusted`` (Holm), ``conf_low, conf_high``, and the rates and
            counts of both sides.

        Raises
        ------
        BaserateError
            If a factor, level or scale is unknown.
        """
        require_known(scale, SCALES, "scale")
        names = _names(by)
        if across in names:
            raise BaserateError(f"{across!r} cannot be contrasted at its own levels. Name another factor in by=.")
        with full_precision():
            fit = for_averages(self.design, self.estimation)
            table = contrasts_table(self.design, fit, across, baseline, names, scale, self.level)
        on = {"difference": "the probability scale", "ratio": "the log", "odds-ratio": "the logit"}[scale]
        pairs = [f"{one} − {two}" for one, two in zip(table["candidate"], table["baseline"], strict=True)]
        notes = (*agreement(table.pop("agreed"), pairs, "contrasts"), *self._filled_in((*names, across)))
        return self._estimates(
            table, scale, self._averaging(on), across=across, baseline=baseline, by=names, notes=notes
        )

    @checked
    def test(self, term: str) -> Estimates:
        """Test whether a factor matters: all coefficients of its terms at once.

        Parameters
        ----------
        term : str
            A factor (all terms that contain it are tested together), an interaction such as ``"version:urgency"``, or
            one coefficient such as ``"version[T.opus-4]"``.

        Returns
        -------
        Estimates
            One row: ``term, df, statistic, p_value``; with sampled prompts ``df_denominator``, and with fewer than 10
            prompts ``p_wild``, the wild score bootstrap beside the F test.

        Raises
        ------
        BaserateError
            If the model has no such term.
        """
        with full_precision():
            table, method, notes = term_test(self.design, self.estimation, term)
        return self._estimates(table, "test", method, notes=notes)

    def _averaging(self, scale: str) -> str:
        base = f"g-computation from {self.method.split(',')[0]}"
        if uses_profile(self.estimation):
            return f"{base}{' with added covariate (FLAC)' if rarer(self.design) else ''}, profile intervals"
        corrected = " with intercept correction (FLIC)" if self.estimation.kind == "firth" else ""
        kind = "CR2 cluster-robust" if self.estimation.clusters is not None else "model-based"
        if self.estimation.method == "wild":
            return f"{base}{corrected}, wild score bootstrap over prompts"
        wild = ", or the wild score bootstrap where it is wider" if self.estimation.wild else ""
        return f"{base}{corrected}, delta method on {scale} with {kind} covariance{wild}"

    def _estimates(self, table: pd.DataFrame, quantity: str, method: str, **more: Any) -> Estimates:
        notes = (*more.pop("notes", ()), *self.notes)
        shared = {name: getattr(self, name) for name in ("outcome", "level", "scope", "scope_reason")}
        return Estimates(
            table=table, quantity=quantity, method=method, notes=notes, cautions=self.cautions, **shared, **more
        )

    def _filled_in(self, names: tuple[str, ...]) -> tuple[str, ...]:
        filled = never_run(self.design, names)
        said = "combinations averaged over were never run: there the rate is the model's word alone."
        return (f"{filled} of the {said}",) if filled else ()


def _names(by: str | Sequence[str] | None) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by or ())
