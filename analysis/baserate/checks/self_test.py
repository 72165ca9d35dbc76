"""How often a policy errs on one's own runs: they are dealt at random to two versions that do not differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import checked
from baserate.arguments import require_whole
from baserate.checks.dealing import Dealt
from baserate.checks.policy import read_policy
from baserate.checks.rule import Rule
from baserate.counts import count
from baserate.errors import BaserateError
from baserate.frames import own_frames
from baserate.note import Note, coded
from baserate.readers import read
from baserate.result import records
from baserate.select import where
from baserate.shown import Shown
from baserate.stats.rate import clopper_pearson
from baserate.text import percent

DEALT = "not_worse_than"
CAUGHT = 0.8  # the share of deals in which a true change is to be found
_CHANGES = np.arange(0.02, 0.62, 0.02)
_SEED = 20261127


@own_frames("table", "curves")
@dataclass(frozen=True, eq=False, repr=False)
class SelfTest(Shown):
    """How often the checks of a policy err, on one's own runs.

    ``table`` has a row a check that holds two versions against each other: ``check, alpha, repeats``; the shares of
    deals of runs that do not differ that ``fail`` (a false alarm), ``passed`` and are ``inconclusive``;
    ``fail_at_margin``, the false alarms where the candidate is worse by just the margin; ``fail_low`` and
    ``fail_high``, the simulation's limits of the larger of the two; and ``catches``, the smallest true change for the
    worse that fails in 80 % of deals, missing where none tried does.

    Attributes
    ----------
    curves : DataFrame
        ``check, change, fail, passed, inconclusive``: the same at each true change.
    policy : str
        The policy's path.
    left : tuple of str
        The checks that hold one version against a number, or a fact: they are not dealt.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    policy: str
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """How often the policy would raise a false alarm, in one sentence."""
        if self.table.empty:
            return f"No check of {self.policy} holds two versions against each other: nothing can be dealt."
        worst = self.table.loc[self.table["fail"].idxmax()]
        return (
            f"Dealt at random, so that nothing differs, {worst['check']!r} raises a false alarm in "
            f"{percent(worst['fail'])} of deals, passes in {percent(worst['passed'])}, and is inconclusive in "
            f"{percent(worst['inconclusive'])}; {_catches(worst['catches'])}."
        )

    @property
    def computed(self) -> str:
        """A line on how the deals were made, in a reader's words."""
        return "the runs of each prompt that both versions ran are dealt anew, prompts of one version alone as a whole."

    def described(self) -> str:
        """Say what was done.

        Returns
        -------
        str
        """
        return (
            f"Self-test of {self.policy}: {self.computed} Sizes stay as they are. A true change turns runs of the "
            "candidate, each with the same chance. Every deal is judged as the policy judges."
        )

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        shown = pd.DataFrame({"check": t["check"].astype(str)})
        for title, column in _TITLES:
            shown[title] = [percent(share) for share in t[column]]
        shown["alpha"] = [f"{alpha:g}" for alpha in t["alpha"]]
        shown["catches at 80%"] = ["–" if np.isnan(c) else f"{100 * c:.0f} points" for c in t["catches"]]
        return shown

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes, as a dictionary.

        Returns
        -------
        dict
        """
        told = {"policy": self.policy, "answer": self.answer, "explanation": self.described()}
        loud = [coded(text) for text in self.cautions]
        rows = {"rows": records(self.table), "curves": records(self.curves), "not_dealt": list(self.left)}
        return {**told, "cautions": loud, "notes": [str(note) for note in self.notes], **rows}


_TITLES = (
    ("false alarm", "fail"),
    ("at the margin", "fail_at_margin"),
    ("pass", "passed"),
    ("inconclusive", "inconclusive"),
)


def _catches(change: float) -> str:
    if np.isnan(change):
        return "no change tried is caught in 80% of deals"
    return f"the smallest change it catches in 80% is {100 * change:.0f} points"


@checked
def self_test(policy_path: str | Path, repeats: int = 1000, seed: int = _SEED) -> SelfTest:
    """Deal one's own runs at random to two versions, and count what a policy says.

    Parameters
    ----------
    policy_path : str or Path
        As of `baserate.check`.
    repeats : int
        Deals of runs that do not differ; a fifth as many at each true change.
    seed : int
        Of the deals.

    Returns
    -------
    SelfTest
        A check whose false alarms are above its alpha beyond chance is a caution.

    Raises
    ------
    BaserateError
        If the policy or the data cannot be used.
    """
    require_whole("repeats", repeats, 10)
    path = Path(policy_path)
    policy = read_policy(path)
    runs = read(list(policy.paths), **policy.options)
    rows, curves = [], []
    for rule in policy.rules:
        if rule.kind != DEALT or rule.corrected is not None:
            continue
        row, curve = _test(where(runs, rule.where), rule, repeats, np.random.default_rng(seed))
        rows.append(row)
        curves.append(curve)
    left = tuple(rule.name for rule in policy.rules if rule.kind != DEALT or rule.corrected is not None)
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    loud = [
        Note("too-many-false-alarms", f"{row['check']}: more false alarms than its alpha of {row['alpha']:g} promises.")
        for row in rows
        if row["fail_low"] > row["alpha"]
    ]
    told = [Note("not-dealt", f"Not dealt, since they hold no two versions against each other: {', '.join(left)}.")]
    whole = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
    return SelfTest(table, whole, str(policy_path), left, tuple(told) if left else (), tuple(loud))


_COLUMNS = (
    "check",
    "alpha",
    "repeats",
    "fail",
    "passed",
    "inconclusive",
    "fail_at_margin",
    "fail_low",
    "fail_high",
    "catches",
)


def _test(
    runs: pd.DataFrame, rule: Rule, repeats: int, rng: np.random.Generator
) -> tuple[dict[str, Any], pd.DataFrame]:
    counts = count(runs, rule.outcome, conditions=rule.conditions, cluster=rule.cluster, accept=rule.accept)
    sides = rule.limits["candidate"], rule.limits["baseline"]
    cells = counts.cells
    for side in sides:
        if not (cells["version"].astype(str) == side).any():
            raise BaserateError(f"There is no graded run of version {side!r} to deal.")
    dealt = Dealt(counts, rule, sides)
    none = dealt.verdicts(0.0, repeats, rng)
    margin = float(rule.limits["margin"])
    edge = dealt.verdicts(margin, repeats, rng) if margin < dealt.room else none
    worst = max(none["fail"], edge["fail"])
    low, high = clopper_pearson(round(worst * repeats), repeats, 0.95)
    few = max(repeats // 5, 10)
    changes = [float(change) for change in _CHANGES if change < dealt.room]
    curve = [{"change": 0.0, **none}, *({"change": c, **dealt.verdicts(c, few, rng)} for c in changes)]
    shown = pd.DataFrame(curve)
    caught = shown.loc[shown["fail"] >= CAUGHT, "change"]
    row = {"check": rule.name, "alpha": rule.alpha, "repeats": repeats, **none, "fail_at_margin": edge["fail"]}
    row |= {"fail_low": float(low), "fail_high": float(high)}
    row["catches"] = float(caught.min()) if len(caught) else float("nan")
    return row, shown.assign(check=rule.name)
