"""Counts become rates with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from baserate.arguments import require_level, require_method
from baserate.counts import count, notes_of
from baserate.errors import BaserateError, require_known
from baserate.groups import Group, RateInterval, groups, rate_interval, unassigned
from baserate.result import Result
from baserate.scope import choose_scope
from baserate.stats.rate import RATE_INTERVALS
from baserate.text import Note, interval, percent

THIRTY = 30  # runs from which on the rule of three is close
SIDES = ("two-sided", "upper", "lower")

_HOW = {
    "sampled": "on the cautious effective n of sampled prompts",
    "fixed": "on the within-prompt variance",
    "one prompt": "for one prompt",
}


@dataclass(frozen=True, eq=False, repr=False)
class Rates(Result):
    """Rates of a behavior, one row a group.

    ``table`` has the columns of `by`, then ``estimate, conf_low, conf_high, n, events, missing, prompts, n_eff, icc,
    design_effect`` and the worst-case bounds ``worst_low, worst_high`` had all ungraded runs been a no, or a yes.

    Attributes
    ----------
    by : tuple of str
        The columns that make a group.
    """

    by: tuple[str, ...] = ()

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = t[list(self.by)].astype(str)
        shown["rate"] = [percent(v) for v in t["estimate"]]
        shown[f"{self.confidence} interval"] = [
            interval(low, high) for low, high in zip(t["conf_low"], t["conf_high"], strict=True)
        ]
        shown["events/graded"] = [f"{k}/{n}" for k, n in zip(t["events"], t["n"], strict=True)]
        if t["missing"].any():
            shown["ungraded"] = t["missing"].astype(str)
            shown["if all were graded"] = [
                interval(low, high) for low, high in zip(t["worst_low"], t["worst_high"], strict=True)
            ]
        shown["prompts"] = t["prompts"].astype(str)
        return shown

    def explain(self) -> str:
        """Say in two sentences which method was used and why.

        Returns
        -------
        str
        """
        return (
            f"Share of graded runs with {self.outcome!r}, with {self.confidence} intervals ({self.method}). "
            f"Scope {self.scope}: {self.scope_reason}."
        )


def rates(
    runs: Any,
    outcome: str,
    by: str | Sequence[str] | None = "version",
    method: str | None = None,
    level: float = 0.95,
    scope: str | None = None,
    *,
    side: str = "two-sided",
) -> Rates:
    """Estimate the rate of a behavior in each group of runs.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each, or counts of runs (see `baserate.counts.count`).
    outcome : str
        The graded behavior: a column of yes and no, missing where not graded.
    by : str or sequence of str, optional
        The columns that make a group; None pools all runs.
    method : {"wilson", "clopper-pearson", "mid-p", "jeffreys"}, optional
        The interval, applied to the effective number of runs where runs share prompts. Left out, Wilson's, guarded
        where it would cover too little: with very few events, or with few prompts (docs/calibration.md).
    level : float
        The level of the intervals.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.
    side : {"two-sided", "upper", "lower"}
        An interval, or a bound of that level on one side; a bound is Clopper and Pearson's unless a method is named.

    Returns
    -------
    Rates
        One row a group. A run without a verdict is never a no: it is counted in ``missing`` and bounds the rate.

    Raises
    ------
    BaserateError
        If a column, method or scope is unknown, or cannot be answered.

    References
    ----------
    Wilson (1927) JASA 22:209. Korn & Graubard (1998) Survey Methodology 24:193. Dean & Pagano (2015) J. Surv. Stat.
    Methodol. 3:484. Manski (1989) J. Hum. Resour. 24:343.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"version": ["a", "b"], "n": [100, 100], "blackmail": [84, 70]})
    >>> rates(counts, "blackmail").table[["estimate", "conf_low", "conf_high"]].round(3).values.tolist()
    [[0.84, 0.756, 0.899], [0.7, 0.604, 0.781]]
    """
    require_level(level)
    require_known(side, SIDES, "side")
    method = method or (None if side == "two-sided" else "clopper-pearson")
    require_method(method or "wilson", list(RATE_INTERVALS))
    keys = [by] if isinstance(by, str) else list(by or ())
    cells = count(runs, outcome, keys)
    chosen, reason = choose_scope(cells, scope)
    found = groups(cells, keys)
    intervals = [_on(side, rate_interval(g, chosen, _two_sided(level, side), method)) for g in found]
    if scope == "sampled":
        _require_prompts(found, intervals)
    return Rates(
        table=_table(keys, found, intervals),
        outcome=outcome,
        method=_name(method, intervals) + ("" if side == "two-sided" else f", {side} bound"),
        level=level,
        scope=chosen,
        scope_reason=reason,
        notes=(*notes_of(cells), *unassigned(cells, keys), *_notes(found, intervals, level)),
        by=tuple(keys),
    )


def _two_sided(level: float, side: str) -> float:
    """Return the level of the two-sided interval whose limit is the bound."""
    return level if side == "two-sided" else max(2 * level - 1, 1e-9)


def _on(side: str, both: RateInterval) -> RateInterval:
    if side == "upper":
        return both._replace(low=0.0)
    return both._replace(high=1.0) if side == "lower" else both


def _table(keys: list[str], found: list[Group], intervals: list[RateInterval]) -> pd.DataFrame:
    rows = [
        {
            **dict(zip(keys, g.key, strict=True)),
            "estimate": g.rate,
            "conf_low": i.low,
            "conf_high": i.high,
            "n": g.graded,
            "events": g.shown,
            "missing": g.missing,
            "prompts": len(g.prompts),
            "n_eff": i.n_eff,
            "icc": i.icc,
            "design_effect": g.graded / i.n_eff if i.n_eff else float("nan"),
            "worst_low": g.worst_case[0],
            "worst_high": g.worst_case[1],
        }
        for g, i in zip(found, intervals, strict=True)
    ]
    return pd.DataFrame(rows)


def _name(method: str | None, intervals: list[RateInterval]) -> str:
    designs = dict.fromkeys(i.design for i in intervals)
    how = [_HOW[d] if method is None else _HOW[d].replace("cautious ", "") for d in designs if d in _HOW]
    method = method or "wilson"
    guarded = ", guarded where events are few" if any(i.guarded for i in intervals) else ""
    return f"{method} {' or '.join(how)}{guarded}" if how else f"{method}{guarded}"


def _require_prompts(found: list[Group], intervals: list[RateInterval]) -> None:
    for g, i in zip(found, intervals, strict=True):
        if i.design == "one prompt":
            raise BaserateError(
                f"scope='sampled' needs at least two prompts a group; {g.name} has one with {g.graded} runs. "
                "Use scope='fixed' (how this prompt behaves), or run more prompts."
            )


def _never(pairs: list[tuple[Group, RateInterval]], level: float) -> list[Note]:
    """Say what no event does not show: the rule of three, for any level (Hanley & Lippman-Hand 1983)."""
    never = [(g, i) for g, i in pairs if g.graded and g.shown == 0]
    if not never:
        return []
    most = max(i.high for _, i in never)
    fewest = min(i.n_eff for _, i in never)
    three = -math.log(1 - level)
    rule = f"; the rule of three gives {three:.2g}/{fewest:.0f} = {percent(three / fewest)}" if fewest >= THIRTY else ""
    reach = f" The limit reaches up to {percent(most)}{rule}." if most < 1 else ""
    names = _some([g.name for g, _ in never])
    return [Note("no-events", f"No event in {names}: that is no proof of never.{reach}")]


def _alike(pairs: list[tuple[Group, RateInterval]]) -> list[Note]:
    """Report the intraclass correlation and the design effect of runs that share prompts."""
    shared = [(g, i) for g, i in pairs if i.design == "sampled" and not math.isnan(i.icc)]
    if not shared:
        return []
    told = [f"{g.name} {i.icc:.2f} ({g.graded / i.n_eff:.1f})" for g, i in shared[:4]]
    rest = f" and {len(shared) - 4} more in the table" if len(shared) > 4 else ""
    alike = f"Runs on one prompt resemble each other; ICC (design effect used): {', '.join(told)}{rest}."
    return [Note("runs-alike", alike)]


def _notes(found: list[Group], intervals: list[RateInterval], level: float) -> list[Note]:
    pairs = list(zip(found, intervals, strict=True))
    return [*_never(pairs, level), *_limited(pairs), *_alike(pairs), *_ungraded(found)]


def _limited(pairs: list[tuple[Group, RateInterval]]) -> list[Note]:
    """Say of which groups the interval says less than it seems to."""
    notes = []
    if nothing := [g.name for g, _ in pairs if g.graded == 0]:
        told = f"No graded run in {_some(nothing)}: nothing is known, so the interval is 0 to 100%."
        notes.append(Note("no-graded-run", told))
    if single := [g.name for g, i in pairs if i.design == "one prompt"]:
        told = f"One prompt only in {_some(single)}: that interval holds for this prompt, not for others like it."
        notes.append(Note("one-prompt", told))
    if few := [g.name for g, i in pairs if i.design == "sampled" and _rarer_prompts(g) < 5]:
        told = (
            f"Fewer than 5 prompts contain the rarer outcome in {_some(few)}: "
            "the interval is wide with caution, and only more prompts will narrow it."
        )
        notes.append(Note("few-prompts-with-rarer-outcome", told))
    return notes


def _ungraded(found: list[Group]) -> list[Note]:
    ungraded = sum(g.missing for g in found)
    if not ungraded:
        return []
    runs = ungraded + sum(g.graded for g in found)
    told = (
        f"{ungraded} of {runs} runs have no verdict (failed, empty or ungraded); they are not counted as no. "
        "The bounds beside the rate take them all as no, or all as yes."
    )
    return [Note("ungraded-runs", told)]


def _rarer_prompts(group: Group) -> int:
    """Count the prompts in which the rarer of yes and no occurs."""
    return int(min((group.events > 0).sum(), (group.events < group.n).sum()))


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
