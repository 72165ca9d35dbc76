"""Differences between versions, as a result."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from baserate.comparison.sentences import summary, verdicts
from baserate.errors import BaserateError
from baserate.estimate import EFFECTS
from baserate.result import Result
from baserate.text import in_words, p_value, percent, points, ratio

_TITLES = {"difference": "difference, points"}
_NAMES = {"holm": "p Holm", "benjamini-hochberg": "p BH", "benjamini-yekutieli": "p BY", "none": "p each"}


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Differences of rates, candidate minus baseline, one row a pair.

    ``table`` has the columns of `by`, then ``candidate, baseline, estimate, std_error, conf_low, conf_high, p_value,
    p_adjusted, adjusted_low, adjusted_high`` (limits that agree with the adjusted p value), ``verdict``; what would
    decide an open one, ``needed`` in words and ``needed_prompts, needed_epochs, needed_runs``; with a margin
    ``equivalent, not_worse`` (shown, refuted or inconclusive); for each side ``rate_*, events_*, n_*, prompts_*`` on
    what both sides ran, and ``missing_*``; the ``correlation`` of the two rates and ``df``; the ``raw`` difference,
    whatever the sides ran, and what of it is another mix of conditions or prompts, ``from_mix``; what one side alone
    ran, ``left_conditions, left_prompts, left_runs``; the bounds had every run been graded, ``worst_low, worst_high``,
    an interval of that doubt and sampling together, ``both_low, both_high``, ``survives_ungraded``, and ``tipping``,
    how many ungraded runs would overturn the verdict.

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
    conditions : tuple of str
        The columns over whose combinations rates are averaged.
    """

    across: str = "version"
    baseline: str | None = None
    margin: float | None = None
    by: tuple[str, ...] = ()
    effect: str = "difference"
    strata: tuple[str, ...] = ()
    adjust: str = "holm"
    conditions: tuple[str, ...] = ()

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[list(self.by)].astype(str)
        judged = "judged " if "uncorrected" in t else ""  # counts are as judged, rates are not
        for side in ("candidate", "baseline"):
            counted = zip(t[side], t[f"rate_{side}"], t[f"events_{side}"], t[f"n_{side}"], strict=True)
            shown[side] = [f"{name} {percent(rate)} ({judged}{k}/{n})" for name, rate, k, n in counted]
        shown[_TITLES.get(self.effect, self.effect.replace("-", " "))] = [
            self._written(estimate, low, high)
            for estimate, low, high in zip(t["estimate"], t["conf_low"], t["conf_high"], strict=True)
        ]
        shown["p"] = [p_value(v) for v in t["p_value"]]
        if len(t) > 1:
            shown[_NAMES.get(self.adjust, f"p {self.adjust}")] = [p_value(v) for v in t["p_adjusted"]]
        shown["verdict"] = t["verdict"]
        if t["needed"].any():
            shown["to decide"] = [re.sub(r"about (\d+) more (\w+).*", r"~\1 \2", text) for text in t["needed"]]
        return shown

    def _written(self, estimate: float, low: float, high: float) -> str:
        return (points if self.effect == "difference" else ratio)(estimate, low, high)

    @property
    def answer(self) -> str:
        """The verdict in one plain sentence; of several comparisons their verdicts, and the clearest."""
        found = verdicts(self)
        if len(found) == 1:
            return str(found[0])
        if not found:
            return "There is nothing to compare."
        clearest = found[int(self.table["p_adjusted"].fillna(1.0).argmin())]
        return f"{summary(found)[:-1]}; clearest: {clearest}"

    @property
    def computed(self) -> str:
        """A line on how the differences were computed, in a reader's words."""
        over = f", rates averaged over {', '.join(map(in_words, self.conditions))}" if self.conditions else ""
        return f"candidate {EFFECTS[self.effect].to} baseline{over}; {super().computed}"

    def judge_error(self) -> pd.DataFrame:
        """Say how wrong the judge would have to be, in one version and not in the other, for a verdict to fall.

        A judge that errs alike in both versions makes a difference smaller, but turns none.

        Returns
        -------
        DataFrame
            One row a pair: ``candidate, baseline``, the ``difference`` and how much of it is sure, ``bias`` (the limit
            nearer to none, both in rates); so much the judge must have made: by taking ``false_yes`` of the runs of the
            higher side that were no for yes, or by overlooking ``missed_yes`` of those of the lower side that were yes.
            Missing where there is no verdict to fall.

        Raises
        ------
        BaserateError
            If the comparison is of ratios.

        Examples
        --------
        >>> import pandas as pd
        >>> import baserate as br
        >>> counts = pd.DataFrame({"version": ["old", "new"], "n": [100, 100], "blackmail": [70, 84]})
        >>> found = br.compare(counts, "blackmail", baseline="old").judge_error()
        >>> found[["bias", "false_yes"]].round(3).values.tolist()
        [[0.023, 0.128]]
        """
        if self.effect != "difference":
            raise BaserateError("judge_error() is of differences. Compare with effect='difference'.")
        t = self.table
        low, high = t["adjusted_low"].astype(float), t["adjusted_high"].astype(float)
        bias = low.where(low > 0, (-high).where(high < 0))
        up = t["estimate"] > 0
        higher = t["rate_candidate"].where(up, t["rate_baseline"])
        lower = t["rate_baseline"].where(up, t["rate_candidate"])
        found = t[[*self.by, "candidate", "baseline"]].copy()
        found["difference"], found["bias"] = t["estimate"], bias
        found["false_yes"] = bias / (1 - higher + bias)
        found["missed_yes"] = bias / (lower + bias)
        return found

    def described(self) -> str:
        """Say in two sentences which method was used and why.

        Returns
        -------
        str
        """
        against = "all pairs" if self.baseline is None else f"against {self.baseline}"
        sign = "±" if self.effect == "difference" else "a factor of "
        margin = "" if self.margin is None else f", equivalent within {sign}{self.margin:g}"
        effect = EFFECTS[self.effect]
        within = f", within each {' and '.join(self.by)}" if self.by else ""
        over = f", averaged over {', '.join(self.conditions)}" if self.conditions else ""
        return (
            f"{effect.many} of the rate of {self.outcome!r} across {self.across}{over}, {against}, candidate "
            f"{effect.to} baseline{within}{margin}; {self.confidence} intervals and tests: {self.method}. "
            f"Scope {self.scope}: {self.scope_reason}."
        )
