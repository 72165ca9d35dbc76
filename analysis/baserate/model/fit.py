"""Fit a logistic model of a behavior against the scenario's factors, by the method that its data allow."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

from baserate.annotations import Table, checked
from baserate.arguments import require_level
from baserate.counts import Counts
from baserate.design.graders import uncorrected
from baserate.design.mix import Mix, require_weights
from baserate.design.scope import choose_scope
from baserate.errors import BaserateError, SeparationWarning, require_known
from baserate.formula import parse_formula
from baserate.layout import VERSION
from baserate.model.account import coefficient_table, method_of, notes_on, runaway, why
from baserate.model.building import build_design
from baserate.model.design import Design
from baserate.model.estimation import estimate, full_precision
from baserate.model.logistic_model import LogisticModel
from baserate.model.random_effects import fit_random, random_terms
from baserate.stopped import said_of_stopped


@checked
def fit(
    runs: Table,
    formula: str,
    level: float = 0.95,
    scope: str | None = None,
    random: str | Sequence[str] | None = None,
    *,
    conditions: Sequence[str] | str | None = None,
    cluster: str | None = None,
    mix: Mix = "planned",
    weights: str = "prompts",
    accept: str | Sequence[str] = ("ok",),
    given: str | Sequence[str] | None = None,
    method: str | None = None,
    prior: str | None = None,
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
    random : str or sequence of str, optional
        Give each prompt (``"prompt"``), or each level of several columns, crossed or nested (``["scenario",
        "prompt"]``), a random intercept: coefficients then are log odds within a prompt. ``"prompt:version"`` lets each
        version differ by another amount on each prompt, beside the prompt's own intercept.
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
    prior : {"weak"}, optional
        With `random`: weakly informative priors of coefficients (Cauchy, 2.5) and deviations (gamma of shape 2), which
        keep both finite and off zero where the data separate or show no spread.

    Returns
    -------
    LogisticModel

    Raises
    ------
    BaserateError
        If the formula cannot be read, a column is not there, the design matrix is rank deficient, or random intercepts
        without a prior are asked of data that separate.

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
    Gelman et al. (2008) Ann. Appl. Stat. 2:1360. Chung et al. (2013) Psychometrika 78:685.

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
    terms = random_terms(random, prior, scope, cluster)
    groups = list(dict.fromkeys(part for term in terms for part in term.split(":")))
    design, counts = build_design(runs, parsed, conditions, cluster, mix, weights, accept, given, groups)
    stopped = said_of_stopped(counts, [VERSION])
    design = replace(design, notes=(*design.notes, *stopped.notes, *uncorrected(counts)))
    if terms:
        if "prompt" in groups and not counts.prompts_known:
            raise BaserateError("No column tells the prompts, so they cannot have random intercepts. Leave random out.")
        return fit_random(design, terms, prior is not None, level, stopped.cautions)
    chosen, reason = _scope(counts, design, "sampled" if method else scope)
    with full_precision():
        found = estimate(design, chosen, method or "")
        table, agree = coefficient_table(design, found, level)
    notes = [*notes_on(design, found), *agree]
    if found.separated:
        warnings.warn(runaway(design, found.infinite), SeparationWarning, stacklevel=3)
    return LogisticModel(
        table=table,
        outcome=parsed.outcome,
        method=method_of(design, found),
        level=level,
        scope=chosen,
        scope_reason=reason,
        notes=(*notes, *design.notes),
        cautions=stopped.cautions,
        formula=str(parsed),
        design=design,
        estimation=found,
        why=why(design, found),
    )


def _require_method(method: str | None, scope: str | None, random: object) -> None:
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
