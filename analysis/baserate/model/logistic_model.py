"""A fitted logistic model, and the questions it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baserate.errors import BaserateError
from baserate.model.answers import coefficients_answer, reference_of, references_of, term_in_words
from baserate.model.estimates import Estimates
from baserate.model.estimation import full_precision, grouping
from baserate.model.questions import Questions
from baserate.stats.mixed import deviation_interval
from baserate.text import interval, p_value

_ODDS = {"finite": "finite", "+∞": "∞", "−∞": "0", "±∞": "0 or ∞"}


@dataclass(frozen=True, eq=False, repr=False)
class LogisticModel(Questions):
    """A fitted logistic model; ``table`` has its coefficients in log odds.

    ``table`` has the columns ``term, estimate, std_error, statistic, p_value, conf_low, conf_high``; with sampled
    prompts ``df``, the degrees of freedom of ``statistic``; and where the data separate ``maximum_likelihood``, which
    says where the unpenalized estimate would be.

    Attributes
    ----------
    formula : str
        The model, its terms spelt out.
    why : str
        A sentence on why this method.
    prompt_deviation : float
        With random intercepts, the standard deviation of the prompts' log odds; else nan.
    """

    formula: str = ""
    why: str = ""
    prompt_deviation: float = float("nan")

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
        return f"{self.formula}: {self.method}. {self.why} Scope {self.scope}: {self.scope_reason}."

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
        shown["std. error"] = [f"{v:.3f}" if np.isfinite(v) else "–" for v in t["std_error"]]
        limits = zip(t["conf_low"], t["conf_high"], strict=True)
        shown[f"{self.confidence} interval"] = [interval(low, high, 3, 1.0) for low, high in limits]
        if "df" in t:
            shown["df"] = [f"{v:.1f}" if np.isfinite(v) else "–" for v in t["df"]]
        shown["p"] = [p_value(v) for v in t["p_value"]]
        if "maximum_likelihood" in t:
            shown["maximum likelihood"] = t["maximum_likelihood"]
        return shown

    def deviations(self) -> Estimates:
        """Return how far the levels of each grouping with random intercepts differ, in log odds.

        Returns
        -------
        Estimates
            ``term, estimate, conf_low, conf_high`` (profile likelihood; a lower limit of 0 where no spread is not ruled
            out), and ``levels``, of which there are so many.

        Raises
        ------
        BaserateError
            If the model has no random intercepts.
        """
        random = self.estimation.random
        if random is None:
            raise BaserateError("The model has no random intercepts. Fit it with random='prompt'.")
        with full_precision():
            limits = [deviation_interval(random.found, i, self.level) for i in range(len(random.terms))]
        table = pd.DataFrame({"term": random.terms, "estimate": random.found.deviations})
        table[["conf_low", "conf_high"]] = limits
        table["levels"] = [np.unique(grouping(self.design, term)).size for term in random.terms]
        return self._estimates(table, "deviation", f"{self.method.rpartition(',')[0]}, profile likelihood intervals")

    def odds_ratios(self) -> Estimates:
        """Return the odds ratio of each term but the intercept.

        Returns
        -------
        Estimates
            ``term, reference`` (the level that it is against; empty for numbers), ``estimate, statistic, p_value,
            conf_low, conf_high``. Where the data separate, ``maximum_likelihood``
            says which odds ratios are 0 or infinite without the penalty.
        """
        table = self.table.iloc[1:].drop(columns="std_error").reset_index(drop=True)
        table.insert(1, "reference", [reference_of(term, references_of(self.design)) for term in table["term"]])
        with np.errstate(over="ignore"):  # an odds ratio beyond 1e308 is shown as infinite
            for name in ("estimate", "conf_low", "conf_high"):
                table[name] = np.exp(table[name])
        if "maximum_likelihood" in table:
            table["maximum_likelihood"] = table["maximum_likelihood"].map(_ODDS)
        return self._estimates(table, "coefficient odds ratio", self.method)
