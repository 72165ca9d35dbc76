"""From a path to files by format: what is read, what lies beside it, what is left out with which cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from baserate.errors import BaserateError
from baserate.readers.files import Alike, Paths, count_kinds, expand, sort_out, without_copies
from baserate.readers.format_list import READERS, Reader
from baserate.readers.lookup import PATH_PARTS
from baserate.readers.record import count_of
from baserate.readers.request import Request
from baserate.readers.rows import read_rows
from baserate.readers.table_file import KINDS
from baserate.readers.unpack import unpack


@dataclass
class Sorted:
    """Files by format, and what became of the others.

    Attributes
    ----------
    found : list of (Reader, list of Path)
    left : Counter
        Files that are not read, by cause.
    lost : dict
        Folders and files that cannot be read, to what is wrong with them.
    notes : list of str
    names : dict
        What files that were unpacked are called, by where they lie.
    """

    found: list[tuple[Reader, list[Path]]]
    left: Counter[str] = field(default_factory=Counter)
    lost: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def find(path: Paths, format: str | None, request: Request, scratch: Path) -> Sorted:
    """Sort the files under a path by format.

    Parameters
    ----------
    path : path or sequence of paths
    format : str, optional
        The format that is wanted.
    request : Request
        The options of `read`.
    scratch : Path
        A folder for what is unpacked.

    Returns
    -------
    Sorted

    Raises
    ------
    BaserateError
        If a file that was named is of no known format, or no file is.
    """
    listed = expand(path)
    unpacked = unpack(listed.files, scratch, request.max_bytes)
    files = unpacked.files
    told = Sorted([], Counter(listed.left), listed.lost | unpacked.lost, names=unpacked.names)
    by_name = {reader.name: reader for reader in READERS}
    usable = [reader for reader in READERS if format in (None, reader.name) or reader.always]
    sorted_out, skipped = sort_out(files, [(reader.name, reader.recognize) for reader in usable])
    if format is not None and listed.named:
        sorted_out.setdefault(format, []).extend(skipped)
        skipped = []
    told.found = [(by_name[name], paths) for name, paths in sorted_out.items()]
    if not set(request.columns) & set(PATH_PARTS):
        _leave_copies_of_tables(told)
    skipped = _not_along(skipped, told)
    if (skipped and listed.named) or not (told.found or told.lost):
        first = skipped[0] if skipped else files[0] if files else path
        raise BaserateError(
            f"{str(first)!r} is no log or table that is known here ({count_kinds(files)} looked at). Known are "
            f"{', '.join(reader.name for reader in READERS if not reader.always)}; name one with format=."
        )
    if skipped:
        told.left["no log or table"] = len(skipped)
        told.notes.append(f"Not read, because no log: {count_of(len(skipped), 'file')} ({count_kinds(skipped)}).")
    told.found = tables_together(told.found)
    if not listed.named:
        _leave_tables_beside_logs(told)
    return told


def _not_along(files: list[Path], told: Sorted) -> list[Path]:
    """Leave out files that belong to logs which are read."""
    rest = [file for file in files if not any(reader.along(file) for reader, _ in told.found)]
    if len(rest) < len(files):
        told.left["read along with the logs"] += len(files) - len(rest)
    return rest


def _leave_copies_of_tables(told: Sorted) -> None:
    """Read a table once that lies there twice, byte for byte; logs tell copies of their runs themselves."""
    for i, (reader, paths) in enumerate(told.found):
        if reader.is_log or reader.always:
            continue
        alike = without_copies(paths)
        told.found[i] = (reader, alike.kept)
        if alike.copies:
            told.left["byte for byte a copy of another file"] += len(alike.copies)
        if alike.copies or alike.same:
            told.notes += _notes_on_copies(alike)


def _notes_on_copies(alike: Alike) -> Iterator[str]:
    """Say which tables hold the same bytes, and what was made of it."""
    for found, what in ((alike.copies, "read once"), (alike.same, "both are read; leave it out if it is a copy")):
        if found:
            copy, first = next(iter(found.items()))
            more = f", and {len(found) - 1} more such files" if len(found) > 1 else ""
            version = " If each file is a version of its own, say so: columns={'file': 'version'}."
            yield f"{copy.name} is byte for byte the same as {first}{more}: {what}.{version}"


def _leave_tables_beside_logs(told: Sorted) -> None:
    """Leave out tables that lie beside logs in a folder: they are what someone made of the logs."""
    if not any(reader.is_log for reader, _ in told.found):
        return
    beside = [file for reader, paths in told.found if not (reader.is_log or reader.always) for file in paths]
    told.found = [(reader, paths) for reader, paths in told.found if reader.is_log or reader.always]
    beside = _not_along(beside, told)
    if beside:
        told.left["table beside logs"] = len(beside)
        told.notes.append(
            f"{count_of(len(beside), 'table')} beside the logs left out, such as {beside[0].name}: name it."
        )


def tables_together(found: list[tuple[Reader, list[Path]]]) -> list[tuple[Reader, list[Path]]]:
    """Put the files of all kinds of table under one reader, so that one rule says what may be stacked.

    Parameters
    ----------
    found : list of (Reader, list of Path)

    Returns
    -------
    list of (Reader, list of Path)
    """
    tables = [(reader, paths) for reader, paths in found if reader.name in KINDS]
    if len(tables) < 2:
        return found
    paths = [path for _, some in tables for path in some]
    return [
        *(one for one in found if one[0].name not in KINDS),
        (Reader("tables", tables[0][0].recognize, read_rows), paths),
    ]


def kinds_of(found: Sequence[tuple[Reader, Sequence[Path]]]) -> set[str]:
    """Tell which kinds of table the files make: runs or counts.

    Parameters
    ----------
    found : sequence of (Reader, sequence of Path)

    Returns
    -------
    set of str
    """
    return {"counts" if reader.name == "counts" else "runs" for reader, _ in found if not reader.always}
