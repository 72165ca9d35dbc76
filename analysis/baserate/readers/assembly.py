"""Runs as logged become the table of runs: one column an outcome, its raw score beside it, and a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from baserate.errors import BaserateError, did_you_mean
from baserate.readers.factor import event_columns, factor_columns
from baserate.readers.failed_scorer import spread_failures
from baserate.readers.graded import Graded, beside, grade, note_on_scores, notes_on
from baserate.readers.named import apply_columns
from baserate.readers.outcome import Source
from baserate.readers.prompt import tell_apart
from baserate.readers.record import Grade, Run
from baserate.readers.request import Request
from baserate.readers.scores import Scores
from baserate.readers.verdict import as_scores, why_no_verdict
from baserate.reading import READING, joined, with_copies
from baserate.runs import RESERVED, STATUSES


def assemble(runs: Sequence[Run], request: Request) -> tuple[pd.DataFrame, list[str]]:
    """Make the table of runs.

    Parameters
    ----------
    runs : sequence of Run
        Without copies.
    request : Request
        Which outcomes and factors, and the statuses whose verdict counts.

    Returns
    -------
    table : DataFrame
        One row a run, in the given order.
    notes : list of str
        What a reader of the table should know.

    Raises
    ------
    BaserateError
        If an outcome or a factor that was asked for is not in the logs.
    """
    runs, named = apply_columns(tell_apart(spread_failures(runs)), request.columns)
    base = pd.DataFrame(
        {
            "run_id": [run.run_id for run in runs],
            "version": pd.Series([run.version for run in runs], dtype=object),
            "prompt": pd.Series([run.prompt for run in runs], dtype=object),
            "epoch": pd.array([run.epoch for run in runs], dtype="Int64"),
            "status": pd.Series([run.status or "ok" for run in runs], dtype=object),
            "source": [run.source for run in runs],
        }
    )
    asked = {column for source in (request.outcomes or {}).values() for column in source.columns}
    factors = factor_columns(runs, request.factors, named, asked)
    base["prompt"] = _refine(base, factors)
    scores = Scores(runs, {*RESERVED, *factors})
    sources = _sources(scores, request)
    table, failed, notes = _outcomes(base, scores, sources, request)
    table["status_reason"] = _reasons(table["status"], [run.reason for run in runs], failed)
    acts = event_columns(runs, {*table, *factors})
    parts = [table.drop(columns="status_reason"), factors, acts, table[["status_reason"]], _provenance(runs)]
    return pd.concat(parts, axis=1), notes


def _provenance(runs: Sequence[Run]) -> pd.DataFrame:
    """Collect where the runs are from, and what reading had to say of them."""
    provenance = pd.DataFrame([dict(run.provenance) for run in runs], index=range(len(runs)))
    if "dirty" in provenance:
        provenance["dirty"] = provenance["dirty"].astype("boolean")
    provenance[READING] = pd.Categorical([joined(run.notes) for run in runs])
    return with_copies(provenance, {i: run.copies_in for i, run in enumerate(runs) if run.copies_in})


def _refine(base: pd.DataFrame, factors: pd.DataFrame) -> pd.Series:
    """Add to a prompt's key the factors in which one version's runs of it differ: then it is more than one prompt."""
    prompt = base["prompt"].copy()
    for name in factors.columns:
        levels = factors[name].astype(object)
        distinct = levels.groupby([base["version"], base["prompt"]]).nunique()
        split = base["prompt"].isin(distinct[distinct > 1].index.get_level_values("prompt")) & levels.notna()
        prompt[split] = prompt[split] + f" | {name}=" + levels[split].astype(str)
    return prompt


def _sources(scores: Scores, request: Request) -> dict[str, Source]:
    if request.outcomes is None:
        return {name: Source(name) for name in scores.grades}
    for source in request.outcomes.values():
        for column in source.columns:
            if not scores.known(column):
                raise BaserateError(f"No scorer gave an outcome {column!r}.{did_you_mean(column, scores.grades)}")
    return request.outcomes


def _outcomes(
    base: pd.DataFrame, scores: Scores, sources: Mapping[str, Source], request: Request
) -> tuple[pd.DataFrame, list[list[str]], list[str]]:
    """Add the outcome columns, and set the status of runs of which no outcome has a verdict."""
    answered = base["status"] == "ok"
    counts = base["status"].isin(request.accept)
    has_verdict = pd.Series(False, index=base.index)
    failed: list[list[str]] = [[] for _ in range(len(base))]
    columns: dict[str, pd.Series] = {}
    notes: list[str] = []
    every: dict[str, tuple[Source, Graded]] = {}
    for name, source in sources.items():
        graded = grade(source, scores.logged, scores.scale)
        every[name] = (source, graded)
        has_verdict |= graded.verdicts.notna() | ~graded.asked.fillna(True).astype(bool)
        given = scores.grades_of(source.column)
        columns |= beside(name, source, graded, counts)
        columns[f"{name}_score"] = as_scores(
            pd.Series([g and g.value for g in given] if any(given) else graded.logged, dtype=object)
        )
        columns[f"{name}_grader"] = pd.Series([g.grader if g else None for g in given], dtype=object)
        for i in graded.verdicts.index[graded.verdicts.isna()]:
            if (why := _why(given[i], graded, i, answered[i])) is not None:
                failed[i].append(f"{name}: {why}")
        notes += notes_on(name, source, graded)
    notes += note_on_scores(every)
    table = pd.concat([base, pd.DataFrame(columns, index=base.index)], axis=1)
    status = table["status"].mask(answered & ~has_verdict, "ungraded")
    table["status"] = pd.Categorical(status, categories=list(STATUSES))
    return table, failed, notes


def _why(given: Grade | None, graded: Graded, i: int, answered: bool) -> str | None:
    """Say why a run has no verdict; None where there is nothing to say."""
    if pd.isna(graded.asked[i]) or not graded.asked[i]:
        return "it is not asked of this run"
    if given is None or not (given.failed or answered):
        return None
    return given.failed or why_no_verdict(given.value, graded.scale.sentinels)


def _reasons(status: pd.Series, given: Sequence[str], failed: Sequence[Sequence[str]]) -> pd.Series:
    """Say in one line why a run is not "ok"."""
    lines = []
    for state, reason, judges in zip(status, given, failed, strict=True):
        parts = [reason, *judges] if reason else list(judges)
        if state == "ungraded" and not parts:
            parts = ["no scorer graded it"]
        lines.append(None if state == "ok" else "; ".join(parts))
    return pd.Series(lines, index=status.index, dtype=object)
