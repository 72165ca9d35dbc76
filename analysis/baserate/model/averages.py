"""Rates that a model predicts when every run is given a level, and differences between them (g-computation)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from baserate.arguments import require_free
from baserate.counts import COUNTS
from baserate.equivalence import Region, against_limits, region_of
from baserate.errors import BaserateError, did_you_mean
from baserate.model.design import Design, Floats
from baserate.model.estimation import Estimation
from baserate.model.inference import infer, standard_error, uses_profile
from baserate.model.wild import moved_by_infinite
from baserate.stats.marginal import AverageRate, average_rate, contrast, over_deviations, over_random_intercepts
from baserate.stats.multiplicity import holm

Setting = Mapping[str, Any]
At = Mapping[str, Sequence[float]]

_COLUMNS = (
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "agreed",
    "rate",
    "events/graded",
    "new_low",
    "new_high",
    *COUNTS,
)
_OF_A_MARGIN = ("equivalent", "not_worse", "verdict")

SCALES = {"difference": "rate", "ratio": "log", "odds-ratio": "logit"}
"""Scales of a contrast, and the transform of the rates that makes it a difference."""


def rates_table(design: Design, fit: Estimation, by: Sequence[str], level: float, at: At | None = None) -> pd.DataFrame:
    """Predict the average rate at each combination of levels.

    Parameters
    ----------
    design : Design
    fit : Estimation
    by : sequence of str
        Factors of the model.
    level : float
        Of the intervals.
    at : mapping of str to sequence of float, optional
        Values of numbers of the model.

    Returns
    -------
    DataFrame
        `by`, ``estimate, std_error, conf_low, conf_high, agreed, n, events, missing``; no standard error where
        intervals come from the profile. With random intercepts ``new_low, new_high``.
    """
    require_free(by, _COLUMNS)
    rows = []
    for setting in settings(design, by, at):
        rate = average_over(fit, *design.rows_with(setting))
        logit_rate = contrast([rate], [1.0], "logit")
        moved = moved_by_infinite(fit, logit_rate(fit.theta)[1])
        found = infer(fit, logit_rate, level, tested=False, moved=moved, unseen=1.0)
        std_error = np.nan if moved else standard_error(fit, contrast([rate], [1.0], "rate"))
        rows.append(
            {
                **setting,
                "estimate": float(expit(found.estimate)),
                **({} if uses_profile(fit) else {"std_error": std_error}),
                "conf_low": float(expit(found.conf_low)),
                "conf_high": float(expit(found.conf_high)),
                "agreed": found.agreed,
                **(_new_level(fit, *design.rows_with(setting), level) if fit.kind == "random" else {}),
                **_observed(design, setting),
            }
        )
    return pd.DataFrame(rows)


def _new_level(fit: Estimation, X: Floats, weights: Floats, level: float) -> dict[str, float]:
    """Predict between which rates a new prompt lies: the spread of prompts, and how sure the middle of it is."""
    p = X.shape[1]
    middle = weights @ X
    spread = fit.theta[p:] @ fit.theta[p:] + middle @ fit.covariance[:p, :p] @ middle
    reach = ndtri((1 + level) / 2) * np.sqrt(spread)
    low, high = (float(weights @ expit(X @ fit.theta[:p] + sign * reach)) for sign in (-1, 1))
    return {"new_low": low, "new_high": high}


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
            *_COLUMNS,
            *sided,
            *_OF_A_MARGIN,
        ),
    )
    pairs = _pairs(design.levels(across), across, baseline)
    groups = settings(design, by)
    region = region_of(margin, 0.0 if scale == "difference" else 1.0)
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
                row |= {f"{name}_{side}": value for name, value in _observed(design, setting).items()}
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


def settings(design: Design, by: Sequence[str], at: At | None = None) -> list[dict[str, Any]]:
    """List the combinations of levels of some factors, and of values of some numbers.

    Parameters
    ----------
    design : Design
    by : sequence of str
        The factors; none gives one empty combination.
    at : mapping of str to sequence of float, optional
        Values of numbers.

    Returns
    -------
    list of dict

    Raises
    ------
    BaserateError
        If the model has no such factor, or it is a number.
    """
    given = dict(at or {})
    for name in given:
        if not design.is_number(name):
            raise BaserateError(f"at= gives values of numbers of the model, and {name!r} is none. Name factors in by=.")
    names = [*(name for name in by if name not in given), *given]
    lists = [given[name] if name in given else design.levels(name) for name in names]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*lists)]


def never_run(design: Design, by: Sequence[str]) -> int:
    """Count the combinations that averaging over `by` fills in by the model, because no graded run has them.

    Parameters
    ----------
    design : Design
    by : sequence of str
        The factors that are set to each of their levels.

    Returns
    -------
    int
    """
    names = [*by, *(c for c in design.formula.columns if c not in by)]
    rest = design.patterns[names[len(by) :]].drop_duplicates() if len(names) > len(by) else [()]
    levels = int(np.prod([len(design.levels(name)) for name in by]))
    return levels * len(rest) - len(design.patterns[names].drop_duplicates())


def average_over(fit: Estimation, X: Floats, weights: Floats) -> AverageRate:
    """Make the average of the rates that a fit predicts for some rows of its design.

    Parameters
    ----------
    fit : Estimation
        See `baserate.model.estimation.for_averages`.
    X : ndarray of shape (k, p)
        Design rows, such as `Design.rows_with` gives.
    weights : ndarray of shape (k,)
        Sum to one.

    Returns
    -------
    callable
        See `baserate.stats.marginal.average_rate`.
    """
    if fit.kind == "random":
        return over_deviations(average_rate(*over_random_intercepts(X, weights)), X.shape[1])
    if fit.kind == "flac":
        return average_rate(np.column_stack([X, np.zeros(len(X))]), weights)
    return average_rate(X, weights, fit.shift)


def _pairs(levels: list[str], across: str, baseline: str | None) -> list[tuple[str, str]]:
    """Pair the levels, candidate first: with the baseline, or each later level with each earlier one."""
    if baseline is not None and baseline not in levels:
        raise BaserateError(f"There is no {across} {baseline!r} to compare with.{did_you_mean(baseline, levels)}")
    if baseline is not None:
        return [(level, baseline) for level in levels if level != baseline]
    return [(two, one) for one, two in itertools.combinations(levels, 2)]


def _observed(design: Design, setting: Setting) -> dict[str, Any]:
    """Count the runs that really had these levels."""
    counts = design.counts
    for name, level in setting.items():
        counts = counts[counts[name] == level]
    return {name: int(counts[name].sum()) for name in COUNTS}
