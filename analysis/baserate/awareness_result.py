"""Rates by awareness, as a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from baserate.frames import own_frames
from baserate.result import Result
from baserate.text import in_words, interval, percent, points

GROUPS = ("aware", "unaware", "silent")


@own_frames("table", "pairs")
@dataclass(frozen=True, eq=False, repr=False)
class Awareness(Result):
    """Rates of a behavior among runs that took the scenario for a test, for real, or said neither.

    ``table`` has the column of versions, ``awareness`` (aware, unaware, silent), ``share`` of graded runs, and
    ``estimate, conf_low, conf_high, n, events, missing, prompts``.

    Attributes
    ----------
    aware : str
        The column that tells whether a run took it for a test; missing where it said neither.
    across : str
        The column of versions.
    pairs : DataFrame
        One row a pair of versions: the ``difference`` of rates; ``standardized, standardized_low, standardized_high``,
        the difference had both versions been aware as often; ``shift``, by how much more often the candidate was
        aware, and ``shift_to_explain``, by how much it would have to be for awareness alone to make the difference, at
        the baseline's rates; ``never_low, never_high``, bounds of the difference among runs that would know under
        neither version, ``monotone_low, monotone_high`` if no run knows only under the version that knows less; and
        ``*_conf_low, *_conf_high``, with sampling. A copy each time.
    """

    aware: str = ""
    across: str = ""
    pairs: pd.DataFrame = field(default_factory=pd.DataFrame)

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people: a row a version, a column a group.

        Returns
        -------
        DataFrame
            Of strings.
        """
        rows: dict[str, dict[str, str]] = {}
        for row in self.table.to_dict("records"):
            limits = interval(row["conf_low"], row["conf_high"])
            cells = rows.setdefault(str(row[self.across]), {})
            cells[str(row["awareness"])] = f"{percent(row['estimate'])} {limits}, {row['events']}/{row['n']}"
        shown = pd.DataFrame([{self.across: version, **cells} for version, cells in rows.items()])
        return shown.reindex(columns=[self.across, *GROUPS]).fillna("no run")

    @property
    def answer(self) -> str:
        """Whether awareness could explain a difference, or the rates of one version by awareness."""
        for row in self.pairs.to_dict("records"):
            limits = row["standardized"], row["standardized_low"], row["standardized_high"]
            return (
                f"{row['candidate']} against {row['baseline']}: {points(row['difference'])} points of "
                f"{in_words(self.outcome)}, had both been aware as often {points(*limits)}; {_tipping(row)}."
            )
        told = [
            f"{percent(row['estimate'])} {interval(row['conf_low'], row['conf_high'])} of {row['awareness']} runs"
            for row in self.table.to_dict("records")
            if row["n"]
        ]
        return f"{in_words(self.outcome)}: {', '.join(told)}."

    def described(self) -> str:
        """Say how rates differ with awareness, and whether a shift of it could make the difference.

        Returns
        -------
        str
        """
        told = [f"Rates of {self.outcome!r} by {self.aware!r}, which was measured after the run."]
        for row in self.pairs.to_dict("records")[:2]:
            pair = f"{row['candidate']} − {row['baseline']}"
            told.append(
                f"{pair}: {points(row['difference'])} points, had both been aware as often "
                f"{points(row['standardized'], row['standardized_low'], row['standardized_high'])}; {_tipping(row)}; "
                f"among runs that would know under neither, between {points(row['never_low'])} and "
                f"{points(row['never_high'])}."
            )
        return " ".join([*told, f"{self.confidence} intervals ({self.method})."])


def _tipping(row: dict[Any, Any]) -> str:
    needed, seen = row["shift_to_explain"], row["shift"]
    if not np.isfinite(needed) or abs(needed) > 1:
        return "no shift of awareness alone could explain it"
    return f"awareness would have to differ by {100 * needed:+.0f} points to explain it; it does by {100 * seen:+.0f}"
