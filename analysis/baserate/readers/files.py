"""Which files under a path are logs, and of which format; what is left out, and why."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from os import PathLike
from pathlib import Path

from baserate.errors import BaserateError

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]
Recognize = Callable[[Path, Callable[[], bytes]], bool]
_HEAD = 8192
_COPY = re.compile(
    r"[ _.-]*(\(\d+\)|\b(copy|copies|backup|bak|orig|original|latest|old)\d*\b)|[_.-](copy|backup|bak|old|latest)"
)


@dataclass
class Found:
    """The files that a path, or several, stand for.

    Attributes
    ----------
    files : list of Path
        Each once, whatever names it has, those of a folder in the order of their names.
    named : bool
        Whether files were named one by one, so that each is meant to be a log.
    left : Counter
        Files that are not looked at, by cause.
    lost : dict
        Folders that cannot be read, to what is wrong with them.
    """

    files: list[Path] = field(default_factory=list)
    named: bool = False
    left: Counter[str] = field(default_factory=Counter)
    lost: dict[Path, str] = field(default_factory=dict)


def expand(given: Paths) -> Found:
    """List the files that a path, or several, stand for.

    Parameters
    ----------
    given : path or sequence of paths
        Files and folders; folders are walked, links followed, hidden files left out.

    Returns
    -------
    Found

    Raises
    ------
    BaserateError
        If a path does not exist, cannot be read or is no file, or a folder is empty.
    """
    paths = [_path(one) for one in ([given] if isinstance(given, (str, PathLike)) else _listed(given))]
    if not paths:
        raise BaserateError("No path was given. Name a log, or a folder of logs.")
    found = Found(named=all(not path.is_dir() for path in paths))
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if not path.is_dir():
            _add(path, found, seen)
            continue
        before = len(found.files) + found.left.total() + len(found.lost)
        for file in _walk(str(path), found, set()):
            _add(file, found, seen)
        if len(found.files) + found.left.total() + len(found.lost) == before:
            raise BaserateError(f"The folder {str(path)!r} is empty. Name the folder that holds the logs.")
    return found


def _listed(given: object) -> list[str | PathLike[str]]:
    if isinstance(given, Sequence) and all(isinstance(one, (str, PathLike)) for one in given):
        return list(given)
    raise BaserateError(f"A path, or a list of paths, is needed; got {type(given).__name__}: {given!r:.80}.")


def _path(given: str | PathLike[str]) -> Path:
    if not os.fspath(given):
        raise BaserateError("The path is empty. Name a log, or a folder of logs; '.' is this folder.")
    try:
        path = Path(given).expanduser()
        there = path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise BaserateError(f"The path {os.fspath(given)[:80]!r} cannot be used: {error}. Check the path.") from None
    if not there:
        raise BaserateError(f"There is no file or folder {str(path)!r} (looked from {Path.cwd()}). Check the path.")
    if not (path.is_dir() or path.is_file()):
        raise BaserateError(f"{str(path)!r} is neither a file nor a folder, but a pipe or a device. Name a file.")
    if path.is_file() and not os.access(path, os.R_OK):
        raise BaserateError(f"{str(path)!r} cannot be read: permission denied.")
    return path


def _walk(folder: str, found: Found, above: set[tuple[int, int]]) -> Iterator[Path]:
    """Yield the files of a folder and those below; a link that leads back to a folder above is not followed."""
    try:
        about = os.stat(folder)
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        found.lost[Path(folder)] = f"the folder cannot be read: {error.strerror}"
        return
    here = (about.st_dev, about.st_ino)
    if here in above:
        found.left["link that leads back to a folder above"] += 1
        return
    folders = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            folders.append(entry.path)
        elif entry.is_file():
            yield Path(entry.path)
        else:
            found.left["broken link, pipe or device"] += 1
    above = above | {here}
    for below in folders:
        yield from _walk(below, found, above)


def _add(path: Path, found: Found, seen: set[tuple[int, int]]) -> None:
    """Take a file once, by whatever names and links it is reached."""
    try:
        about = path.stat()
    except OSError as error:
        found.lost[path] = f"it cannot be read: {error.strerror}"
        return
    if not stat.S_ISREG(about.st_mode):
        found.left["broken link, pipe or device"] += 1
    elif (about.st_dev, about.st_ino) in seen:
        found.left["another name of a file that is read"] += 1
    else:
        seen.add((about.st_dev, about.st_ino))
        found.files.append(path)


@dataclass(frozen=True)
class Alike:
    """Files that hold the same bytes.

    Attributes
    ----------
    kept : list of Path
        Files to read, in their order.
    copies : dict
        Each file left out as a copy, to the one that is kept: its name is the same, but for words such as "backup".
    same : dict
        Each file that holds the same bytes under a name of its own, to the first of these: it is read.
    """

    kept: list[Path]
    copies: dict[Path, Path]
    same: dict[Path, Path]


def without_copies(files: Sequence[Path]) -> Alike:
    """Leave out copies of files, as a backup holds them.

    Parameters
    ----------
    files : sequence of Path

    Returns
    -------
    Alike
        Files of different names may hold the same bytes by chance, as ten thousand of one row each do.
    """
    sizes = Counter(map(_size, files))
    first: dict[tuple[int, bytes], Path] = {}
    named: dict[tuple[int, bytes, str], Path] = {}
    copies: dict[Path, Path] = {}
    same: dict[Path, Path] = {}
    for path in files:
        size = _size(path)
        if sizes[size] < 2 or size <= 0:
            continue
        content = (size, _digest(path))
        name = (*content, _COPY.sub("", path.name.lower()))
        if named.setdefault(name, path) != path:
            copies[path] = named[name]
        elif first.setdefault(content, path) != path:
            same[path] = first[content]
    return Alike([path for path in files if path not in copies], copies, same)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").digest()
    except OSError:
        return str(path).encode("utf-8", "surrogateescape")


def sort_out(
    files: Sequence[Path], recognizers: Sequence[tuple[str, Recognize]]
) -> tuple[dict[str, list[Path]], list[Path]]:
    """Give each file to the first format that recognizes it.

    Parameters
    ----------
    files : sequence of Path
        The files.
    recognizers : sequence of (str, callable)
        Name and recognizer of each format.

    Returns
    -------
    found : dict
        Format to its files.
    skipped : list of Path
        Files of no format.
    """
    found: dict[str, list[Path]] = defaultdict(list)
    skipped = []
    for path in files:
        head = cache(partial(first_bytes, path))
        name = next((name for name, recognize in recognizers if recognize(path, head)), None)
        if name is None:
            skipped.append(path)
        else:
            found[name].append(path)
    return dict(found), skipped


def first_bytes(path: Path) -> bytes:
    """Read the beginning of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bytes
        Empty where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def count_kinds(paths: Sequence[Path]) -> str:
    """Count files by their ending, for a note.

    Parameters
    ----------
    paths : sequence of Path
        The files.

    Returns
    -------
    str
        Such as ``"3 .md, 1 .txt"``.
    """
    kinds = Counter(path.suffix or "no ending" for path in paths)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(4))
