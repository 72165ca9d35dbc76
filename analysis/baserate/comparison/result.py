"""Differences between versions, as a result."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import pandas as pd

from baserate.result import Result
from baserate.text import interval, p_value, percent


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Differences of rates, candidate minus baseline, one row a pair.

    ``table`` has the columns of `by`, then ``candidate, baseline, estimate, conf_low, conf_high, p_value, p_adjusted,
    adjusted_low, adjusted_high`` (limits that agree with the adjusted p value), ``verdict, needed``; with a margin
    ``equivalent, not_worse`` (shown, refuted or inconclusive); for each side ``rate_*, events_*, n_*, missing_*,
    prompts_*``; over sampled prompts the ``correlation`` of the rates, the p value ``p_permutation`` of the sign-flip
    test or of permuting prompts, and ``p_inversion`` of the interval by itself; the Newcombe interval of independent
    runs (``newcombe_low``, ``newcombe_high``); the difference on the same mix of conditions, ``standardized``, and what
    is left of the raw one, ``from_mix``; the bounds had every run been graded, ``worst_low, worst_high``, and
    ``survives_ungraded`` (None where ungraded runs lie in strata that were not compared).

    Attributes
    ----------
    across : str
        The column whose levels are compared.
    baseline : str or None
        The level that the others are compared with; None for all pairs.
    margin : float or None
        The largest difference that counts as equivalent.
    by : tuple of str
        Columns within whose groups the levels are compared.
    effect : str
        ``"difference"``, ``"ratio"`` or ``"odds-ratio"``.
    strata : tuple of str
        Columns whose levels the comparison was stratified by.
    adjust : str
        How several comparisons were allowed for.
    """

    across: str = "version"
    baseline: str | None = None
    margin: float | None = None
    by: tuple[str, ...] = ()
    effect: str = "difference"
    strata: tuple[str, ...] = ()
    adjust: str = "holm"

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[list(self.by)].astype(str)
        for side in ("candidate", "baseline"):
            counted = zip(t[side], t[f"rate_{side}"], t[f"events_{side}"], t[f"n_{side}"], strict=True)
            shown[side] = [f"{name} {percent(rate)} ({k}/{n})" for name, rate, k, n in counted]
        shown[self.effect.replace("-", " ")] = [
            f"{self._written(estimate)} {interval(low, high, 4, 1)}"
            for estimate, low, high in zip(t["estimate"], t["conf_low"], t["conf_high"], strict=True)
        ]
        shown["p"] = [p_value(v) for v in t["p_value"]]
        if len(t) > 1:
            shown[{"holm": "p Holm", "none": "p each"}.get(self.adjust, f"p {self.adjust}")] = [
                p_value(v) for v in t["p_adjusted"]
            ]
        shown["verdict"] = t["verdict"]
        if t["needed"].any():
            shown["to decide"] = [re.sub(r"about (\d+) more (\w+).*", r"~\1 \2", text) for text in t["needed"]]
        return shown

    def _written(self, estimate: float) -> str:
        if math.isnan(estimate):
            return "–"
        return f"{estimate:+.4f}" if self.effect == "difference" else f"{estimate:.4f}"

    def explain(self) -> str:
        """Say in two sentences which method was used and why.

        Returns
        -------
        str
        """
        against = "all pairs" if self.baseline is None else f"against {self.baseline}"
        sign = "±" if self.effect == "difference" else "a factor of "
        margin = "" if self.margin is None else f", equivalent within {sign}{self.margin:g}"
        kind = {"difference": "Differences", "ratio": "Ratios", "odds-ratio": "Odds ratios"}[self.effect]
        within = f", within each {' and '.join(self.by)}" if self.by else ""
        over = f", within {', '.join(self.strata)}" if self.strata else ""
        to = "minus" if self.effect == "difference" else "to"
        return (
            f"{kind} of the rate of {self.outcome!r} across {self.across}{over}, {against}, candidate {to} baseline"
            f"{within}{margin}; {self.confidence} intervals and tests: {self.method}. "
            f"Scope {self.scope}: {self.scope_reason}."
        )
