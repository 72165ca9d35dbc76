"""Cells of one group or two, laid out flat, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from baserate.stats.cell_means import CellMeans


def cells_of(table: pd.DataFrame, groups: Sequence[str], condition: str | None = None, own: bool = False) -> CellMeans:
    """Lay a table of version, prompt, n and k (and conditions, weighed alike) out flat."""
    group = pd.Categorical(table["version"], categories=list(groups)).codes.astype(np.intp)
    place = pd.factorize(table[condition], sort=True)[0] if condition else np.zeros(len(table), dtype=np.intp)
    conditions = int(place.max()) + 1
    name = table["prompt"].astype(str) + (table["version"].astype(str) if own else "")
    stratum = group * conditions + place
    return CellMeans(
        stratum,
        pd.factorize(name)[0],
        table["k"].to_numpy(float),
        table["n"].to_numpy(float),
        1 / np.bincount(stratum)[stratum],
        np.arange(len(groups) * conditions) // conditions,
        np.full(len(groups) * conditions, 1 / conditions),
        len(groups),
    )


def one_group(events: npt.ArrayLike, n: npt.ArrayLike) -> CellMeans:
    """Lay one group of one condition out, a prompt an entry."""
    k = np.asarray(events, dtype=float)
    runs = np.broadcast_to(np.asarray(n, dtype=float), k.shape)
    zeros = np.zeros(len(k), dtype=np.intp)
    share = np.full(len(k), 1 / len(k))
    return CellMeans(zeros, np.arange(len(k)), k, runs, share, np.zeros(1, dtype=np.intp), np.ones(1), 1)
