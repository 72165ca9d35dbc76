"""Contrasts of the average rates that a model predicts, and margins that they are held against."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from baserate.arguments import require_free
from baserate.counts import COUNTS
from baserate.equivalence import Region, against_limits, region_of
from baserate.errors import BaserateError, did_you_mean
from baserate.model.averages import COLUMNS, average_over, observed, settings
from baserate.model.design import Design
from baserate.model.fitted import Estimation
from baserate.model.inference import infer, uses_profile
from baserate.model.wild import moved_by_infinite
from baserate.stats.marginal import AverageRate, contrast
from baserate.stats.multiplicity import holm

SCALES = {"difference": "rate", "ratio": "log", "odds-ratio": "logit"}
"""Scales of a contrast, and the transform of the rates that makes it a difference."""

_OF_A_MARGIN = ("equivalent", "not_worse", "verdict")


def contrasts_table(
    design: Design,
    fit: Estimation,
    across: str,
    baseline: str | None,
    by: Sequence[str],
    scale: str,
    level: float,
    margin: float | None = None,
) -> pd.DataFrame:
    """Contrast the average rates of two levels of a factor.

    Parameters
    ----------
    design : Design
    fit : Estimation
    across : str
        The factor.
    baseline : str or None
        The level that the others are compared with; None for all pairs.
    by : sequence of str
        Factors at each combination of whose levels to contrast.
    scale : {"difference", "ratio", "odds-ratio"}
        Of the contrast.
    level : float
        Of the intervals.
    margin : float, optional
        The largest effect that counts as equivalent.

    Returns
    -------
    DataFrame
        `by`, ``candidate, baseline, estimate, std_error, statistic, df, p_value, p_adjusted, conf_low, conf_high``,
        ``agreed``, with a margin ``equivalent, not_worse, verdict``, then rate, events, n and missing of both sides.
        Standard errors of ratios are of their logarithms.
    """
    sided = (f"{name}_{side}" for name in ("rate", *COUNTS) for side in ("candidate", "baseline"))
    require_free(
        by,
        (
            "candidate",
            "baseline",
            "p_value",
            "p_adjusted",
            "statistic",
            "df",
            "difference",
            "p",
            *COLUMNS,
            *sided,
            *_OF_A_MARGIN,
        ),
    )
    pairs = _pairs(design.levels(across), across, baseline)
    groups = settings(design, by)
    null = 0.0 if scale == "difference" else 1.0
    region = region_of(margin, null)
    alpha = (1 - level) / (len(pairs) * len(groups))
    rows = []
    for within in groups:
        for candidate, base in pairs:
            sides = {"candidate": {**within, across: candidate}, "baseline": {**within, across: base}}
            rates = {side: average_over(fit, *design.rows_with(setting)) for side, setting in sides.items()}
            row: dict[str, Any] = {
                **within,
                "candidate": candidate,
                "baseline": base,
                **contrast_of(fit, list(rates.values()), scale, level),
                **(_against(fit, list(rates.values()), scale, alpha, region) if region else {}),
            }
            for side, setting in sides.items():
                row[f"rate_{side}"] = rates[side](fit.theta)[0]
                row |= {f"{name}_{side}": value for name, value in observed(design, setting).items()}
            rows.append(row)
    table = pd.DataFrame(rows)
    table.insert(table.columns.get_loc("p_value") + 1, "p_adjusted", holm(table["p_value"].to_numpy()))
    if region:
        null = 0.0 if scale == "difference" else 1.0
        said = np.where(table["estimate"] > null, "higher", "lower")
        said = np.where(table["p_adjusted"] < 1 - level, said, "inconclusive")
        table.insert(
            table.columns.get_loc("not_worse") + 1,
            "verdict",
            np.where(table["equivalent"] == "shown", "equivalent", said),
        )
    return table


def _against(fit: Estimation, rates: list[AverageRate], scale: str, alpha: float, region: Region) -> dict[str, str]:
    """Hold one contrast against a margin, by the interval of level 1 - 2 alpha."""
    found = contrast_of(fit, rates, scale, 1 - 2 * alpha)
    judged = against_limits(np.array(found["conf_low"]), np.array(found["conf_high"]), region)
    return {"equivalent": str(judged.equivalent), "not_worse": str(judged.not_worse)}


def contrast_of(fit: Estimation, rates: list[AverageRate], scale: str, level: float) -> dict[str, Any]:
    """Contrast two average rates.

    Parameters
    ----------
    fit : Estimation
        See `baserate.model.estimation.for_averages`.
    rates : list of callable
        The candidate's and the baseline's.
    scale : {"difference", "ratio", "odds-ratio"}
    level : float
        Of the interval.

    Returns
    -------
    dict
        ``estimate, p_value, conf_low, conf_high, agreed`` and what else `baserate.model.inference.Inference` has.
    """
    bound = 1.0 if scale == "difference" else np.inf
    moved = any(moved_by_infinite(fit, contrast([rate], [1.0], "logit")(fit.theta)[1]) for rate in rates)
    found = infer(fit, contrast(rates, [1.0, -1.0], SCALES[scale]), level, bound=bound, moved=moved)
    shown = found._asdict()
    if uses_profile(fit):
        del shown["std_error"]
    if fit.clusters is None:
        del shown["df"]
    with np.errstate(over="ignore"):  # a ratio beyond 1e308 is shown as infinite
        for name in ("estimate", "conf_low", "conf_high"):
            value: float = shown[name]
            shown[name] = float(np.clip(value, -1, 1) if scale == "difference" else np.exp(value))
    return shown


def _pairs(levels: list[str], across: str, baseline: str | None) -> list[tuple[str, str]]:
    """Pair the levels, candidate first: with the baseline, or each later level with each earlier one."""
    if baseline is not None and baseline not in levels:
        raise BaserateError(f"There is no {across} {baseline!r} to compare with.{did_you_mean(baseline, levels)}")
    if baseline is not None:
        return [(level, baseline) for level in levels if level != baseline]
    return [(two, one) for one, two in itertools.combinations(levels, 2)]
