"""Compressed files and archives, unpacked to a scratch folder for the time of a read, within stated bounds."""

from __future__ import annotations

import gzip
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from baserate.readers.inspect_log import DAMAGE
from baserate.readers.logs import why_unreadable

if sys.version_info >= (3, 14):
    import zipfile

    from compression import zstd
else:
    from backports import zstd
    from backports.zstd import zipfile

_ENDINGS = (".gz", ".zst", ".zip")
_MOST_MEMBERS = 100_000
_DEPTH = 3  # archives in archives
_TEXTS = ("source", "run_id", "copies_in", "status_reason", "reading")
_BLOCK = 2**20


@dataclass
class Unpacked:
    """Files as they are to be read, and what they are called.

    Attributes
    ----------
    files : list of Path
    names : dict
        The scratch path of an unpacked file to the name that is shown: ``logs.zip::a.csv``.
    lost : dict
        Archives and members that cannot be unpacked, to what is wrong with them.
    """

    files: list[Path] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    lost: dict[Path, str] = field(default_factory=dict)


def unpack(files: Sequence[Path], scratch: Path, max_bytes: int) -> Unpacked:
    """Unpack what is compressed.

    Parameters
    ----------
    files : sequence of Path
    scratch : Path
        A folder that nothing else uses.
    max_bytes : int
        What one file, or all members of one archive, may expand to.

    Returns
    -------
    Unpacked
        Other files as they are; an Inspect log, which is a zip archive itself, is not unpacked.
    """
    told = Unpacked()
    for path in files:
        _take(path, scratch, max_bytes, told, _DEPTH)
    return told


def _take(path: Path, scratch: Path, max_bytes: int, told: Unpacked, depth: int) -> None:
    ending = path.suffix.lower()
    if ending not in _ENDINGS or not depth:
        told.files.append(path)
        return
    place = scratch / str(len(told.names) + len(told.lost))
    try:
        members = list(_members(path, ending, place, max_bytes))
    except DAMAGE as error:
        told.lost[path] = why_unreadable(error)
        return
    for member, file in members:
        above = told.names.get(str(path), str(path))
        if file == path:
            told.files.append(path)
            continue
        told.names[str(file)] = f"{above}::{member}"
        _take(file, scratch, max_bytes, told, depth - 1)


def _members(path: Path, ending: str, place: Path, max_bytes: int) -> Iterator[tuple[str, Path]]:
    if ending != ".zip":
        name = path.name[: -len(ending)]
        file = place / path.parent.name / name
        with gzip.open(path) if ending == ".gz" else zstd.open(path) as source:
            _copy(source, file, max_bytes)
        yield name, file
        return
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and _is_wanted(entry.filename)]
        if any(entry.filename in ("header.json", "_journal/start.json") for entry in entries):
            yield "", path
            return
        size = sum(entry.file_size for entry in entries)
        if size > max_bytes or len(entries) > _MOST_MEMBERS:
            raise ValueError(
                f"it would expand to {len(entries):,} files of {size:,} bytes; max_bytes= allows {max_bytes:,}"
            )
        for number, entry in enumerate(entries):
            parts = [part for part in PurePosixPath(entry.filename.replace("\\", "/")).parts if part not in ("..", "/")]
            file = place.joinpath(str(number), path.stem, *parts)
            with archive.open(entry) as source:
                _copy(source, file, max_bytes)
            yield entry.filename, file


def _is_wanted(name: str) -> bool:
    return not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _copy(source: Any, file: Path, max_bytes: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with file.open("wb") as target:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > max_bytes:
                target.close()
                shutil.rmtree(file.parent, ignore_errors=True)
                raise ValueError(f"it expands to more than the {max_bytes:,} bytes that max_bytes= allows")
            target.write(block)


def with_names(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Write in a table what unpacked files are called, in place of where they lay.

    Parameters
    ----------
    table : DataFrame
    names : dict
        As of `Unpacked`.

    Returns
    -------
    DataFrame
    """
    if not names:
        return table
    shown = {
        column: table[column].map(lambda text: _renamed(text, names), na_action="ignore")
        for column in _TEXTS
        if column in table
    }
    return table.assign(**{c: v.astype("category") if c in ("copies_in", "reading") else v for c, v in shown.items()})


def _renamed(text: object, names: dict[str, str]) -> object:
    if not isinstance(text, str):
        return text
    file, mark, rest = text.partition("::")
    if file in names:
        return f"{names[file]}{mark}{rest}"
    for place, name in names.items() if "/" in text else ():
        text = text.replace(place, name)
    return text
