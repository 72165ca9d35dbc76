"""A scorer that usually gives several values and once gives only one, which is no verdict, failed at all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from baserate.readers.record import Grade, Run
from baserate.readers.verdict import as_verdict, why_no_verdict


def spread_failures(runs: Sequence[Run]) -> list[Run]:
    """Give the outcomes of a failed scorer the reason of its failure, instead of an outcome of the scorer's name.

    Parameters
    ----------
    runs : sequence of Run
        All that were read.

    Returns
    -------
    list of Run
        In their order.
    """
    keys: dict[str, dict[str, None]] = defaultdict(dict)
    for run in runs:
        for grade in run.grades:
            if grade.key:
                keys[grade.scorer][grade.key] = None
    if not keys:
        return list(runs)
    return [_spread(run, keys) if any(_failed(g, keys) for g in run.grades) else run for run in runs]


def _failed(grade: Grade, keys: Mapping[str, Mapping[str, None]]) -> bool:
    if grade.key or grade.scorer not in keys:
        return False
    return bool(grade.failed) or as_verdict(grade.value, letters=True) is None


def _spread(run: Run, keys: Mapping[str, Mapping[str, None]]) -> Run:
    grades: list[Grade] = []
    for grade in run.grades:
        if _failed(grade, keys):
            reason = grade.failed or why_no_verdict(grade.value)
            grades += [replace(grade, key=key, failed=reason) for key in keys[grade.scorer]]
        else:
            grades.append(grade)
    return replace(run, grades=tuple(grades))
