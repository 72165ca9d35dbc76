"""All of k runs, or any of k: how reliably a prompt shows a behavior, and how likely an attacker gets it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from baserate.annotations import Table, checked
from baserate.arguments import require_level, require_whole
from baserate.counts import Counts, count
from baserate.design import Design, build_design
from baserate.errors import BaserateError, require_known
from baserate.note import Note
from baserate.result import Result
from baserate.stats._arrays import Floats
from baserate.stats.at_k import all_of, any_of
from baserate.stats.rate import clopper_pearson
from baserate.stats.student import t_quantile
from baserate.text import in_words, interval, percent

MEASURES = {"pass^k": all_of, "hit@k": any_of}
BOUNDED, KORN_GRAUBARD = "clopper-pearson", "korn-graubard"
_SHARES = "unbiased share of k-subsets of each prompt's runs; clopper-pearson on"
_METHODS = {BOUNDED: f"{_SHARES} the number of prompts", KORN_GRAUBARD: f"{_SHARES} the effective number of prompts"}


@dataclass(frozen=True, eq=False, repr=False)
class AtK(Result):
    """How often all of k runs of a prompt show a behavior, and how often any does; one row a group and measure.

    ``table`` has the columns of `by`, ``measure`` ("pass^k": all of k; "hit@k": any of k), ``estimate, conf_low,
    conf_high``, ``prompts`` (with at least k graded runs), ``few`` (with fewer, left out), ``n_eff``, and ``n, events,
    missing``.

    Attributes
    ----------
    k : int
    by : tuple of str
        The columns that make a group.
    """

    k: int = 1
    by: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """Both measures of the first and last group, in one sentence."""
        told = []
        for row in self.table.to_dict("records"):
            which = "all" if row["measure"] == "pass^k" else "any"
            named = ", ".join(str(row[name]) for name in self.by)
            limits = f"{percent(row['estimate'])} {interval(row['conf_low'], row['conf_high'])}"
            told.append(f"{which} of {self.k} in {limits} of prompts" + (f" ({named})" if named else ""))
        return f"Runs of a prompt show {in_words(self.outcome)}: {'; '.join(told[:4])}{'; …' * (len(told) > 4)}."

    def described(self) -> str:
        """Say what was estimated, and how.

        Returns
        -------
        str
        """
        return (
            f"The chance that all of {self.k} runs of a prompt show {self.outcome!r} (pass^k), and that any does "
            f"(hit@k), {self.confidence} intervals: {self.method}. Scope {self.scope}: {self.scope_reason}."
        )

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[list(self.by)].astype(str)
        shown["measure"] = [measure.replace("k", str(self.k)) for measure in t["measure"]]
        shown["share of prompts"] = [percent(v) for v in t["estimate"]]
        limits = zip(t["conf_low"], t["conf_high"], strict=True)
        shown[f"{self.confidence} interval"] = [interval(low, high) for low, high in limits]
        shown["prompts"] = t["prompts"].astype(str)
        if t["few"].any():
            shown["too few runs"] = t["few"].astype(str)
        return shown


@checked
def at_k(
    runs: Table,
    outcome: str,
    k: int,
    by: str | Sequence[str] | None = "version",
    level: float = 0.95,
    *,
    method: str = BOUNDED,
    conditions: str | Sequence[str] | None = None,
    mix: Any = "planned",
    accept: str | Sequence[str] = ("ok",),
) -> AtK:
    """Estimate how often all of k runs of a prompt show a behavior (pass^k), and how often any does (hit@k).

    Each prompt with at least k graded runs gives the share of its k-subsets, which has no bias; prompts are averaged
    within conditions, and conditions in the mix. Shares lie between 0 and 1, so their mean varies at most as that of as
    many yes or no: Clopper and Pearson's limits at the number of prompts hold however prompts vary (Hoeffding 1956).

    Parameters
    ----------
    runs : DataFrame or Counts
        Runs, one row each, or counts of runs by prompt.
    outcome : str
        The graded behavior.
    k : int
        Runs of a prompt.
    by : str or sequence of str, optional
        The columns that make a group; None pools all runs.
    level : float
        Of the intervals.
    method : {"clopper-pearson", "korn-graubard"}
        At the number of prompts; or at their effective number, as the variance between prompts gives it: shorter, and
        too short where few prompts show it (coverage .73 to .95 in simulation).
    conditions, mix, accept
        As in `baserate.rates`.

    Returns
    -------
    AtK

    Raises
    ------
    BaserateError
        If no column tells the prompts, or none has k graded runs.

    References
    ----------
    Chen et al. (2021) arXiv:2107.03374. Yao et al. (2024) arXiv:2406.12045. Hoeffding (1956) Ann. Math. Stat. 27:713.
    Korn & Graubard (1998) Survey Methodology 24:193.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.9}, prompts=30, epochs=10, icc=0.3, seed=1)
    >>> found = br.at_k(runs, "blackmail", 4).table
    >>> found["measure"].tolist()
    ['pass^k', 'hit@k']
    """
    require_level(level)
    k = require_whole("k", k)
    require_known(method, _METHODS, "method")
    groups = [] if by is None else [by] if isinstance(by, str) else list(by)
    counts = count(runs, outcome, groups, conditions=conditions, accept=accept)
    return of_counts(counts, outcome, k, groups, level, mix, method)


def of_counts(
    counts: Counts, outcome: str, k: int, by: Sequence[str], level: float, mix: Any, method: str = BOUNDED
) -> AtK:
    """Estimate both measures from counts; see `at_k`."""
    if not counts.prompts_known:
        raise BaserateError("No column tells which runs share a prompt, so there is no k of a prompt. Name the prompt.")
    design = build_design(counts, list(by), mix=mix)
    cells = design.cells
    enough = cells.n >= k
    if not enough.any():
        most = int(cells.n.max()) if len(cells.n) else 0
        raise BaserateError(f"No prompt has {k} graded runs; the most is {most}. Ask for k up to that.")
    rows = [_row(design, group, name, k, level, method) for group in range(len(design.groups)) for name in MEASURES]
    few = int(sum(row["few"] for row in rows)) // len(MEASURES)
    told = [Note("too-few-runs", f"{few} prompts have fewer than {k} graded runs, and are left out.")] if few else []
    missing = int(cells.missing.sum())
    lost = [Note("ungraded-runs", f"{missing} runs have no verdict, and are in no subset.")] if missing else []
    return AtK(
        table=pd.DataFrame(rows),
        outcome=outcome,
        method=_METHODS[method],
        level=level,
        scope="sampled",
        scope_reason="prompts are taken as a sample of prompts like these",
        notes=design.notes,
        cautions=(*design.cautions, *told, *lost),
        k=k,
        by=tuple(by),
    )


def _row(design: Design, group: int, measure: str, k: int, level: float, method: str) -> dict[str, Any]:
    cells = design.cells.where(design.cells.group == group)
    graded = cells.where(cells.n >= k)
    shares = MEASURES[measure](graded.events, graded.n, k)
    rate, prompts, effective, df = _mean(shares, graded.condition, design.weight)
    low, high = _limits(rate, prompts, effective, df, level, method)
    named = dict(zip(design.by, design.groups[group], strict=True))
    counted = {name: int(getattr(cells, name).sum()) for name in ("n", "events", "missing")}
    few = int(((cells.n < k) & (cells.n + cells.missing > 0)).sum())
    found = {
        "estimate": rate,
        "conf_low": low,
        "conf_high": high,
        "prompts": len(shares),
        "few": few,
        "n_eff": effective,
    }
    return {**named, "measure": measure, **found, **counted}


def _mean(shares: Floats, condition: Any, weight: Floats) -> tuple[float, float, float, float]:
    """Average shares over prompts and conditions.

    Returns
    -------
    rate : float
    prompts : float
        Their number, as conditions are weighed.
    effective : float
        The number of yes or no with the variance found between prompts.
    df : float
        Degrees of freedom of that variance.
    """
    ran = np.unique(condition)
    if not len(ran):
        return float("nan"), 0.0, 0.0, 0.0
    w = weight[ran] / weight[ran].sum() if weight[ran].sum() > 0 else np.full(len(ran), 1 / len(ran))
    parts = [shares[condition == c] for c in ran]
    means, sizes = np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
    rate = float(w @ means)
    df = float((sizes - 1).sum())
    within = sum(((part - part.mean()) ** 2).sum() for part in parts)
    variance = float(within / df * (w**2 / sizes).sum()) if df > 0 else 0.0
    prompts = float(1 / (w**2 / sizes).sum())
    return rate, prompts, rate * (1 - rate) / variance if variance > 0 else prompts, df


def _limits(
    rate: float, prompts: float, effective: float, df: float, level: float, method: str = BOUNDED
) -> tuple[float, float]:
    """Take Clopper and Pearson's limits at the number of prompts, or at their effective number."""
    if np.isnan(rate):
        return 0.0, 1.0
    size = prompts
    if method == KORN_GRAUBARD and df >= 1:
        tail = (1 + level) / 2
        size = effective * float((ndtri(tail) / t_quantile(df, tail)) ** 2)
    low, high = clopper_pearson(rate * size, size, level)
    return float(low), float(high)
