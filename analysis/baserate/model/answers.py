"""The answers of a model in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit

from baserate.text import in_words, interval, p_equals, percent, points, ratio

if TYPE_CHECKING:
    from baserate.model.design import Design
    from baserate.model.estimates import Estimates

_KINDS = {"slope": "change", "deviation": "standard deviation", "odds-ratio": "odds ratio"}

DIFFERENCE, RATIO = "difference of differences", "ratio of odds ratios"  # scales of an interaction


def writer(quantity: str) -> Callable[[float, float, float, str], str]:
    """Return what writes an estimate of a quantity with its limits.

    Parameters
    ----------
    quantity : str
        As of `Estimates`.

    Returns
    -------
    callable
        Of estimate, limits and the scale of an interaction.
    """

    def write(estimate: float, low: float, high: float, scale: str = "") -> str:
        if quantity == "rate":
            return f"{percent(estimate)} {interval(low, high)}"
        in_points = quantity in ("difference", "slope") or scale == DIFFERENCE
        return (points if in_points else ratio)(estimate, low, high)

    return write


def term_in_words(term: str) -> str:
    """Write a term of a model in words.

    Parameters
    ----------
    term : str

    Returns
    -------
    str

    Examples
    --------
    >>> term_in_words("version[T.mock-3]"), term_in_words("C(goal)[T.a]:version[T.b]")
    ('version mock-3', 'goal a × version b')
    """
    return " × ".join(in_words(name) + (f" {level}" if level else "") for name, level in split_term(term))


_LEVEL = re.compile(r"([^\[\]:]+)(?:\[(?:T\.)?([^\]]*)\])?(?::|$)")


def split_term(term: str) -> list[tuple[str, str]]:
    """Split a term of a model into its factors and their levels.

    Parameters
    ----------
    term : str

    Returns
    -------
    list of (str, str)
        The level is empty of a number; a term that is none of this form is one name.

    Examples
    --------
    >>> split_term("C(version)[T.b]:temperature")
    [('version', 'b'), ('temperature', '')]
    """
    parts = _LEVEL.findall(term)
    if sum(len(match.group()) for match in _LEVEL.finditer(term)) != len(term):
        return [(term, "")]
    return [(re.sub(r"^C\(([^,)]+).*\)$", r"\1", name), level) for name, level in parts]


def reference_of(term: str, references: Mapping[str, str]) -> str:
    """Name the level, or combination of levels, that a term is against.

    Parameters
    ----------
    term : str
    references : mapping of str to str
        The reference level of each factor.

    Returns
    -------
    str
        Empty where the term is of numbers alone.

    Examples
    --------
    >>> reference_of("version[T.b]:goal[T.x]", {"version": "a", "goal": "none"})
    'a × none'
    """
    return " × ".join(references[name] for name, level in split_term(term) if level and name in references)


def references_of(design: Design) -> dict[str, str]:
    """Return the reference level of each factor of a design.

    Parameters
    ----------
    design : Design

    Returns
    -------
    dict of str to str
    """
    names = [name for name in design.formula.columns if not design.is_number(name)]
    return {name: design.levels(name)[0] for name in names}


def estimates_answer(result: Estimates) -> str:
    """Write the clearest estimate, and how many more there are.

    Parameters
    ----------
    result : Estimates

    Returns
    -------
    str
    """
    t, behavior = result.table, in_words(result.outcome)
    if t.empty or "estimate" not in t:
        return _test(t, behavior, result.level)
    if result.quantity == "rate":
        return _rates(result, behavior)
    p = t["p_adjusted"] if "p_adjusted" in t else t["p_value"] if "p_value" in t else pd.Series(1.0, index=t.index)
    row = t.loc[p.fillna(1.0).idxmin()].to_dict()
    shown = writer(result.quantity)(row["estimate"], row["conf_low"], row["conf_high"], str(row.get("scale", "")))
    in_points = result.quantity in ("difference", "slope") or row.get("scale") == DIFFERENCE
    unit = " points" if in_points else ""
    what = result.quantity.removeprefix("coefficient ")
    named = f"{_KINDS.get(what, what)} of {behavior}, {_named(row, result)}: {shown}{unit}"
    tested = f", {p_equals(float(p[p.fillna(1.0).idxmin()]))}" if "p_value" in t else ""
    verdict = f": {row['verdict']}" if row.get("verdict") else ""
    rest = f" It is the clearest of {len(t)}." if len(t) > 1 and tested else ""
    return f"{named[0].upper()}{named[1:]}{tested}{verdict}.{rest}"


def _named(row: Mapping[Any, Any], result: Estimates) -> str:
    within = "".join(f" ({in_words(name)} {row[name]})" for name in result.by if name in row)
    if "candidate" in row:
        return f"{row['candidate']} against {row['baseline']}{within}"
    against = f" against {row['reference']}" if row.get("reference") else ""
    return f"{term_in_words(str(row.get('term', '')))}{against}{within}".strip()


def _rates(result: Estimates, behavior: str) -> str:
    t, write = result.table, writer("rate")
    rows = [t.loc[t["estimate"].idxmin()], t.loc[t["estimate"].idxmax()]]
    told = [write(row["estimate"], row["conf_low"], row["conf_high"], "") for row in rows]
    named = [" in " + ", ".join(str(row[name]) for name in result.by) if result.by else "" for row in rows]
    if len(t) == 1:
        return f"The modelled rate of {behavior}{named[0]} is {told[0]}."
    return f"The modelled rate of {behavior} goes from {told[0]}{named[0]} to {told[1]}{named[1]}."


def _test(table: pd.DataFrame, behavior: str, level: float) -> str:
    if table.empty or "p_value" not in table:
        return f"Nothing of {behavior} is estimated."
    row = table.iloc[0]
    term = term_in_words(str(row.get("term", "the term")))
    found = "matters" if row["p_value"] < 1 - level else "is not shown to matter"
    return f"{term} {found} for {behavior}: {p_equals(float(row['p_value']))}."


def coefficients_answer(table: pd.DataFrame, outcome: str, references: Mapping[str, str], limits: str) -> str:
    """Write the clearest odds ratio of a fitted model.

    Parameters
    ----------
    table : DataFrame
        Coefficients in log odds, the intercept first.
    outcome : str
    references : dict
        The reference level of each factor.
    limits : str
        What limits there are, such as ``"95%"``.

    Returns
    -------
    str
    """
    effects = table[table["term"] != "Intercept"]
    if effects.empty:
        rates = [float(expit(table[c].iloc[0])) for c in ("estimate", "conf_low", "conf_high")]
        return f"The modelled rate of {in_words(outcome)} is {percent(rates[0])} {interval(rates[1], rates[2])}."
    row = effects.loc[effects["p_value"].fillna(1.0).idxmin()]
    with np.errstate(over="ignore"):
        shown = ratio(*(float(np.exp(row[c])) for c in ("estimate", "conf_low", "conf_high")))
    reference = reference_of(row["term"], references)
    against = f" against {reference}" if reference else ""
    more = f" It is the clearest of {len(effects)} effects." if len(effects) > 1 else ""
    return (
        f"Odds of {in_words(outcome)}, {term_in_words(row['term'])}{against}: {shown} times ({limits} interval), "
        f"{p_equals(float(row['p_value']))}.{more}"
    )
