"""Which question the runs can answer: about these prompts, or about prompts like these."""

from __future__ import annotations

import pandas as pd

from baserate.errors import BaserateError, did_you_mean
from baserate.layout import PROMPT

SCOPES = ("fixed", "sampled")


def require_scope(scope: str | None) -> None:
    """Raise unless a scope is one of the two, or left to the design.

    Parameters
    ----------
    scope : str or None

    Raises
    ------
    BaserateError
    """
    if scope is not None and scope not in SCOPES:
        raise BaserateError(f"scope must be 'fixed' or 'sampled', not {scope!r}.{did_you_mean(str(scope), SCOPES)}")


def choose_scope(
    cells: pd.DataFrame, keys: list[str], prompts_known: bool, scope: str | None, unit: str = "prompt"
) -> tuple[str, str]:
    """Choose the scope of an estimate, and say why.

    Prompts that differ only by their conditions are the design, not a sample. So the scope is "sampled" where, within a
    group, some condition holds two or more prompts (or clusters).

    Parameters
    ----------
    cells : DataFrame
        With `keys` and ``prompt``.
    keys : list of str
        The columns of groups and conditions.
    prompts_known : bool
        Whether a column tells which runs share a prompt.
    scope : {"fixed", "sampled"}, optional
        What the user asked for.
    unit : str
        The column of the sampled units.

    Returns
    -------
    scope : str
    reason : str
        A clause that ends a sentence.

    Raises
    ------
    BaserateError
        If the scope is not one of the two, or "sampled" is asked of single prompts.
    """
    require_scope(scope)
    graded = cells[cells["n"] > 0]
    if scope == "fixed":
        return scope, "asked for; it holds for these prompts only"
    if scope == "sampled" and (not prompts_known or graded[unit].nunique() < 2):
        told = "all runs share one" if prompts_known else "no column tells which runs share a prompt"
        raise BaserateError(
            f"scope='sampled' needs at least two prompts; {told}. "
            "Use scope='fixed' (how this prompt behaves), or run more prompts."
        )
    if scope == "sampled":
        return scope, "asked for; it holds for prompts like these"
    if not prompts_known:
        return "fixed", "nothing tells which runs share a prompt, so runs are taken as independent"
    each = (
        graded.groupby(keys, observed=True, dropna=False)[unit].nunique()
        if keys
        else pd.Series([graded[unit].nunique()])
    )
    most = int(each.max()) if len(each) else 0
    what = "prompts" if unit == PROMPT else f"levels of {unit}"
    if most >= 2:
        where = _condition(each) if keys else "the one condition"
        return "sampled", f"{where} holds {most} {what}, taken as a sample of {what} like these"
    return "fixed", "each condition has one prompt, so nothing can be said of other prompts"


def _condition(prompts: pd.Series) -> str:
    """Name the condition with the most prompts; the version is not part of it."""
    names = [str(n) for n in prompts.index.names]
    top = prompts.idxmax()
    levels = top if isinstance(top, tuple) else (top,)
    named = [
        f"{n}={v}"
        for n, v in zip(names, levels, strict=True)
        if n != "version" and prompts.index.get_level_values(n).nunique() > 1
    ]
    return "the condition " + ", ".join(named[:4]) if named else "the one condition"
