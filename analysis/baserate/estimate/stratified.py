"""Independent runs in strata, combined with Mantel–Haenszel weights."""

from __future__ import annotations

import numpy as np

from baserate.estimate.estimates import Estimates, unknown
from baserate.estimate.prompt_tests import pairs_of
from baserate.stats._arrays import Floats, Interval
from baserate.stats.cell_means import CellMeans
from baserate.stats.stratified import cochran_mantel_haenszel, stratified_miettinen_nurminen

_NAME = "miettinen-nurminen with Mantel–Haenszel weights"
_TEST = "Cochran–Mantel–Haenszel test"


def holds(means: CellMeans, kind: str) -> bool:
    """Tell whether the runs of each stratum are independent.

    Parameters
    ----------
    means : CellMeans
    kind : str
        The name of the design.

    Returns
    -------
    bool
    """
    cells = np.bincount(means.stratum, minlength=means.strata)
    return kind in ("independent", "fixed") and bool((cells == 1).all())


def stratum_counts(means: CellMeans) -> tuple[Floats, Floats, Floats, Floats]:
    """Return events and runs of both sides of one pair, stratum by stratum.

    Parameters
    ----------
    means : CellMeans
        Of two groups that have the same strata, in the same order.

    Returns
    -------
    tuple of ndarray, shape (strata,)
        Events and runs of the candidate, then of the baseline.
    """
    k, n = means.in_strata(means.events), means.in_strata(means.n)
    one, two = means.group == 0, means.group == 1
    return k[one], n[one], k[two], n[two]


def differences(means: CellMeans) -> Estimates:
    """Estimate the common difference over strata of independent runs.

    Parameters
    ----------
    means : CellMeans
        Of 2m groups: candidates, then baselines; strata in the order of the conditions.

    Returns
    -------
    Estimates

    References
    ----------
    Mantel & Haenszel (1959) JNCI 22:719. Miettinen & Nurminen (1985) Stat. Med. 4:213.
    """
    counts = [stratum_counts(one) for one in pairs_of(means)]
    m = len(counts)
    value = np.array([float(stratified_miettinen_nurminen(*c).estimate) for c in counts])
    p = np.array([float(cochran_mantel_haenszel(*c)[1]) for c in counts])

    def limits(level: Floats) -> Interval:
        found = [stratified_miettinen_nurminen(*c, float(a)) for c, a in zip(counts, level, strict=True)]
        return np.array([float(f.low) for f in found]), np.array([float(f.high) for f in found])

    return Estimates(
        value=value,
        std_error=unknown(m),
        limits_at=limits,
        test=lambda: p,
        null=0.0,
        n_eff=unknown(m),
        df=unknown(m),
        correlation=np.zeros(m),
        designs=("stratified",) * m,
        intervals=(_NAME,) * m,
        tests=(_TEST,) * m,
    )
