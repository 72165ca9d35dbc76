"""A comparison in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baserate.text import in_words, p_equals, percent, points, ratio

if TYPE_CHECKING:
    from baserate.comparison.result import Comparison

ADJUSTED = {
    "holm": "Holm",
    "max-z": "max-|z|",
    "bonferroni": "Bonferroni",
    "benjamini-hochberg": "Benjamini–Hochberg",
    "benjamini-yekutieli": "Benjamini–Yekutieli",
    "none": "not adjusted",
}


@dataclass(frozen=True)
class Verdict:
    """One comparison in words.

    Attributes
    ----------
    word : str
        ``higher``, ``lower``, ``equivalent`` or ``inconclusive``.
    claim : str
        What it says.
    numbers : str
        What it rests on.
    """

    word: str
    claim: str
    numbers: str

    def __str__(self) -> str:
        """Write it as one line of text."""
        return f"{self.claim}: {self.numbers}."


def verdicts(comparison: Comparison) -> list[Verdict]:
    """Write each comparison in words.

    Parameters
    ----------
    comparison : Comparison
        What `baserate.compare` returns.

    Returns
    -------
    list of Verdict
        In the order of its table.
    """
    rows = comparison.table.to_dict("records")
    return [Verdict(row["verdict"], _claim(row, comparison), _numbers(row, comparison, len(rows))) for row in rows]


def _claim(row: Mapping[Any, Any], comparison: Comparison) -> str:
    one, two = row["candidate"], row["baseline"]
    behavior = in_words(comparison.outcome)
    within = ", ".join(f"{in_words(name)} {row[name]}" for name in comparison.by)
    claims = {
        "higher": f"{one} shows {behavior} more often than {two}",
        "lower": f"{one} shows {behavior} less often than {two}",
        "equivalent": f"{one} and {two} differ by less than {_margin(comparison)} in {behavior}",
        "inconclusive": f"Whether {one} and {two} differ in {behavior} is open",
    }
    return claims[row["verdict"]] + (f" ({within})" if within else "")


def _margin(comparison: Comparison) -> str:
    if comparison.effect == "difference":
        return f"{100 * (comparison.margin or 0):g} points"
    return f"a factor of {comparison.margin or 1:g}"


def _numbers(row: Mapping[Any, Any], comparison: Comparison, comparisons: int) -> str:
    if math.isnan(row["estimate"]):
        return "no graded runs to hold against each other"
    judged = "judged " if "uncorrected" in row else ""
    limits = row["estimate"], row["conf_low"], row["conf_high"]
    effect = f"{points(*limits)} points" if comparison.effect == "difference" else f"a ratio of {ratio(*limits)}"
    effect = effect if comparison.effect != "odds-ratio" else f"an odds ratio of {ratio(*limits)}"
    said = [
        f"{percent(row['rate_candidate'])} ({judged}{row['events_candidate']}/{row['n_candidate']}) against "
        f"{percent(row['rate_baseline'])} ({judged}{row['events_baseline']}/{row['n_baseline']})",
        effect,
        p_equals(row["p_adjusted"]) + (f" ({ADJUSTED[comparison.adjust]})" if comparisons > 1 else ""),
    ]
    return ", ".join(said) + (f"; to decide: {row['needed']}" if row["needed"] else "")


def summary(found: list[Verdict]) -> str:
    """Count the verdicts of many comparisons.

    Parameters
    ----------
    found : list of Verdict

    Returns
    -------
    str
        ``"3 comparisons: 2 higher, 1 inconclusive."``
    """
    words = [verdict.word for verdict in found]
    counted = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    return f"{len(found)} comparison{'s' * (len(found) != 1)}: {counted}."
