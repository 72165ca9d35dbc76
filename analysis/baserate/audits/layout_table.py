"""The design in one small table: what was run of each version, and which column was taken as what."""

from __future__ import annotations

import pandas as pd

from baserate.audits.evidence import Evidence
from baserate.layout import PROMPT, VERSION


def design_table(evidence: Evidence) -> pd.DataFrame:
    """Describe the design, one fact a row.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        ``what, found``; empty where nothing was counted.
    """
    counts = evidence.counts
    if counts is None:
        return pd.DataFrame()
    cells, layout = counts.cells, counts.layout
    names = [c for c in layout.conditions if c in cells and cells[c].nunique() > 1]
    combinations = cells[names].drop_duplicates() if names else pd.DataFrame(index=[0])
    facts = {
        "conditions": f"{len(combinations)} of {', '.join(names)}" if names else "one",
        "prompts in each": _prompts(cells, names, counts.prompts_known),
        "epochs": _epochs(cells, names, counts.prompts_known),
        "shared between versions": _shared(cells, counts.prompts_known),
        "cluster": layout.cluster or "",
        "prompt column": layout.prompt if layout.prompt not in (None, PROMPT) else "",
        "labels": ", ".join(layout.labels),
        "measured after the run": ", ".join(layout.measured),
        "incomplete": ", ".join(layout.incomplete),
    }
    rows = [(what, found) for what, found in facts.items() if found]
    return pd.DataFrame(rows, columns=["what", "found"])


def _span(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _prompts(cells: pd.DataFrame, names: list[str], known: bool) -> str:
    if not known:
        return "no column tells them: runs are taken as independent"
    keys = [VERSION, *names]
    return _span(cells.groupby(keys, observed=True)[PROMPT].nunique())


def _epochs(cells: pd.DataFrame, names: list[str], known: bool) -> str:
    if not known:
        return ""
    runs = cells.assign(_runs=cells["n"] + cells["missing"])
    return _span(runs.groupby([VERSION, *names, PROMPT], observed=True)["_runs"].sum())


def _shared(cells: pd.DataFrame, known: bool) -> str:
    versions = cells[VERSION].nunique()
    if not known or versions < 2:
        return ""
    met = cells.groupby(PROMPT, observed=True)[VERSION].nunique()
    return f"{int((met == versions).sum())} of {len(met)} prompts"
