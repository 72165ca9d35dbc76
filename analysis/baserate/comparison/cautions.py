"""What a comparison depends on, and what its reader should know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from baserate.comparison.rows import Judged
from baserate.estimate import EFFECTS
from baserate.note import Note
from baserate.rate_notes import MIX, few_prompts, some
from baserate.stats.two_rates import DIFFERENCE_INTERVALS
from baserate.text import interval, points, ratio

_MOST = 3  # pairs that are told one by one


def cautions_of(judged: Judged, table: pd.DataFrame) -> list[Note]:
    """List what verdicts depend on.

    Parameters
    ----------
    judged : Judged
    table : DataFrame
        Of the comparison.

    Returns
    -------
    list of Note
    """
    return [
        *_scope(judged),
        *_left_out(judged, table),
        *_mix(judged, table),
        *_design(judged),
        *_exchanged(judged),
        *_ungraded(judged, table),
    ]


def notes_of(judged: Judged, table: pd.DataFrame, adjust: str, margin: float | None, alpha: float) -> list[Note]:
    """List what the reader of a comparison should know.

    Parameters
    ----------
    judged : Judged
    table : DataFrame
    adjust : str
        How several comparisons were allowed for.
    margin : float or None
    alpha : float
        Of each one-sided test against the margin.

    Returns
    -------
    list of Note
    """
    return [*several(table, adjust), *_margin(judged, table, margin, alpha), *_split(judged, table)]


def _named(judged: Judged, hit: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    return some([judged.name(int(i)) for i in np.flatnonzero(hit)])


def _scope(judged: Judged) -> list[Note]:
    """Say that a verdict on designed conditions of one prompt each is one on these prompts."""
    design = judged.design
    if design.scope != "fixed" or not design.prompts_known or design.scope_reason.startswith("asked"):
        return []
    told = "Each condition has one prompt: the verdicts hold on these prompts, not for prompts like these."
    return [Note("these-prompts-only", told)]


def _left_out(judged: Judged, table: pd.DataFrame) -> list[Note]:
    """Name and count what one side alone ran."""
    sides, notes = judged.sides, []
    empty = (table["n_candidate"] + table["n_baseline"]).to_numpy() == 0
    apart = empty & (sides.left_runs > 0)
    if apart.any():
        told = f"No condition was run on both sides of {_named(judged, apart)}: nothing tells one from the other."
        notes.append(Note("no-shared-condition", told))
    for what, left, code in (
        ("prompts", sides.left_prompts, "one-sided-prompts"),
        ("conditions", sides.left_conditions, "one-sided-conditions"),
    ):
        hit = (left > 0) & ~empty
        if hit.any():
            i = int(np.flatnonzero(hit)[0])
            told = (
                f"{judged.name(i)}: {left[i]} {what} that one side alone ran are left out ({int(sides.left_runs[i])} "
                f"runs); with them the raw difference is {_raw(judged, table, i)}."
            )
            notes.append(Note(code, told + _more(hit)))
    return notes


def _more(hit: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    rest = int(hit.sum()) - 1
    return f" So in {rest} more pair{'s' * (rest > 1)}." if rest else ""


def _raw(judged: Judged, table: pd.DataFrame, row: int, column: str = "raw") -> str:
    difference = EFFECTS[judged.question.effect].null == 0
    value = float(table[column][row])
    return f"{points(value)} points" if difference else ratio(value)


def _mix(judged: Judged, table: pd.DataFrame) -> list[Note]:
    """Say where the raw difference compares different mixes, and how much of it that is."""
    one_sided = (judged.sides.left_prompts > 0) | (judged.sides.left_conditions > 0)
    hit = (table["from_mix"].abs() >= MIX).to_numpy() & ~one_sided
    if not hit.any():
        return []
    i = int(np.flatnonzero(hit)[0])
    why = "conditions or prompts" if judged.design.conditions else "prompts"
    told = (
        f"{judged.name(i)}: runs are spread unevenly over {why}; of the raw {_raw(judged, table, i)}, "
        f"{_raw(judged, table, i, 'from_mix')} is that, and not in the estimate."
    )
    return [Note("raw-mix-differs", told + _more(hit))]


def _design(judged: Judged) -> list[Note]:
    kinds = np.array(judged.found.designs)
    notes = []
    dependent = ~np.isin(kinds, ["independent", "none", "stratified"])
    if judged.question.method in DIFFERENCE_INTERVALS and dependent.any():
        told = f"{judged.question.method} takes runs as independent, but prompts repeat here: too many false alarms."
        notes.append(Note("taken-as-independent", told))
    if (kinds == "one prompt").any():
        told = f"{_named(judged, kinds == 'one prompt')}: a side has one prompt, so that it holds for the prompts run."
        notes.append(Note("one-prompt", told))
    if (kinds == "sampled").any():
        notes += _few(judged, kinds)
    return notes


def _few(judged: Judged, kinds: np.ndarray[tuple[int], np.dtype[np.str_]]) -> list[Note]:
    """Say which groups rest on few prompts, each once however many pairs it is in."""
    sides = judged.sides
    groups = [one for one, _ in sides.pairs] + [two for _, two in sides.pairs]
    named = replace(judged.design, groups=tuple(judged.design.groups[g] for g in groups))
    return few_prompts(named, [*kinds, *kinds], judged.means)


def _exchanged(judged: Judged) -> list[Note]:
    if judged.question.test != "permutation":
        return []
    told = (
        "The test exchanges prompts: versions that do not differ are taken to spread over prompts alike. Where they "
        "spread differently it raises false alarms; the interval does not assume it."
    )
    return [Note("unequal-spread", told)]


def _ungraded(judged: Judged, table: pd.DataFrame) -> list[Note]:
    lacking = (table["missing_candidate"] + table["missing_baseline"]) > 0
    if not lacking.any():
        return []
    groups = {g for pair in judged.sides.pairs for g in pair}
    cells = judged.design.cells
    total = int(cells.missing[np.isin(cells.group, list(groups))].sum())
    what = EFFECTS[judged.question.effect].name
    bounds = [
        f"{what} {judged.name(int(i))} could lie anywhere in "
        + (
            f"{interval(table['worst_low'][i], table['worst_high'][i])} points"
            if what == "difference"
            else interval(table["worst_low"][i], table["worst_high"][i], 2, 1)
        )
        for i in np.flatnonzero(lacking)[:_MOST]
    ]
    rest = " (see worst_low, worst_high for the rest)" if lacking.sum() > _MOST else ""
    told = f"{total} runs have no verdict; had all been graded, {'; '.join(bounds)}{rest}."
    least, most = float(table["worst_low"][lacking].min()), float(table["worst_high"][lacking].max())
    shown = points(least) + " to " + points(most) if what == "difference" else interval(least, most, 2, 1)
    some_pair = "the difference" if len(table) == 1 else "differences"
    brief = f"{total} runs have no verdict; had all been graded, {some_pair} could be anywhere from {shown}."
    notes = [Note("ungraded-runs", told, brief)]
    fragile = lacking & ~table["survives_ungraded"] & (table["verdict"] != "inconclusive")
    if fragile.any():
        names = [
            judged.name(int(i))
            + (f" ({table['tipping'][i]:.0f} of them would do)" if np.isfinite(table["tipping"][i]) else "")
            for i in np.flatnonzero(fragile)
        ]
        notes.append(Note("rests-on-ungraded", f"Ungraded runs could overturn the verdict on {some(names)}."))
    return notes


def several(table: pd.DataFrame, adjust: str) -> list[Note]:
    """Say how several comparisons were allowed for.

    Parameters
    ----------
    table : DataFrame
    adjust : str

    Returns
    -------
    list of Note
    """
    if len(table) < 2:
        return []
    if adjust == "none":
        told = f"{len(table)} comparisons, none adjusted: the chance of some false alarm is above alpha."
        return [Note("not-adjusted", told)]
    by = {
        "holm": "Holm's p values",
        "max-z": "max-|z| p values",
        "bonferroni": "Bonferroni's p values",
        "benjamini-hochberg": "Benjamini and Hochberg's p values, of the false discovery rate",
        "benjamini-yekutieli": "Benjamini and Yekutieli's p values, of the false discovery rate",
    }[adjust]
    told = (
        f"{len(table)} comparisons: verdicts use {by}; the intervals shown stand alone, and adjusted_low, "
        "adjusted_high agree with the verdicts."
    )
    return [Note("several-comparisons", told)]


def _margin(judged: Judged, table: pd.DataFrame, margin: float | None, alpha: float) -> list[Note]:
    if margin is None:
        return []
    said = [
        f"{judged.name(i)}: equivalence {table['equivalent'][i]}, not worse {table['not_worse'][i]}"
        for i in range(min(_MOST, len(table)))
    ]
    rest = " (see the columns equivalent, not_worse for the rest)" if len(table) > _MOST else ""
    told = f"Against the margin of {margin:g} (intervals of level {1 - 2 * alpha:.4g}): {'; '.join(said)}{rest}."
    notes = [Note("margin", told)]
    null = judged.found.null
    apart = (table["adjusted_low"] > null) | (table["adjusted_high"] < null)
    if ((table["verdict"] == "equivalent") & apart).any():
        told = "A difference can be real and still within the margin: then the verdict is equivalent."
        notes.append(Note("real-but-equivalent", told))
    return notes


def _split(judged: Judged, table: pd.DataFrame) -> list[Note]:
    """Name the pairs of which the interval, or the test, but not the other rules out no effect."""
    null = judged.found.null
    outside = (table["conf_low"] > null) | (table["conf_high"] < null)
    differ = (outside != (table["p_value"] < 1 - judged.level)) & table["p_value"].notna()
    if not differ.any():
        return []
    named = _named(judged, differ.to_numpy())
    told = f"Interval and test disagree for {named}: the verdict is inconclusive until both rule out no difference."
    return [Note("interval-and-test-disagree", told)]
