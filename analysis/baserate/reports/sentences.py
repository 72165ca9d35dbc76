"""A comparison in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baserate.comparison import Comparison
from baserate.plot.canvas import plain
from baserate.plot.effects import points
from baserate.text import p_value, percent


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
    behavior = plain(comparison.outcome)
    within = ", ".join(f"{plain(name)} {row[name]}" for name in comparison.by)
    claims = {
        "higher": f"{one} shows {behavior} more often than {two}",
        "lower": f"{one} shows {behavior} less often than {two}",
        "equivalent": f"{one} and {two} differ by less than {100 * (comparison.margin or 0):g} points",
        "inconclusive": f"{one} against {two} is open",
    }
    return claims[row["verdict"]] + (f" ({within})" if within else "")


def _numbers(row: Mapping[Any, Any], comparison: Comparison, comparisons: int) -> str:
    p = p_value(row["p_adjusted"])
    equals = p.replace("<", "< ") if p.startswith("<") else f"= {p}"
    said = [
        f"{percent(row['rate_candidate'])} ({row['events_candidate']}/{row['n_candidate']}) against "
        f"{percent(row['rate_baseline'])} ({row['events_baseline']}/{row['n_baseline']})",
        f"{points(row['estimate'], row['conf_low'], row['conf_high'])} points",
        f"p {equals}" + (" (Holm)" if comparisons > 1 else ""),
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
