"""Which question the runs can answer: about these prompts, or about prompts like these."""

from __future__ import annotations

import pandas as pd

from baserate.counts import COUNTS
from baserate.errors import BaserateError, did_you_mean

SCOPES = ("fixed", "sampled")


def choose_scope(cells: pd.DataFrame, scope: str | None = None) -> tuple[str, str]:
    """Choose the scope of an estimate, and say why.

    Prompts that differ only by the scenario's factors are the design's conditions, not a sample. So the scope is
    "sampled" where, within a version, some condition (combination of the factors) holds two or more prompts.

    Parameters
    ----------
    cells : DataFrame
        What `baserate.counts.count` returns.
    scope : {"fixed", "sampled"}, optional
        What the user asked for.

    Returns
    -------
    scope : str
        ``"fixed"`` or ``"sampled"``.
    reason : str
        A clause that ends a sentence.

    Raises
    ------
    BaserateError
        If the scope is not one of the two, or "sampled" is asked of single prompts.
    """
    if scope is not None and scope not in SCOPES:
        raise BaserateError(f"scope must be 'fixed' or 'sampled', not {scope!r}.{did_you_mean(str(scope), SCOPES)}")
    condition = [c for c in cells.columns if c not in (*COUNTS, "prompt")]
    prompts = cells.groupby(condition, observed=True, dropna=False)["prompt"].nunique()
    most = int(prompts.max())
    if scope == "fixed":
        return scope, "asked for; it holds for these prompts only"
    if scope == "sampled" and cells["prompt"].nunique() < 2:
        raise BaserateError(
            "scope='sampled' needs at least two prompts; all runs share one. "
            "Use scope='fixed' (how this prompt behaves), or run more prompts."
        )
    if scope == "sampled":
        return scope, "asked for; it holds for prompts like these"
    if any(note.startswith("No prompt column") for note in cells.attrs.get("notes", ())):
        return "sampled", "no column tells which runs share a prompt, so runs are taken as independent"
    if most >= 2:
        return "sampled", f"{_condition(prompts)} holds {most} prompts, taken as a sample of prompts like these"
    if any(note.startswith("Counts without prompts") for note in cells.attrs.get("notes", ())):
        return "fixed", "the counts do not tell prompts, so the runs of a cell are taken as independent"
    return "fixed", "each condition has one prompt, so nothing can be said of other prompts"


def _condition(prompts: pd.Series) -> str:
    """Name the factors of the condition with the most prompts; the version is not one of them."""
    names = [str(n) for n in prompts.index.names]
    top = prompts.idxmax()
    levels = top if isinstance(top, tuple) else (top,)
    named = [
        f"{n}={v}"
        for n, v in zip(names, levels, strict=True)
        if n != "version" and prompts.index.get_level_values(n).nunique() > 1
    ]
    return "the condition " + ", ".join(named[:4]) if named else "the one condition"
