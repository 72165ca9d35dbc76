"""The same prompts on both sides, one run each, in one condition."""

from __future__ import annotations

import numpy as np

from baserate.estimate.effect import EFFECTS
from baserate.estimate.estimates import Estimates, unknown
from baserate.stats._arrays import Floats
from baserate.stats.cell_means import CellMeans
from baserate.stats.guarded_difference import guarded_paired, guarded_paired_p_value
from baserate.stats.paired import mcnemar_mid_p, tango

NAME = "paired"


def paired_tables(means: CellMeans) -> tuple[Floats, Floats, Floats, Floats]:
    """Cross the two outcomes of each prompt.

    Parameters
    ----------
    means : CellMeans
        Of 2m groups, candidates then baselines, whose cells have one run each on the same units.

    Returns
    -------
    n11, n12, n21, n22 : ndarray, shape (m,)
        Both yes, candidate only, baseline only, neither.
    """
    m = means.groups // 2
    candidate = means.of < m
    order_c, order_b = (np.lexsort((means.unit[s], means.of[s] % m)) for s in (candidate, ~candidate))
    pair = (means.of[candidate] % m)[order_c]
    one, two = means.events[candidate][order_c] > 0, means.events[~candidate][order_b] > 0
    n11, n12, n21, n22 = (
        np.bincount(pair, kind, m).astype(float) for kind in (one & two, one & ~two, ~one & two, ~one & ~two)
    )
    return n11, n12, n21, n22


def differences(means: CellMeans, method: str | None) -> Estimates:
    """Estimate differences of paired outcomes.

    Parameters
    ----------
    means : CellMeans
    method : {"tango"}, optional
        Left out, Tango's interval and McNemar's mid-P test, guarded where pairs are few.

    Returns
    -------
    Estimates

    References
    ----------
    Tango (1998) Stat. Med. 17:891. Fagerland, Lydersen & Laake (2013) BMC Med. Res. Methodol. 13:91.
    """
    table = paired_tables(means)
    m, n = len(table[0]), sum(table)
    between = tango if method == "tango" else guarded_paired
    plain = np.asarray(mcnemar_mid_p(table[1], table[2]), dtype=np.float64)
    p = plain if method == "tango" else np.asarray(guarded_paired_p_value(*table), dtype=np.float64)
    value = means.estimate[:m] - means.estimate[m:]
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.maximum(table[1] + table[2] - (table[1] - table[2]) ** 2 / n, 0.0)) / n
    guard = ["guarded " if w else "" for w in p != plain]
    return Estimates(
        value=value,
        std_error=np.asarray(error),
        limits_at=lambda level: between(*table, level),
        test=lambda: p,
        null=EFFECTS["difference"].null,
        n_eff=unknown(m),
        df=unknown(m),
        correlation=unknown(m),
        designs=(NAME,) * m,
        intervals=tuple(f"{g}tango" for g in guard),
        tests=tuple(f"{g}mid-P McNemar test" for g in guard),
    )
