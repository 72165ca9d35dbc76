"""Which files under a path are logs, and of which format."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from os import PathLike
from pathlib import Path

from baserate.errors import BaserateError

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]
Recognize = Callable[[Path, Callable[[], bytes]], bool]
_HEAD = 8192


def expand(given: Paths) -> tuple[list[Path], bool]:
    """List the files that a path, or several, stand for.

    Parameters
    ----------
    given : path or sequence of paths
        Files and folders; folders are walked, hidden files left out.

    Returns
    -------
    files : list of Path
        Each once, those of a folder in the order of their names.
    named : bool
        Whether files were named one by one, so that each is meant to be a log.

    Raises
    ------
    BaserateError
        If a path does not exist, or a folder is empty.
    """
    paths = [Path(path).expanduser() for path in ([given] if isinstance(given, (str, PathLike)) else given)]
    if not paths:
        raise BaserateError("No path was given. Name a log, or a folder of logs.")
    files: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise BaserateError(f"There is no file or folder {str(path)!r} (looked from {Path.cwd()}). Check the path.")
        found = list(_walk(path)) if path.is_dir() else [path]
        if not found:
            raise BaserateError(f"The folder {str(path)!r} is empty. Name the folder that holds the logs.")
        files |= dict.fromkeys(found)
    return list(files), all(not path.is_dir() for path in paths)


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(names) if not name.startswith("."))


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
    found: dict[str, list[Path]] = {}
    skipped = []
    for path in files:
        head = cache(partial(_first_bytes, path))
        name = next((name for name, recognize in recognizers if recognize(path, head)), None)
        if name is None:
            skipped.append(path)
        else:
            found.setdefault(name, []).append(path)
    return found, skipped


def _first_bytes(path: Path) -> bytes:
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
