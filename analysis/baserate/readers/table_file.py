"""Tables in files, loaded without interpretation: an empty cell is missing, and "none" is text."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import parquet

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


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
        ``"csv"``, ``"jsonl"``, ``"parquet"``, or empty.
    """
    if head().startswith(b"PAR1"):
        return "parquet"
    return SUFFIXES.get(path.suffix.lower(), "")


def load(path: Path, kind: str) -> tuple[pd.DataFrame, dict[int, str]]:
    """Load a table.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        ``"csv"``, ``"jsonl"`` or ``"parquet"``.

    Returns
    -------
    table : DataFrame
        Cells as text (CSV) or as stored; missing ones are None or NaN. The index counts rows, or lines, from 0.
    broken : dict
        Line number to what is wrong with it, for the lines of a JSONL file that cannot be read.

    Raises
    ------
    ValueError, OSError
        If the file cannot be read.
    """
    if kind == "parquet":
        return pd.read_parquet(path), {}
    if kind == "jsonl":
        return _load_jsonl(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
    separator = _separator(header, path)
    _require_each_once(next(csv.reader([header], delimiter=separator), []))
    table = pd.read_csv(
        path,
        sep=separator,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8-sig",
        index_col=False,  # else rows longer than the header would shift all columns
        on_bad_lines="error",
    )
    return table.astype(object).where(table.notna(), None), {}


def _require_each_once(names: list[str]) -> None:
    """Raise where a header names a column twice: pandas would rename the second."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ValueError(f"its header names {', '.join(map(repr, twice))} twice; rename or drop one of each")


def _separator(first_line: str, path: Path) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    try:
        return csv.Sniffer().sniff(first_line, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def _load_jsonl(path: Path) -> tuple[pd.DataFrame, dict[int, str]]:
    rows: dict[int, dict[str, Any]] = {}
    broken: dict[int, str] = {}
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            broken[number] = str(error)
            continue
        if isinstance(row, dict):
            rows[number] = row
        else:
            broken[number] = "not an object"
    if not rows:
        raise ValueError("no line of it is a JSON object")
    return pd.DataFrame(list(rows.values()), index=[number - 1 for number in rows], dtype=object), broken


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, line


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
        Empty where the file is no table, or is damaged.
    """
    kind = kind_of(path, head)
    first = head().decode("utf-8-sig", "replace").split("\n", 1)[0].strip()
    try:
        if kind == "parquet":
            return list(map(str, parquet.read_schema(path).names))
        if kind == "jsonl":
            return list(json.loads(first))
        return next(csv.reader([first], delimiter=_separator(first, path)), []) if kind else []
    except (ValueError, OSError, TypeError):
        return []
