"""JSON as a table: lists of objects, lists under a key or one a group, lines of objects or of arrays of them."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from baserate.readers.json_text import decode
from baserate.readers.loaded import Loaded

# Keys under which a list of runs stands, the surest first; else it is the longest list of objects.
_LISTS = ("results", "runs", "samples", "records", "data", "rows", "items", "examples", "judgments", "evaluations")
_OBJECTS = re.compile(rb"^\s*\[\s*\{|:\s*\[\s*\{|^\s*\{\s*\"[^\"]*\"\s*:\s*\{\s*\"[^\"]*\"\s*:\s*\{")
GROUP = "group"
MOST_COLUMNS = 2000
_DEPTH = 4
_LONGEST_SHARED = 200
_MOST_FIELDS = 200
_HEAD, _FEW = 2**16, 50  # bytes and lines that tell the keys

Row = dict[str, Any]


def may_be_table(start: bytes) -> bool:
    """Tell from its first bytes whether a JSON file may hold a list of objects.

    Parameters
    ----------
    start : bytes

    Returns
    -------
    bool
    """
    return _OBJECTS.search(start) is not None


def load_json(path: Path) -> Loaded:
    """Load a JSON file that holds a list of objects somewhere.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Loaded

    Raises
    ------
    ValueError, OSError
        If it is no JSON, or holds no list of objects.
    """
    rows, shared = rows_of(decode(path.read_bytes()))
    if not rows:
        raise ValueError("it holds no list of objects")
    return _loaded(path, dict(enumerate(shared | row for row in rows)), {})


def load_lines(path: Path) -> Loaded:
    """Load a file with a JSON object, or an array of them, a line.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Loaded
        A line that cannot be read costs only itself.

    Raises
    ------
    ValueError, OSError
        If no line holds an object.
    """
    data = path.read_bytes()
    frame = _plain_lines(data)
    if frame is not None:
        return Loaded(path, frame)
    rows: dict[int, Row] = {}
    broken: dict[int, str] = {}
    last = -1
    for number, line in enumerate(io.BytesIO(data), 1):
        if not line.strip():
            continue
        try:
            found = decode(line)
        except ValueError as error:
            broken[number] = str(error).split("\n")[0][:160]
            continue
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict):
                last = number - 1 if number - 1 > last else last + 1
                rows[last] = one
            else:
                broken[number] = "not an object"
    if not rows:
        raise ValueError("no line of it is a JSON object")
    return _loaded(path, rows, broken)


def _plain_lines(data: bytes) -> pd.DataFrame | None:
    """Load lines of texts, numbers and truth values, a column of one type; None where they hold anything else."""
    try:
        head = [decode(line) for line in data[:_HEAD].split(b"\n")[:_FEW] if line.endswith(b"}")]
        keys = dict.fromkeys(key for row in head for key in row)
        if b"\n\n" in data or not head or len(keys) > _MOST_FIELDS:
            return None
        texts = [key for key in keys if isinstance(head[0].get(key), str)]  # else Arrow takes dates for no text
        options = arrow_json.ParseOptions(explicit_schema=pa.schema([(key, pa.string()) for key in texts]))
        blocks = arrow_json.ReadOptions(block_size=2**22)
        table = arrow_json.read_json(pa.BufferReader(data), blocks, options)
        table.validate(full=True)
        names = [*keys, *(name for name in table.column_names if name not in keys)]
    except (pa.ArrowException, ValueError, AttributeError, TypeError, RecursionError):
        return None
    if len(table) != data.count(b"\n") + (not data.endswith(b"\n")) or not all(map(_is_plain, table.columns)):
        return None
    return table.select(names).to_pandas(integer_object_nulls=True)


def _is_plain(column: pa.ChunkedArray) -> bool:
    """Tell text, truth values and whole numbers, and fractions of which none may have been written as a whole one."""
    if pa.types.is_float64(column.type):
        return not pc.any(pc.equal(column, pc.round(column))).as_py()
    return column.type in (pa.string(), pa.bool_(), pa.int64(), pa.null())


def rows_of(document: Any) -> tuple[list[Row], Row]:
    """Find the list of objects in a document, and what the document says of all of them.

    Parameters
    ----------
    document : object
        A JSON value.

    Returns
    -------
    rows : list of dict
        With ``group`` where the document holds a list a group, ``id`` where it holds an object an id.
    shared : dict
        Texts, numbers and truth values beside the list, one level down too, by their own names.
    """
    if isinstance(document, list):
        return [one for one in document if isinstance(one, dict)], {}
    if not isinstance(document, dict):
        return [], {}
    keys = sorted(
        document, key=lambda key: (_LISTS.index(key) if key in _LISTS else len(_LISTS), -_length(document[key]))
    )
    for key in keys:
        rows = _under(document[key])
        if rows:
            return rows, dict(_shared(document, apart=key))
    return _under(document), {}


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _under(value: Any) -> list[Row]:
    """List the objects of a list, of a list a group, or of an object an id."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)]
    if not isinstance(value, dict) or not value:
        return []
    if all(isinstance(part, list) and part and all(isinstance(one, dict) for one in part) for part in value.values()):
        return [{GROUP: group, **one} for group, part in value.items() for one in part]
    objects = [part for part in value.values() if isinstance(part, dict)]
    if len(objects) == len(value) > 1 and set.intersection(*map(set, objects)):
        return [{"id": name, **part} for name, part in value.items()]
    return []


def _shared(document: Row, apart: str) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        inner = value.items() if isinstance(value, dict) and key != apart else [(key, value)]
        for name, part in inner:
            short = isinstance(part, (bool, int, float)) or (isinstance(part, str) and len(part) <= _LONGEST_SHARED)
            if short and key != apart:
                yield name, part


def _loaded(path: Path, rows: dict[int, Row], broken: dict[int, str]) -> Loaded:
    """Make columns of the rows' keys; nested objects by dots, the rarest keys left out where there are far too many."""
    flat = [_flat(row) for row in rows.values()]
    often = Counter(key for row in flat for key in row)
    names = list(often)
    notes = []
    if len(names) > MOST_COLUMNS:
        kept = {name for name, _ in often.most_common(MOST_COLUMNS)}
        names = [name for name in names if name in kept]
        notes.append(f"{path.name}: {len(often):,} keys; the {MOST_COLUMNS:,} that most rows have are read.")
    columns = {name: [row.get(name) for row in flat] for name in names}
    frame = pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()})
    frame.index = pd.Index(list(rows))
    return Loaded(path, frame, broken, notes)


def _flat(row: Row) -> Row:
    if not any(isinstance(value, dict) for value in row.values()):
        return row
    return dict(_pairs(row, "", _DEPTH))


def _pairs(row: Row, before: str, depth: int) -> Iterable[tuple[str, Any]]:
    for key, value in row.items():
        if isinstance(value, dict) and value and depth:
            yield from _pairs(value, f"{before}{key}.", depth - 1)
        else:
            yield f"{before}{key}", value
