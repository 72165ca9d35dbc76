"""Runs as logged become the table of runs: one column an outcome, its raw score beside it, and a status."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from baserate.errors import BaserateError, did_you_mean
from baserate.readers.factor import factor_columns
from baserate.readers.failed_scorer import spread_failures
from baserate.readers.prompt import tell_apart
from baserate.readers.record import Grade, Run, count_of
from baserate.readers.request import Request
from baserate.readers.verdict import as_scores, is_missing, on_scale, read_grades, why_no_verdict
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
    runs = tell_apart(spread_failures(runs))
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
    factors = factor_columns(runs, request.factors)
    base["prompt"] = _refine(base, factors)
    found = _columns(runs, {*RESERVED, *factors})
    table, failed, notes = _outcomes(base, _choose(found, request), request)
    table["status_reason"] = _reasons(table["status"], [run.reason for run in runs], failed)
    notes += _empty_note(table["status"], found)
    parts = [table.drop(columns="status_reason"), factors, table[["status_reason"]], _provenance(runs)]
    return pd.concat(parts, axis=1), notes


def _provenance(runs: Sequence[Run]) -> pd.DataFrame:
    """Collect where the runs are from, and what reading had to say of them."""
    provenance = pd.DataFrame([dict(run.provenance) for run in runs], index=range(len(runs)))
    if "dirty" in provenance:
        provenance["dirty"] = provenance["dirty"].astype("boolean")
    provenance[READING] = pd.Categorical([joined(run.notes) for run in runs])
    return with_copies(provenance, [run.copies_in for run in runs])


def _refine(base: pd.DataFrame, factors: pd.DataFrame) -> pd.Series:
    """Add to a prompt's key the factors in which one version's runs of it differ: then it is more than one prompt."""
    prompt = base["prompt"].copy()
    for name in factors.columns:
        levels = factors[name].astype(object)
        distinct = levels.groupby([base["version"], base["prompt"]]).nunique()
        split = base["prompt"].isin(distinct[distinct > 1].index.get_level_values("prompt")) & levels.notna()
        prompt[split] = prompt[split] + f" | {name}=" + levels[split].astype(str)
    return prompt


def _columns(runs: Sequence[Run], taken: set[str]) -> dict[str, list[Grade | None]]:
    """Collect the grades by outcome. A scorer that gives several values gives several outcomes, named by its keys."""
    names = _outcome_names(runs, taken)
    columns: dict[str, list[Grade | None]] = {name: [None] * len(runs) for name in names.values()}
    for i, run in enumerate(runs):
        for grade in run.grades:
            columns[names[grade.scorer, grade.key]][i] = grade
    return columns


def _outcome_names(runs: Sequence[Run], taken: set[str]) -> dict[tuple[str, str], str]:
    """Name each value of each scorer; the first to use a name has it, later ones put their scorer's name before it."""
    names: dict[tuple[str, str], str] = {}
    used = set(taken)
    unfit = re.compile(r".*_(grader|score|cut)")  # the ends of the columns beside an outcome
    for run in runs:
        for grade in run.grades:
            if (grade.scorer, grade.key) in names:
                continue
            full = f"{grade.scorer}_{grade.key or 'outcome'}"
            tries = (re.sub(r"\W+", "_", name) for name in (grade.key or grade.scorer, full, f"{full}_graded"))
            names[grade.scorer, grade.key] = next(n for n in tries if n not in used and not unfit.fullmatch(n))
            used.add(names[grade.scorer, grade.key])
    return names


def _choose(
    found: dict[str, list[Grade | None]], request: Request
) -> dict[str, tuple[list[Grade | None], float | None]]:
    if request.outcomes is None:
        return {name: (column, None) for name, column in found.items()}
    for source, _ in request.outcomes.values():
        if source not in found:
            raise BaserateError(f"No scorer gave an outcome {source!r}.{did_you_mean(source, found)}")
    return {name: (found[source], cut) for name, (source, cut) in request.outcomes.items()}


def _outcomes(
    base: pd.DataFrame, chosen: dict[str, tuple[list[Grade | None], float | None]], request: Request
) -> tuple[pd.DataFrame, list[list[str]], list[str]]:
    """Add the outcome columns, and set the status of runs of which no outcome has a verdict."""
    answered = base["status"] == "ok"
    counts = base["status"].isin(request.accept)
    graded = pd.Series(False, index=base.index)
    failed: list[list[str]] = [[] for _ in range(len(base))]
    parts, notes = [base], []
    for name, (column, cut) in chosen.items():
        values = pd.Series([None if g is None else g.value for g in column], dtype=object)
        verdicts = read_grades(values, cut).mask(pd.Series([bool(g and g.failed) for g in column]))
        graded |= verdicts.notna()
        parts.append(_beside(name, verdicts.where(counts), values, column, cut))
        for i in verdicts.index[verdicts.isna()]:
            grade = column[i]
            if grade is not None and (grade.failed or answered[i]):
                failed[i].append(f"{name}: {grade.failed or why_no_verdict(grade.value)}")
        if cut is None and on_scale(values):
            notes.append(_scale_note(name, values))
    table = pd.concat(parts, axis=1)
    status = table["status"].mask(answered & ~graded, "ungraded")
    table["status"] = pd.Categorical(status, categories=list(STATUSES))
    return table, failed, notes


def _beside(
    name: str, verdicts: pd.Series, values: pd.Series, column: Sequence[Grade | None], cut: float | None
) -> pd.DataFrame:
    """Put beside an outcome what it was read from: the score as logged, who graded, the cut."""
    graders = pd.Series([None if g is None else g.grader for g in column], dtype=object)
    frame = pd.DataFrame({name: verdicts, f"{name}_score": as_scores(values), f"{name}_grader": graders})
    return frame if cut is None else frame.assign(**{f"{name}_cut": cut})


def _scale_note(name: str, values: pd.Series) -> str:
    numbers = as_scores(values)
    span = f"{numbers.min():g} to {numbers.max():g}" if pd.api.types.is_float_dtype(numbers) else "several values"
    return (
        f"{name} is a score ({span}), so it is neither yes nor no: say from which score on it counts as yes, as in "
        f"outcomes={{{name!r}: ({name!r}, 7)}}."
    )


def _reasons(status: pd.Series, given: Sequence[str], failed: Sequence[Sequence[str]]) -> pd.Series:
    """Say in one line why a run is not "ok"."""
    lines = []
    for state, reason, judges in zip(status, given, failed, strict=True):
        parts = [reason, *judges] if reason else list(judges)
        if state == "ungraded" and not parts:
            parts = ["no scorer graded it"]
        lines.append(None if state == "ok" else "; ".join(parts))
    return pd.Series(lines, index=status.index, dtype=object)


def _empty_note(status: pd.Series, found: dict[str, list[Grade | None]]) -> list[str]:
    """Say how empty answers had been graded: a judge calls nothing harmless."""
    empty = status.index[status == "empty"]
    logged: Counter[str] = Counter()
    for name, column in found.items():
        for grade in (column[i] for i in empty):
            if grade is not None and not grade.failed and not is_missing(grade.value):
                logged[f"{name} = {grade.value}"] += 1
    if not logged:
        return []
    shown = ", ".join(f"{verdict} in {number}" for verdict, number in logged.most_common(4))
    return [
        f"{count_of(len(empty))} gave an empty answer, which scorers graded nevertheless ({shown}); these grades do "
        "not count. accept=('ok', 'empty') takes them as they are."
    ]
