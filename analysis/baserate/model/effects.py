"""What a model says of a number, and of two factors at once: average slopes, and interactions on both scales."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from baserate.arguments import require_free
from baserate.errors import BaserateError, did_you_mean
from baserate.model.answers import DIFFERENCE, RATIO
from baserate.model.averages import average_over, settings
from baserate.model.design import Design
from baserate.model.fitted import Estimation
from baserate.model.inference import Inference, infer
from baserate.model.wild import moved_by_infinite
from baserate.stats.marginal import AverageRate, average_slope, contrast, over_deviations, over_random_intercepts
from baserate.stats.multiplicity import holm

"""Scales of an interaction: of rates, and of the odds of average rates."""

_SHOWN = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "agreed", "scale")


def slopes_table(design: Design, fit: Estimation, name: str, by: Sequence[str], level: float) -> pd.DataFrame:
    """Estimate the average slope of the rate in a number: how much the rate rises for a unit more of it.

    Parameters
    ----------
    design : Design
    fit : Estimation
    name : str
        The number.
    by : sequence of str
        Factors at each combination of whose levels to ask.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        `by`, ``term, estimate, std_error, p_value, conf_low, conf_high, agreed``; no standard error where intervals
        come from the profile.

    Raises
    ------
    BaserateError
        If the model has no such number.

    References
    ----------
    Bartus, T. (2005). Estimation of marginal effects using margeff. Stata Journal 5, 309–329.
    """
    if not design.is_number(name):
        numbers = [column for column in design.formula.columns if design.is_number(column)]
        known = f" Its numbers: {', '.join(numbers)}." if numbers else " It has no number; factors have contrasts()."
        raise BaserateError(f"The model has no number {name!r}.{did_you_mean(name, numbers)}{known}")
    require_free(by, ("term", *_SHOWN))
    rows = []
    for setting in settings(design, by):
        slope, rate = _slope(design, fit, name, setting), average_over(fit, *design.rows_with(setting))
        found = infer(fit, slope, level, moved=_moved(fit, [rate]))
        rows.append({**setting, "term": name, **_columns(found, fit)})
    return pd.DataFrame(rows)


def _slope(design: Design, fit: Estimation, name: str, setting: dict[str, Any]) -> AverageRate:
    """Make the average slope; a logit is linear in the number, so that a unit more of it tells the change exactly."""
    combinations, weights = design.combinations(list(setting))
    X = design.rows_of(combinations, setting)
    change = design.rows_of(combinations.assign(**{name: combinations[name] + 1.0}), setting) - X
    if fit.kind == "random":
        wide, weights = over_random_intercepts(X, weights)
        change = np.column_stack([np.repeat(change, len(wide) // len(X), axis=0), np.zeros(len(wide))])
        return over_deviations(average_slope(wide, change, weights), X.shape[1])
    if fit.kind == "flac":
        X, change = (np.column_stack([rows, np.zeros(len(rows))]) for rows in (X, change))
    return average_slope(X, change, weights, fit.shift)


def interaction_table(design: Design, fit: Estimation, one: str, two: str, level: float) -> pd.DataFrame:
    """Contrast the contrasts of a factor between the levels of another, of rates and of odds.

    Parameters
    ----------
    design : Design
    fit : Estimation
    one, two : str
        The factors.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        ``scale, candidate, baseline`` (levels of `one`), ``within, against`` (levels of `two`), ``estimate, p_value,
        p_adjusted`` (Holm, each scale by itself), ``conf_low, conf_high, agreed``.

    Raises
    ------
    BaserateError
        If the model does not let the factors interact.

    References
    ----------
    Ai, C. & Norton, E. C. (2003). Interaction terms in logit and probit models. Economics Letters 80, 123–129.
    """
    levels = design.levels(one), design.levels(two)
    if not any({one, two} <= set(term) for term in design.terms):
        raise BaserateError(
            f"The model has no {one}:{two}, so it takes their interaction for none. "
            f"Fit it with '{one} * {two}' in the formula."
        )
    pairs = [[(b, a) for a, b in itertools.combinations(of, 2)] for of in levels]
    rows = []
    for scale, transform in ((DIFFERENCE, "rate"), (RATIO, "logit")):
        for (candidate, baseline), (within, against) in itertools.product(*pairs):
            corners = [(candidate, within), (baseline, within), (candidate, against), (baseline, against)]
            rates = [average_over(fit, *design.rows_with({one: a, two: b})) for a, b in corners]
            bound = 2.0 if scale == DIFFERENCE else np.inf
            measure = contrast(rates, [1.0, -1.0, -1.0, 1.0], transform)
            found = infer(fit, measure, level, bound=bound, moved=_moved(fit, rates))
            names = {"candidate": candidate, "baseline": baseline, "within": within, "against": against}
            rows.append({"scale": scale, **names, **_columns(found, fit, exp=scale == RATIO, bare=True)})
    table = pd.DataFrame(rows)
    adjusted = table.groupby("scale", sort=False)["p_value"].transform(lambda p: holm(p.to_numpy()))
    table.insert(table.columns.get_loc("p_value") + 1, "p_adjusted", adjusted)
    return table


def _moved(fit: Estimation, rates: Sequence[AverageRate]) -> bool:
    return any(moved_by_infinite(fit, contrast([rate], [1.0], "logit")(fit.theta)[1]) for rate in rates)


def _columns(found: Inference, fit: Estimation, exp: bool = False, bare: bool = False) -> dict[str, float]:
    """Lay an inference out as the columns of a row; a ratio is shown as one."""
    shown = found._asdict()
    del shown["statistic"], shown["df"]
    if bare or (fit.clusters is None and fit.kind in ("firth", "flac")):
        del shown["std_error"]
    with np.errstate(over="ignore"):
        for name in ("estimate", "conf_low", "conf_high") if exp else ():
            shown[name] = float(np.exp(shown[name]))
    return shown
