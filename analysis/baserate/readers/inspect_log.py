"""Inspect AI logs: `.eval` archives and `.json` files, opened; what a sample says stands in inspect_sample."""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baserate.readers.record import mapping, one_line

if sys.version_info >= (3, 14):
    import zipfile

    from compression.zstd import ZstdError
else:  # the standard library's zipfile learned zip method 93 (zstd) in 3.14
    from backports.zstd import ZstdError, zipfile

_UNLIKE = (LookupError, TypeError, AttributeError)  # readable JSON of another shape than the format's
DAMAGE = (OSError, ValueError, EOFError, RuntimeError, zlib.error, ZstdError, zipfile.BadZipFile, *_UNLIKE)

SAMPLE = re.compile(r"samples/(?P<id>.*)_epoch_(?P<epoch>\d+)\.json$")


@dataclass(frozen=True)
class Log:
    """One log, opened.

    Attributes
    ----------
    path : Path
        The file.
    header : dict
        ``eval``, ``status`` and what else the log says of all its samples.
    finished : bool
        Whether the header was written, which a killed run never does.
    members : tuple of str
        Names of the samples.
    samples : tuple
        Each sample as a dict, or the reason why it could not be read as text.
    """

    path: Path
    header: dict[str, Any]
    finished: bool
    members: tuple[str, ...] = field(repr=False)
    samples: tuple[dict[str, Any] | str, ...] = field(repr=False)


def recognize(path: Path, head: Callable[[], bytes]) -> bool:
    """Tell an Inspect log by its first bytes, so that a truncated one is recognized too.

    Parameters
    ----------
    path : Path
        A file.
    head : callable
        Returns its first few thousand bytes.

    Returns
    -------
    bool
    """
    if path.suffix == ".eval":
        return True
    start = head()
    if start.startswith(b"PK"):
        return any(member in start for member in (b"_journal/", b"samples/", b"header.json"))
    begins = start.lstrip()[:1] == b"{"
    return begins and all(key in start for key in (b'"version"', b'"status"', b'"eval"'))


def open_log(path: Path) -> Log:
    """Open a log, complete or killed, and read its samples.

    The samples are read rather than their summaries, which leave out long metadata and the answer itself.

    Parameters
    ----------
    path : Path
        An ``.eval`` archive, its members deflated or zstd, or a ``.json`` log.

    Returns
    -------
    Log

    Raises
    ------
    ValueError, OSError, zipfile.BadZipFile
        If nothing of the file can be read.
    """
    with path.open("rb") as file:
        zipped = file.read(2) == b"PK"
    return _open_archive(path) if zipped else _open_json(path)


def _open_json(path: Path) -> Log:
    log = json.loads(path.read_bytes())
    if not isinstance(log, dict) or "eval" not in log:
        raise ValueError("it is no Inspect log: there is no 'eval' in it")
    samples = log.pop("samples", None) or []
    members = tuple(f"samples[{i}]" for i in range(len(samples)))
    return Log(path, log, True, members, tuple(s if isinstance(s, dict) else "not a sample" for s in samples))


def _open_archive(path: Path) -> Log:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        header = next(_headers(archive, names), None)
        if header is None:
            raise ValueError("it is no Inspect log: neither header.json nor _journal/start.json can be read")
        members = tuple(name for name in names if name.startswith("samples/") and name.endswith(".json"))
        samples = tuple(_read_sample(archive, name) for name in members)
    return Log(path, header, "status" in header, members, samples)


def _headers(archive: zipfile.ZipFile, names: list[str]) -> Iterator[dict[str, Any]]:
    for name in ("header.json", "_journal/start.json"):
        if name in names:
            try:
                header = json.loads(archive.read(name))
            except DAMAGE:
                continue
            if "eval" in mapping(header):
                yield header


def _read_sample(archive: zipfile.ZipFile, name: str) -> dict[str, Any] | str:
    try:
        sample = json.loads(archive.read(name))
    except DAMAGE as error:
        return one_line(error) or type(error).__name__
    return sample if "id" in mapping(sample) else "not a sample: it has no id"
