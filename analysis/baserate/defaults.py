"""What is filled in where a table lacks a required column, and how to tell that it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from baserate.note import Note

_OWN_PROMPT = "row "  # what is filled in, and `filled_in` knows again
_ONE_VERSION = "all runs"


def fill(runs: pd.DataFrame, lacking: Sequence[str]) -> None:
    """Fill in the required columns that are lacking, in place.

    Parameters
    ----------
    runs : DataFrame
    lacking : sequence of str
    """
    values: dict[str, Any] = {"version": _ONE_VERSION, "epoch": 1, "status": "ok", "source": "table"}
    for name in lacking:
        if name in values:
            runs[name] = values[name]
        else:
            rows = pd.RangeIndex(len(runs)).astype(str)
            runs[name] = _OWN_PROMPT + rows if name == "prompt" else rows


def is_own_prompt(prompt: object) -> bool:
    """Tell whether a prompt is one that was filled in for its row alone.

    Parameters
    ----------
    prompt : object

    Returns
    -------
    bool
    """
    text = str(prompt)
    return text.startswith(_OWN_PROMPT) and text[len(_OWN_PROMPT) :].isdigit()


def prompts_filled_in(table: pd.DataFrame) -> bool:
    """Tell whether no column says which runs share a prompt, so that each row counts as its own.

    Parameters
    ----------
    table : DataFrame
        Runs, before or after `baserate.runs.check_runs`, or counts of these.

    Returns
    -------
    bool
    """
    if "prompt" not in table:
        return True
    prompts = table["prompt"].dropna()
    if not len(prompts) or not str(prompts.iloc[0]).startswith(_OWN_PROMPT):
        return False
    return bool(prompts.astype(str).str.fullmatch(rf"{_OWN_PROMPT}\d+").all())


def versions_filled_in(table: pd.DataFrame) -> bool:
    """Tell whether no column says which version a run is of.

    Parameters
    ----------
    table : DataFrame
        Runs, before or after `baserate.runs.check_runs`, or counts of these.

    Returns
    -------
    bool
    """
    return "version" not in table or bool((table["version"] == _ONE_VERSION).all())


def filled_in(table: pd.DataFrame) -> list[Note]:
    """Say what had to be filled in, from what the columns hold.

    Parameters
    ----------
    table : DataFrame
        Runs, before or after `baserate.runs.check_runs`.

    Returns
    -------
    list of Note
    """
    own = "No prompt column: each row counts as its own prompt, so runs are taken as independent."
    one = "No version column: all runs count as one version."
    notes = [Note("no-prompt-column", own)] if prompts_filled_in(table) else []
    return [*notes, Note("no-version-column", one)] if versions_filled_in(table) else notes
