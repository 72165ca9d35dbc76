"""Differences of rates that were corrected for the judge's errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from baserate.comparison.result import Comparison
from baserate.comparison.verdict import VERDICTS
from baserate.corrected_rates import limits_of
from baserate.equivalence import OUTCOMES, Region, against_limits
from baserate.note import Note, code_of
from baserate.rate_result import Basis, Rates
from baserate.stats.mover import mover_difference
from baserate.stats.multiplicity import holm

_MOST_Z = 8.0
_AS_JUDGED = ("uncorrected", "margin", "real-but-equivalent")
_OF_UNGRADED = ("ungraded-runs", "rests-on-ungraded")
_LEFT_OUT = (
    *("needed_prompts", "needed_epochs", "needed_runs", "tipping"),
    *("worst_low", "worst_high", "both_low", "both_high"),
)


def with_corrected(judged: Comparison, rated: Rates) -> Comparison:
    """Hold corrected rates against each other in place of those as judged.

    Parameters
    ----------
    judged : Comparison
        Differences as the judge sees them.
    rated : Rates
        Corrected rates of every group, at the same level.

    Returns
    -------
    Comparison
        Limits by MOVER from those of both rates, taken as independent: where both sides share prompts, or the labels
        that correct them, that is cautious. P values by inversion of the limits; Holm's over several pairs. Where
        labels are too few the differences stay as judged, with a caution.
    """
    if not rated.corrected:
        unlike = [c for c in rated.cautions if code_of(c) == "uncorrected"]
        return replace(judged, cautions=(*unlike, *judged.cautions), method=f"{judged.method}, uncorrected")
    place = {tuple(map(str, row)): i for i, row in enumerate(rated.table[list(rated.by)].to_numpy(dtype=object))}
    table = judged.table.copy()
    table["uncorrected"] = table["estimate"]
    region = None if judged.margin is None else Region(-judged.margin, judged.margin)
    alpha = (1 - judged.level) / (1 if judged.adjust == "none" else max(1, len(table)))
    found = []
    for row in table.to_dict("records"):
        within = [str(row[name]) for name in judged.by]
        pair = [rated.bases[place[(*within, str(row[side]))]] for side in ("candidate", "baseline")]
        found.append(_of_pair(pair, rated.corrected, judged.level, alpha, region))
    for name in found[0]:
        table[name] = [one[name] for one in found]
    table["p_adjusted"] = holm(table["p_value"].to_numpy()) if judged.adjust != "none" else table["p_value"]
    rejected = table["p_adjusted"] < 1 - judged.level
    said = np.where(rejected, np.where(table["estimate"] > 0, VERDICTS[0], VERDICTS[1]), VERDICTS[3])
    if region is not None:
        said = np.where(table["equivalent"] == OUTCOMES[0], VERDICTS[2], said)
    table["verdict"] = said
    table["needed"] = ""
    table[[name for name in _LEFT_OUT if name in table]] = np.nan
    kept = tuple(c for c in judged.cautions if code_of(c) not in _OF_UNGRADED)
    told = [c for c in rated.cautions if code_of(c) == "labels-pooled"]
    return replace(
        judged,
        table=table,
        method=f"MOVER of corrected rates ({rated.method}), inversion of the interval",
        cautions=(*told, *kept),
        notes=(
            *(n for n in judged.notes if code_of(n) not in ("uncorrected", "margin", "real-but-equivalent")),
            _independent(),
        ),
    )


def _independent() -> Note:
    told = "Both sides are taken as independent; shared prompts and shared labels would make the interval shorter."
    return Note("corrected", told)


def _of_pair(
    pair: Sequence[Basis], name: str, level: float, alpha: float, region: Region | None
) -> dict[str, float | str]:
    """Correct both sides, and contrast them."""

    def limits(at: float) -> tuple[float, float]:
        low, high = mover_difference(*limits_of(pair[0], name, at), *limits_of(pair[1], name, at))
        return float(low), float(high)

    rates = [limits_of(one, name, level)[0] for one in pair]
    estimate = rates[0] - rates[1]
    low, high = limits(level)
    made: dict[str, float | str] = {"estimate": estimate, "std_error": np.nan, "conf_low": low, "conf_high": high}
    made |= {"rate_candidate": rates[0], "rate_baseline": rates[1], "p_value": _p_value(estimate, limits)}
    made |= dict(zip(("adjusted_low", "adjusted_high"), limits(1 - alpha), strict=True))
    if region is not None:
        ends = limits(1 - 2 * alpha)
        against = against_limits(np.array(ends[0]), np.array(ends[1]), region)
        made |= {"equivalent": str(against.equivalent), "not_worse": str(against.not_worse)}
    return made


def _p_value(estimate: float, limits: Callable[[float], tuple[float, float]]) -> float:
    """Find the level at which a limit meets zero."""
    if not np.isfinite(estimate) or estimate == 0:
        return 1.0 if estimate == 0 else np.nan

    def gap(z: float) -> float:
        low, high = limits(2 * float(ndtr(z)) - 1)
        return low if estimate > 0 else -high

    if gap(_MOST_Z) > 0:
        return float(2 * ndtr(-_MOST_Z))
    if gap(1e-6) <= 0:
        return 1.0
    return float(2 * ndtr(-brentq(gap, 1e-6, _MOST_Z, xtol=1e-10)))
