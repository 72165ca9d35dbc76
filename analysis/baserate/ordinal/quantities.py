"""Quantities of a model of ratings, by the delta method."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr

from baserate.model.design import Floats
from baserate.stats.student import t_quantile

Quantity = tuple[float, Floats]
"""A number and its gradient in the model's parameters."""

COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


def infer(of: Quantity, covariance: Floats, df: float, level: float, null: float = 0.0) -> dict[str, float]:
    """Infer a quantity by the delta method.

    Parameters
    ----------
    of : Quantity
    covariance : ndarray
        Of the parameters.
    df : float
        Degrees of freedom, infinite for a normal statistic.
    level : float
        Of the interval.
    null : float
        The value that is tested.

    Returns
    -------
    dict
        Of `COLUMNS`.
    """
    value, slope = of
    std_error = float(np.sqrt(slope @ covariance @ slope))
    statistic = (value - null) / std_error if std_error > 0 else np.nan
    reach = float(t_quantile(df, (1 + level) / 2)) * std_error
    p = 2 * float(stdtr(df, -abs(statistic)))
    shown = df if np.isfinite(df) else np.nan
    return dict(zip(COLUMNS, (value, std_error, statistic, shown, p, value - reach, value + reach), strict=True))
