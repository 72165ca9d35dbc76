"""Finding reruns that differ: logs of the same version and condition that are too unlike to be pooled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from baserate.audits.evidence import Evidence
from baserate.audits.finding import Finding, listed
from baserate.counts import count

ALPHA = 0.01  # after Bonferroni over all slices and outcomes: a finding, not a coincidence

_BATCH = ("log_id", "experiment", "commit")


def homogeneity(events: np.ndarray[Any, Any], n: np.ndarray[Any, Any]) -> float:
    """Test whether batches of runs have the same rate, given the prompt.

    The generalized Cochran–Mantel–Haenszel test of nominal batches: observed minus expected events of each batch,
    summed over the prompts, in the metric of their multiple hypergeometric covariance.

    Parameters
    ----------
    events, n : ndarray, shape (batches, prompts)
        Runs with the behavior, and graded runs; zero where a batch did not run a prompt.

    Returns
    -------
    float
        The p value; 1 where no prompt was run by two batches, or the outcome does not vary.

    References
    ----------
    .. [1] Landis, Heyman, Koch (1978). Average partial association in three-way contingency tables. International
       Statistical Review 46, 237-254.
    """
    total, yes = n.sum(axis=0), events.sum(axis=0)
    use = total > 1
    n, total, yes = n[:, use].astype(float), total[use], yes[use]
    share = n / total
    excess = (events[:, use] - share * yes).sum(axis=1)
    spread = yes * (total - yes) / (total - 1)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-8, hermitian=True))
    if rank == 0:
        return 1.0
    return float(chdtrc(rank, excess @ np.linalg.pinv(covariance, rcond=1e-10, hermitian=True) @ excess))


def differing_reruns(evidence: Evidence) -> Iterator[Finding]:
    """Find versions whose logs have rates too unlike for chance, where they ran the same prompts."""
    batch = next((c for c in _BATCH if evidence.runs is not None and c in evidence.runs), None)
    if evidence.runs is None or batch is None:
        return
    tested = []
    for outcome in evidence.cells:
        cells = _cells(evidence.runs, outcome, batch, evidence.factors)
        for version, own in cells.groupby("version", observed=True):
            slices = _slices(own, evidence.factors)
            tested.append([_test(part, batch, f"{outcome} of {version}{at}") for at, part in slices])
    tests = sum(map(len, tested))
    unlike = [told for p, told in map(min, tested) if p * tests < ALPHA]
    if unlike:
        yield Finding(
            "warning",
            "reruns that differ",
            f"{listed(unlike)}.",
            f"More than chance (Bonferroni p < {ALPHA}): find what changed between the logs before pooling them.",
        )


def _cells(runs: pd.DataFrame, outcome: str, batch: str, factors: list[str]) -> pd.DataFrame:
    """Count the graded runs of each log, oldest log first, and number what was run: condition and prompt."""
    order = runs.sort_values("created", kind="stable") if "created" in runs else runs
    logs = pd.Categorical(runs[batch].astype(object), order[batch].dropna().unique())
    cells = count(runs.assign(**{batch: logs}), outcome, [batch, *factors], conditions=factors).cells
    cells = cells[(cells["n"] > 0) & cells[batch].notna()]
    return cells.assign(stratum=cells.groupby([*factors, "prompt"], observed=True).ngroup())


def _slices(cells: pd.DataFrame, factors: list[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield all cells, then those of each level of each factor."""
    yield "", cells
    for factor in factors:
        for level, part in cells.groupby(factor, observed=True):
            yield f" at {factor}={level}", part


def _test(cells: pd.DataFrame, batch: str, where: str) -> tuple[float, str]:
    """Test one slice: the p value, and the rates where two logs or more ran the same."""
    shared = cells[cells.groupby("stratum")[batch].transform("nunique") > 1]
    if shared.empty:
        return 1.0, ""
    counts = shared.pivot_table(
        index=batch, columns="stratum", values=["n", "events"], aggfunc="sum", fill_value=0, observed=True
    )
    n, events = counts["n"].to_numpy(), counts["events"].to_numpy()
    rates = listed([f"{k}/{m}" for k, m in zip(events.sum(axis=1), n.sum(axis=1), strict=True)], 8)
    return homogeneity(events, n), f"{where}: {rates} in {len(n)} logs"
