"""Whether a model fits, how far its prompts vary, and whether one prompt carries its answer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, expit

from baserate.errors import BaserateError
from baserate.model.averages import average_over
from baserate.model.contrasts import contrast_of
from baserate.model.design import Design, Floats
from baserate.model.estimation import estimate, estimate_random, for_averages
from baserate.model.fitted import Estimation
from baserate.note import Note
from baserate.result import Result
from baserate.stats.newton import ConvergenceError
from baserate.stats.rate import wilson
from baserate.text import in_words, interval, p_equals, p_value, percent

MOST_REFITS = 500  # prompts of which each is left out once


@dataclass(frozen=True, eq=False, repr=False)
class Diagnosis(Result):
    """How well a model fits; ``table`` has a row for each combination of its factors.

    ``table`` has the formula's columns, then ``n, events, rate, conf_low, conf_high`` (observed, each prompt
    once, runs taken as independent), ``predicted``, ``residual`` (Pearson's, in standard deviations) and ``prompts``.

    Attributes
    ----------
    dispersion : DataFrame
        One row: ``chi2, df, dispersion, p_value`` of the prompts within combinations, of which dispersion 1 is chance
        alone, and ``fit_chi2, fit_df, fit_p_value`` of the combinations around the model.
    influence : DataFrame
        Contrasts of the first factor with each prompt left out in turn: ``prompt, candidate, baseline, estimate,
        conf_low, conf_high, p_value, change`` (from that of all prompts), ``turns`` (whether the verdict does). Empty
        where the model has no factor, or all runs share a prompt.
    prompts : DataFrame
        One row a combination and prompt: its columns, ``prompt, n, events``, and ``residual``, in standard deviations
        of chance from the rate of its combination; nan where all of that combination's runs agree.
    across : str
        The factor that is contrasted.
    """

    dispersion: pd.DataFrame = field(kw_only=True)
    influence: pd.DataFrame = field(kw_only=True)
    prompts: pd.DataFrame = field(kw_only=True)
    across: str = ""

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people.

        Returns
        -------
        DataFrame
            Of strings.
        """
        t = self.table
        names = list(t.columns[: t.columns.get_loc("n")])
        shown = t[names].astype(str)
        shown["observed"] = [percent(v) for v in t["rate"]]
        shown["predicted"] = [percent(v) for v in t["predicted"]]
        shown["residual"] = [f"{v:+.1f}" for v in t["residual"]]
        shown["events/graded"] = [f"{k}/{n}" for k, n in zip(t["events"], t["n"], strict=True)]
        return shown

    @property
    def answer(self) -> str:
        """Whether a prompt turns the verdict, and how far the model is off."""
        worst = float(self.table["residual"].abs().max())
        turns = self.influence[self.influence["turns"].astype(bool)] if len(self.influence) else self.influence
        prompts = turns["prompt"].nunique() if len(turns) else 0
        carried = (
            f"{prompts} prompt{'s' * (prompts != 1)} could turn a verdict" if prompts else "no prompt alone turns it"
        )
        p = float(self.dispersion["fit_p_value"].iloc[0])
        fits = (
            "has no combination to spare for a test"
            if np.isnan(p)
            else "fits"
            if p >= 1 - self.level
            else "does not fit"
        )
        tested = "" if np.isnan(p) else f"chi² test of fit {p_equals(p)}, "
        off = f"{tested}largest residual {worst:.1f} s.d."
        return f"The model of {in_words(self.outcome)} {fits} ({off}); {carried}."

    def described(self) -> str:
        """Say in a few sentences what was found.

        Returns
        -------
        str
        """
        d = self.dispersion.iloc[0]
        said = f"Diagnosis of the model of {self.outcome!r}: {self.method}."
        if d["df"] > 0:
            times = f"{d['dispersion']:.1f} times as much as chance"
            said += f" Prompts of one combination vary {times} ({_p(d['p_value'])})."
        if d["fit_df"] > 0:
            said += f" Combinations lie around the model by chi² {d['fit_chi2']:.1f} on {d['fit_df']:.0f} df."
        return said


def diagnose(design: Design, fit: Estimation, shared: dict[str, Any]) -> Diagnosis:
    """Diagnose a fitted model.

    Parameters
    ----------
    design : Design
    fit : Estimation
    shared : dict
        ``outcome, level, scope, scope_reason, notes, cautions`` of the model.

    Returns
    -------
    Diagnosis

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., section 4.5. Cook, R. D. (1977). Detection
    of influential observations in linear regression. Technometrics 19, 15–18.
    """
    across = next((name for name in ("version", *design.formula.columns) if _is_factor(design, name)), "")
    cells = _cells(design, fit, shared["level"])
    several = across and design.prompts > 1
    influence = _influence(design, fit, across, shared["level"]) if several else pd.DataFrame()
    notes = (*_said(influence, shared["level"]), *shared.pop("notes"))
    return Diagnosis(
        table=cells,
        method="Pearson residuals, and the contrasts again with each prompt left out",
        notes=notes,
        dispersion=_dispersion(design, cells, len(design.columns)),
        influence=influence,
        prompts=_prompts(design),
        across=across,
        **shared,
    )


def _is_factor(design: Design, name: str) -> bool:
    return name in design.formula.columns and not design.is_number(name)


def _cells(design: Design, fit: Estimation, level: float) -> pd.DataFrame:
    """Lay the observed rate of each combination beside the predicted one."""
    names = list(design.formula.columns)
    table = design.patterns[[*names, "n", "events"]].copy()
    table[["n", "events"]] = table[["n", "events"]].astype(int)
    n, events = design.n, design.events  # each prompt counts once
    low, high = wilson(events, n, level)
    predicted = expit(design.X @ fit.theta[: len(design.columns)] + fit.shift)
    table = table.assign(rate=events / n, conf_low=low, conf_high=high, predicted=predicted)
    table["residual"] = (events - n * predicted) / np.sqrt(n * predicted * (1 - predicted))
    table["prompts"] = [np.unique(design.prompt[design.pattern == i]).size for i in range(len(table))]
    return table


def _prompts(design: Design) -> pd.DataFrame:
    """Hold each prompt of a combination against the combination's rate."""
    names = list(design.formula.columns)
    table = design.patterns[names].iloc[design.pattern].reset_index(drop=True)
    n, events = design.cell_n, design.cell_events
    rate = (design.events / design.n)[design.pattern]
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = np.where((rate > 0) & (rate < 1), (events - n * rate) / np.sqrt(n * rate * (1 - rate)), np.nan)
    table = table.assign(prompt=design.prompt, n=n.astype(int), events=events.astype(int))
    return table.assign(residual=residual)


def _dispersion(design: Design, cells: pd.DataFrame, p: int) -> pd.DataFrame:
    """Compute Pearson's chi² of prompts within combinations, and of combinations around the model."""
    rate = (design.events / design.n)[design.pattern]
    varies = (rate > 0) & (rate < 1)
    k, n, rate = design.cell_events[varies], design.cell_n[varies], rate[varies]
    df = k.size - np.unique(design.pattern[varies]).size
    chi2 = float(np.sum((k - n * rate) ** 2 / (n * rate * (1 - rate))))
    around, left = float(np.sum(cells["residual"] ** 2)), len(cells) - p
    row = {
        "chi2": chi2,
        "df": df,
        "dispersion": chi2 / df if df > 0 else np.nan,
        "p_value": float(chdtrc(df, chi2)) if df > 0 else np.nan,
        "fit_chi2": around,
        "fit_df": left,
        "fit_p_value": float(chdtrc(left, around)) if left > 0 else np.nan,
    }
    return pd.DataFrame([row])


def _influence(design: Design, fit: Estimation, across: str, level: float) -> pd.DataFrame:
    """Contrast the levels again with each prompt left out, those that hold most runs where there are very many."""
    rows = {name: design.rows_with({across: name}) for name in design.levels(across)}
    whole = _contrasts(design, fit, rows, level)
    prompts, group = np.unique(design.prompt, return_inverse=True)
    most = np.argsort(-np.bincount(group, design.cell_n), kind="stable")[:MOST_REFITS]
    found = []
    for i in np.sort(most):
        part = design.subset(group != i)
        try:
            found.append(_contrasts(part, _again(part, fit), rows, level).assign(prompt=str(prompts[i])))
        except (BaserateError, ConvergenceError, np.linalg.LinAlgError):  # this prompt alone determines something
            found.append(whole[["candidate", "baseline"]].assign(prompt=str(prompts[i])))
    numbers = ["estimate", "conf_low", "conf_high", "p_value"]
    table = pd.concat(found, ignore_index=True).reindex(columns=["prompt", "candidate", "baseline", *numbers])
    of_all = whole.set_index(["candidate", "baseline"]).loc[
        list(zip(table["candidate"], table["baseline"], strict=True))
    ]
    p_of_all = of_all["p_value"].to_numpy()
    table["change"] = table["estimate"] - of_all["estimate"].to_numpy()
    table["turns"] = table["p_value"].notna() & ((table["p_value"] < 1 - level) != (p_of_all < 1 - level))
    return table


def _again(design: Design, fit: Estimation) -> Estimation:
    design.require_full_rank()
    if fit.random is not None:
        return estimate_random(design, fit.random.terms, fit.random.prior)
    return estimate(design, "fixed" if fit.clusters is None else "sampled", fit.method)


def _contrasts(
    design: Design, fit: Estimation, rows: Mapping[str, tuple[Floats, Floats]], level: float
) -> pd.DataFrame:
    """Contrast each later level with each earlier one, on the mix of all prompts."""
    chosen = for_averages(design, fit)
    rates = {name: average_over(chosen, *of) for name, of in rows.items()}
    found = []
    for baseline, candidate in itertools.combinations(rows, 2):
        one = contrast_of(chosen, [rates[candidate], rates[baseline]], "difference", level)
        shown = {name: one[name] for name in ("estimate", "conf_low", "conf_high", "p_value")}
        found.append({"candidate": candidate, "baseline": baseline, **shown})
    return pd.DataFrame(found)


def _said(influence: pd.DataFrame, level: float) -> list[Note]:
    """Name the prompts without which a verdict would be another."""
    if influence.empty:
        return []
    notes = []
    for (candidate, baseline), rows in influence.groupby(["candidate", "baseline"], sort=False):
        lost, turning = rows[rows["estimate"].isna()], rows[rows["turns"]]
        pair = f"{candidate} − {baseline}"
        if len(lost):
            notes.append(Note("one-prompt", f"{pair}: without {_named(lost)} the model cannot be fitted."))
        if len(turning):
            one = turning.iloc[turning["change"].abs().argmax()]
            limits = interval(one["conf_low"], one["conf_high"])
            carries = "One prompt carries" if len(turning) == 1 else f"{len(turning)} prompts each carry"
            notes.append(
                Note(
                    "one-prompt",
                    f"{carries} the verdict on {pair}: without {one['prompt']} the difference is "
                    f"{100 * one['estimate']:+.1f} points {limits}, {_p(one['p_value'])}.",
                )
            )
    return notes or [Note("no-one-prompt", f"No single prompt turns a verdict at level {level:g}.")]


def _p(value: float) -> str:
    text = p_value(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def _named(rows: pd.DataFrame) -> str:
    names = rows["prompt"].tolist()
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
