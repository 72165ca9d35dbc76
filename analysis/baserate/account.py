"""Where every file and every run of a read went: found = read + left out, seen = rows + copies + left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import narwhals as nw
import pandas as pd

ACCOUNT = "account"  # the column that holds it: a category, JSON, the same in all rows of one read


@dataclass(frozen=True)
class Account:
    """What a read found, and what became of it.

    Attributes
    ----------
    files_read : int
        Files whose runs, or whose failure, are in the table.
    files_left : mapping of str to int
        Files that were not read, by cause.
    seen : int
        Runs that the files hold; a file or part that could not be read counts as one.
    copies : int
        Runs that were seen again.
    left : mapping of str to int
        Runs, or rows of files, that are not in the table, by cause.
    inferred : int
        Rows of the table that no file stands for.
    rows : int
        Rows of the table as read.
    """

    files_read: int = 0
    files_left: Mapping[str, int] = field(default_factory=dict)
    seen: int = 0
    copies: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    inferred: int = 0
    rows: int = 0

    @property
    def files_found(self) -> int:
        """All files that were looked at."""
        return self.files_read + sum(self.files_left.values())

    @property
    def balances(self) -> bool:
        """Whether each run that was seen is a row, a copy of one, or left out with a cause."""
        return self.seen + self.inferred == self.rows + self.copies + sum(self.left.values())

    def __add__(self, other: Account) -> Account:
        """Add up what two reads found."""
        left = dict(Counter(self.left) + Counter(other.left))
        files = dict(Counter(self.files_left) + Counter(other.files_left))
        numbers = ("files_read", "seen", "copies", "inferred", "rows")
        sums = {name: getattr(self, name) + getattr(other, name) for name in numbers}
        return Account(**sums, left=left, files_left=files)

    def table(self) -> pd.DataFrame:
        """Return the account as a table for people: ``what`` and ``number``."""
        lines = [("files found", self.files_found), ("files read", self.files_read)]
        lines += [(f"files left out: {cause}", number) for cause, number in sorted(self.files_left.items())]
        lines += [("runs seen", self.seen), ("rows", self.rows), ("copies, counted once", self.copies)]
        lines += [(f"left out: {cause}", number) for cause, number in sorted(self.left.items())]
        lines += [("inferred: no file was written", self.inferred)] if self.inferred else []
        return pd.DataFrame(lines, columns=["what", "number"])

    def to_json(self) -> str:
        """Return the account as JSON on one line."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


def with_account(table: pd.DataFrame, account: Account) -> pd.DataFrame:
    """Put the account of a read beside each of its rows, where it stays through filters, concat, files and engines.

    Parameters
    ----------
    table : DataFrame
    account : Account

    Returns
    -------
    DataFrame
        With a category column ``account``.
    """
    return table.assign(**{ACCOUNT: pd.Categorical.from_codes([0] * len(table), categories=[account.to_json()])})


def account_of(table: Any) -> Account | None:
    """Add up the accounts of the reads that a table is of.

    Parameters
    ----------
    table : DataFrame
        Runs, in pandas or any engine that narwhals knows.

    Returns
    -------
    Account or None
        None where the table does not tell.
    """
    found = None
    for text in sorted(_texts(table)):
        account = from_json(text)
        if account is not None:
            found = account if found is None else found + account
    return found


def from_json(text: str) -> Account | None:
    """Read an account back.

    Parameters
    ----------
    text : str
        What `Account.to_json` wrote.

    Returns
    -------
    Account or None
        None where it is something else.
    """
    try:
        told = json.loads(text)
        return Account(**told) if isinstance(told, dict) else None
    except (ValueError, TypeError, RecursionError):
        return None


def _texts(table: Any) -> Iterable[str]:
    if isinstance(table, pd.DataFrame):
        return {str(text) for text in table[ACCOUNT].dropna().unique()} if ACCOUNT in table else ()
    try:
        frame = nw.from_native(table).lazy()
    except TypeError:
        return ()
    if ACCOUNT not in frame.collect_schema().names():
        return ()
    texts = frame.select(nw.col(ACCOUNT).cast(nw.String)).unique().collect()[ACCOUNT].to_list()
    return {str(text) for text in texts if text is not None}
