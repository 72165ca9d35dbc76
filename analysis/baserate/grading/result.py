"""What graders' agreement and errors are shown as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from baserate.frames import own_frames
from baserate.result import Result, records
from baserate.text import interval, percent

ALL = "all versions"
NAMES = {"raw": "raw agreement", "kappa": "Cohen's kappa", "ac1": "Gwet's AC1", "alpha": "Krippendorff's alpha"}


@own_frames("table", "errors")
@dataclass(frozen=True, eq=False, repr=False)
class Graders(Result):
    """Agreement of graders, one row a pair of graders, version and measure.

    ``table`` has ``grader, other, version, measure, estimate, std_error, conf_low, conf_high, n`` (runs that both
    graded), ``prompts``, and the four counts ``both_yes, only_grader, only_other, both_no``.

    Attributes
    ----------
    graders : tuple of str
        The columns of grades.
    human : str
        The column of human labels; empty where there is none.
    errors : DataFrame
        Against the human labels, one row a grader and version: ``sensitivity`` and ``specificity`` with ``_low`` and
        ``_high``, the runs labeled yes and no, ``labeled_yes, labeled_no``, and how many of each the grader got right,
        ``right_yes, right_no``. Empty without human labels. A copy each time.
    """

    graders: tuple[str, ...] = ()
    human: str = ""
    errors: pd.DataFrame = field(default_factory=pd.DataFrame)

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people: a row for each pair and version, a column for each measure.

        Returns
        -------
        DataFrame
            Of strings.
        """
        rows = []
        for (grader, other, version), part in self.table.groupby(["grader", "other", "version"], sort=False):
            first = part.iloc[0]
            row = {"graders": f"{grader}, {other}", "version": str(version), "runs": str(first["n"])}
            row["yes-yes/yes-no/no-yes/no-no"] = "/".join(
                str(first[c]) for c in ("both_yes", "only_grader", "only_other", "both_no")
            )
            for one in part.to_dict("records"):
                rate = one["measure"] == "raw"
                limits = interval(one["conf_low"], one["conf_high"]) if rate else _span(one)
                row[NAMES[one["measure"]]] = f"{(percent if rate else _two)(one['estimate'])} {limits}"
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def answer(self) -> str:
        """How often the graders agree, and how they do against human labels."""
        return self.described().removesuffix(f" {self._intervals()}")

    def _intervals(self) -> str:
        return f"{self.confidence} intervals ({self.method})."

    def described(self) -> str:
        """Say what was compared, and how well the graders do against human labels where there are any.

        Returns
        -------
        str
        """
        whole = self.table[self.table["version"] == ALL].set_index("measure")
        raw, ac1 = whole.loc[["raw"]].iloc[0], whole.loc[["ac1"]].iloc[0]
        told = [
            f"{raw['grader']} and {raw['other']} agree on {percent(raw['estimate'])} of the {raw['n']} runs that both "
            f"graded (Gwet's AC1 {_two(ac1['estimate'])} {_span(ac1)})."
        ]
        errors = self.errors.to_dict("records")
        told += [_errors_in_words(row, self.human) for row in errors if row["version"] == ALL]
        return " ".join([*told, self._intervals()])

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, with the errors against human labels.

        Returns
        -------
        dict
        """
        return {**super().to_dict(), "graders": list(self.graders), "human": self.human, "errors": records(self.errors)}


def _two(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def _span(row: Any) -> str:
    return f"[{_two(row['conf_low'])}, {_two(row['conf_high'])}]"


def _errors_in_words(row: Mapping[Any, Any], human: str) -> str:
    found, cleared = percent(row["sensitivity"]), percent(row["specificity"])
    return (
        f"Of {row['labeled_yes']} runs that {human} calls yes, {row['grader']} finds {found} "
        f"{interval(row['sensitivity_low'], row['sensitivity_high'])}; of {row['labeled_no']} that it calls no, it "
        f"clears {cleared} {interval(row['specificity_low'], row['specificity_high'])}."
    )
