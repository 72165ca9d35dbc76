"""The power of planned runs, as a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from baserate.note import Note
from baserate.planning.design import DIFFERENCE, EQUIVALENCE, Design, Question
from baserate.planning.limits import limits
from baserate.planning.simulated_power import Estimate
from baserate.result import Result
from baserate.text import interval, percent


@dataclass(frozen=True, eq=False, repr=False)
class PowerResult(Result):
    """The probability that planned runs show what they are to show, one row a design.

    ``table`` has the columns ``runs`` (a version), ``prompts`` and ``epochs`` (missing where runs are independent),
    ``power``, ``conf_low``, ``conf_high`` (the simulation's error, at 95 %; equal to the power where it is exact),
    ``repeats`` (simulated data sets; 0 where it is exact) and ``mean_runs`` (of a version, fewer than ``runs`` where a
    look may end them).

    Attributes
    ----------
    rates : tuple of float
        The true rates of candidate and baseline.
    question : {"difference", "equivalence", "not-worse"}
        What the runs are to show.
    margin : float or None
        The largest difference that does not matter.
    target : float or None
        The power that was asked for.
    reached : bool
        Whether the design found has that power; True where none was asked for.
    looks : tuple of float
        Shares of the runs at which to look; (1,) without looks.
    """

    rates: tuple[float, float] = (0.0, 0.0)
    question: str = DIFFERENCE
    margin: float | None = None
    target: float | None = None
    reached: bool = True
    looks: tuple[float, ...] = (1.0,)

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        sizes = [name for name in ("prompts", "epochs", "runs") if t[name].notna().any() or name == "runs"]
        names = {"prompts": "prompts", "epochs": "runs a prompt", "runs": "runs a version"}
        shown = pd.DataFrame({names[size]: ["–" if pd.isna(n) else f"{n:,}" for n in t[size]] for size in sizes})
        if len(self.looks) > 1:
            shown["on average"] = [f"{n:,.0f}" for n in t["mean_runs"]]
        shown["power"] = [percent(power) for power in t["power"]]
        shown["simulation error"] = [
            interval(row.conf_low, row.conf_high) if row.repeats else "exact" for row in t.itertuples()
        ]
        return shown

    @property
    def answer(self) -> str:
        """The power, or the runs that reach it, in one plain sentence."""
        row = self.table.iloc[-1]
        size = f"{row['runs']:,.0f} runs a version"
        if not pd.isna(row["prompts"]):
            size += f" ({row['prompts']:,.0f} prompts × {row['epochs']:,.0f})"
        one, two = (f"{100 * rate:.4g}%" for rate in self.rates)
        aim = {DIFFERENCE: f"tell {one} from {two}", EQUIVALENCE: f"show {one} and {two} equivalent"}.get(
            self.question, f"show {one} not worse than {two}"
        )
        if self.target is not None and not self.reached:
            return (
                f"No design tried reaches {percent(self.target, 0)}: {size} {aim} with power {percent(row['power'])}."
            )
        return f"{size} {aim} with power {percent(row['power'])}."

    @property
    def computed(self) -> str:
        """A line on how the power was computed, in a reader's words."""
        drawn = int(self.table["repeats"].max())
        how = f"{drawn:,} simulated data sets" if drawn else "added up over all possible counts"
        return f"{how}, each judged as compare judges at {self.confidence}."

    def described(self) -> str:
        """Say in two sentences what the power is of, and how it was computed.

        Returns
        -------
        str
        """
        one, two = (f"{100 * rate:.4g} %" for rate in self.rates)
        within = "" if self.margin is None else f"{100 * self.margin:.4g} points"
        aim = {
            DIFFERENCE: f"true rates of {one} and {two} are found to differ",
            EQUIVALENCE: f"true rates of {one} and {two} are shown to be within ±{within}",
        }.get(self.question, f"a true rate of {one} is shown to exceed one of {two} by at most {within}")
        drawn = self.table["repeats"]
        ways = ["added up over all possible counts"] * bool((drawn == 0).any())
        ways += [f"from {drawn.max():,} simulated data sets"] * bool(drawn.any())
        looks = f" at one of {len(self.looks)} O'Brien-Fleming looks" if len(self.looks) > 1 else ""
        return (
            f"The probability that {aim}{looks}, alpha {1 - self.level:.4g}, {' or '.join(ways)}, "
            f"each judged as compare judges ({self.method}). Scope {self.scope}: {self.scope_reason}."
        )


def tabulate(
    designs: Sequence[Design],
    question: Question,
    found: Sequence[Estimate],
    scope_reason: str,
    looks: Sequence[float] = (1.0,),
    target: float | None = None,
    short: Sequence[str] = (),
) -> PowerResult:
    """Make the result of designs and their power.

    Parameters
    ----------
    designs : sequence of Design
    question : Question
    found : sequence of Estimate
        One a design.
    scope_reason : str
    looks : sequence of float
        Shares of the runs at which to look.
    target : float, optional
        The power that was searched for.
    short : sequence of str
        Why it was not reached.

    Returns
    -------
    PowerResult
    """
    rows = [
        {
            "runs": design.runs,
            "prompts": pd.NA if design.kind == "independent" else design.prompts,
            "epochs": pd.NA if design.kind == "independent" else design.epochs,
            "power": one.power,
            "conf_low": one.low,
            "conf_high": one.high,
            "repeats": one.repeats,
            "mean_runs": one.runs,
        }
        for design, one in zip(designs, found, strict=True)
    ]
    notes = [note for design in designs for note in _notes(design, question)]
    return PowerResult(
        table=pd.DataFrame(rows).astype({"prompts": "Int64", "epochs": "Int64"}),
        outcome="",
        method=" or ".join(dict.fromkeys(one.method for one in found)),
        level=question.level,
        scope=designs[-1].scope,
        scope_reason=scope_reason,
        notes=tuple(dict.fromkeys([*short, *notes])),
        rates=designs[-1].rates,
        question=question.kind,
        margin=question.margin,
        target=target,
        reached=not short,
        looks=tuple(looks),
    )


def _notes(design: Design, question: Question) -> list[Note]:
    notes = []
    if question.kind == DIFFERENCE and design.rates[0] == design.rates[1]:
        notes.append(Note("equal-rates", "The rates are equal: this is the probability of a false alarm."))
    if question.comparisons > 1:
        each = (
            f"Each of {question.comparisons} comparisons is held to alpha / {question.comparisons}, the strictest step "
            "of Holm's method: with other differences found, power is higher."
        )
        notes.append(Note("several-comparisons", each))
    if design.kind == "independent":
        return notes
    if question.kind == DIFFERENCE and not _can_differ(design, question):
        few = f"No data on {design.prompts} prompts can show a difference: there are too few to test."
        notes.append(Note("too-few-prompts", few))
    if design.scope == "sampled" and design.shared:
        same = (
            "Shared prompts are taken to rank the same in both versions. Where they do not, power is lower, down to "
            "that of different prompts (shared=False)."
        )
        notes.append(Note("same-ranks", same))
    return notes


def _can_differ(design: Design, question: Question) -> bool:
    """Say whether the largest possible difference would be found."""
    all_ = np.full((1, design.prompts), design.epochs, dtype=np.int64)
    return bool(question.shown_by_limits(*limits(design, all_, np.zeros_like(all_), question.limits_level))[0])
