"""What a policy or a command line says of a table: which rows, and which column is which. Nothing is executed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from baserate.errors import BaserateError, did_you_mean, require_known
from baserate.runs import REQUIRED

_OF_A_VERDICT = ("", "_score", "_logged", "_cut", "_explanation")


def where(table: pd.DataFrame, chosen: Mapping[str, object]) -> pd.DataFrame:
    """Keep the rows whose columns have the values asked for.

    Parameters
    ----------
    table : DataFrame
        Runs, or counts of runs.
    chosen : mapping of str to object
        Column to value; values are compared as text, so that 1 finds "1" and true finds "True".

    Returns
    -------
    DataFrame
        At least one row.

    Raises
    ------
    BaserateError
        If there is no such column, no such value in it, or no row with all the values.
    """
    keep = pd.Series(True, index=table.index)
    for name, value in chosen.items():
        require_known(name, table.columns, "column")
        found = table[name].astype(object).map(_text, na_action="ignore")
        hit = found == _text(value)
        if not hit.any():
            known = did_you_mean(_text(value), found.dropna().unique())
            raise BaserateError(f"No run has {name} = {_text(value)!r}.{known}")
        keep &= hit
    if not keep.any():
        asked = ", ".join(f"{name} = {_text(value)!r}" for name, value in chosen.items())
        raise BaserateError(f"No run has all of {asked}. Each value occurs, but never together: drop one of them.")
    return table[keep]


def require_before_verdict(chosen: Iterable[str], outcome: str | None) -> None:
    """Raise where runs are chosen by their verdict, or by what it was made of.

    Parameters
    ----------
    chosen : iterable of str
        The columns that runs are chosen by.
    outcome : str or None
        The graded behavior; None where no one outcome is asked of.

    Raises
    ------
    BaserateError
    """
    for name in chosen:
        if outcome is not None and name in [outcome + end for end in _OF_A_VERDICT]:
            what = f"the outcome {name!r}" if name == outcome else f"{name!r}, part of the verdict on {outcome!r}"
            raise BaserateError(
                f"where names {what}: runs chosen by it would show 0% or 100%. Choose by what was known "
                "before the verdict."
            )


def columns(named: Mapping[str, str]) -> dict[str, str]:
    """Read which of the user's columns is which of baserate's; the side that baserate requires tells the direction.

    Parameters
    ----------
    named : mapping of str to str
        ``{"model": "version"}``, the user's column first, or the other way round.

    Returns
    -------
    dict
        The user's names to baserate's.
    """
    pairs = [(b, a) if a in REQUIRED and b not in REQUIRED else (a, b) for a, b in named.items()]
    return dict(pairs)


def _text(value: object) -> str:
    text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # a shell's byte that is no text
    return text.lower() if text in ("True", "False") else text
