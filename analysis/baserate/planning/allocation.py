"""From a pilot to a plan: how much prompts and runs vary, and how to spend runs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_level, require_whole
from baserate.counts import count
from baserate.design import build_design
from baserate.design.mix import Mix
from baserate.errors import BaserateError
from baserate.estimate.traits import groups_of
from baserate.frames import own_frames
from baserate.note import Note
from baserate.result import Result
from baserate.stats.variance_components import Components, best_epochs, error_of, variance_components
from baserate.text import interval, percent

_MOST_RUNS = 1e12
EPOCHS = (1, 2, 3, 5, 10, 20, 50)


@own_frames("table", "components")
@dataclass(frozen=True, eq=False, repr=False)
class Plan(Result):
    """How to spend a budget between prompts and epochs, one row an allocation.

    ``table`` has the columns ``prompts`` and ``epochs`` of each version, ``runs`` and ``cost``, ``std_error`` of a
    version's rate over prompts like these, ``half_width`` of its interval, and ``std_error_difference`` of two such
    rates on other prompts; the best is marked in ``best``.

    Attributes
    ----------
    components : DataFrame
        One row a source (condition, prompt, run): ``estimate, conf_low, conf_high`` of its variance, and its ``share``
        of what varies within conditions.
    icc : float
        Correlation of two runs on one prompt.
    budget : float
        What a version may cost.
    """

    components: pd.DataFrame = None
    icc: float = float("nan")
    budget: float = 0.0

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = pd.DataFrame({"prompts": [f"{n:,}" for n in t["prompts"]], "epochs": [f"{n:,}" for n in t["epochs"]]})
        shown["runs"] = [f"{n:,}" for n in t["runs"]]
        shown["cost"] = [f"{c:,.4g}" for c in t["cost"]]
        shown[f"± at {self.confidence}"] = [f"{100 * w:.1f} points" for w in t["half_width"]]
        shown[""] = np.where(t["best"], "best", "")
        return shown

    @property
    def computed(self) -> str:
        """A line on how the plan was computed, in a reader's words."""
        return "how much prompts and runs vary in the pilot (variance components), put to each allocation."

    def described(self) -> str:
        """Say in three sentences what varies, and what that makes of the budget.

        Returns
        -------
        str
        """
        best = self.table[self.table["best"]].iloc[0]
        parts = self.components.set_index("source")
        limits = parts.loc["prompt", ["conf_low", "conf_high"]].to_numpy(float)
        return (
            f"{best['prompts']:,} prompts × {best['epochs']:,} epochs tell a version's rate of {self.outcome!r} best: "
            f"to ±{100 * best['half_width']:.1f} points. Prompts make {percent(parts.loc['prompt', 'share'], 0)} of "
            f"what varies within a condition (variance {parts.loc['prompt', 'estimate']:.3g} "
            f"{interval(limits[0], limits[1], 3, 1)}), runs of one prompt the rest; ICC {self.icc:.2f}. "
            f"{self.method}."
        )


@checked
def plan(
    runs: Table,
    outcome: str,
    budget: float | None = None,
    *,
    prompt_cost: float = 0.0,
    run_cost: float = 1.0,
    epochs: Sequence[int] = EPOCHS,
    level: float = 0.95,
    conditions: str | Sequence[str] | None = None,
    mix: Mix = "planned",
    accept: str | Sequence[str] = ("ok",),
) -> Plan:
    """Plan prompts and epochs from a pilot.

    Parameters
    ----------
    runs : DataFrame or Counts
        The pilot: runs of one version or more, with several prompts that were run several times.
    outcome : str
        The graded behavior.
    budget : float, optional
        What one version may cost; left out, what the pilot's runs cost.
    prompt_cost, run_cost : float
        The cost of writing one prompt, and of one run on it.
    epochs : sequence of int
        Runs a prompt to look at; the best number is added.
    level : float
        Of the intervals.
    conditions, mix, accept
        As in `baserate.rates`.

    Returns
    -------
    Plan

    Raises
    ------
    BaserateError
        If the pilot cannot tell prompts from runs, or a cost is impossible.

    References
    ----------
    Cochran (1977) Sampling Techniques, section 10.6. Searle, Casella & McCulloch (1992) Variance Components.

    Examples
    --------
    >>> import baserate as br
    >>> pilot = br.simulate({"old": 0.7}, prompts=10, epochs=8, icc=0.3, seed=1)
    >>> planned = plan(pilot, "blackmail", budget=200, prompt_cost=4)
    >>> int(planned.table["best"].sum())
    1
    """
    require_level(level)
    counts = count(runs, outcome, ["version"], conditions=conditions, accept=accept)
    if not counts.prompts_known:
        raise BaserateError(
            "A plan needs runs that share prompts, but no column tells which do. Name the prompt column."
        )
    design = build_design(counts, ["version"], mix=mix)
    found = [
        variance_components(groups_of(design.means(), np.arange(len(design.groups)) == g), level)
        for g in _graded(design)
    ]
    pooled = _pooled(found) if found else None
    if pooled is None or not pooled.df > 0 or np.isnan(pooled.run):
        raise BaserateError(
            "The pilot cannot tell prompts from runs: it needs two or more prompts in some condition, and two or more "
            "runs on some prompt."
        )
    spent = float(design.cells.n.sum() + design.cells.missing.sum()) / len(design.groups) * run_cost
    limit = _budget(budget, spent, prompt_cost, run_cost)
    table = _table(pooled, limit, prompt_cost, run_cost, [require_whole("epochs", e) for e in epochs], level)
    return Plan(
        table=table,
        outcome=outcome,
        method="Variance components by moments; prompts and runs as many as the budget allows",
        level=level,
        scope="sampled",
        scope_reason="a plan is for prompts like these",
        notes=(*design.notes, *_notes(pooled)),
        cautions=design.cautions,
        components=_components(pooled),
        icc=pooled.prompt / (pooled.prompt + pooled.run) if pooled.prompt + pooled.run > 0 else float("nan"),
        budget=limit,
    )


def _graded(design: Any) -> list[int]:
    return [g for g in range(len(design.groups)) if design.cells.n[design.cells.group == g].sum() > 0]


def _pooled(found: Sequence[Components]) -> Components:
    """Average the components of several versions, by their degrees of freedom."""
    weights = np.array([max(c.df, 0.0) if np.isfinite(c.run) else 0.0 for c in found])
    if not weights.sum() > 0:
        return found[0]
    values = np.array([[np.inf if v == np.inf else v for v in c] for c in found])[weights > 0]
    weights = weights[weights > 0]
    mean = weights @ values / weights.sum()
    mean[-2:] = values[:, -2:].sum(axis=0)
    return Components(*map(float, mean))


def _budget(budget: float | None, spent: float, prompt_cost: float, run_cost: float) -> float:
    for name, value in (("prompt_cost", prompt_cost), ("run_cost", run_cost), ("budget", budget)):
        if value is not None and (isinstance(value, bool) or not 0 <= value < float("inf")):
            raise BaserateError(f"{name} must be a number of at least 0; got {value!r}.")
    if run_cost == 0:
        raise BaserateError("run_cost must be above 0: with free runs, run each prompt as often as you can.")
    limit = spent if budget is None else float(budget)
    if limit > _MOST_RUNS * run_cost:
        raise BaserateError(f"A budget of {limit:g} pays for more runs than can be counted. Lower it.")
    if limit < 2 * (prompt_cost + run_cost):
        raise BaserateError(f"A budget of {limit:g} does not pay for two prompts of one run each. Raise it.")
    return limit


def _table(
    components: Components, budget: float, prompt_cost: float, run_cost: float, epochs: Sequence[int], level: float
) -> pd.DataFrame:
    """List allocations that use the budget up, and mark the best."""
    from scipy.special import ndtri

    best = best_epochs(components, prompt_cost, run_cost)
    more = [max(1, round(best))] if np.isfinite(best) else []
    rows = []
    for each in sorted({*epochs, *more}):
        prompts = int(budget // (prompt_cost + each * run_cost))
        if prompts >= 2:
            rows.append({"prompts": prompts, "epochs": each, "runs": prompts * each})
    if not rows:
        least = min(epochs, default=1)
        raise BaserateError(
            f"A budget of {budget:g} does not pay for two prompts of {least} or more epochs. Raise it or plan fewer."
        )
    table = pd.DataFrame(rows)
    table["cost"] = table["prompts"] * prompt_cost + table["runs"] * run_cost
    error = error_of(components, table["prompts"].to_numpy(float), table["epochs"].to_numpy(float))
    table["std_error"] = error
    table["half_width"] = float(ndtri((1 + level) / 2)) * error
    table["std_error_difference"] = np.sqrt(2) * error
    table["best"] = np.arange(len(table)) == int(np.argmin(error))
    return table


def _components(found: Components) -> pd.DataFrame:
    inside = found.prompt + found.run
    rows = [
        ("condition", found.condition, np.nan, np.nan, np.nan),
        ("prompt", found.prompt, found.prompt_low, found.prompt_high, found.prompt / inside if inside else np.nan),
        ("run", found.run, found.run_low, found.run_high, found.run / inside if inside else np.nan),
    ]
    return pd.DataFrame(rows, columns=["source", "estimate", "conf_low", "conf_high", "share"])


def _notes(found: Components) -> list[Note]:
    notes = []
    if found.df < 10:
        told = f"The spread between prompts rests on {found.units:.0f} prompts: see its interval before relying on it."
        notes.append(Note("few-prompts", told))
    if found.prompt == 0:
        told = "No spread between prompts was found: epochs tell as much as prompts, if that holds."
        notes.append(Note("no-spread", told))
    return notes
