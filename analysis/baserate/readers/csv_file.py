"""CSV files as people have them: any separator, line end and encoding, loaded as text, every row accounted for."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from baserate.readers.loaded import Loaded

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = ",;\t|"
_LONGEST_CELL = 2**24
_HEAD = 10_000  # cells that tell whether a column has few levels
_FEW = 1000
_SHORT = 2**14  # characters that are read sooner than Arrow is set up
_ROW_NAMES = "row_name"
_SPARE = ""  # what stands behind a comma at the end of each row


def load_csv(path: Path) -> Loaded:
    """Load a CSV file.

    Parameters
    ----------
    path : Path
        Comma, semicolon, tab or bar between the cells; UTF-8, UTF-16 with a mark, or Windows' Latin-1.

    Returns
    -------
    Loaded
        Cells as text, None where empty.

    Raises
    ------
    ValueError, OSError
        If it has no header, names a column twice, or cannot be read.
    """
    text, notes = _text(path)
    first = text[: text.index("\n")] if "\n" in text else text
    separator = separator_of(first, path)
    header = next(csv.reader([first], delimiter=separator), [])
    _require_each_once(header)
    start = text[len(first) + 1 :]
    header, more = _with_row_names(header, start, separator)
    notes += [f"{path.name}: {told}" for told in more]
    names = [name or f"column_{number}" for number, name in enumerate(header, 1)]
    spare = names[-1:] if header[-1:] == [_SPARE] else []
    table = _arrow(start, separator, names) if len(start) > _SHORT else None
    if table is not None:
        frame = pd.DataFrame({name: _objects(table.column(name)) for name in names if name not in spare})
        told = _swallowed(path, frame, separator) if _has_line_breaks(table) else []
        return Loaded(path, frame, notes=[*notes, *told])
    rows, broken = _by_row(start, separator, len(names))
    cells = [[cell or None for cell in row] for row in rows.values()]
    frame = pd.DataFrame(cells, columns=names, index=list(rows), dtype=object)
    frame = frame.drop(columns=spare) if spare else frame
    told = _swallowed(path, frame, separator) if '"' in start else []
    return Loaded(path, frame, broken, [*notes, *told])


def _text(path: Path) -> tuple[str, list[str]]:
    data = path.read_bytes()
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    notes = []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        notes.append(f"{path.name} is not UTF-8: it was read as Windows text (cp1252).")
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if not text.strip():
        raise ValueError("the file is empty")
    return text.lstrip("\n"), notes


def first_line(start: bytes) -> str:
    """Decode the first line of a file from its first bytes.

    Parameters
    ----------
    start : bytes

    Returns
    -------
    str
    """
    encoding = next((name for mark, name in _BOMS if start.startswith(mark)), "utf-8")
    return next(iter(start.decode(encoding, "replace").lstrip("\r\n").splitlines()), "").strip()


def separator_of(first_line: str, path: Path) -> str:
    """Find what stands between the cells of a header.

    Parameters
    ----------
    first_line : str
    path : Path
        A ``.tsv`` has tabs.

    Returns
    -------
    str
    """
    if ".tsv" in path.suffixes:
        return "\t"
    outside = "".join(first_line.split('"')[::2])  # what is not within quotes
    return max(_SEPARATORS, key=lambda sign: (outside.count(sign), -_SEPARATORS.index(sign)))


def _with_row_names(header: list[str], rows: str, separator: str) -> tuple[list[str], list[str]]:
    """Find what the cell is that each row has more than the header: R's row name before it, or a comma after it."""
    lines = rows[:100_000].splitlines(keepends=True)[:50]
    try:
        first = [cells for cells in csv.reader(lines, delimiter=separator) if cells]
    except csv.Error:
        return header, []
    if not first or any(len(cells) != len(header) + 1 for cells in first):
        return header, []
    if not any(cells[-1] for cells in first):
        return [*header, _SPARE], []
    if len({cells[0] for cells in first}) < len(first):
        return header, []
    told = "the rows have one cell more than the header, so the first is taken as a row name, as R writes it."
    return [_ROW_NAMES, *header], [told]


def _require_each_once(names: list[str]) -> None:
    """Raise where a header names a column twice."""
    twice = sorted({name for name in names if name and names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise ValueError(f"its header names {', '.join(map(repr, twice))} twice; rename or drop one of each")


def _arrow(text: str, separator: str, names: list[str]) -> pa.Table | None:
    """Parse the rows as text; None where some row has another number of cells."""
    if not text.strip("\n"):
        return pa.table({name: pa.array([], pa.string()) for name in names})
    options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    try:
        return arrow_csv.read_csv(
            io.BytesIO(text.encode("utf-8", "replace")),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=2**24),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values='"' in text),
            convert_options=options,
        )
    except pa.ArrowInvalid:
        return None


def _objects(column: pa.ChunkedArray) -> pd.Series:
    """Make Python text of each cell, that of a few levels only once each."""
    coded = column.slice(0, _HEAD).dictionary_encode().combine_chunks() if len(column) > _HEAD else None
    if coded is None or len(coded.dictionary) > _FEW:
        return pd.Series(column.to_numpy(), dtype=object)
    whole = column.dictionary_encode().combine_chunks()
    levels = np.array([*whole.dictionary.to_pylist(), None], dtype=object)
    return pd.Series(levels[pc.fill_null(whole.indices, len(levels) - 1).to_numpy(zero_copy_only=False)], dtype=object)


def _has_line_breaks(table: pa.Table) -> bool:
    return any(pc.any(pc.match_substring(column, "\n")).as_py() for column in table.columns)


def _by_row(text: str, separator: str, width: int) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Parse row after row: short ones are filled, and what a longer one means nobody knows."""
    rows: dict[int, list[str]] = {}
    broken: dict[int, str] = {}
    for number, cells in enumerate(_cells(text, separator)):
        if len(cells) > width:
            broken[number + 2] = f"it has {len(cells)} cells, the header {width}"
        elif cells:
            rows[number] = cells + [""] * (width - len(cells))
    return rows, broken


def _cells(text: str, separator: str) -> Iterator[list[str]]:
    before = csv.field_size_limit(min(_LONGEST_CELL, sys.maxsize))
    try:
        yield from csv.reader(io.StringIO(text.replace("\0", "")), delimiter=separator)
    except csv.Error as error:
        raise ValueError(f"it is no CSV: {error}") from None
    finally:
        csv.field_size_limit(before)


def _swallowed(path: Path, frame: pd.DataFrame, separator: str) -> list[str]:
    """Tell of a cell that holds whole rows, as a stray quote makes one."""
    wanted = len(frame.columns) - 1
    for name in frame.columns if wanted else ():
        column = frame[name].dropna()
        for row, cell in column[column.str.contains("\n", regex=False)].items():
            lines = [line for line in str(cell).split("\n")[1:-1] if line.count(separator) == wanted]
            if lines:
                return [
                    f"{path.name}, row {int(str(row)) + 1}: a cell of {name!r} holds {len(lines)} lines with as many "
                    "cells as a row. If a stray quote swallowed them, these runs are lost: look at the file."
                ]
    return []
