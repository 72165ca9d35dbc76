"""A baseline: the counts of one version, small enough to lie beside a policy, that later releases are held against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from baserate._version import __version__
from baserate.annotations import Table, checked
from baserate.arguments import writing
from baserate.counts import Counts, count
from baserate.errors import BaserateError, require_known
from baserate.levels import as_category

KIND, FORMAT = "baserate baseline", 1
_NUMBERS = ("n", "events", "missing")


@checked
def save_baseline(
    runs: Table,
    outcomes: str | Sequence[str],
    path: str | Path,
    version: str | None = None,
    *,
    conditions: str | Sequence[str] | None = None,
    accept: str | Sequence[str] = ("ok",),
) -> Path:
    """Write the counts of one version, with where they are from, for later releases to be held against.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcomes : str or sequence of str
        The graded behaviors.
    path : str or Path
        The JSON file to write; the same runs give the same bytes.
    version : str, optional
        Whose runs; left out, there must be one version.
    conditions, accept
        As in `baserate.rates`.

    Returns
    -------
    Path

    Raises
    ------
    BaserateError
        If there is no such version or outcome, or it is not said which of several.

    Examples
    --------
    >>> import tempfile
    >>> import baserate as br
    >>> runs = br.simulate({"v1": 0.3}, prompts=4, epochs=2, seed=1)
    >>> path = br.save_baseline(runs, "blackmail", f"{tempfile.mkdtemp()}/v1.json")
    >>> path.name
    'v1.json'
    """
    named = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    told = {outcome: _counted(runs, outcome, version, conditions, accept) for outcome in named}
    chosen = next(iter(told.values()))["version"]
    of = runs[runs["version"].astype(str) == chosen] if isinstance(runs, pd.DataFrame) and "log_id" in runs else None
    logs = [] if of is None else sorted(set(of["log_id"].dropna().astype(str)))
    whole = {"kind": KIND, "format": FORMAT, "baserate": __version__, "version": chosen, "log_ids": logs}
    for one in told.values():
        del one["version"]
    with writing(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**whole, "outcomes": told}, indent=1, ensure_ascii=False, allow_nan=False)
        Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")
    return Path(path)


def _counted(runs: Any, outcome: str, version: str | None, conditions: Any, accept: Any) -> dict[str, Any]:
    counts = count(runs, outcome, conditions=conditions, accept=accept)
    versions = list(map(str, counts.cells["version"].cat.remove_unused_categories().cat.categories))
    if version is None and len(versions) != 1:
        raise BaserateError(
            f"There are {len(versions)} versions: {', '.join(versions[:4])}. Say whose runs: version=…."
        )
    chosen = versions[0] if version is None else version
    require_known(chosen, versions, "version")
    cells = counts.cells[counts.cells["version"].astype(str) == chosen]
    columns = [*counts.conditions, "prompt"]
    summed = cells.groupby(columns, observed=True, dropna=False)[list(_NUMBERS)].sum().reset_index()
    for name in columns:
        summed[name] = summed[name].astype(object).where(summed[name].notna(), None)
    return {
        "version": chosen,
        "conditions": list(counts.conditions),
        "prompts_known": counts.prompts_known,
        "accept": list(accept) if not isinstance(accept, str) else [accept],
        "graders": sorted({str(grader) for of, grader in counts.graders if str(of) == chosen}),
        "cells": {name: summed[name].tolist() for name in summed},
    }


def read_baseline(path: Path) -> dict[str, Any]:
    """Read a baseline.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    BaserateError
        If it cannot be read, or is none.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BaserateError(f"The baseline {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BaserateError(f"The baseline {path} is no JSON: {error}.") from error
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise BaserateError(f"{path} is no baseline: write one with `baserate baseline save`.")
    if told.get("format") != FORMAT:
        raise BaserateError(f"{path} is of format {told.get('format')!r}; this version reads {FORMAT}. Save it again.")
    try:
        for one in told["outcomes"].values():
            cells = pd.DataFrame(one["cells"])
            counted = cells[list(_NUMBERS)].to_numpy()
            if not (counted >= 0).all() or (cells["events"] > cells["n"]).any() or "prompt" not in cells:
                raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BaserateError(
            f"The baseline {path} is damaged: its counts contradict each other, or lack. Save it again."
        ) from None
    return told


def with_baseline(counts: Counts, told: Mapping[str, Any], chosen: Mapping[str, object]) -> Counts:
    """Put the counts of a baseline beside those of runs.

    Parameters
    ----------
    counts : Counts
        Of one outcome.
    told : mapping
        What `read_baseline` returns.
    chosen : mapping
        The rule's ``where``: the baseline's cells are chosen alike.

    Returns
    -------
    Counts

    Raises
    ------
    BaserateError
        If the baseline has no such outcome, was of another design, or cannot be chosen from alike.
    """
    require_known(counts.outcome, told["outcomes"], "outcome in the baseline")
    one, version = told["outcomes"][counts.outcome], str(told["version"])
    if version in set(counts.cells["version"].astype(str)):
        raise BaserateError(f"The runs hold version {version!r}, which the baseline is of too. Leave one of them out.")
    free = set(counts.conditions) - set(chosen), set(one["conditions"]) - set(chosen)
    if free[0] != free[1]:
        raise BaserateError(
            f"The baseline's conditions are {', '.join(one['conditions']) or 'none'}, those of the runs "
            f"{', '.join(counts.conditions) or 'none'}. Name them alike here and when saving: conditions = [...]."
        )
    if counts.layout.cluster is not None:
        raise BaserateError(
            "A baseline does not tell what prompts were sampled in: leave cluster out, or give its runs."
        )
    if bool(one["prompts_known"]) != counts.prompts_known:
        raise BaserateError("Only one of baseline and runs tells which runs share a prompt. Name the prompt in both.")
    cells = pd.DataFrame(one["cells"])
    for name, value in chosen.items():
        if name == "version":
            continue
        if name not in cells:
            raise BaserateError(
                f"The baseline does not hold {name!r}, by which the check chooses. Save it with that condition."
            )
        cells = cells[cells[name].astype(str) == str(value)]
    cells["version"] = version
    objects = counts.cells.astype(dict.fromkeys(["version", *counts.conditions], object))
    both = pd.concat([objects, cells], ignore_index=True)
    for name in ("version", *counts.conditions):
        both[name] = as_category(both[name].astype(object))
    both = both[list(counts.cells.columns)].fillna(dict.fromkeys(_NUMBERS, 0))
    graders = (*counts.graders, *((version, grader) for grader in one["graders"]))
    return replace(counts, cells=both, graders=graders)
