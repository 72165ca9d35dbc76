"""The tables of an audit: what there is, counted."""

from __future__ import annotations

import pandas as pd

from baserate.audits.evidence import Evidence
from baserate.audits.layout_table import design_table
from baserate.runs import STATUSES

TITLES = {
    "design": "Design",
    "outcomes": "Verdicts by version",
    "prompts": "Prompts and epochs by version",
    "levels": "Runs by factor level",
    "logs": "Logs",
    "unreadable": "Could not be read",
    "accounting": "Accounting: files found = read + left out; runs seen + inferred = rows + copies + left out",
}


def by_status(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Count rows by some columns, and by status beside them.

    Parameters
    ----------
    rows : DataFrame
        Runs.
    keys : list of str
        The columns that make a group.

    Returns
    -------
    DataFrame
        `keys`, ``runs``, and a column of counts for each status that occurs.
    """
    named = rows[keys].astype(object).where(rows[keys].notna(), "unknown").astype(str)
    status = rows["status"].astype(str)
    counted = pd.crosstab([named[key] for key in keys], status)
    counted = counted[[s for s in STATUSES if s in counted]]
    counted.insert(0, "runs", counted.sum(axis=1))
    counted.columns.name = None
    levels = counted.index.to_frame(index=False).set_axis(keys, axis=1)
    beside = counted.reset_index(drop=True).rename(columns=lambda name: f"{name} (status)" if name in keys else name)
    return pd.concat([levels, beside], axis=1)


def versions(evidence: Evidence) -> pd.DataFrame:
    """Count the runs of each version by status, or by verdict where the table holds counts."""
    if evidence.rows is not None:
        return by_status(evidence.rows, ["version"])
    cells = next(iter(evidence.cells.values()))
    sums = cells.groupby("version", observed=True)[["n", "missing"]].sum().reset_index()
    counted = pd.DataFrame(
        {"version": sums["version"].astype(str), "runs": sums["n"] + sums["missing"], "ok": sums["n"]}
    )
    return counted.assign(ungraded=sums["missing"]) if sums["missing"].any() else counted


def sections(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Make the tables that stand below the first one; empty ones are left out.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    dict of str to DataFrame
        By the keys of `TITLES`.
    """
    made = {
        "design": design_table(evidence),
        "outcomes": _outcomes(evidence),
        "prompts": _prompts(evidence),
        "levels": _levels(evidence),
        "logs": _logs(evidence),
        "unreadable": _unreadable(evidence),
        "accounting": pd.DataFrame() if evidence.account is None else evidence.account.table(),
    }
    return {key: table for key, table in made.items() if len(table)}


def _outcomes(evidence: Evidence) -> pd.DataFrame:
    parts = []
    for outcome, cells in evidence.cells.items():
        sums = cells.groupby("version", observed=True)[["n", "events", "missing"]].sum().reset_index()
        sums.insert(0, "outcome", outcome)
        sums["share_missing"] = sums["missing"] / (sums["n"] + sums["missing"]).clip(lower=1)
        parts.append(sums.astype({"version": str}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _prompts(evidence: Evidence) -> pd.DataFrame:
    if evidence.runs is None:
        runs = next(iter(evidence.cells.values())).assign(_runs=lambda c: c["n"] + c["missing"])
    else:
        runs = evidence.runs.assign(_runs=1)
    each = runs.groupby(["version", "prompt"], observed=True)["_runs"].sum().reset_index()
    grouped = each.groupby("version", observed=True)["_runs"]
    conditions = evidence.design[["version", *evidence.factors]].drop_duplicates()
    summed = grouped.agg(prompts="count", fewest_runs_a_prompt="min", most_runs_a_prompt="max")
    summed.insert(0, "conditions", conditions.groupby("version", observed=True).size())
    return summed.reset_index().astype({"version": str})


def _levels(evidence: Evidence) -> pd.DataFrame:
    parts = []
    for factor in evidence.factors:
        if evidence.runs is not None:
            part = by_status(evidence.runs, [factor, "version"])
        else:
            cells = next(iter(evidence.cells.values()))
            part = cells.groupby([factor, "version"], observed=True)[["n", "missing"]].sum().reset_index()
        parts.append(part.rename(columns={factor: "level"}).assign(factor=factor))
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    counts = [c for c in table.columns if c not in ("factor", "level", "version")]
    table[counts] = table[counts].fillna(0).astype("int64")
    return table[["factor", "level", "version", *counts]].astype({"level": str, "version": str})


def _logs(evidence: Evidence) -> pd.DataFrame:
    if evidence.runs is None or "log_id" not in evidence.runs:
        return pd.DataFrame()
    beside = [c for c in ("created", "commit", "dirty", "log_status") if c in evidence.runs]
    runs = evidence.runs[evidence.runs["log_id"].notna()]
    if "created" in beside:
        runs = runs.assign(created=runs["created"].astype(str).str[:16])  # to the minute
    return by_status(runs, ["version", "log_id", *beside])


def _unreadable(evidence: Evidence) -> pd.DataFrame:
    if evidence.rows is None:
        return pd.DataFrame()
    lost = evidence.rows[evidence.rows["status"] == "unreadable"]
    columns = [c for c in ("source", "status_reason") if c in lost]
    return lost[columns].astype(str).reset_index(drop=True)
