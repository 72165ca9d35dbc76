"""Fit a logistic model of a behavior against the scenario's factors, by the method that its data allow."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from baserate.annotations import Table, checked
from baserate.arguments import require_level
from baserate.counts import Counts
from baserate.design.mix import Mix, require_weights
from baserate.design.scope import choose_scope
from baserate.errors import BaserateError, SeparationWarning, require_known
from baserate.formula import parse_formula
from baserate.layout import VERSION
from baserate.model.building import build_design
from baserate.model.design import Design, Floats
from baserate.model.estimation import (
    EVENTS_PER_PARAMETER,
    FEW_WITH_RARER,
    Estimation,
    estimate,
    estimate_random,
    full_precision,
    prompts_with_rarer,
    rarer,
)
from baserate.model.inference import agreement, infer_coefficient
from baserate.model.logistic_model import LogisticModel
from baserate.model.terms import FEW_PROMPTS
from baserate.stats.separation import infinite_estimates
from baserate.stopped import said_of_stopped
from baserate.text import Note

_WHERE_TO = {np.inf: "+∞", -np.inf: "−∞", 0.0: "finite"}


@checked
def fit(
    runs: Table,
    formula: str,
    level: float = 0.95,
    scope: str | None = None,
    random: str | None = None,
    *,
    conditions: Sequence[str] | str | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    accept: str | Sequence[str] = ("ok",),
    given: str | Sequence[str] | None = None,
    method: str | None = None,
) -> LogisticModel:
    """Fit a logistic model of a graded behavior.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each, or counts of runs (see `baserate.counts.count`); the fit is computed from counts either way.
    formula : str
        Such as ``"blackmail ~ version * urgency + goal"``: column names, ``+``, ``*`` and ``:``. Factors are coded
        against their first level.
    level : float
        The level of the intervals.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.
    random : {"prompt"}, optional
        Give each prompt a random intercept: coefficients then are log odds within a prompt.
    conditions : sequence of str, optional
        The columns whose combinations were designed, which decide the scope; left out, the columns tell.
    cluster : str, optional
        The column of what prompts were sampled in: clusters, not prompts, are then the sample.
    mix : {"planned", "balanced"} or mapping
        How the combinations of the other factors are weighed that rates and contrasts are averaged over.
    weights : {"prompts", "runs"}
        Whether each prompt counts once among those of the same factors, or each run.
    accept : str or sequence of str
        The statuses whose logged verdicts count beside those of "ok", such as "limit" (see `baserate.counts.count`).
    given : str or sequence of str, optional
        Columns of yes and no that the outcome is conditional on, such as ``"blackmail"`` for how overt it was: runs
        without them are not asked, and not missing. Left out, the column ``<outcome>_given`` tells.
    method : {"CR2", "wild"}, optional
        Of the intervals and tests for prompts like these. Left out: CR2, and where the data separate, or the rarer
        outcome is in at most 5 % of runs or fewer than five prompts, no less than what the wild score bootstrap gives
        with half of one unseen prompt counted against the estimate. Named: that alone, as published.

    Returns
    -------
    LogisticModel

    Raises
    ------
    BaserateError
        If the formula cannot be read, a column is not there, the design matrix is rank deficient, or random intercepts
        are asked of data that separate.

    Warns
    -----
    SeparationWarning
        If some coefficient has no finite maximum-likelihood estimate; it is named.
    DesignWarning
        If a factor is itself an outcome.

    References
    ----------
    Firth (1993) Biometrika 80:27. Heinze & Schemper (2002) Stat. Med. 21:2409. Konis (2007) DPhil thesis, Oxford.
    Bell & McCaffrey (2002) Survey Methodology 28:169. Pustejovsky & Tipton (2018) J. Bus. Econ. Stat. 36:672.
    Kline & Santos (2012) J. Econometric Methods 1:23. Pinheiro & Bates (1995) J. Comput. Graph. Stat. 4:12.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"version": ["old", "new"], "n": [100, 100], "blackmail": [70, 84]})
    >>> counts["version"] = pd.Categorical(counts["version"], ["old", "new"])
    >>> fit(counts, "blackmail ~ version").table[["term", "estimate"]].round(4).values.tolist()
    [['Intercept', 0.8473], ['version[T.new]', 0.8109]]
    """
    require_level(level)
    require_weights(weights)
    _require_method(method, scope, random)
    parsed = parse_formula(formula)
    design, counts = build_design(runs, parsed, conditions, cluster, mix, weights, accept, given)
    stopped = said_of_stopped(counts, [VERSION])
    design = replace(design, notes=(*design.notes, *stopped.notes))
    if random is not None:
        require_known(random, ["prompt"], "random effect")
        return _fit_random(design, level, scope, stopped.cautions)
    chosen, reason = _scope(counts, design, "sampled" if method else scope)
    with full_precision():
        found = estimate(design, chosen, method or "")
        table, agree = _table(design, found, level)
    notes = [*_notes(design, found), *agree]
    if found.separated:
        warnings.warn(_runaway(design, found.infinite), SeparationWarning, stacklevel=3)
    return LogisticModel(
        table=table,
        outcome=parsed.outcome,
        method=_method(design, found),
        level=level,
        scope=chosen,
        scope_reason=reason,
        notes=(*notes, *design.notes),
        cautions=stopped.cautions,
        formula=str(parsed),
        design=design,
        estimation=found,
        why=_why(design, found),
    )


def _require_method(method: str | None, scope: str | None, random: str | None) -> None:
    if method is None:
        return
    require_known(method, ["CR2", "wild"], "method")
    if scope == "fixed" or random is not None:
        other = "scope='fixed'" if scope == "fixed" else "random="
        raise BaserateError(f"method={method!r} is for prompts like these, and {other} is not. Leave one of them out.")


def _scope(counts: Counts, design: Design, scope: str | None) -> tuple[str, str]:
    """Choose the scope as `rates` and `compare` do: by the prompts in each condition of a version."""
    keys = list(dict.fromkeys(["version", *counts.conditions, *design.formula.columns]))
    keys = [c for c in keys if c in counts.cells and c != counts.layout.cluster]
    unit = counts.layout.cluster or "prompt"
    return choose_scope(counts.cells, keys, counts.prompts_known, scope, unit)


def _fit_random(design: Design, level: float, scope: str | None, cautions: tuple[Note, ...]) -> LogisticModel:
    if scope == "fixed":
        raise BaserateError(
            "random='prompt' takes the prompts as a sample, so scope cannot be 'fixed'. Leave scope out."
        )
    if design.prompts < 2:
        raise BaserateError("random='prompt' needs at least two prompts; all graded runs share one. Leave random out.")
    with full_precision():
        infinite = infinite_estimates(design.X, design.events, design.n)
        if np.any(infinite != 0):
            raise BaserateError(
                f"{_runaway(design, infinite)} With random intercepts there is no penalized fit: leave random out."
            )
        found = estimate_random(design)
        table, _ = _table(design, found, level)
    deviation = float(found.theta[-1])
    notes = [f"Between prompts the log odds have standard deviation {deviation:.3g}."]
    if deviation < 1e-3:
        notes = ["No spread between prompts was found: the fit is the same as without random intercepts."]
    return LogisticModel(
        table=table,
        outcome=design.formula.outcome,
        method="logistic regression with a random intercept for each prompt, adaptive quadrature, Wald intervals",
        level=level,
        scope="sampled",
        scope_reason="random='prompt' takes the prompts as a sample of prompts like these",
        notes=(*notes, *_few_prompts(design), *design.notes),
        cautions=cautions,
        formula=str(design.formula),
        design=design,
        estimation=found,
        why="Coefficients are log odds within a prompt; rates and contrasts average over prompts.",
        prompt_deviation=deviation,
    )


def _table(design: Design, found: Estimation, level: float) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    inferences = [infer_coefficient(found, j, level) for j in range(len(design.columns))]
    table = pd.DataFrame(inferences)
    table.insert(0, "term", list(design.columns))
    agree = agreement(table.pop("agreed"), design.columns, "coefficients")
    if found.clusters is None:
        table = table.drop(columns="df")
    if found.separated:
        table["maximum_likelihood"] = [_WHERE_TO.get(v, "±∞") for v in found.infinite]
    return table, agree


def _method(design: Design, found: Estimation) -> str:
    kind = "logistic regression by maximum likelihood" if found.kind == "likelihood" else "Firth's logistic regression"
    if found.clusters is not None:
        if found.method == "wild":
            return f"{kind}, wild score bootstrap over {design.prompts} prompts"
        robust = f"{kind}, CR2 cluster-robust covariance over {design.prompts} prompts, t with Satterthwaite df"
        return f"{robust}, or the wild score bootstrap where it is wider" if found.wild else robust
    penalized = "penalized " if found.kind == "firth" else ""
    return f"{kind}, profile {penalized}likelihood intervals, {penalized}likelihood-ratio tests"


def _why(design: Design, found: Estimation) -> str:
    p, few = len(design.columns), rarer(design)
    if found.separated:
        return "Firth's penalty keeps the estimates finite, since the data separate."
    if found.kind == "firth":
        return f"Firth's penalty takes off the bias of few events: {few} of the rarer outcome for {p} coefficients."
    return f"Nothing separates, and there are {few} runs of the rarer outcome for {p} coefficients."


def _runaway(design: Design, infinite: Floats) -> str:
    named = [f"{name} ({_WHERE_TO.get(v, '±∞')})" for name, v in zip(design.columns, infinite, strict=True) if v != 0]
    return f"The data separate: maximum likelihood has no finite estimate of {', '.join(named)}."


def _notes(design: Design, found: Estimation) -> list[str]:
    notes = []
    if found.separated:
        notes.append(
            _runaway(design, found.infinite)
            + " The estimates shown are Firth's; their intervals carry the uncertainty."
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
        return notes + _few_prompts(design)
    return notes + _overdispersion(design)


def _few_prompts(design: Design) -> list[str]:
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
