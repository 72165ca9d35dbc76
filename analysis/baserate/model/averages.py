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
from baserate.errors import BaserateError
from baserate.model.design import Design, Floats
from baserate.model.fitted import Estimation
from baserate.model.inference import infer, standard_error, uses_profile
from baserate.model.wild import moved_by_infinite
from baserate.stats.marginal import AverageRate, average_rate, contrast, over_deviations, over_random_intercepts

Setting = Mapping[str, Any]
At = Mapping[str, Sequence[float]]

COLUMNS = (
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
    require_free(by, COLUMNS)
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
                **observed(design, setting),
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


def observed(design: Design, setting: Setting) -> dict[str, Any]:
    """Count the runs that really had these levels.

    Parameters
    ----------
    design : Design
    setting : mapping of str to str or float

    Returns
    -------
    dict of str to int
        ``n, events, missing``.
    """
    counts = design.counts
    for name, level in setting.items():
        counts = counts[counts[name] == level]
    return {name: int(counts[name].sum()) for name in COUNTS}
