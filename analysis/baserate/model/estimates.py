"""What a logistic model answers with: a table of rates, contrasts, odds ratios or a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baserate.model.answers import estimates_answer, term_in_words, writer
from baserate.result import Result
from baserate.text import interval, p_value

_NAMES = {
    "rate": "Average rates",
    "difference": "Differences of average rates, candidate minus baseline",
    "ratio": "Ratios of average rates, candidate over baseline",
    "odds-ratio": "Odds ratios of average rates, candidate over baseline",
    "coefficient odds ratio": "Odds ratios of the model's terms",
    "slope": "Average slopes, rate per unit",
    "deviation": "Standard deviations of log odds between levels",
    "interaction": "Interaction: how effects differ between levels",
    "mean rating": "Mean ratings",
    "mean difference": "Differences of mean ratings, candidate minus baseline",
    "superiority": "Chance of a higher rating, ties counting half, candidate against baseline",
    "test": "Test that a term does not matter",
}


@dataclass(frozen=True, eq=False, repr=False)
class Estimates(Result):
    """Quantities computed from a logistic model, one row each.

    Attributes
    ----------
    quantity : {"rate", "difference", "ratio", "odds-ratio", "coefficient odds ratio", "slope", "deviation",
        "interaction", "test"}
        What ``estimate`` is.
    across : str
        The factor whose levels are contrasted, if any.
    baseline : str or None
        The level that the others are compared with; None for all pairs.
    by : tuple of str
        The columns that make a group.
    margin : float or None
        The largest effect that counts as equivalent.
    """

    quantity: str = "rate"
    across: str = ""
    baseline: str | None = None
    by: tuple[str, ...] = ()
    margin: float | None = None

    @property
    def null(self) -> float:
        """The value that means no effect: 0 for differences, 1 for ratios, nan for rates and interactions."""
        none = {
            "difference": 0.0,
            "slope": 0.0,
            "rate": np.nan,
            "deviation": np.nan,
            "interaction": np.nan,
            "test": np.nan,
        }
        return none.get(self.quantity, 1.0)

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[[c for c in (*self.by, "term", "candidate", "baseline") if c in t]].astype(str)
        if "term" in shown:
            shown["term"] = shown["term"].map(term_in_words)
        if "reference" in t:
            shown["against"] = t["reference"]
        if self.quantity == "interaction":
            pairs = {self.across: ("candidate", "baseline"), self.by[0]: ("within", "against")}
            shown = pd.DataFrame({n: [f"{a} vs {b}" for a, b in t[list(of)].to_numpy()] for n, of in pairs.items()})
            shown["scale"] = t["scale"]
        if "estimate" in t:
            write = writer(self.quantity)
            scales = t["scale"] if "scale" in t else [""] * len(t)
            rows = list(zip(t["estimate"], t["conf_low"], t["conf_high"], scales, strict=True))
            title = self.quantity.removeprefix("coefficient ")
            shown[f"{title}, points" if title == "difference" else title] = [
                write(estimate, np.nan, np.nan, scale) for estimate, _, _, scale in rows
            ]
            shown[f"{self.confidence} interval"] = [
                write(estimate, low, high, scale).partition(" ")[2] for estimate, low, high, scale in rows
            ]
        if "new_low" in t:
            limits = zip(t["new_low"], t["new_high"], strict=True)
            shown["a new prompt"] = [interval(low, high) for low, high in limits]
        for name in ("df", "df_denominator", "statistic"):
            if name in t and self.quantity == "test":
                shown[name] = [f"{v:.4g}" for v in t[name]]
        for name, title in {"p_value": "p", "p_adjusted": "p Holm", "p_wild": "p wild score"}.items():
            if name in t and (name != "p_adjusted" or len(t) > 1):
                shown[title] = [p_value(v) for v in t[name]]
        for name in ("verdict", "not_worse"):
            if name in t:
                shown[name.replace("_", " ")] = t[name]
        if "n" in t:
            shown["events/graded"] = [f"{k}/{n}" for k, n in zip(t["events"], t["n"], strict=True)]
        if "maximum_likelihood" in t:
            shown["maximum likelihood"] = t["maximum_likelihood"]
        return shown

    @property
    def answer(self) -> str:
        """The clearest of the estimates in one plain sentence."""
        return estimates_answer(self)

    def described(self) -> str:
        """Say in two sentences which method was used and why.

        Returns
        -------
        str
        """
        over = f" across {self.across}" if self.across else ""
        return (
            f"{_NAMES[self.quantity]}{over} for {self.outcome!r}, {self.confidence} intervals: {self.method}. "
            f"Scope {self.scope}: {self.scope_reason}."
        )
