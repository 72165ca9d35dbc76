"""CSV files as people have them: any separator, line end and encoding, loaded as text, every row accounted for."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from baserate.readers.loaded import Loaded

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = ",;\t|"
_LONGEST_CELL = 2**24
_HEAD = 100_000  # bytes that tell whether rows have a name
_SHORT = 2**14  # bytes that are read sooner than Arrow is set up
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
    data, notes = _utf8(path)
    begin = data.find(b"\n") + 1 or len(data)
    first = data[:begin].decode().rstrip("\n")
    separator = separator_of(first, path)
    header = next(csv.reader([first], delimiter=separator), [])
    _require_each_once(header)
    header, more = _with_row_names(header, data[begin : begin + _HEAD].decode("utf-8", "ignore"), separator)
    notes += [f"{path.name}: {told}" for told in more]
    names = [name or f"column_{number}" for number, name in enumerate(header, 1)]
    spare = names[-1:] if header[-1:] == [_SPARE] else []
    quoted = b'"' in data
    table = _arrow(pa.py_buffer(data).slice(begin), separator, names, quoted) if len(data) > _SHORT else None
    if table is not None:
        frame = table.drop_columns(spare).to_pandas()
        told = _swallowed(path, frame, separator) if quoted and data.count(b"\n") > len(frame) + 1 else []
        return Loaded(path, frame, notes=[*notes, *told])
    good, broken = _by_row(data[begin:].decode(), separator, len(names))
    cells = [[cell or None for cell in row] for row in good.values()]
    frame = pd.DataFrame(cells, columns=names, index=list(good), dtype=object)
    frame = frame.drop(columns=spare) if spare else frame
    told = _swallowed(path, frame, separator) if quoted else []
    return Loaded(path, frame, broken, [*notes, *told])


def _utf8(path: Path) -> tuple[bytes, list[str]]:
    """Read a file as UTF-8 without a mark, its lines ended by a line feed."""
    data = path.read_bytes()
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    notes: list[str] = []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        notes.append(f"{path.name} is not UTF-8: it was read as Windows text (cp1252).")
    if notes or encoding != "utf-8":
        data = text.encode("utf-8", "replace")
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
    if not text or text.isspace():
        raise ValueError("the file is empty")
    return data.lstrip(b"\n"), notes


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
    lines = rows.splitlines(keepends=True)[:50]
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


def _arrow(rows: pa.Buffer, separator: str, names: list[str], quoted: bool) -> pa.Table | None:
    """Parse the rows as text; None where some row has another number of cells."""
    options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    try:
        return arrow_csv.read_csv(
            rows,
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=2**24),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=quoted),
            convert_options=options,
        )
    except pa.ArrowInvalid:
        return None


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
