"""How conditions are weighed: one mix for all that is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from baserate.errors import BaserateError, did_you_mean, require_known
from baserate.stats._arrays import Floats

MIXES = ("planned", "balanced")
WEIGHTS = ("prompts", "runs")

Mix = str | Mapping[Any, float]


def condition_weights(cells: pd.DataFrame, condition: np.ndarray[Any, Any], labels: pd.DataFrame, mix: Mix) -> Floats:
    """Weigh the conditions.

    Parameters
    ----------
    cells : DataFrame
        With ``n`` and ``missing``.
    condition : ndarray of int, shape (cells,)
        The condition of each cell.
    labels : DataFrame
        One row a condition: the levels of its columns.
    mix : {"planned", "balanced"} or mapping
        A condition's share of all runs, failed ones included; all conditions alike; or weights by level, of several
        columns by tuples of levels.

    Returns
    -------
    ndarray, shape (conditions,)
        Sums to one.

    Raises
    ------
    BaserateError
        If the mix is unknown, or does not name exactly the conditions.
    """
    if isinstance(mix, Mapping):
        return _named(labels, mix)
    require_known(mix, MIXES, "mix")
    if mix == "balanced":
        return np.full(len(labels), 1 / max(len(labels), 1))
    runs = (cells["n"] + cells["missing"]).to_numpy(float)
    found = np.bincount(condition, runs, len(labels))
    return np.asarray(found / max(found.sum(), 1))


def _named(labels: pd.DataFrame, mix: Mapping[Any, float]) -> Floats:
    given = {_key(key): value for key, value in mix.items()}
    wrong = [v for v in given.values() if not isinstance(v, (int, float)) or not 0 <= v < float("inf")]
    if wrong or not sum(given.values()) > 0:
        raise BaserateError(f"mix takes weights of at least 0 that do not all vanish; got {dict(mix)!r}.")
    names = [tuple(map(str, row)) for row in labels.itertuples(index=False)]
    columns = ", ".join(map(str, labels.columns)) or "none"
    unknown = [key for key in given if key not in names]
    if unknown:
        told = did_you_mean(", ".join(unknown[0]), [", ".join(name) for name in names])
        raise BaserateError(f"mix names the condition {', '.join(unknown[0])!r}, which is none of {columns}.{told}")
    lacking = [name for name in names if name not in given]
    if lacking:
        raise BaserateError(
            f"mix gives no weight to {', '.join(lacking[0])!r} ({columns}). Weigh every condition; 0 leaves one out."
        )
    weights = np.array([given[name] for name in names], dtype=float)
    return np.asarray(weights / weights.sum())


def _key(key: Any) -> tuple[str, ...]:
    return tuple(map(str, key)) if isinstance(key, (tuple, list)) else (str(key),)


def require_weights(weights: str) -> None:
    """Raise unless `weights` says how the prompts of a condition are weighed.

    Parameters
    ----------
    weights : {"prompts", "runs"}
        Each prompt once, or each run once.

    Raises
    ------
    BaserateError
    """
    require_known(weights, WEIGHTS, "weights")


def described(mix: Mix, weights: str, columns: Sequence[str]) -> str:
    """Say how conditions and prompts are weighed; empty where there is nothing to weigh.

    Parameters
    ----------
    mix : str or mapping
    weights : str
    columns : sequence of str
        Of the conditions.

    Returns
    -------
    str
    """
    if weights == "runs":
        return "each run counts once"
    if not columns:
        return ""
    how = {"planned": "as often as they were planned", "balanced": "alike"}.get(mix if isinstance(mix, str) else "")
    return f"conditions ({', '.join(columns)}) weighed {how or 'as named'}"
