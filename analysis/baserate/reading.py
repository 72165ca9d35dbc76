"""What reading had to say of the runs, in columns of their table: it survives filters, concat, files and engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from baserate.account import Account
from baserate.note import Note

READING = "reading"  # what was skipped or assumed in reading a row and its file: a category, a note a line
COPIES = "copies"  # how many copies of this run were left out
COPIES_IN = "copies_in"  # the files that they were in: a category
_BREAK = "\n"


class Reading(NamedTuple):
    """A table that was read, what is to be said of all of its rows, and where each file and run went.

    Attributes
    ----------
    table : DataFrame
    notes : list of str
    account : Account
    """

    table: pd.DataFrame
    notes: list[str]
    account: Account = Account()


def with_reading(table: pd.DataFrame, before: Iterable[str] = (), after: Iterable[str] = ()) -> pd.DataFrame:
    """Say of every row what holds for a whole read.

    Parameters
    ----------
    table : DataFrame
        Runs, or counts of runs.
    before, after : iterable of str
        Notes, to stand before and after those that a row has of its own file.

    Returns
    -------
    DataFrame
        With a category column ``reading``, empty where there is nothing to say.
    """
    first, last = list(before), list(after)
    if READING not in table:
        said = pd.Categorical.from_codes(np.zeros(len(table), "int8"), [joined([*first, *last])])
        return table.assign(**{READING: said})
    own = table[READING].astype(object).fillna("")
    texts = {text: joined([*first, *str(text).split(_BREAK), *last]) for text in own.unique()}
    said = pd.Categorical(own.map(texts), categories=sorted(set(texts.values())))
    return table.assign(**{READING: said})


def joined(notes: Iterable[str]) -> str:
    """Put notes into one cell: each once, a line each.

    Parameters
    ----------
    notes : iterable of str

    Returns
    -------
    str
    """
    lines = (" ".join(note.split()) for note in notes)
    return _BREAK.join(dict.fromkeys(line for line in lines if line))


def with_copies(table: pd.DataFrame, copies_in: Mapping[int, Sequence[str]]) -> pd.DataFrame:
    """Say of every run how many copies of it were left out, and in which files they were.

    Parameters
    ----------
    table : DataFrame
        Runs.
    copies_in : mapping of int to sequence of str
        The place of a run in the table to the file of each of its copies.

    Returns
    -------
    DataFrame
        With an integer column ``copies`` and a category column ``copies_in``; what is there already is added to.
    """
    counted = np.zeros(len(table), "int16")
    if not copies_in and COPIES not in table and COPIES_IN not in table:
        return table.assign(
            **{COPIES: counted, COPIES_IN: pd.Categorical.from_codes(np.zeros(len(table), "int8"), [""])}
        )
    told = np.full(len(table), "", dtype=object)
    for place, files in copies_in.items():
        counted[place], told[place] = len(files), joined(files)
    number, where = pd.Series(counted, table.index), pd.Series(told, table.index)
    if COPIES in table:
        number += pd.to_numeric(table[COPIES], errors="coerce").fillna(0).astype("int16")
    if COPIES_IN in table:
        earlier = table[COPIES_IN].astype(object).fillna("").astype(str)
        where = pd.Series([joined([*a.split(_BREAK), *b.split(_BREAK)]) for a, b in zip(earlier, where, strict=True)])
    return table.assign(**{COPIES: number, COPIES_IN: pd.Categorical(where)})


def copies_left_out(table: Any) -> int:
    """Count the copies of runs that reading left out.

    Parameters
    ----------
    table : DataFrame
        Runs, in pandas or any engine that narwhals knows.

    Returns
    -------
    int
        0 where the table does not tell.
    """
    if isinstance(table, pd.DataFrame):
        return int(pd.to_numeric(table[COPIES], errors="coerce").fillna(0).sum()) if COPIES in table else 0
    frame = nw.from_native(table).lazy()
    if COPIES not in frame.collect_schema().names():
        return 0
    return int(frame.select(nw.col(COPIES).sum()).collect().item() or 0)


def reading_notes(table: Any) -> list[Note]:
    """List what reading had to say of the rows that are there.

    Parameters
    ----------
    table : DataFrame
        Runs, or counts of runs, in pandas or any engine that narwhals knows.

    Returns
    -------
    list of Note
        Each once.
    """
    lines = dict.fromkeys(line for text in _texts(table) for line in text.split(_BREAK) if line)
    notes = [Note("reading", line) for line in lines]
    if copies := copies_left_out(table):
        where = "in a retried, edited or converted log or another row"
        once = f"count{'s' * (copies == 1)} once; the columns {COPIES!r} and {COPIES_IN!r} tell which."
        told = f"{copies} run{'s' * (copies != 1)} occurred again, {where}, and {once}"
        notes.append(Note("copies-left-out", told))
    if lost := _unreadable(table):
        told = f"Kept for what could not be read: {lost} row{'s' * (lost != 1)} of status 'unreadable'."
        notes.append(Note("unreadable", told))
    return notes


def _texts(table: Any) -> list[str]:
    if isinstance(table, pd.DataFrame):
        return [str(text) for text in table[READING].dropna().unique()] if READING in table else []
    frame = nw.from_native(table).lazy()
    if READING not in frame.collect_schema().names():
        return []
    texts = frame.select(nw.col(READING).cast(nw.String)).unique().collect()[READING].to_list()
    return sorted(str(text) for text in texts if text is not None)


def _unreadable(table: Any) -> int:
    if isinstance(table, pd.DataFrame):
        return int((table["status"] == "unreadable").sum()) if "status" in table else 0
    frame = nw.from_native(table).lazy()
    if "status" not in frame.collect_schema().names():
        return 0
    lost = frame.select((nw.col("status").cast(nw.String) == "unreadable").cast(nw.Int64).sum().alias("lost"))
    return int(lost.collect().item() or 0)
