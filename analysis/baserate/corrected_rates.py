"""Rates corrected for what a judge gets wrong, as human labels of some runs tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from baserate.errors import BaserateError, require_known
from baserate.rate_result import Rates
from baserate.run_table import LABELS, renamed, run_table
from baserate.runs import as_outcome
from baserate.stats.misclassification import lang_reiczigel, rogan_gladen
from baserate.text import Note

CORRECTIONS = ("rogan-gladen",)
FEWEST = 10  # labels of yes, and of no, below which a group's own do not tell the judge's errors


class Errors(NamedTuple):
    """How the judge did on labeled runs: effective numbers, so that runs of a prompt count as what they tell."""

    right_yes: float
    yes: float
    right_no: float
    no: float
    labeled: int


def human_column(table: pd.DataFrame, outcome: str, human: str | None) -> str:
    """Find the column of human labels.

    Parameters
    ----------
    table : DataFrame
        Runs.
    outcome : str
    human : str, optional
        Left out, the one called ``<outcome>_human``, ``_label``, ``_gold`` or the like.

    Returns
    -------
    str

    Raises
    ------
    BaserateError
        If there is none.
    """
    if human is not None:
        require_known(human, table.columns, "column of human labels")
        return human
    found = next((f"{outcome}_{name}" for name in LABELS if f"{outcome}_{name}" in table), None)
    if found is None:
        raise BaserateError(
            f"A correction takes human labels of some runs: name their column, human=…, or call it '{outcome}_human'."
        )
    return found


def corrected_rates(
    rates: Callable[..., Rates],
    runs: Any,
    outcome: str,
    keys: Sequence[str],
    human: str | None,
    side: str,
    options: dict[str, Any],
) -> Rates:
    """Estimate rates as judged, then correct them.

    Parameters
    ----------
    rates : callable
        `baserate.rates`.
    runs : DataFrame
    outcome : str
    keys : sequence of str
        The columns that make a group.
    human : str, optional
        The column of human labels.
    side : str
        Only ``"two-sided"`` has a correction.
    options : dict
        What else is asked of `rates`.

    Returns
    -------
    Rates

    Raises
    ------
    BaserateError
        If there are no labels to correct by, or only counts.
    """
    if side != "two-sided":
        raise BaserateError("A correction has two-sided limits. Leave side out.")
    table, counts = run_table(runs, outcome)
    keys = [renamed(key, counts) for key in keys]
    judged = rates(table, outcome, keys, **options)

    def shares(part: pd.DataFrame, column: str) -> tuple[float, float]:
        """Return a share among labeled runs, and how many independent runs it is worth."""
        row = rates(part, column, None, weights="runs", conditions=[]).table.iloc[0]
        worth = float(row["n_eff"]) if row["n_eff"] > 0 else float(row["n"])
        return float(row["estimate"]), min(worth, float(row["n"]))

    return correct(table, judged, human_column(table, outcome, human), shares)


def correct(table: pd.DataFrame, found: Rates, human: str, shares: Any) -> Rates:
    """Correct rates for the judge's errors.

    Parameters
    ----------
    table : DataFrame
        The runs, with the columns of ``found.by``.
    found : Rates
        As the judge sees them.
    human : str
        The column of human labels.
    shares : callable
        Runs and a column of truth values to (share, effective number of runs), as `baserate.rates` estimates them.

    Returns
    -------
    Rates
        Rogan and Gladen's estimate with Lang and Reiczigel's limits on effective numbers of runs; as judged where
        there are too few labels, with a caution.
    """
    label, verdict = as_outcome(table[human]), as_outcome(table[found.outcome])
    both = table.assign(_label=label, _right=(label == verdict).astype("boolean"))[label.notna() & verdict.notna()]
    whole = _errors(both, shares)
    rows, cautions = found.table.copy(), []
    pooled: list[str] = []
    told = []
    for row in rows.to_dict("records"):
        part = both
        for name in found.by:
            part = part[part[name].astype(str) == str(row[name])]
        own = _errors(part, shares)
        if own is None and whole is not None and found.by:
            pooled.append(" ".join(str(row[name]) for name in found.by))
        told.append(_corrected(row, own or whole, found.level))
    if whole is None:
        cautions.append(_too_few(both, human))
    elif pooled:
        cautions.append(
            Note(
                "labels-pooled",
                f"Fewer than {FEWEST} labels of yes or of no in {', '.join(pooled[:4])}: corrected by the labels of "
                "all, as if the judge erred alike in each.",
            )
        )
    changed = pd.DataFrame(told, index=rows.index)
    rows = rows.assign(uncorrected=rows["estimate"], **{name: changed[name] for name in changed})
    named = "Lang and Reiczigel on the effective n, corrected by Rogan and Gladen"
    return replace(
        found,
        table=rows,
        method=named if whole is not None else f"{found.method}, uncorrected",
        cautions=(*cautions, *found.cautions),
        corrected="rogan-gladen" if whole is not None else "",
    )


def _too_few(both: pd.DataFrame, human: str) -> Note:
    yes = int(both["_label"].sum()) if len(both) else 0
    told = (
        f"{human} labels {yes} yes and {len(both) - yes} no among graded runs; a correction takes {FEWEST} of each. "
        "The rates are uncorrected."
    )
    return Note("uncorrected", told)


def _errors(both: pd.DataFrame, shares: Any) -> Errors | None:
    """Estimate the judge's errors; None where there are too few labels."""
    sides = [both[both["_label"] == wanted] for wanted in (True, False)]
    if min(map(len, sides)) < FEWEST:
        return None
    (se, yes), (sp, no) = (shares(part, "_right") for part in sides)
    return Errors(se * yes, yes, sp * no, no, len(both))


def _corrected(row: dict[Any, Any], errors: Errors | None, level: float) -> dict[str, float]:
    if errors is None or not row["n"]:
        kept = ("estimate", "std_error", "conf_low", "conf_high", "worst_low", "worst_high", "both_low", "both_high")
        return {name: row[name] for name in kept} | {"sensitivity": np.nan, "specificity": np.nan, "labeled": 0}
    se, sp = errors.right_yes / errors.yes, errors.right_no / errors.no
    size = float(row["n_eff"]) if row["n_eff"] > 0 else float(row["n"])

    def limits(rate: float) -> tuple[float, float]:
        low, high = lang_reiczigel(rate * size, size, *errors[:4], level)
        return float(low), float(high)

    low, high = limits(row["estimate"])
    made = {"estimate": float(rogan_gladen(row["estimate"], se, sp)), "std_error": np.nan}
    made |= {"conf_low": low, "conf_high": high, "sensitivity": se, "specificity": sp, "labeled": errors.labeled}
    if not np.isnan(row["worst_low"]):
        made |= {f"worst_{side}": float(rogan_gladen(row[f"worst_{side}"], se, sp)) for side in ("low", "high")}
        made |= {"both_low": limits(row["worst_low"])[0], "both_high": limits(row["worst_high"])[1]}
    return made
