"""Findings about the runs themselves: lost, repeated, partial, ungraded, graded differently.

Each function takes the evidence and yields what it finds, which is nothing where all is well.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from baserate.audits.evidence import Evidence
from baserate.audits.finding import Finding, listed
from baserate.text import percent

MUCH_UNGRADED = 0.05  # a share that can move a rate by as much as a difference worth reporting


def unreadable(evidence: Evidence) -> Iterator[Finding]:
    """Find the files, or parts of them, that could not be read."""
    if evidence.rows is None:
        return
    lost = evidence.rows[evidence.rows["status"] == "unreadable"]
    if len(lost):
        yield Finding(
            "problem",
            "unreadable files",
            f"{len(lost)} could not be read: {listed(list(lost['source'].astype(str)))}.",
            "Their runs are in no rate. Mend or fetch them again, or say in the report that they are left out.",
        )


def unbalanced(evidence: Evidence) -> Iterator[Finding]:
    """Find runs that reading saw and cannot account for, and tables that hold only a part of what was read."""
    account = evidence.account
    if account is None:
        return
    if not account.balances:
        yield Finding(
            "problem",
            "the accounting does not balance",
            f"{account.seen} runs were seen; {account.rows} rows, {account.copies} copies, "
            f"{sum(account.left.values())} left out.",
            "This is a fault of baserate: please report it with the log.",
        )
    here = 0 if evidence.rows is None else len(evidence.rows)
    if evidence.rows is not None and here != account.rows:
        yield Finding(
            "note",
            "part of what was read",
            f"The table holds {here} of the {account.rows} rows that were read.",
            "Nothing to do where you chose these rows.",
        )


def repeated(evidence: Evidence) -> Iterator[Finding]:
    """Find runs that are in the table twice, and copies that reading left out."""
    twice = pd.Series(dtype=str) if evidence.runs is None else evidence.runs["run_id"].astype(str)
    again = int(twice.duplicated().sum())
    if again:
        first = twice[twice.duplicated()].unique()
        yield Finding(
            "problem",
            "runs counted twice",
            f"{again} rows repeat a run_id that is there already: {listed(list(first))}.",
            "Drop them (drop_duplicates('run_id')), else every interval is too short.",
        )
    if evidence.copies:
        yield Finding(
            "note",
            "copies left out",
            f"{evidence.copies} runs were in more than one file, and are counted once.",
            "Nothing to do: retried logs and copies hold the same runs.",
        )


def partial_logs(evidence: Evidence) -> Iterator[Finding]:
    """Find logs that did not end as they should."""
    if evidence.runs is None or "log_status" not in evidence.runs:
        return
    runs = evidence.runs.assign(_status=evidence.runs["log_status"].astype(object))
    runs = runs[runs["_status"].notna() & ~runs["_status"].isin(["success", "ok", "complete", ""])]
    key = "log_id" if "log_id" in runs else "source"
    logs = runs.groupby([key, "_status"], observed=True).size()
    if len(logs):
        told = [f"{log} ({status}) with {n} runs" for (log, status), n in logs.items()]
        yield Finding(
            "warning",
            "partial logs",
            f"{listed(told)}.",
            "Runs that are missing from a log may not be missing at random: run the log to its end, or leave it out.",
        )


def dirty_trees(evidence: Evidence) -> Iterator[Finding]:
    """Find logs made by code that no commit identifies."""
    if evidence.runs is None or "dirty" not in evidence.runs:
        return
    dirty = evidence.runs[evidence.runs["dirty"].astype(str).str.lower() == "true"]
    if len(dirty):
        logs = dirty["log_id"].nunique() if "log_id" in dirty else dirty["source"].nunique()
        yield Finding(
            "note",
            "uncommitted code",
            f"{logs} logs ({len(dirty)} runs) were made from a tree with uncommitted changes.",
            "Two logs with the same commit may still have run different code: look at them one by one.",
        )


def changed_between_versions(evidence: Evidence) -> Iterator[Finding]:
    """Find graders, cuts and task versions that differ between the versions to be compared."""
    if evidence.runs is None:
        return
    outcomes = list(evidence.cells)
    columns = {f"{o}_{what}": (f"the {what} of {o}", o) for o in outcomes for what in ("grader", "cut")}
    columns |= {"task_version": ("the task's version", ""), "settings": ("what limits and settings it ran under", "")}
    columns |= {"commit": ("the commit", "")}
    for column, (what, outcome) in columns.items():
        if column in evidence.runs:
            yield from _changed(evidence.runs, column, what, outcome)


def graded_by_itself(evidence: Evidence) -> Iterator[Finding]:
    """Find outcomes that the evaluated model judged itself."""
    if evidence.runs is None:
        return
    for outcome in evidence.cells:
        column = f"{outcome}_grader"
        if column not in evidence.runs:
            continue
        known = evidence.runs[evidence.runs[column].notna() & evidence.runs["version"].notna()]
        itself = known[known[column].astype(str) == known["version"].astype(str)]
        versions = sorted(itself["version"].astype(str).unique())
        if versions:
            every = "each version was" if len(versions) == known["version"].nunique() else "some versions were"
            yield Finding(
                "warning",
                f"{every} graded by itself on {outcome}",
                f"{len(itself)} of {len(known)} runs: {listed(versions)} judged its own answers; the version itself "
                "is the grader where a scorer was told no other model.",
                "A difference between versions may be one between their judges: grade all runs with one other model.",
                outcome,
            )


def _changed(runs: pd.DataFrame, column: str, what: str, outcome: str) -> Iterator[Finding]:
    known = runs[runs[column].notna() & (runs[column].astype(str) != "")]
    used = known.groupby("version", observed=True)[column].agg(lambda seen: tuple(sorted(set(map(str, seen)))))
    told = [f"{version}: {' and '.join(seen)}" for version, seen in used.items()]
    if used.nunique() > 1:
        yield Finding(
            "warning",
            f"{what} differs between versions",
            f"{listed(told)}.",
            "A difference between the versions may be a difference between these: make and grade all runs in one way.",
            outcome,
        )
    elif len(used) and len(used.iloc[0]) > 1:
        yield Finding(
            "note",
            f"{what} is not the same for all runs",
            f"Each version has {listed(list(used.iloc[0]))}.",
            "Compare within each of them too.",
            outcome,
        )


def ungraded(evidence: Evidence) -> Iterator[Finding]:
    """Find the runs without a verdict, and versions that have many of them."""
    for outcome, cells in evidence.cells.items():
        sums = cells.groupby("version", observed=True)[["n", "missing"]].sum()
        sums = sums[sums["missing"] > 0]
        share = sums["missing"] / (sums["n"] + sums["missing"])
        why = {version: _reasons(evidence, outcome, version) for version in sums.index}
        told = [
            f"{version} {percent(share[version])} ({row.missing} of {row.n + row.missing}{why[version]})"
            for version, row in sums.iterrows()
        ]
        if told:
            yield Finding(
                "warning" if share.max() >= MUCH_UNGRADED else "note",
                f"runs without a verdict on {outcome}",
                f"{listed(told)}.",
                "They count as neither yes nor no: worst_low and worst_high take all as no, or all as yes.",
                outcome,
            )


def _reasons(evidence: Evidence, outcome: str, version: object) -> str:
    """Say why the runs of a version failed, where the table knows."""
    if evidence.runs is None:
        return ""
    lacking = (evidence.runs["version"] == version) & evidence.runs[outcome].isna()
    status = evidence.runs.loc[lacking, "status"].astype(str)
    reasons = status[status != "ok"].value_counts()
    return ": " + ", ".join(f"{n} {name}" for name, n in reasons.items()) if len(reasons) else ""
