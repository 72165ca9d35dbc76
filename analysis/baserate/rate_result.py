"""Rates of a behavior, as a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from baserate.arguments import COMMAND, way_asked
from baserate.result import Result
from baserate.text import in_words, interval, percent

_ENDS, _MOST_OUTCOMES = 2, 3


class Errors(NamedTuple):
    """How the judge did on labeled runs: effective numbers, so that runs of a prompt count as what they tell."""

    hits_yes: float
    yes: float
    hits_no: float
    no: float
    labeled: int


class Basis(NamedTuple):
    """What a corrected rate was made of: the rate as judged, how many runs it is worth, and the judge's errors."""

    rate: float
    size: float
    errors: Errors | None


@dataclass(frozen=True, eq=False, repr=False)
class Rates(Result):
    """Rates of a behavior, one row a group.

    ``table`` has the columns of `by`, then ``estimate, std_error, conf_low, conf_high, n, events, missing, prompts,
    raw`` (events over graded runs, whatever their conditions), ``n_eff, icc, design_effect``; the bounds had all
    ungraded runs been a no, or a yes, ``worst_low, worst_high``; and ``both_low, both_high``, an interval that holds
    that doubt and sampling together.

    Attributes
    ----------
    by : tuple of str
        The columns that make a group.
    conditions : tuple of str
        The columns over whose combinations a rate is averaged.
    corrected : str
        How rates were corrected for the judge's errors; empty where they are as judged. Then `table` has the rates as
        judged, ``uncorrected``, with the judge's ``sensitivity`` and ``specificity`` (``predictive_yes`` and
        ``predictive_no`` of "ppi") and the runs ``labeled``.
    bases : tuple of Basis
        What corrected rates were made of, one a row.
    """

    by: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    corrected: str = ""
    bases: tuple[Basis, ...] = ()

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[list(self.by)].astype(str)
        shown["corrected rate" if self.corrected else "rate"] = [percent(v) for v in t["estimate"]]
        shown[f"{self.confidence} interval"] = [
            interval(low, high) for low, high in zip(t["conf_low"], t["conf_high"], strict=True)
        ]
        if self.corrected:
            shown["as judged"] = [percent(v) for v in t["uncorrected"]]
        shown["events/graded"] = [f"{k}/{n}" for k, n in zip(t["events"], t["n"], strict=True)]
        if t["missing"].any():
            shown["ungraded"] = t["missing"].astype(str)
            shown["if all were graded"] = [
                interval(low, high) for low, high in zip(t["worst_low"], t["worst_high"], strict=True)
            ]
        if (t["prompts"] > 0).any():
            shown["prompts"] = t["prompts"].astype(str)
        return shown

    @property
    def answer(self) -> str:
        """The rates in one plain sentence."""
        t = self.table
        if self.by[:1] == ("outcome",):
            return self._of_several()
        behavior, told = in_words(self.outcome), []
        for row in (
            (t.loc[t["estimate"].idxmin()], t.loc[t["estimate"].idxmax()]) if t["estimate"].notna().any() else ()
        ):
            name = ", ".join(str(row[column]) for column in self.by)
            counts = "" if self.corrected else f" ({int(row['events'])}/{int(row['n'])})"
            rate = f"{percent(row['estimate'])} {interval(row['conf_low'], row['conf_high'])}"
            told.append((f"{rate}{counts}", name))
        if not told:
            return f"The rate of {behavior} is not known: no run was graded."
        corrected = "corrected " if self.corrected else ""
        (least, first), (most, last) = told
        if len(t) == 1:
            named = "" if first in ("", "all runs") else f" in {first}"
            return f"The {corrected}rate of {behavior}{named} is {least}."
        if least == most:
            return f"The {corrected}rate of {behavior} is {least} in each of {len(t)} groups."
        return (
            f"The {corrected}rate of {behavior} goes from {least} in {first} to {most} in {last}. Which of {len(t)} "
            f"differ, {'baserate compare' if way_asked() == COMMAND else 'compare()'} tells."
        )

    def _of_several(self) -> str:
        """Write the lowest and the highest rate of each outcome."""
        told = []
        for outcome, part in self.table.groupby("outcome", sort=False, observed=True):
            known = part[part["estimate"].notna()].sort_values("estimate", kind="stable")
            ends = known if len(known) < _ENDS else known.iloc[[0, -1]]
            named = [
                f"{percent(row['estimate'])} ({', '.join(str(row[name]) for name in self.by[1:])})".replace(" ()", "")
                for row in ends.to_dict("records")
            ]
            told.append(f"{in_words(outcome)} {' to '.join(named) or 'not graded'}")
        shown = "; ".join(told[:_MOST_OUTCOMES]) + (
            f"; and {len(told) - _MOST_OUTCOMES} more" * (len(told) > _MOST_OUTCOMES)
        )
        return f"Rates: {shown}."

    @property
    def computed(self) -> str:
        """A line on how the rates were computed, in a reader's words."""
        over = f", averaged over {', '.join(map(in_words, self.conditions))}" if self.conditions else ""
        return f"shares of graded runs{over}; {super().computed}"

    def described(self) -> str:
        """Say in two sentences which method was used and why.

        Returns
        -------
        str
        """
        over = f", averaged over {', '.join(self.conditions)}" if self.conditions else ""
        return (
            f"Share of graded runs with {self.outcome!r}{over}, with {self.confidence} intervals ({self.method}). "
            f"Scope {self.scope}: {self.scope_reason}."
        )
