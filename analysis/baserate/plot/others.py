"""What results without a figure of their own show: a row an estimate, its interval, and the numbers beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from baserate.audits.result import Audit
from baserate.awareness_result import Awareness
from baserate.checks.result import Checks
from baserate.grading.result import NAMES, Graders
from baserate.k_runs import AtK
from baserate.model.answers import term_in_words
from baserate.ordinal import OrdinalModel
from baserate.planning import Plan, PowerResult
from baserate.plot import canvas
from baserate.plot.captions import method_line
from baserate.plot.effects import Effects
from baserate.rare_acts import AtMost
from baserate.text import in_words, interval, percent, ratio

SHOWN = (AtK, AtMost, Audit, Awareness, Checks, Graders, OrdinalModel, Plan, PowerResult)
_NO_REFERENCE = float("nan")


def others(result: Any) -> Effects:
    """Find the rows of a result that has no figure of its own.

    Parameters
    ----------
    result : object
        Of one of the kinds in `SHOWN`.

    Returns
    -------
    Effects
    """
    kinds: dict[type, Callable[[Any], Effects]] = {
        AtK: _at_k,
        AtMost: _at_most,
        Audit: _audit,
        Awareness: _awareness,
        Checks: _checks,
        Graders: _graders,
        OrdinalModel: _ordinal,
        Plan: _plan,
        PowerResult: _power,
    }
    return kinds[type(result)](result)


def _rows(labels: list[str], limits: pd.DataFrame, numbers: list[str], groups: list[str] | None = None) -> pd.DataFrame:
    columns = dict(zip(("estimate", "low", "high"), limits.astype(float).to_numpy().T, strict=True))
    filled = {"group": groups or "", "counts": "", "words": "", "decided": True}
    unknown = {"worst_low": np.nan, "worst_high": np.nan}
    return pd.DataFrame({"label": list(map(canvas.wrap, labels)), **columns, "numbers": numbers, **filled, **unknown})


def _shares(result: Any, rows: pd.DataFrame, title: str, axis: str, more: str = "") -> Effects:
    for column in ("estimate", "low", "high"):
        rows[column] = 100 * rows[column]
    caption = (method_line(result) if hasattr(result, "level") else "") + more
    return Effects(rows, title, caption, axis, _NO_REFERENCE, log=False, signed=False)


def _at_most(result: AtMost) -> Effects:
    t = result.table.assign(low=0.0)
    labels = [", ".join(str(row[name]) for name in result.by) or "all runs" for row in t.to_dict("records")]
    numbers = [f"at most {percent(b, 2)}, {k}/{n}" for b, k, n in zip(t["bound"], t["events"], t["n"], strict=True)]
    title = f"{canvas.sentence(in_words(result.outcome))}: at most"
    return _shares(result, _rows(labels, t[["estimate", "low", "bound"]], numbers), title, "share of runs, %")


def _at_k(result: AtK) -> Effects:
    t = result.table
    limits = t[["estimate", "conf_low", "conf_high"]]
    numbers = [f"{percent(e)} {interval(low, high)}" for e, low, high in limits.itertuples(index=False)]
    labels = [f"{'all' if measure == 'pass^k' else 'any'} of {result.k}" for measure in t["measure"]]
    groups = [", ".join(str(row[name]) for name in result.by) for row in t.to_dict("records")]
    title = f"{canvas.sentence(in_words(result.outcome))} in {result.k} runs of a prompt"
    return _shares(result, _rows(labels, limits, numbers, groups), title, "share of prompts, %")


def _awareness(result: Awareness) -> Effects:
    t = result.table[result.table["n"] > 0]
    numbers = [
        f"{percent(e)} {interval(low, high)}, {k}/{n}"
        for e, low, high, k, n in t[["estimate", "conf_low", "conf_high", "events", "n"]].itertuples(index=False)
    ]
    rows = _rows(
        list(t["awareness"].astype(str)),
        t[["estimate", "conf_low", "conf_high"]],
        numbers,
        list(t[result.across].astype(str)),
    )
    behavior = canvas.sentence(in_words(result.outcome))
    return _shares(result, rows, f"{behavior} by what the model believed", "rate, %", ". Measured after the run")


def _graders(result: Graders) -> Effects:
    t = result.table[result.table["measure"].isin(["raw", "ac1", "alpha", "kappa"])]
    groups = [f"{a}, {b}: {version}" for a, b, version in t[["grader", "other", "version"]].itertuples(index=False)]
    limits = t[["estimate", "conf_low", "conf_high"]]
    numbers = [f"{e:.2f} {interval(low, high, 2, 1)}" for e, low, high in limits.itertuples(index=False)]
    rows = _rows([NAMES[measure] for measure in t["measure"]], limits, numbers, groups)
    title, caption = f"Do the graders of {in_words(result.outcome)} agree?", method_line(result)
    return Effects(rows, title, caption, "agreement, 1 is full", _NO_REFERENCE, log=False, signed=False)


def _ordinal(result: OrdinalModel) -> Effects:
    limits = np.exp(result.table[["estimate", "conf_low", "conf_high"]])
    numbers = [ratio(*row) for row in limits.itertuples(index=False)]
    rows = _rows(list(map(term_in_words, result.table["term"].astype(str))), limits, numbers)
    rows["decided"] = (rows["low"] > 1) | (rows["high"] < 1)
    title = f"{canvas.sentence(in_words(result.outcome))}: odds of a higher rating"
    return Effects(rows, title, method_line(result), "odds ratio, log scale", 1.0, log=True)


def _plan(result: Plan) -> Effects:
    t = result.table
    labels = [f"{p:,} prompts × {e:,}" for p, e in zip(t["prompts"], t["epochs"], strict=True)]
    numbers = [
        f"± {100 * w:.1f}" + (" best" if best else "") for w, best in zip(t["half_width"], t["best"], strict=True)
    ]
    rows = _rows(labels, t.assign(low=0.0)[["half_width", "low", "half_width"]], numbers)
    rows["decided"] = t["best"].to_numpy()
    title = f"{canvas.sentence(in_words(result.outcome))}: how well each spending tells it"
    return _shares(result, rows, title, "half width of the interval, points")


def _power(result: PowerResult) -> Effects:
    labels = [f"{row['runs']:,.0f} runs a version" for row in result.table.to_dict("records")]
    numbers = [percent(power) for power in result.table["power"]]
    one, two = (f"{100 * rate:.4g}%" for rate in result.rates)
    rows = _rows(labels, result.table[["power", "conf_low", "conf_high"]], numbers)
    return _shares(result, rows, f"Power to tell {one} from {two}", "power, %")


def _checks(result: Checks) -> Effects:
    t = result.table[result.table["estimate"].notna()]
    said = dict(zip([one.rule.name for one in result.checked], [one.said for one in result.checked], strict=True))
    numbers = [f"{said[name]}; limit {100 * limit:.4g}" for name, limit in zip(t["check"], t["limit"], strict=True)]
    rows = _rows(list(t["check"].astype(str)), t[["estimate", "conf_low", "conf_high"]], numbers)
    rows["decided"] = (t["verdict"] != "inconclusive").to_numpy()
    return _shares(result, rows, "Checks", "rate, or difference, in points", result.answer)


def _audit(result: Audit) -> Effects:
    t = result.table
    graded = t["ok"] / t["runs"] if "ok" in t else pd.Series(1.0, index=t.index)
    limits = pd.DataFrame({"estimate": graded, "low": 0.0, "high": graded})
    numbers = [f"{percent(share)} of {runs:,}" for share, runs in zip(graded, t["runs"], strict=True)]
    rows = _rows(list(t["version"].astype(str)), limits, numbers)
    return _shares(result, rows, "Runs that ended well", "share of runs, %", result.answer)
