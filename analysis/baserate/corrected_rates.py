"""Rates corrected for what a judge gets wrong, as human labels of some runs tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from baserate.errors import BaserateError, require_known
from baserate.note import Note, code_of
from baserate.rate_result import Basis, Errors, Rates
from baserate.run_table import LABELS, labels_of, renamed, run_table
from baserate.runs import as_outcome
from baserate.stats.misclassification import lang_reiczigel, rogan_gladen, tenenbein, tenenbein_limits

FEWEST = 10  # labels of yes, and of no, below which a group's own do not tell the judge's errors

_AS_JUDGED = ("estimate", "std_error", "conf_low", "conf_high", "worst_low", "worst_high", "both_low", "both_high")


class Correction(NamedTuple):
    """How labels correct a rate.

    Attributes
    ----------
    apart : str
        By what labeled runs are parted into two sides, yes first: ``"_label"``, or what the judge said, ``"_verdict"``.
    share : str
        What is estimated of both sides: that the judge is ``"_right"``, or that the label is yes, ``"_label"``.
    rate : callable
        The rate as judged and both shares to the corrected rate.
    limits : callable
        Events, runs, then for each side its hits and its runs, and a level, to limits.
    shown : tuple of str
        What both shares are called.
    fewest : int
        Labels that each side must have; what the judge calls yes may be rare, and is then told by its own width.
    method : str
    """

    apart: str
    share: str
    rate: Callable[..., Any]
    limits: Callable[..., Any]
    shown: tuple[str, str]
    fewest: int
    method: str


CORRECTIONS = {
    "rogan-gladen": Correction(
        *("_label", "_right", rogan_gladen, lang_reiczigel, ("sensitivity", "specificity"), FEWEST),
        "Lang and Reiczigel on the effective n, corrected by Rogan and Gladen",
    ),
    "ppi": Correction(
        *("_verdict", "_label", tenenbein, tenenbein_limits, ("predictive_yes", "predictive_no"), 1),
        "prediction-powered (PPI++) on the effective n: what labels say of either verdict",
    ),
}


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
    corrected: str,
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
    corrected : str
        One of `CORRECTIONS`.
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

    return correct(table, judged, human_column(table, outcome, human), shares, corrected)


def correct(table: pd.DataFrame, found: Rates, human: str, shares: Any, name: str) -> Rates:
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
    name : str
        One of `CORRECTIONS`.

    Returns
    -------
    Rates
        With limits on effective numbers of runs; as judged where there are too few labels, with a caution.
    """
    how = CORRECTIONS[name]
    label, verdict = labels_of(table[human], human), as_outcome(table[found.outcome])
    marked = table.assign(_label=label, _verdict=verdict, _right=(label == verdict).astype("boolean"))
    both = marked[label.notna() & verdict.notna()]
    whole = _errors(both, shares, how)
    rows, cautions = found.table.copy(), []
    pooled: list[str] = []
    told, bases = [], []
    for row in rows.to_dict("records"):
        part = both
        for key in found.by:
            part = part[part[key].astype(str) == str(row[key])]
        own = _errors(part, shares, how)
        if own is None and whole is not None and found.by:
            pooled.append(" ".join(str(row[key]) for key in found.by))
        bases.append(Basis(float(row["estimate"]), _size(row), own or whole))
        told.append(_corrected(row, bases[-1], found.level, how))
    if whole is None:
        cautions.append(_too_few(both, human))
    elif pooled:
        cautions.append(
            Note(
                "labels-pooled",
                f"Too few labels in {', '.join(pooled[:4])} alone: corrected by the labels of all, as if the judge "
                "erred alike in each.",
            )
        )
    changed = pd.DataFrame(told, index=rows.index)
    rows = rows.assign(uncorrected=rows["estimate"], **{column: changed[column] for column in changed})
    return replace(
        found,
        table=rows,
        method=how.method if whole is not None else f"{found.method}, uncorrected",
        cautions=(*cautions, *found.cautions),
        notes=tuple(note for note in found.notes if code_of(note) != "uncorrected"),
        corrected=name if whole is not None else "",
        bases=tuple(bases) if whole is not None else (),
    )


def _too_few(both: pd.DataFrame, human: str) -> Note:
    yes = int(both["_label"].sum()) if len(both) else 0
    told = (
        f"{human} labels {yes} yes and {len(both) - yes} no among graded runs, which is too few (rogan-gladen takes "
        f"{FEWEST} of each, ppi {2 * FEWEST} together). The rates are uncorrected."
    )
    return Note("uncorrected", told)


def _errors(both: pd.DataFrame, shares: Any, how: Correction) -> Errors | None:
    """Estimate the judge's errors; None where there are too few labels."""
    sides = [both[both[how.apart] == wanted] for wanted in (True, False)]
    if min(map(len, sides)) < how.fewest or len(both) < 2 * FEWEST:
        return None
    (one, yes), (two, no) = (shares(part, how.share) for part in sides)
    return Errors(one * yes, yes, two * no, no, len(both))


def _size(row: dict[Any, Any]) -> float:
    return float(row["n_eff"]) if row["n_eff"] > 0 else float(row["n"])


def limits_of(basis: Basis, name: str, level: float, rate: float | None = None) -> tuple[float, float, float]:
    """Correct one rate, with limits of a level.

    Parameters
    ----------
    basis : Basis
        With errors.
    name : str
        One of `CORRECTIONS`.
    level : float
    rate : float, optional
        Left out, the rate as judged.

    Returns
    -------
    estimate, low, high : float
        The limits hold the estimate.
    """
    how, errors, rate = CORRECTIONS[name], basis.errors, basis.rate if rate is None else rate
    assert errors is not None
    one, two = errors.hits_yes / errors.yes, errors.hits_no / errors.no
    estimate = float(how.rate(rate, one, two))
    low, high = how.limits(rate * basis.size, basis.size, *errors[:4], level)
    return estimate, float(np.fmin(low, estimate)), float(np.fmax(high, estimate))


def _corrected(row: dict[Any, Any], basis: Basis, level: float, how: Correction) -> dict[str, float]:
    errors = basis.errors
    if errors is None or not row["n"]:
        return {name: row[name] for name in _AS_JUDGED} | dict.fromkeys(how.shown, np.nan) | {"labeled": 0}
    name = next(name for name, one in CORRECTIONS.items() if one is how)
    one, two = errors.hits_yes / errors.yes, errors.hits_no / errors.no
    estimate, low, high = limits_of(basis, name, level)
    made = {"estimate": estimate, "std_error": np.nan, "conf_low": low, "conf_high": high}
    made |= {how.shown[0]: one, how.shown[1]: two if how.share == "_right" else 1 - two, "labeled": errors.labeled}
    if not np.isnan(row["worst_low"]):
        made |= {f"worst_{side}": float(how.rate(row[f"worst_{side}"], one, two)) for side in ("low", "high")}
        ends = [limits_of(basis, name, level, float(row[f"worst_{side}"])) for side in ("low", "high")]
        made |= {"both_low": ends[0][1], "both_high": ends[1][2]}
    return made
