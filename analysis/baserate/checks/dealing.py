"""Runs dealt at random to two versions that do not differ, or differ by so much."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from baserate.checks.rule import Rule
from baserate.comparison import compare
from baserate.counts import Counts

Ints = npt.NDArray[np.int64]


class Dealt:
    """The cells of two versions, and ways to deal them anew.

    Parameters
    ----------
    counts : Counts
    rule : Rule
        Of the kind ``not_worse_than``.
    sides : tuple of str
        Candidate and baseline.
    """

    def __init__(self, counts: Counts, rule: Rule, sides: tuple[str, str]) -> None:
        cells = counts.cells
        named = cells["version"].astype(str)
        self.rule = rule
        self.keys = [name for name in cells if name not in ("version", "n", "events", "missing")]
        sums = [cells[named == side].groupby(self.keys, observed=True, dropna=False) for side in sides]
        parts = [grouped[["n", "events"]].sum() for grouped in sums]
        both = parts[0].add_suffix("_new").join(parts[1].add_suffix("_old"), how="outer").fillna(0).reset_index()
        self.frame = both[self.keys].astype(str)
        self.n = both[["n_new", "n_old"]].to_numpy(np.int64)
        self.events = both[["events_new", "events_old"]].to_numpy(np.int64)
        self.known = counts.prompts_known
        self.conditions = list(counts.conditions)
        strata = pd.Series("", self.frame.index)
        if self.conditions:
            strata = self.frame[self.conditions].agg(" · ".join, axis=1)
        alone = (self.n > 0).sum(axis=1) == 1
        self.own = [np.flatnonzero(alone & (strata == level)) for level in strata[alone].unique()] if self.known else []

    @property
    def higher(self) -> bool:
        """Whether more is better."""
        return bool(self.rule.limits.get("better", "lower") == "higher")

    @property
    def room(self) -> float:
        """How far the rate can change for the worse."""
        rate = self.events.sum() / max(self.n.sum(), 1)
        return float(rate if self.higher else 1 - rate)

    def deal(self, change: float, repeats: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Deal runs; return events and runs, of shape (repeats, prompts, 2)."""
        total, yes = self.n.sum(axis=1), self.events.sum(axis=1)
        first = rng.hypergeometric(yes, total - yes, self.n[:, 0], size=(repeats, len(total)))
        events = np.stack([first, yes - first], axis=2)
        n = np.broadcast_to(self.n, (repeats, *self.n.shape)).copy()
        for rows in self.own:  # prompts that one side alone ran change sides as a whole
            for i in range(repeats):
                swapped = rng.permutation(rows)
                ran_new = self.n[swapped, 0] > 0
                events[i, rows], n[i, rows] = 0, 0
                side = np.where(ran_new, 0, 1)
                events[i, rows, side], n[i, rows, side] = yes[rows], total[rows]
        if change:
            chance = min(change / self.room, 1.0)
            moved = rng.binomial(events[:, :, 0] if self.higher else n[:, :, 0] - events[:, :, 0], chance)
            events[:, :, 0] += -moved if self.higher else moved
        return events, n

    def verdicts(self, change: float, repeats: int, rng: np.random.Generator) -> dict[str, float]:
        """Judge deals as the policy judges; return the shares of verdicts."""
        events, n = self.deal(change, repeats, rng)
        rule, prompts = self.rule, len(self.frame)
        deal = np.repeat([f"{i:05d}" for i in range(repeats)], prompts)
        parts = [
            pd.concat([self.frame] * repeats, ignore_index=True).assign(
                version=name, deal=deal, n=n[:, :, side].ravel(), k=events[:, :, side].ravel()
            )
            for side, name in enumerate(("candidate", "baseline"))
        ]
        table = pd.concat(parts, ignore_index=True)
        table = table[table["n"] > 0]
        asked: dict[str, Any] = {"level": 1 - 2 * rule.alpha, "scope": rule.scope, "looks": rule.looks or None}
        asked |= {**rule.weighing, "conditions": self.conditions, "adjust": "none"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            known = table if self.known else table.drop(columns="prompt")
            found = compare(known, "k", baseline="baseline", by="deal", **asked)
        low, high = found.table["conf_low"].to_numpy(float), found.table["conf_high"].to_numpy(float)
        low, high = (-high, -low) if self.higher else (low, high)
        passed, failed = high <= rule.limits["margin"], low > rule.limits["margin"]
        shares = {"fail": failed.mean(), "passed": passed.mean(), "inconclusive": (~passed & ~failed).mean()}
        return {name: float(share) for name, share in shares.items()}
