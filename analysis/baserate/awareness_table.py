"""Did it know that it was being tested? What is measured after the run is never a covariate, but can be bounded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_level
from baserate.awareness_result import GROUPS, Awareness
from baserate.comparison import compare
from baserate.counts import count
from baserate.errors import BaserateError, require_known
from baserate.joint_counts import as_runs
from baserate.levels import as_category
from baserate.note import Note
from baserate.rate_table import rates
from baserate.run_table import renamed, run_table
from baserate.runs import as_outcome
from baserate.stats.principal_strata import Side, never_aware, never_aware_monotone

_GROUP = "awareness"
_DRAWS, _SEED = 2000, 20261127
Floats = npt.NDArray[np.float64]


@checked
def awareness(
    runs: Table,
    outcome: str,
    aware: str,
    across: str = "version",
    baseline: str | None = None,
    level: float = 0.95,
    scope: str | None = None,
) -> Awareness:
    """Hold a behavior against whether the model took the scenario for a test.

    Awareness is measured after the run: it may be a consequence of what the model did, so it is never adjusted for as
    if it had come before. What is told: rates among runs that were aware, unaware and silent; the difference had both
    versions been aware as often, as a description; how far awareness would have to differ to explain a difference; and
    bounds of the difference among runs that would have known under neither version.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each; or counts, with the runs that were aware and those that were and showed it
        (``aware_<outcome>``).
    outcome : str
        The graded behavior.
    aware : str
        A column of yes and no: whether the run took it for a test; missing where it said neither.
    across : str
        The column of what is compared.
    baseline : str, optional
        The level that the others are compared with; left out, all pairs.
    level : float
        The level of the intervals.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.

    Returns
    -------
    Awareness

    Raises
    ------
    BaserateError
        If a column is not there or holds no yes and no.

    References
    ----------
    Frangakis & Rubin (2002) Biometrics 58:21. Zhang & Rubin (2003) J. Educ. Behav. Stat. 28:353. Rosenbaum (1984) JRSS
    A 147:656 (why not to adjust). Horowitz & Manski (2000) JASA 95:77 (bootstrap of bounds).

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"version": ["a"] * 4 + ["b"] * 4, "knew": [1, 1, 0, 0] * 2})
    >>> runs["blackmail"] = [0, 0, 1, 1, 0, 0, 1, 1]
    >>> awareness(runs, "blackmail", "knew").table[["version", "awareness", "events", "n"]].values.tolist()
    [['a', 'aware', 0, 2], ['a', 'unaware', 2, 2], ['b', 'aware', 0, 2], ['b', 'unaware', 2, 2]]
    """
    require_level(level)
    table, counts = run_table(as_runs(runs, outcome, aware), outcome)
    across = renamed(across, counts)
    for name, what in ((outcome, "outcome"), (aware, "column of awareness"), (across, "column")):
        require_known(name, table.columns, what)
    told = {1.0: GROUPS[0], 0.0: GROUPS[1]}
    group = as_outcome(table[aware]).astype("Float64").map(told).fillna(GROUPS[2])
    table = table.drop(columns=[aware]).assign(**{_GROUP: pd.Categorical(group, categories=list(GROUPS))})
    table[across] = as_category(table[across])
    known = list(count(table.drop(columns=[_GROUP]), outcome).conditions)
    graded = table[as_outcome(table[outcome]).notna()]
    if not len(graded):
        raise BaserateError(f"No run has a verdict of {outcome!r}, so nothing can be told of awareness.")
    found = rates(graded, outcome, by=[across, _GROUP], level=level, scope=scope, conditions=known)
    shown = found.table[found.table["n"] > 0]
    share = shown["n"] / shown.groupby(across, observed=True)["n"].transform("sum")
    keep = [across, _GROUP, "estimate", "conf_low", "conf_high", "n", "events", "missing", "prompts"]
    pairs, notes = _pairs(table, outcome, across, baseline, known, level, scope)
    return Awareness(
        table=shown[keep].assign(share=share).reset_index(drop=True),
        outcome=outcome,
        method=f"{found.method}; bounds with {_DRAWS:,} bootstrap draws of prompts",
        level=level,
        scope=found.scope,
        scope_reason=found.scope_reason,
        notes=(*found.notes, *notes, *_left_out(len(table) - len(graded), len(table))),
        cautions=(_AFTER, *found.cautions),
        aware=aware,
        across=across,
        pairs=pairs,
    )


_AFTER = Note(
    "measured-after",
    "Awareness was measured after the run, and may follow from what the model did: a rate among aware runs is of "
    "different runs in each version, and no effect of being aware.",
)


def _left_out(gone: int, whole: int) -> list[Note]:
    told = f"{gone} of {whole} runs have no verdict: they are in no group, and the bounds do not allow for them."
    return [Note("ungraded", told)] if gone else []


def _pairs(
    table: pd.DataFrame,
    outcome: str,
    across: str,
    baseline: str | None,
    known: Sequence[str],
    level: float,
    scope: str | None,
) -> tuple[pd.DataFrame, list[Note]]:
    levels = [str(name) for name in table[across].cat.categories]
    if baseline is not None:
        require_known(baseline, levels, "level")
    wanted = [(b, a) for a, b in combinations(levels, 2)]
    wanted = wanted if baseline is None else [(name, baseline) for name in levels if name != baseline]
    graded = table[as_outcome(table[outcome]).notna()]
    tallies = _Tallies(graded, outcome, across, levels)
    rows = []
    for candidate, base in wanted:
        one, two = levels.index(candidate), levels.index(base)
        row: dict[str, Any] = {"candidate": candidate, "baseline": base}
        two_sides = table[table[across].isin([candidate, base])].copy()
        two_sides[across] = two_sides[across].cat.remove_unused_categories()
        row |= _standardized(two_sides, outcome, across, base, known, level, scope)
        rows.append(row | tallies.told(one, two, row["difference"], level))
    silent = float((graded[_GROUP] == GROUPS[2]).mean())
    told = f"{100 * silent:.0f}% of runs said neither: bounds and shifts take them as not aware."
    return pd.DataFrame(rows), [Note("silent", told)] if silent else []


def _standardized(
    table: pd.DataFrame, outcome: str, across: str, base: str, known: Sequence[str], level: float, scope: str | None
) -> dict[str, float]:
    """Estimate the difference as it is, and with each kind of awareness weighed alike in both versions."""
    options: dict[str, Any] = {"across": across, "baseline": base, "level": level, "scope": scope}
    crude = compare(table.drop(columns=[_GROUP]), outcome, **options, conditions=known).table.iloc[0]
    try:
        same = compare(table, outcome, **options, conditions=[*known, _GROUP]).table.iloc[0]
    except BaserateError:  # no kind of awareness that both versions showed
        same = pd.Series({"estimate": np.nan, "conf_low": np.nan, "conf_high": np.nan})
    return {
        "difference": float(crude["estimate"]),
        "standardized": float(same["estimate"]),
        "standardized_low": float(same["conf_low"]),
        "standardized_high": float(same["conf_high"]),
    }


class _Tallies:
    """Runs by prompt, version and awareness; drawn again prompt by prompt."""

    def __init__(self, graded: pd.DataFrame, outcome: str, across: str, levels: Sequence[str]) -> None:
        prompt = (
            graded["prompt"].astype(str) if "prompt" in graded else pd.Series(graded.index.astype(str), graded.index)
        )
        unit, units = pd.factorize(prompt)
        version = graded[across].cat.codes.to_numpy()
        aware = (graded[_GROUP] == GROUPS[0]).to_numpy().astype(int)
        yes = as_outcome(graded[outcome]).astype(float).to_numpy()
        shape = (max(len(units), 1), len(levels), 2)
        place = np.ravel_multi_index((unit, version, aware), shape)
        size = int(np.prod(shape))
        self.n = np.bincount(place, minlength=size).reshape(shape).astype(float)
        self.events = np.bincount(place, yes, minlength=size).reshape(shape)
        rng = np.random.default_rng(_SEED)
        self.weights = rng.multinomial(shape[0], np.full(shape[0], 1 / shape[0]), size=_DRAWS).astype(float)

    def side(self, version: int, weights: Floats) -> Side:
        """Return the share of aware runs, and the rate among the others, for each row of weights."""
        n, events = (np.einsum("bu,ua->ba", weights, x[:, version]) for x in (self.n, self.events))
        with np.errstate(invalid="ignore", divide="ignore"):
            return Side(n[:, 1] / n.sum(axis=1), events[:, 0] / n[:, 0])

    def told(self, one: int, two: int, difference: float, level: float) -> dict[str, float]:
        """Bound the difference among runs that would know under neither version, and find the tipping point."""
        whole = np.ones((1, len(self.n)))
        row: dict[str, float] = {}
        for name, bound in (("never", never_aware), ("monotone", never_aware_monotone)):
            low, high = bound(self.side(one, whole), self.side(two, whole))
            lows, highs = bound(self.side(one, self.weights), self.side(two, self.weights))
            tail = (1 - level) / 2
            row |= {f"{name}_low": float(low[0]), f"{name}_high": float(high[0])}
            row |= {
                f"{name}_conf_low": min(float(np.nanquantile(lows, tail)), float(low[0])),
                f"{name}_conf_high": max(float(np.nanquantile(highs, 1 - tail)), float(high[0])),
            }
        shares = [float(np.asarray(self.side(v, whole).aware)[0]) for v in (one, two)]
        n, events = self.n[:, two].sum(axis=0), self.events[:, two].sum(axis=0)
        gap = events[1] / n[1] - events[0] / n[0] if n.min() > 0 else np.nan
        row["shift"] = shares[0] - shares[1]
        row["shift_to_explain"] = difference / gap if gap else np.nan
        return row
