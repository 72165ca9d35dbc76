"""How a grader errs against human labels: sensitivity and specificity, by version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from baserate.comparison import compare
from baserate.errors import BaserateError
from baserate.grading.result import ALL
from baserate.note import Note
from baserate.rate_table import rates
from baserate.run_table import labels_of
from baserate.runs import as_outcome

_ALPHA = 0.05


def errors_of(table: pd.DataFrame, named: Sequence[str], human: str, level: float) -> tuple[pd.DataFrame, list[Note]]:
    """Estimate sensitivity and specificity, of all versions and of each; and test whether versions differ in them.

    Parameters
    ----------
    table : DataFrame
        Runs.
    named : sequence of str
        The columns of grades.
    human : str
        The column of human labels.
    level : float

    Returns
    -------
    errors : DataFrame
        As `Graders.errors`.
    cautions : list of Note
    """
    label = labels_of(table[human], human)
    rows, cautions = [], []
    for grader in named:
        sides = {}
        for side, wanted in (("sensitivity", True), ("specificity", False)):
            part = table[(label == wanted).fillna(False).to_numpy(dtype=bool)].copy()
            part["_right"] = (as_outcome(part[grader]) == wanted).astype("boolean")
            sides[side] = part[part["_right"].notna()].rename(columns={"_right": "right"})
        if not all(len(part) for part in sides.values()):
            missing = "yes" if not len(sides["sensitivity"]) else "no"
            cautions.append(
                Note("labels-one-sided", f"{human} holds no {missing}: label some, to tell {grader}'s errors.")
            )
            continue
        found = {side: [_of(part, None, level), *_of_versions(part, level)] for side, part in sides.items()}
        for version in dict.fromkeys(str(name) for rows_ in found.values() for name, *_ in rows_):
            row: dict[str, Any] = {"grader": grader, "version": version}
            for side, listed in found.items():
                one = next((one for one in listed if one[0] == version), (version, np.nan, np.nan, np.nan, 0, 0))
                kind = "yes" if side == "sensitivity" else "no"
                row |= {side: one[1], f"{side}_low": one[2], f"{side}_high": one[3]}
                row |= {f"labeled_{kind}": one[5], f"right_{kind}": one[4]}
            rows.append(row)
        cautions += [note for side, part in sides.items() for note in _differs(part, grader, side)]
    return pd.DataFrame(rows), cautions


def _of(part: pd.DataFrame, by: str | None, level: float) -> tuple[str, float, float, float, int, int]:
    row = rates(part, "right", by=by, level=level, weights="runs", conditions=[]).table.iloc[0]
    low, high = float(row["conf_low"]), float(row["conf_high"])
    return ALL, float(row["estimate"]), low, high, int(row["events"]), int(row["n"])


def _of_versions(part: pd.DataFrame, level: float) -> list[tuple[str, float, float, float, int, int]]:
    table = rates(part, "right", level=level, weights="runs", conditions=[]).table
    return [
        (str(r.version), float(r.estimate), float(r.conf_low), float(r.conf_high), int(r.events), int(r.n))
        for r in table.itertuples()
        if r.n
    ]


def _differs(part: pd.DataFrame, grader: str, side: str) -> list[Note]:
    """Say where a grader's errors differ between versions beyond chance."""
    if "version" not in part or part["version"].nunique() < 2:
        return []
    try:
        found = compare(part, "right", adjust="holm", weights="runs", conditions=[]).table
    except BaserateError:  # no two versions have enough of it to be compared
        return []
    hit = found[found["p_adjusted"] < _ALPHA]
    if not len(hit):
        return []
    worst = hit.loc[hit["p_adjusted"].idxmin()]
    told = (
        f"{grader} errs differently by version: its {side} is {worst['estimate']:+.2f} in {worst['candidate']} against "
        f"{worst['baseline']} (p {worst['p_adjusted']:.2g}). A difference between these versions may be the judge's."
    )
    return [Note("judge-differs", told)]
