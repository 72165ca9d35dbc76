"""What is said of a fitted model: its coefficients, its method and why, and what limits it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from baserate.model.design import Design, Floats
from baserate.model.estimation import EVENTS_PER_PARAMETER, FEW_WITH_RARER, prompts_with_rarer, rarer
from baserate.model.fitted import Estimation
from baserate.model.inference import agreement, infer_coefficient
from baserate.model.terms import FEW_PROMPTS
from baserate.note import Note

_WHERE_TO = {np.inf: "+∞", -np.inf: "−∞", 0.0: "finite"}


def coefficient_table(design: Design, found: Estimation, level: float) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Infer each coefficient.

    Parameters
    ----------
    design : Design
    found : Estimation
    level : float

    Returns
    -------
    table : DataFrame
        As of `LogisticModel`.
    notes : tuple of Note
        On coefficients in which all prompts agree.
    """
    inferences = [infer_coefficient(found, j, level) for j in range(len(design.columns))]
    table = pd.DataFrame(inferences)
    table.insert(0, "term", list(design.columns))
    agree = agreement(table.pop("agreed"), design.columns, "coefficients")
    if found.clusters is None:
        table = table.drop(columns="df")
    if found.separated:
        table["maximum_likelihood"] = [_WHERE_TO.get(v, "±∞") for v in found.infinite]
    return table, agree


def method_of(design: Design, found: Estimation) -> str:
    """Name the method of a fit.

    Parameters
    ----------
    design : Design
    found : Estimation

    Returns
    -------
    str
    """
    kind = "logistic regression by maximum likelihood" if found.kind == "likelihood" else "Firth's logistic regression"
    if found.clusters is not None:
        if found.method == "wild":
            return f"{kind}, wild score bootstrap over {design.prompts} prompts"
        robust = f"{kind}, CR2 cluster-robust covariance over {design.prompts} prompts, t with Satterthwaite df"
        return f"{robust}, or the wild score bootstrap where it is wider" if found.wild else robust
    penalized = "penalized " if found.kind == "firth" else ""
    return f"{kind}, profile {penalized}likelihood intervals, {penalized}likelihood-ratio tests"


def why(design: Design, found: Estimation) -> str:
    """Say why a fit took its method.

    Parameters
    ----------
    design : Design
    found : Estimation

    Returns
    -------
    str
    """
    p, few = len(design.columns), rarer(design)
    if found.separated:
        return "Firth's penalty keeps the estimates finite, since the data separate."
    if found.kind == "firth":
        return f"Firth's penalty takes off the bias of few events: {few} of the rarer outcome for {p} coefficients."
    return f"Nothing separates, and there are {few} runs of the rarer outcome for {p} coefficients."


def runaway(design: Design, infinite: Floats) -> str:
    """Name the coefficients that have no finite maximum-likelihood estimate.

    Parameters
    ----------
    design : Design
    infinite : ndarray of shape (p,)

    Returns
    -------
    str
    """
    named = [f"{name} ({_WHERE_TO.get(v, '±∞')})" for name, v in zip(design.columns, infinite, strict=True) if v != 0]
    return f"The data separate: maximum likelihood has no finite estimate of {', '.join(named)}."


def notes_on(design: Design, found: Estimation) -> list[str]:
    """Say what needs saying of a fit.

    Parameters
    ----------
    design : Design
    found : Estimation

    Returns
    -------
    list of str
    """
    notes = []
    if found.separated:
        notes.append(
            runaway(design, found.infinite) + " The estimates shown are Firth's; their intervals carry the uncertainty."
        )
        if found.wild and not found.method:
            notes.append(
                "Intervals and tests of these coefficients invert the wild score bootstrap over prompts, with half of "
                "one unseen prompt counted against them; a limit is infinite where nothing rules out such values."
            )
    elif found.kind == "firth":
        few = f"{rarer(design)} runs of the rarer outcome for {len(design.columns)} coefficients"
        notes.append(f"{few}, fewer than {EVENTS_PER_PARAMETER} each: estimated by Firth's penalized likelihood.")
    if found.clusters is not None:
        alone = np.array(design.columns)[found.clusters.single]
        if alone.size:
            notes.append(
                f"{', '.join(alone)}: one prompt alone determines it, so what prompts like it would do is unknown. "
                "Run more such prompts, or ask with scope='fixed'."
            )
        return notes + few_prompts(design)
    return notes + _overdispersion(design)


def few_prompts(design: Design) -> list[str]:
    """Say where prompts, or those with the rarer outcome, are few.

    Parameters
    ----------
    design : Design

    Returns
    -------
    list of str
    """
    notes = []
    if design.prompts < FEW_PROMPTS:
        notes.append(f"Only {design.prompts} prompts: little can be said of prompts like these; run more prompts.")
    with_rarer = prompts_with_rarer(design)
    if with_rarer < FEW_WITH_RARER:
        notes.append(f"Only {with_rarer} prompts contain the rarer outcome: read the intervals as a rough guide.")
    return notes


def _overdispersion(design: Design) -> list[str]:
    """Say it when the prompts of one condition differ by more than chance: Pearson's chi² within patterns."""
    rate = (design.events / design.n)[design.pattern]
    varies = (rate > 0) & (rate < 1)
    k, n, rate = design.cell_events[varies], design.cell_n[varies], rate[varies]
    df = k.size - np.unique(design.pattern[varies]).size
    if df < 1:
        return []
    chi2 = float(np.sum((k - n * rate) ** 2 / (n * rate * (1 - rate))))
    if chdtrc(df, chi2) > 0.01:
        return []
    return [
        f"Prompts of one condition differ by more than chance (dispersion {chi2 / df:.1f}): for these prompts the "
        "intervals are wider than need be, for prompts like these too narrow (scope='sampled')."
    ]
