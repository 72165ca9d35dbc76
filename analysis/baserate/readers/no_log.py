"""Files that stand for logs and are none: Git LFS pointers, the listing of an Inspect bundle, promptfoo's CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from baserate.account import Account
from baserate.readers.logs import to_table
from baserate.readers.record import unreadable
from baserate.readers.record_cache import FileRead
from baserate.readers.request import Request
from baserate.reading import Reading

POINTER = b"version https://git-lfs"
WHY_POINTER = "it is a Git LFS pointer, not the file: run git lfs pull"


def is_pointer(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell a Git LFS pointer, three lines of text in place of the file, by how it begins."""
    return head().startswith(POINTER)


def read_pointers(paths: Sequence[Path], request: Request) -> Reading:
    """Make a row for each pointer: the file that it stands for could not be read."""
    return to_table(FileRead([unreadable(str(path), WHY_POINTER) for path in paths], []), request)


def read_sheets(paths: Sequence[Path], request: Request) -> Reading:
    """Make a row for each CSV of promptfoo: it has no ids, and no errors apart from failed assertions."""
    reason = (
        "it is promptfoo's CSV, which tells neither runs nor errors apart: export JSON (promptfoo export eval <id>)"
    )
    return to_table(FileRead([unreadable(str(path), reason) for path in paths], []), request)


def is_listing(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell the listing ``logs.json`` of an Inspect bundle: headers by the name of their log, no samples."""
    if path.name not in ("logs.json", "listing.json"):
        return False
    start = head().lstrip()
    return start.startswith(b"{") and (b".eval" in start or b'.json"' in start) and b'"eval"' in start


def read_listing(paths: Sequence[Path], request: Request) -> Reading:
    """Read nothing: what is listed is read where it lies."""
    notes = [f"{path.name} is the listing of an Inspect bundle: it holds no runs." for path in paths]
    return Reading(pd.DataFrame(), notes, Account())
