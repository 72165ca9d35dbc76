"""Records of files that were read before, kept in Parquet beside the logs and known again by each file's stat."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
from msgspec.structs import replace
from pyarrow import parquet

from baserate._version import __version__
from baserate.errors import BaserateError
from baserate.readers.files import Paths
from baserate.readers.record import Run

FOLDER = ".baserate-cache"
_FLUSH_BYTES = 64 * 2**20  # of records: a part of the cache, written at once, so that a kill loses no more
_MOST_PARTS = 16
_SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("size", pa.int64()),
        ("changed", pa.int64()),
        ("key", pa.string()),
        ("records", pa.binary()),
    ]
)


class FileRead(NamedTuple):
    """What one file gave.

    Attributes
    ----------
    runs : list of Run
    notes : list of str
        On the file.
    left : mapping of str to int
        Runs that are not among them, by cause.
    """

    runs: list[Run]
    notes: list[str]
    left: Mapping[str, int] = {}


class RecordCache:
    """Records by file, on the disk.

    Parameters
    ----------
    folder : Path
        Where the Parquet files lie; made where it is not there.
    key : str
        What the records depend on besides the file: the format, and the fields that the user named.

    Raises
    ------
    BaserateError
        If the folder cannot be made.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, f"{__version__} {key}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BaserateError(f"The cache {str(folder)!r} cannot be made: {error.strerror}. Name another.") from None
        self._known = self._load()
        self._new: list[tuple[str, int, int, str, bytes]] = []
        self._bytes = 0

    def _load(self) -> dict[str, tuple[int, int, str, bytes]]:
        """Read all parts; a later part's row of a file counts, and a damaged part is as if it were not there."""
        known: dict[str, tuple[int, int, str, bytes]] = {}
        for part in sorted(self.folder.glob("part-*.parquet"), key=lambda p: p.stat().st_mtime_ns):
            try:
                table = parquet.read_table(part, schema=_SCHEMA)
            except (OSError, ValueError, pa.ArrowException):
                continue
            for row in table.to_pylist():
                known[row["path"]] = (row["size"], row["changed"], row["key"], row["records"])
        return known

    def get(self, path: Path) -> FileRead | None:
        """Return what a file gave when it was read before.

        Parameters
        ----------
        path : Path

        Returns
        -------
        FileRead or None
            None where the file is new, or was changed.
        """
        stat = _stat(path)
        found = self._known.get(str(path.absolute()))
        if found is None or stat is None or found[:3] != (*stat, self.key):
            return None
        try:
            read = msgspec.msgpack.decode(found[3], type=FileRead)
        except msgspec.MsgspecError:
            return None
        return read._replace(runs=[replace(run, slots=tuple(map(_hashable, run.slots))) for run in read.runs])

    def put(self, path: Path, read: FileRead) -> None:
        """Keep what a file gave; records that cannot be kept are read again next time.

        Parameters
        ----------
        path : Path
        read : FileRead
        """
        stat = _stat(path)
        if stat is None:
            return
        try:
            records = msgspec.msgpack.encode(read)
        except (TypeError, ValueError, OverflowError, UnicodeEncodeError):  # such as a number of 30 digits
            return
        self._new.append((str(path.absolute()), *stat, self.key, records))
        self._bytes += len(records)
        if self._bytes >= _FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is new to a part of its own, whole or not at all."""
        if self._new:
            self._write(self._new)
            self._new, self._bytes = [], 0
        parts = list(self.folder.glob("part-*.parquet"))
        if len(parts) > _MOST_PARTS:
            self._write((path, *row) for path, row in self._load().items())
            for part in parts:
                part.unlink(missing_ok=True)

    def _write(self, rows: Iterable[tuple[str, int, int, str, bytes]]) -> None:
        table = pa.table(dict(zip(_SCHEMA.names, zip(*rows, strict=True), strict=True)), schema=_SCHEMA)
        name = f"part-{uuid.uuid4().hex}.parquet"
        try:
            parquet.write_table(table, self.folder / f".{name}", compression="zstd")
            os.replace(self.folder / f".{name}", self.folder / name)
        except OSError as error:
            raise BaserateError(
                f"The cache {str(self.folder)!r} cannot be written: {error.strerror or error}. Name another, or none."
            ) from None


def _hashable(slot: object) -> object:
    return tuple(slot) if isinstance(slot, list) else slot


def cache_folder(cache: bool | str | os.PathLike[str], logs: Paths) -> Path | None:
    """Name the folder of the cache.

    Parameters
    ----------
    cache : bool or path
        True for a folder beside the logs.
    logs : path or sequence of paths

    Returns
    -------
    Path or None
        None for no cache.
    """
    if not cache:
        return None
    if cache is True:
        first = Path(logs if isinstance(logs, (str, os.PathLike)) else next(iter(logs), "."))
        return (first if first.is_dir() else first.parent) / FOLDER
    return Path(cache)


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_size, max(about.st_mtime_ns, about.st_ctime_ns)
