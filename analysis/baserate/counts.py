"""The waist: runs become counts per cell (version, conditions, prompt), by one group-by where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import pandas as pd

from baserate.acceptance import accepting, marked, names_of, recounted, require_runs, statuses, stopped_of
from baserate.annotations import Table, checked
from baserate.count_tables import count_columns, whole_counts
from baserate.defaults import is_own_prompt
from baserate.engines import (
    as_frame,
    as_text,
    calls_itself_simulated,
    counted,
    declared_order,
    epochs_repeat,
    factor_candidates,
    find_prompt,
    graders_of,
    require_rows,
    require_statuses,
    verdict_of,
)
from baserate.errors import BaserateError, did_you_mean
from baserate.given import applicable, given_of, perhaps_given
from baserate.layout import (
    PROMPT,
    VERSION,
    Layout,
    epoch_column,
    is_setting,
    note_on_prompt,
    notes_on_roles,
    prompt_candidates,
    require_columns,
    roles,
    version_column,
)
from baserate.levels import prompts_of
from baserate.note import Note
from baserate.reading import reading_notes
from baserate.runs import as_category, is_simulated, looks_like_factor, outcomes, require_table
from baserate.tallies import COUNTS as COUNTS
from baserate.tallies import Counts as Counts

SIMULATED = Note("simulated", "Simulated data: no model was asked anything.")
ALL_RUNS = "all runs"
_NO_PROMPT = Note(
    "no-prompt-column", "No column tells which runs share a prompt, so runs are taken as independent of each other."
)
_NO_VERSION = Note("no-version-column", "No version column: all runs count as one version.")
_SAMPLE = 1000  # levels of a column that are looked at outside pandas


@checked
def count(
    table: Table,
    outcome: str,
    by: Sequence[str] = (),
    *,
    conditions: Sequence[str] | str | None = None,
    cluster: str | None = None,
    accept: str | Sequence[str] = ("ok",),
    given: str | Sequence[str] | None = None,
) -> Counts:
    """Count the runs of each cell: how many were graded, showed the behavior, could not be graded.

    Every estimate is computed from these counts, so runs and counts of runs give the same numbers, and a table that
    lives in Polars, DuckDB or Spark is grouped where it lives.

    Parameters
    ----------
    table : DataFrame or Counts
        Runs, one row each: pandas, or any other table that narwhals knows. Or counts, one row a cell, with the columns
        ``n`` (graded runs) or ``n_total`` (all runs), the outcome's events (a column named by the outcome,
        ``n_<outcome>``, ``k`` or ``events``), and perhaps ``missing``.
    outcome : str
        The graded behavior.
    by : sequence of str
        Columns to keep besides the version, the conditions and the prompt.
    conditions : sequence of str, optional
        The columns whose combinations were designed. Left out: columns of text with few levels, but for labels of
        prompts, what differs between the runs of a prompt, what graded runs lack, and settings such as paths and seeds.
    cluster : str, optional
        The column of what prompts were sampled in, such as a scenario family.
    accept : str or sequence of str
        The statuses whose logged verdicts, in the column ``<outcome>_logged``, count too; such as "limit", for runs
        that were stopped by a limit and graded all the same. "ok" always counts.
    given : str or sequence of str, optional
        Columns of yes and no that the outcome is conditional on, such as ``"blackmail"`` for how overt it was: runs
        without them are not asked, and not missing. Left out, the column ``<outcome>_given`` tells.

    Returns
    -------
    Counts

    Raises
    ------
    BaserateError
        If a column is not there, the outcome is not yes or no, a status is unknown, or counts contradict each other.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"version": ["a", "a", "b"], "blackmail": [1, 0, None]})
    >>> count(runs, "blackmail").cells[["version", "n", "events", "missing"]].values.tolist()
    [['a', 2, 1, 0], ['b', 0, 0, 1]]
    """
    named = None if conditions is None else [conditions] if isinstance(conditions, str) else list(conditions)
    accepted = statuses(accept)
    if isinstance(table, Counts):
        _require_no_act(given)
        return recounted(_recount(table, outcome, by, named, cluster), accepted)
    frame = as_frame(table)
    extra = [*by, *(named or ()), *([cluster] if cluster else [])]
    extra = list(dict.fromkeys(extra))
    known = names_of(frame)
    layout = count_columns(frame, outcome)
    if layout is not None:
        require_runs(True, accepted)
        _require_no_act(given)
        return _of_counts(frame, outcome, layout, by, named, cluster)
    if isinstance(frame, pd.DataFrame):
        require_table(frame)
        _require_outcome(known, outcome, outcomes(frame))
    else:
        require_rows(frame, known)
        require_statuses(frame, known)
        schema = frame.collect_schema()
        _require_outcome(known, outcome, [c for c, t in schema.items() if t == nw.Boolean])
    require_columns([*known, VERSION], outcome, by)
    require_columns([*known, VERSION], outcome, [c for c in extra if c not in by], "for conditions= or cluster=")
    acts = given_of(frame, known, outcome, given)
    for name in (*acts, outcome):
        frame = accepting(frame, name, accepted)
    frame, notes = applicable(frame, outcome, acts)
    counts = _of_runs(frame, known, outcome, extra, by, named, cluster)
    if not acts and counts.cells["missing"].any():
        notes = perhaps_given(frame, known, outcome)
    return replace(counts, notes=(*counts.notes, *notes)) if notes else counts


def _require_no_act(given: object) -> None:
    if given is not None:
        raise BaserateError("Counts do not tell which runs an outcome applies to. Give the runs, and given= with them.")


def _require_outcome(columns: Sequence[str], outcome: str, known: Sequence[str]) -> None:
    if outcome not in columns:
        raise BaserateError(f"There is no outcome {outcome!r}.{did_you_mean(outcome, known or columns)}")


def _recount(
    counts: Counts, outcome: str, by: Sequence[str], conditions: list[str] | None, cluster: str | None
) -> Counts:
    if outcome != counts.outcome:
        raise BaserateError(
            f"These are counts of {counts.outcome!r}; {outcome!r} was not counted. Count the runs again."
        )
    cells = counts.cells
    extra = [*by, *(conditions or ()), *([cluster] if cluster else [])]
    require_columns(list(cells.columns), outcome, list(dict.fromkeys(extra)))
    layout = replace(
        counts.layout,
        conditions=counts.layout.conditions if conditions is None else tuple(conditions),
        cluster=cluster or counts.layout.cluster,
    )
    return replace(counts, layout=layout)


def _of_runs(
    frame: Any,
    known: Sequence[str],
    outcome: str,
    extra: Sequence[str],
    by: Sequence[str],
    conditions: list[str] | None,
    cluster: str | None,
) -> Counts:
    """Count runs: one group-by over the columns of the question, then sort the columns into roles."""
    version = version_column(known)
    lazy = nw.from_native(frame).lazy() if isinstance(frame, pd.DataFrame) else frame
    epoch = epoch_column(known)
    prompt, own = find_prompt(lazy, known, version, epoch)
    levels = (
        {}
        if conditions is not None
        else factor_candidates(frame, known, outcome, (version, prompt, PROMPT, cluster, epoch))
    )
    candidates = [*levels, *(c for c in extra if c not in levels and c not in (VERSION, version, prompt))]
    taken = [c for c in dict.fromkeys([version, *candidates, None if own else prompt]) if c is not None]
    verdict = verdict_of(frame, lazy, outcome)
    marks_in, marks = marked(frame, lazy, verdict, outcome)
    cells = as_text(counted(marks_in, [*taken, *marks], verdict), frame)
    cells[VERSION] = ALL_RUNS if version is None else cells[version]
    if prompt is not None and not own:
        cells[PROMPT] = cells[prompt]
    notes = [_NO_VERSION] if version is None or set(cells[VERSION].dropna()) == {ALL_RUNS} else []
    if prompt is None or own:
        prompt = None
        notes.append(_NO_PROMPT)
    elif prompt != PROMPT:
        notes.append(note_on_prompt(prompt))
    layout = Layout(version=version, prompt=prompt, cluster=cluster)
    repeats = epoch is not None and prompt is not None and epochs_repeat(lazy, version, prompt, epoch)
    layout = _with_roles(layout, cells, list(levels), conditions, [VERSION, *by], repeats)
    notes = [
        *([SIMULATED] if calls_itself_simulated(frame, known) else []),
        *notes,
        *_pointer(frame),
        *notes_on_roles(layout),
    ]
    counts = _finished(
        cells, outcome, layout, extra, notes, {c: declared_order(frame, c) for c in (version, *taken) if c}
    )
    return replace(counts, graders=graders_of(lazy, known, version, outcome))


def _with_roles(
    layout: Layout,
    cells: pd.DataFrame,
    candidates: list[str],
    conditions: list[str] | None,
    keys: Sequence[str],
    repeats: bool,
) -> Layout:
    if conditions is not None:
        return replace(layout, conditions=tuple(conditions))
    rest = [c for c in candidates if c != layout.cluster]
    return replace(layout, **roles(cells, rest, [c for c in dict.fromkeys(keys) if c in cells], repeats))  # type: ignore[arg-type]  # tuples of str each


def _pointer(frame: Any) -> list[Note]:
    read = len(reading_notes(frame))
    told = f"Reading the runs left {read} note{'s' * (read > 1)}: see the audit."
    return [Note("reading-notes", told)] if read else []


def _of_counts(
    frame: Any, outcome: str, layout: Layout, by: Sequence[str], conditions: list[str] | None, cluster: str | None
) -> Counts:
    """Enter at the waist with counts."""
    cells = frame.copy() if isinstance(frame, pd.DataFrame) else frame.collect().to_pandas()
    version = version_column(list(map(str, cells.columns)))
    if VERSION not in cells:
        cells[VERSION] = cells[version] if version else ALL_RUNS
    prompt = next((name for name, unsure in prompt_candidates(list(map(str, cells.columns))) if not unsure), None)
    if prompt is not None and prompt != PROMPT:
        cells[PROMPT] = cells[prompt]
    own = prompt is not None and bool(cells[PROMPT].dropna().map(is_own_prompt).all())
    extra = list(dict.fromkeys([*by, *(conditions or ()), *([cluster] if cluster else [])]))
    require_columns(list(map(str, cells.columns)), outcome, extra)
    apart = {layout.events, layout.n, layout.total, layout.missing, VERSION, PROMPT, prompt, cluster}
    levels = [c for c in cells if c not in apart and c != version and looks_like_factor(cells[c])]
    levels = [str(c) for c in levels if not is_setting(str(c), pd.Series(cells[c].unique(), dtype=object))]
    cells = whole_counts(cells, layout)
    if own or prompt is None:
        cells = cells.drop(columns=PROMPT, errors="ignore")
    layout = replace(layout, version=version, prompt=None if own else prompt, cluster=cluster)
    layout = _with_roles(layout, cells, levels, conditions, [VERSION, *by], repeats=True)
    notes: list[str] = [SIMULATED] if is_simulated(cells) else []
    if layout.events not in (outcome, None, "events"):
        notes.append(Note("events-column", f"Events of {outcome!r} are counted in the column {layout.events!r}."))
    if layout.prompt is None:
        notes.append(Note("counts-without-prompts", "Counts without prompts: the runs of a cell are independent."))
    if version is None:
        notes.append(_NO_VERSION)
    return _finished(cells, outcome, layout, extra, [*notes, *_pointer(cells), *notes_on_roles(layout)], {})


def _finished(
    cells: pd.DataFrame,
    outcome: str,
    layout: Layout,
    extra: Sequence[str],
    notes: Sequence[str],
    orders: dict[str, list[str] | None],
) -> Counts:
    """Fix types, levels and order, so that the same runs give the same table whatever engine counted them."""
    keys = list(dict.fromkeys([VERSION, *layout.conditions, *extra]))
    keys = [c for c in keys if c != PROMPT]
    out = pd.DataFrame(index=cells.index)
    for name in keys:
        first = orders.get(layout.version or VERSION if name == VERSION else name) or ()
        out[name] = as_category(cells[name], first)
    if layout.prompt is not None and cells[PROMPT].isna().all():
        layout = replace(layout, prompt=None)
    out[PROMPT] = prompts_of(cells) if layout.prompt is not None else ""
    for name in COUNTS:
        out[name] = cells[name].fillna(0).astype("int64")
    grouped = out.groupby([*keys, PROMPT], observed=True, dropna=False, sort=True)
    summed = grouped[list(COUNTS)].sum().reset_index()
    return Counts(summed, outcome, layout, tuple(dict.fromkeys(notes)), stopped=stopped_of(cells, grouped.ngroup()))
