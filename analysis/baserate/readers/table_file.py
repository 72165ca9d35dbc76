"""Tables in files, loaded without interpretation: an empty cell is missing, and "none" is text."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from pyarrow import parquet

from baserate.errors import BaserateError
from baserate.readers.csv_file import first_line, load_csv, separator_of
from baserate.readers.json_table import load_json, load_lines, may_be_table
from baserate.readers.json_text import decode
from baserate.readers.loaded import Loaded

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
}
KINDS = ("csv", "jsonl", "json", "parquet", "xlsx")


def kind_of(path: Path, head: Callable[[], bytes]) -> str:
    """Name the kind of table that a file holds.

    Parameters
    ----------
    path : Path
        A file.
    head : callable
        Returns its first few thousand bytes.

    Returns
    -------
    str
        One of `KINDS`, or empty.
    """
    if head().startswith(b"PAR1"):
        return "parquet"
    kind = SUFFIXES.get(path.suffix.lower(), "")
    return "" if kind == "json" and not may_be_table(head()) else kind


def load(path: Path, kind: str) -> Loaded:
    """Load a table.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        One of `KINDS`.

    Returns
    -------
    Loaded
        Cells as text (CSV) or as stored; missing ones are None or NaN.

    Raises
    ------
    ValueError, OSError
        If the file cannot be read.
    BaserateError
        If reading it takes a package that is not installed.
    """
    return {"csv": load_csv, "jsonl": load_lines, "json": load_json, "parquet": _parquet, "xlsx": _excel}[kind](path)


def _parquet(path: Path) -> Loaded:
    frame = pd.read_parquet(path)
    named = [name for name in frame.index.names if name is not None]
    if named:  # the index is a column that someone put aside
        frame = frame.reset_index(named)
    frame = frame.reset_index(drop=True)
    frame.columns = frame.columns.map(str)
    return Loaded(path, frame)


def _excel(path: Path) -> Loaded:
    """Load the first sheet of a workbook."""
    try:
        import openpyxl  # noqa: F401  # what pandas reads workbooks with
    except ImportError:
        raise BaserateError(
            f"{path.name} is an Excel workbook; reading it takes openpyxl: pip install 'baserate[excel]'."
        ) from None
    sheets = pd.read_excel(path, sheet_name=None, dtype=object, keep_default_na=False, na_values=[""])
    name, frame = next(iter(sheets.items()))
    frame.columns = frame.columns.map(str)
    more = f" Its other sheets are not: {', '.join(list(map(str, sheets))[1:])}." if len(sheets) > 1 else ""
    return Loaded(path, frame, notes=[f"{path.name}: the sheet {name!r} is read.{more}"] if more else [])


def columns_of(path: Path, head: Callable[[], bytes]) -> list[str]:
    """List the columns of a table without loading it.

    Parameters
    ----------
    path : Path
        A file.
    head : callable
        Returns its first few thousand bytes.

    Returns
    -------
    list of str
        Empty where the file is no table, is damaged, or does not tell without being loaded.
    """
    kind = kind_of(path, head)
    first = first_line(head())
    try:
        if kind == "parquet":
            return list(map(str, parquet.read_schema(path).names))
        if kind == "jsonl":
            row = decode(first)
            row = row[0] if isinstance(row, list) and row else row
            return list(row) if isinstance(row, dict) else []
        return next(csv.reader([first], delimiter=separator_of(first, path)), []) if kind == "csv" else []
    except (ValueError, OSError, TypeError, csv.Error):
        return []
