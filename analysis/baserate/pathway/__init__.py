"""The order of acts: how runs go from a plea to a threat to blackmail, step by step."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_level
from baserate.comparison import compare
from baserate.counts import count
from baserate.engines import as_frame
from baserate.errors import BaserateError, SeparationWarning, require_known
from baserate.levels import as_category
from baserate.model import LogisticModel, fit
from baserate.note import Note, code_of
from baserate.pathway.acts import NEVER, acts_of
from baserate.pathway.result import Paths
from baserate.rate_table import rates
from baserate.run_table import renamed, run_table
from baserate.stats.multiplicity import holm

__all__ = ["Paths", "paths"]
_NONE = "none"
_OF_ALL = ("simulated", "reading-notes", "no-prompt-column", "no-version-column")  # that hold for all runs alike


@checked
def paths(
    runs: Table,
    acts: Sequence[str],
    across: str = "version",
    order: str | None = None,
    level: float = 0.95,
    scope: str | None = None,
) -> Paths:
    """Follow runs from act to act: pleas that come first, and blackmail when they fail.

    A run that ends without an act did not show it: it is counted, not missing. A run that was not graded is missing.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each.
    acts : sequence of str
        Two acts or more, in their order: columns of yes and no, or names of events in the column `order`.
    across : str
        The column of what is compared.
    order : str, optional
        A column that lists each run's events in order: text such as ``"plea > blackmail"``, or lists.
    level : float
        The level of the intervals.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, the design decides.

    Returns
    -------
    Paths
        Each step's rate by version, as `baserate.rates` estimates it among the runs that came so far; which act came
        first; differences between versions, with Holm's p over all steps; and the sequential (continuation-ratio)
        logistic model of all steps.

    Raises
    ------
    BaserateError
        If an act is not there, or no run has the first.

    References
    ----------
    Fienberg (1980) The Analysis of Cross-Classified Categorical Data, chapter 6. Tutz (1991) Comput. Stat. Data Anal.
    11:275. Holm (1979) Scand. J. Stat. 6:65.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"version": ["a", "b"] * 4, "plea": [1, 1, 1, 1, 1, 1, 0, 0]})
    >>> runs["blackmail"] = [1, 0, 1, 0, 0, 0, 0, 1]
    >>> found = paths(runs, ["plea", "blackmail"]).table
    >>> found[found["step"] == "blackmail after plea"][["version", "events", "n"]].values.tolist()
    [['a', 2, 3], ['b', 0, 3]]
    """
    require_level(level)
    frame = as_frame(runs)
    table = frame if isinstance(frame, pd.DataFrame) else frame.collect().to_pandas()
    occurred, place = acts_of(table, acts, order)
    known = table.assign(**{act: occurred[act].to_numpy() for act in acts})
    table, counts = run_table(known, acts[0])
    across = renamed(across, counts)
    require_known(across, table.columns, "column")
    table[across] = as_category(table[across])
    place = place.reset_index(drop=True)
    stages, asked = _stages(table, place, acts)
    options: dict[str, Any] = {"level": level, "scope": scope}
    shown, apart, notes, loud = _steps(stages, asked, across, options)
    model, said = _model(table, place, acts, across, level, scope)
    first = rates(table, acts[0], by=across, **options)
    return Paths(
        table=shown,
        outcome=acts[-1],
        method=first.method,
        level=level,
        scope=first.scope,
        scope_reason=first.scope_reason,
        notes=(*notes, *said, _SELECTED),
        cautions=tuple(loud),
        acts=tuple(acts),
        across=across,
        first=_first(table, place, acts, across, options),
        patterns=_patterns(table, acts, across),
        differences=apart,
        model=model,
    )


def _steps(
    stages: pd.DataFrame, asked: Sequence[tuple[str, str, str | None]], across: str, options: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame, list[str], list[str]]:
    """Estimate each step and its differences; list the notes and the cautions."""
    found, differences = [], []
    notes: list[tuple[str, Sequence[str]]] = []
    cautions: list[tuple[str, Sequence[str]]] = []
    for step, outcome, given in asked:
        one = _rates(stages, outcome, across, given, options)
        if one is None:
            continue
        found.append(one.table.assign(step=step))
        notes.append((step, [note for note in one.notes if code_of(note) != "given"]))
        cautions.append((step, one.cautions))
        differences += _differences(stages, outcome, across, given, step, options)
    if not found:
        raise BaserateError(f"No run was graded for {asked[0][1]!r}, where the path begins.")
    columns = ["step", across, "estimate", "conf_low", "conf_high", "n", "events", "missing", "prompts"]
    apart = pd.DataFrame(differences)
    if len(apart):
        apart["p_adjusted"] = holm(apart["p_value"].to_numpy(dtype=float))
    loud = _once(cautions)
    return pd.concat(found, ignore_index=True)[columns], apart, _once(notes, map(code_of, loud)), loud


def _once(told: Sequence[tuple[str, Sequence[str]]], known: Iterable[str] = ()) -> list[str]:
    """Keep of each kind of note what the first step with one says, under the step's name, and count the others."""
    first: dict[str, list[str]] = {}
    again: Counter[str] = Counter()
    known = set(known)
    for place, (step, listed) in enumerate(told):
        codes = dict.fromkeys(code_of(note) for note in listed)
        again.update(set(codes) & set(first))
        for code in [code for code in codes if code not in first and code not in known]:
            own = [note for note in listed if code_of(note) == code]
            first[code] = own if not place or code in _OF_ALL else [Note(code, f"{step}: {note}") for note in own]
    shown: list[str] = []
    for code, own in first.items():
        more = again[code] if code not in _OF_ALL else 0
        also = f" (Such is said of {more} more step{'s' * (more > 1)}.)" if more else ""
        shown += [*own[:-1], Note(code, f"{own[-1]}{also}")]
    return shown


_SELECTED = Note(
    "given",
    "A step is asked of the runs that came to it. Versions differ in which of their runs do, so a difference in a "
    "later step is one between different runs.",
)


def _stages(
    table: pd.DataFrame, place: pd.DataFrame, acts: Sequence[str]
) -> tuple[pd.DataFrame, list[tuple[str, str, str | None]]]:
    """Add what each step is asked of and about; list the steps as (name, outcome, given)."""
    added: dict[str, Any] = {}
    asked: list[tuple[str, str, str | None]] = [(acts[0], acts[0], None)]
    for before, act in pairwise(acts):
        known = table[before].notna() & table[act].notna()
        came_first = ((place[before] < NEVER) & (place[before] <= place[act])).astype("boolean")
        since, without, led = f"after {before}", f"without {before}", f"{before} before {act}"
        added[since] = came_first.where(known | table[before].notna() & ~came_first)
        added[without] = ~added[since]
        added[led] = came_first.where(known)
        asked += [(f"{act} {since}", act, since), (f"{act} {without}", act, without), (led, led, act)]
    return table.assign(**added), asked


def _rates(table: pd.DataFrame, outcome: str, across: str, given: str | None, options: dict[str, Any]) -> Any:
    try:
        return rates(table, outcome, by=across, given=given, **options)
    except BaserateError:  # no run came so far
        return None


def _differences(
    table: pd.DataFrame, outcome: str, across: str, given: str | None, step: str, options: dict[str, Any]
) -> list[dict[str, Any]]:
    if table[across].nunique() < 2:
        return []
    try:
        found = compare(table, outcome, across=across, given=given, adjust="none", **options).table
    except BaserateError:  # only one version came so far
        return []
    keep = ["candidate", "baseline", "estimate", "conf_low", "conf_high", "p_value"]
    return [{"step": step, **row} for row in found[keep].dropna().to_dict("records")]


def _first(
    table: pd.DataFrame, place: pd.DataFrame, acts: Sequence[str], across: str, options: dict[str, Any]
) -> pd.DataFrame:
    """Estimate how often each act came first, and none at all."""
    graded = table[list(acts)].notna().all(axis=1)
    earliest = place.min(axis=1)
    rows = []
    for act in (*acts, _NONE):
        hit = earliest == NEVER if act == _NONE else (place[act] == earliest) & (earliest < NEVER)
        found = rates(
            table.assign(**{"came first": hit.astype("boolean").where(graded)}), "came first", across, **options
        )
        rows.append(found.table.assign(first=act))
    return pd.concat(rows, ignore_index=True)[
        ["first", across, "estimate", "conf_low", "conf_high", "n", "events", "missing", "prompts"]
    ]


def _patterns(table: pd.DataFrame, acts: Sequence[str], across: str) -> pd.DataFrame:
    graded = table[table[list(acts)].notna().all(axis=1)]
    found = graded.groupby([across, *acts], observed=True).size().rename("n").reset_index()
    return found.assign(share=found["n"] / found.groupby(across, observed=True)["n"].transform("sum"))


def _model(
    table: pd.DataFrame, place: pd.DataFrame, acts: Sequence[str], across: str, level: float, scope: str | None
) -> tuple[LogisticModel | None, list[Note]]:
    """Fit the sequential model: a row for each act that a run came to, and whether it went on."""
    parts, at = [], pd.Series(True, index=table.index, dtype="boolean")
    last = np.zeros(len(table))
    for act in acts:
        came = (place[act] < NEVER) & (place[act] >= last)
        went = came.astype("boolean").where(table[act].notna())
        here = table.assign(stage=act, went_on=went)[at.fillna(True).astype(bool).to_numpy()]
        parts.append(here.assign(went_on=here["went_on"].where(at[here.index].notna())))
        at, last = at & went, np.where(came, place[act], NEVER)
    rows = pd.concat(parts, ignore_index=True)
    rows["stage"] = pd.Categorical(rows["stage"], categories=list(acts))
    rows = rows.drop(columns=[act for act in acts if act in rows])
    formula = f"went_on ~ stage * {across}" if rows[across].nunique() > 1 else "went_on ~ stage"
    named = list(count(table, acts[0]).conditions)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SeparationWarning)  # the model says so itself
            return fit(rows, formula, level, scope, conditions=named), []
    except BaserateError as error:
        return None, [Note("no-model", f"The sequential model was not fitted: {error}")]
