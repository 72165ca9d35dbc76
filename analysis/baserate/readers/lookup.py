"""Any field of a logged run by its name: nested ones with dots, and the parts of the file's path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ABSENT = object()
_ENDINGS = re.compile(r"(\.(csv|tsv|jsonl?|ndjson|parquet|pq|xlsx|eval|zip|gz|zst))+$", re.IGNORECASE)
PATH_PARTS = ("file", "folder", "folder2", "folder3")


def look_up(name: str, layers: Iterable[Mapping[str, Any]], path: Path) -> Any:
    """Find a field of a run.

    Parameters
    ----------
    name : str
        A key, a path of keys such as ``"model_roles.target.model"`` or ``"results.0.score"``, or a part of the file's
        path: ``"file"`` (its name without the ending), ``"folder"``, ``"folder2"`` (the one above it).
    layers : iterable of mapping
        Where to look, first to last.
    path : Path
        The file.

    Returns
    -------
    object
        `ABSENT` where there is no such field.
    """
    for layer in layers:
        found = nested(layer, name)
        if found is not ABSENT:
            return found
    return path_part(path, name) if name in PATH_PARTS else ABSENT


def nested(layer: Any, name: str) -> Any:
    """Follow a path of keys.

    Parameters
    ----------
    layer : object
        A JSON value.
    name : str
        Keys and list positions with dots between them; a key that holds dots itself is found as it is.

    Returns
    -------
    object
        `ABSENT` where the path leads nowhere.
    """
    if isinstance(layer, dict) and name in layer:
        return layer[name]
    head, dot, rest = name.partition(".")
    if isinstance(layer, dict) and dot and head in layer:
        return nested(layer[head], rest)
    if isinstance(layer, list) and head.isdecimal() and len(head) < 6 and int(head) < len(layer):
        return nested(layer[int(head)], rest) if dot else layer[int(head)]
    return ABSENT


def path_part(path: Path, name: str) -> str:
    """Name a part of a file's path.

    Parameters
    ----------
    path : Path
    name : str
        One of `PATH_PARTS`.

    Returns
    -------
    str
        Empty where the path is too short.
    """
    if name == "file":
        return _ENDINGS.sub("", path.name)
    above = int(name.removeprefix("folder") or 1)
    parts = path.absolute().parent.parts
    return parts[-above] if above < len(parts) else ""
