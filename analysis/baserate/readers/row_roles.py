"""What the columns of a user's own table are: which hold settings, which say that a run failed, which share a judge."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from functools import cache

import numpy as np
import pandas as pd

from baserate.errors import BaserateError
from baserate.layout import EPOCH_NAMES, PROMPT, PROMPT_NAMES, VERSION
from baserate.readers.scale import Scale, goes_beyond, scale_of
from baserate.readers.status import status_of_stop
from baserate.readers.verdict import as_number, coded, distinct, is_figure, is_missing, translate
from baserate.runs import STATUSES, is_text

_SETTING = re.compile(
    r"(.*_)?(seed|idx|index|version|attempts?|retries|retry|epochs?|num|number|count|counts|errors|tokens|turns?|steps?"
    r"|iterations?|limit|rank|order|position|temperature|top_p|id|ids|batch|fold|split|shot|shots)|(n|num|max|min|is)_.+"
)
_NOT_A_SETTING = re.compile(r"is_(harm|bad|unsafe|black|misalign|decept|dishonest|correct|refus|aware|sycoph|toxic).*")
_ERRORS = ("error", "error_message", "exception", "failed")
_ENOUGH = 4  # runs of a version that are all alike
Columns = Mapping[str, pd.Series]
_STOPS = ("stop_reason", "finish_reason")
_NO_ERROR = ("", "0", "false", "none", "null", "nan", "na", "n/a", "no", "ok", "<na>", "{}", "[]")


def names_no_outcome(name: str) -> bool:
    """Tell whether a column of 0 and 1 is named like a setting, a counter or an error rather than a graded behavior.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool
    """
    low = name.lower()
    if low in (*EPOCH_NAMES, *PROMPT_NAMES, *_ERRORS, VERSION, PROMPT):
        return True
    return _SETTING.fullmatch(low) is not None and _NOT_A_SETTING.fullmatch(low) is None


def is_constant(columns: Columns, name: str) -> bool:
    """Tell whether numbers are 1 in all runs, or the same in all runs of each version and others in others.

    Such a column is a setting, as `is_base` is. Truth values, and a number that is 0 in all runs, may be a behavior
    that never, or always, showed.

    Parameters
    ----------
    columns : mapping of str to Series
        With ``version``, or without.
    name : str

    Returns
    -------
    bool
    """
    values = [as_number(value) for value in distinct(columns[name])]
    if any(isinstance(value, bool) or not is_figure(value) for value in distinct(columns[name])):
        return False
    if len(values) == 1:
        return values == [1.0] and len(columns[name]) > 1
    if VERSION not in columns:
        return False
    version, value = coded(columns[VERSION])[0], coded(columns[name])[0]
    each = pd.Series(value).where(value >= 0).groupby(version[: len(value)]).agg(["nunique", "size"])
    each = each[each.index >= 0]
    return bool((each["size"] >= _ENOUGH).all() and (each["nunique"] <= 1).all())


def scales(columns: Columns) -> Callable[[str], Scale]:
    """Make what tells how a column is read; columns nested under one name (``judge.a``, ``judge.b``) tell together.

    Parameters
    ----------
    columns : mapping of str to Series

    Returns
    -------
    callable
        Column to scale.
    """
    families: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        if "." in column:
            families[column.rsplit(".", 1)[0]].append(column)

    @cache
    def beyond(family: str) -> frozenset[str]:
        return frozenset(c for c in families.get(family, ()) if goes_beyond(distinct(columns[c])))

    @cache
    def scale(name: str) -> Scale:
        others = beyond(name.rsplit(".", 1)[0]) - {name} if "." in name else ()
        return scale_of(columns[name], bool(others), letters=False)

    return scale


def status_of_rows(columns: Columns, used: Container[str] = ()) -> tuple[pd.Series, pd.Series | None]:
    """Tell what became of each run: from a column of statuses, else from one of errors and one of stop reasons.

    Parameters
    ----------
    columns : mapping of str to Series
    used : container of str, optional
        Columns that are graded behaviors: none of them tells failures, whatever it is called.

    Returns
    -------
    status : Series
        A category of `STATUSES`.
    reason : Series or None
        Why a run is not "ok"; None where no column tells.

    Raises
    ------
    BaserateError
        If a column ``status`` holds something else.
    """
    index = next(iter(columns.values())).index
    ok = pd.Categorical.from_codes(np.zeros(len(index), "int8"), categories=list(STATUSES))
    status = pd.Series(ok, index)
    if "status" in columns:
        return _own_status(columns["status"]), None
    reason: pd.Series | None = None
    stop = next((name for name in _STOPS if name in columns), None)
    if stop is not None:
        stopped = translate(columns[stop], _why_stopped, "object")
        reason = ("stop reason " + columns[stop].astype(str)).where(stopped.notna(), None)
        status = _of_statuses(stopped.fillna("ok"))
    errors = [name for name in _ERRORS if name in columns and name not in used]
    error = next((name for name in errors if _marks_failures(columns[name])), None)
    if error is not None:
        failed = translate(columns[error], _fails, "boolean").fillna(False).astype(bool)
        told = columns[error].astype(str).str.split("\\n").str[0].str.slice(0, 160)
        reason = told.where(failed, reason if reason is not None else None)
        status = status.mask(failed, "error")
    return status, reason


def _why_stopped(reason: object) -> str | None:
    return status_of_stop(None if is_missing(reason) else str(reason)) or None


def _marks_failures(column: pd.Series) -> bool:
    """Tell a column of error messages, or of whether a run failed, from one that counts or measures errors."""
    return is_text(column) or all(value in (0, 1) for value in distinct(column))


def _fails(value: object) -> bool:
    return not (is_missing(value) or str(value).strip().lower() in _NO_ERROR)


def _own_status(column: pd.Series) -> pd.Series:
    status = column.astype(object).where(column.notna(), "ok").astype(str).astype(object)
    unknown = sorted(set(status) - set(STATUSES))
    if unknown:
        raise BaserateError(
            f"The column 'status' holds {unknown[0]!r}, which is not one of {', '.join(STATUSES)}. If it means "
            "something else, rename it: columns={'status': 'log_status'}."
        )
    return _of_statuses(status)


def _of_statuses(status: pd.Series) -> pd.Series:
    return pd.Series(pd.Categorical(status, categories=list(STATUSES)), status.index)
