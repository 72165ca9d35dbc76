"""What a logistic model answers with: a table of rates, contrasts, odds ratios or a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from baserate.result import Result
from baserate.text import interval, p_value, percent

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
        if self.quantity == "interaction":
            pairs = {self.across: ("candidate", "baseline"), self.by[0]: ("within", "against")}
            shown = pd.DataFrame({n: [f"{a} vs {b}" for a, b in t[list(of)].to_numpy()] for n, of in pairs.items()})
            shown["scale"] = t["scale"]
        if "estimate" in t:
            write = percent if self.quantity == "rate" else "{:.4g}".format
            shown[self.quantity.removeprefix("coefficient ")] = [write(v) for v in t["estimate"]]
            digits, scale = (1, 100.0) if self.quantity == "rate" else (4, 1.0)
            limits = zip(t["conf_low"], t["conf_high"], strict=True)
            shown[f"{self.confidence} interval"] = [interval(low, high, digits, scale) for low, high in limits]
        if "new_low" in t:
            limits = zip(t["new_low"], t["new_high"], strict=True)
            shown["a new prompt"] = [interval(low, high, digits, scale) for low, high in limits]
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

    def explain(self) -> str:
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
