"""What the reader of rates should know, and what the rates depend on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from baserate.design import Design
from baserate.estimate import Estimates
from baserate.note import Note
from baserate.stats.cell_means import CellMeans, distinct
from baserate.text import percent

THIRTY = 30  # runs from which on the rule of three is close
FEW_PROMPTS = 5
MIX = 0.01  # a part of a rate that is worth a word


def notes_of(design: Design, found: Estimates, table: pd.DataFrame, level: float) -> list[Note]:
    """List what the reader of rates should know.

    Parameters
    ----------
    design : Design
    found : Estimates
    table : DataFrame
        Of the result.
    level : float

    Returns
    -------
    list of Note
    """
    return [*_never(design, found, table, level), *_nothing(design, table), *_alike(design, found, table)]


def cautions_of(design: Design, found: Estimates, table: pd.DataFrame) -> list[Note]:
    """List what rates depend on.

    Parameters
    ----------
    design : Design
    found : Estimates
    table : DataFrame
        Of the result.

    Returns
    -------
    list of Note
    """
    return [
        *_weighed(design, table),
        *_conditions(design),
        *_one_prompt(design, found),
        *few_prompts(design, found.designs, design.means()),
        *_ungraded(table),
    ]


def some(names: Sequence[str]) -> str:
    """Join the first names of many."""
    names = list(dict.fromkeys(names))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _never(design: Design, found: Estimates, table: pd.DataFrame, level: float) -> list[Note]:
    """Say what no event does not show: the rule of three, for any level (Hanley & Lippman-Hand 1983)."""
    hit = ((table["n"] > 0) & (table["events"] == 0)).to_numpy()
    if not hit.any():
        return []
    most, fewest = float(table["conf_high"][hit].max()), float(found.n_eff[hit].min())
    three = -math.log(1 - level)
    rule = f"; the rule of three gives {three:.2g}/{fewest:.0f} = {percent(three / fewest)}" if fewest >= THIRTY else ""
    reach = f" The limit reaches up to {percent(most)}{rule}." if most < 1 else ""
    names = some([design.name(i) for i in np.flatnonzero(hit)])
    return [Note("no-events", f"No event in {names}: that is no proof of never.{reach}")]


def _nothing(design: Design, table: pd.DataFrame) -> list[Note]:
    hit = np.flatnonzero(table["n"] == 0)
    if not len(hit):
        return []
    names = some([design.name(i) for i in hit])
    return [Note("no-graded-run", f"No graded run in {names}: nothing is known, so the interval is 0 to 100%.")]


def _alike(design: Design, found: Estimates, table: pd.DataFrame) -> list[Note]:
    """Report the intraclass correlation and the design effect of runs that share prompts."""
    hit = [i for i, kind in enumerate(found.designs) if kind == "sampled" and table["icc"][i] > 0]
    if not hit:
        return []
    told = [f"{design.name(i)} {table['icc'][i]:.2f} ({table['design_effect'][i]:.1f})" for i in hit[:4]]
    rest = f" and {len(hit) - 4} more in the table" if len(hit) > 4 else ""
    alike = f"Runs on one prompt resemble each other; ICC (design effect used): {', '.join(told)}{rest}."
    return [Note("runs-alike", alike)]


def _weighed(design: Design, table: pd.DataFrame) -> list[Note]:
    """Say where a rate is not the plain share of events, and why."""
    off = (table["estimate"] - table["raw"]).abs() >= MIX
    if not off.any():
        return []
    row = table[off].iloc[0]
    name = design.name(int(np.flatnonzero(off)[0]))
    how = design.weighed or "each prompt counts once, however many of its runs were graded"
    told = f"{how[0].upper()}{how[1:]}: {name} is {percent(row['estimate'])}, its runs alone {percent(row['raw'])}."
    return [Note("raw-differs", told)]


def _conditions(design: Design) -> list[Note]:
    """Say which groups did not run all conditions, so that their rates are of another mix."""
    graded = design.cells.where(design.cells.n > 0)
    ran = np.zeros((len(design.groups), len(design.weight)), dtype=bool)
    ran[graded.group, graded.condition] = True
    short = [i for i in range(len(ran)) if ran[i].any() and not ran[i][design.weight > 0].all()]
    if not short:
        return []
    i = short[0]
    lacking = [design.condition_name(c) for c in np.flatnonzero(~ran[i] & (design.weight > 0))]
    names = some([design.name(g) for g in short])
    told = (
        f"Not run in every condition: {names} ({design.name(i)} lacks {some(lacking)}); such rates are of another mix."
    )
    return [Note("conditions-differ", told)]


def _one_prompt(design: Design, found: Estimates) -> list[Note]:
    single = [design.name(i) for i, kind in enumerate(found.designs) if kind == "one prompt"]
    if not single:
        return []
    told = f"One prompt only in {some(single)}: that interval holds for this prompt, not for others like it."
    return [Note("one-prompt", told)]


def few_prompts(design: Design, kinds: Sequence[str], means: CellMeans) -> list[Note]:
    """Say which groups rest on few sampled prompts, or on few that show the rarer outcome.

    Parameters
    ----------
    design : Design
    kinds : sequence of str
        The name of each group's design.
    means : CellMeans

    Returns
    -------
    list of Note
    """
    unit = f"levels of {design.clustered}" if design.clustered else "prompts"
    units = distinct(means.of, means.unit, means.groups)
    rate = means.rate[means.stratum]
    rare = np.where(rate <= 0.5, means.events > 0, means.events < means.n)
    showing = distinct(means.of[rare], means.unit[rare], means.groups)
    sampled = np.array([kind == "sampled" for kind in kinds])
    few = [design.name(i) for i in np.flatnonzero(sampled & (units < FEW_PROMPTS))]
    rarely = [design.name(i) for i in np.flatnonzero(sampled & (units >= FEW_PROMPTS) & (showing < FEW_PROMPTS))]
    notes = []
    if few:
        told = f"Fewer than {FEW_PROMPTS} {unit} in {some(few)}: little can be said of {unit} like these; run more."
        notes.append(Note("few-prompts", told))
    if rarely:
        told = (
            f"Fewer than {FEW_PROMPTS} {unit} contain the rarer outcome in {some(rarely)}: "
            f"the interval is wide with caution, and only more {unit} will narrow it."
        )
        notes.append(Note("few-prompts-with-rarer-outcome", told))
    return notes


def _ungraded(table: pd.DataFrame) -> list[Note]:
    ungraded = int(table["missing"].sum())
    if not ungraded:
        return []
    runs = ungraded + int(table["n"].sum())
    told = (
        f"{ungraded} of {runs} runs have no verdict (failed, empty or ungraded); they are not counted as no. "
        "The bounds beside the rate take them all as no, or all as yes."
    )
    brief = f"{ungraded} of {runs} runs have no verdict and count as neither yes nor no: see the bounds in the table."
    return [Note("ungraded-runs", told, brief)]
