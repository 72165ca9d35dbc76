"""Inspect AI logs: `.eval` archives and `.json` files, opened; what a sample says stands in inspect_sample."""

from __future__ import annotations

import lzma
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from baserate.readers.json_text import decode
from baserate.readers.record import mapping, one_line
from baserate.readers.status import has_answer

if sys.version_info >= (3, 14):
    import zipfile

    from compression.zstd import ZstdError
else:  # the standard library's zipfile learned zip method 93 (zstd) in 3.14
    from backports.zstd import ZstdError, zipfile

_UNLIKE = (LookupError, TypeError, AttributeError)  # readable JSON of another shape than the format's
DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    OverflowError,
    lzma.LZMAError,
    RuntimeError,
    zlib.error,
    ZstdError,
    zipfile.BadZipFile,
    *_UNLIKE,
)

MAX_BYTES = 2**30  # what a member may expand to, where nothing else was said

_ENCRYPTED = 1
_HEADER = struct.Struct("<4s22xHH")  # of a member: its mark, the lengths of its name and of what follows it

# What is made of a sample; the rest of it, its events above all, is passed over.
_FIELDS = (
    *("id", "epoch", "uuid", "input", "metadata", "scores", "score", "output", "model_usage"),
    *("error", "limit", "invalidation", "error_retries", "messages"),
)
_RAW = ("messages", "error_retries")  # long, and seldom looked into
_Sample = msgspec.defstruct("_Sample", [(n, msgspec.Raw if n in _RAW else Any, UNSET) for n in _FIELDS], gc=False)
_SAMPLE_DECODER = msgspec.json.Decoder(_Sample)

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


def open_log(path: Path, max_bytes: int = MAX_BYTES, whole: bool = True) -> Log:
    """Open a log, complete or killed, and read its samples.

    The samples are read rather than their summaries, which leave out long metadata and the answer itself.

    Parameters
    ----------
    path : Path
        An ``.eval`` archive, its members deflated or zstd, or a ``.json`` log.
    max_bytes : int
        What a member may expand to.
    whole : bool
        Whether samples come with all of their fields, else with those alone that runs are made of.

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
    return _open_archive(path, max_bytes, whole) if zipped else _open_json(path, whole)


def _sample_of(data: bytes, whole: bool) -> Any:
    """Decode a sample, whole or what runs are made of."""
    if whole:
        return decode(data)
    try:
        found = _SAMPLE_DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError):  # not strict JSON, or a field of another shape
        return decode(data)
    sample = {name: value for name in _FIELDS if (value := getattr(found, name)) is not UNSET}
    answered = has_answer(mapping(sample.get("output")), [])  # then no message is looked at
    for name in [name for name in _RAW if name in sample]:  # a part that is kept raw would keep the whole in memory
        sample[name] = [] if name == "messages" and answered else decode(bytes(sample[name]))
    return sample


def _open_json(path: Path, whole: bool) -> Log:
    data = path.read_bytes()
    log = None if whole else _parts(data)
    if log is None:
        log = decode(data)
    if not isinstance(log, dict) or "eval" not in log:
        raise ValueError("it is no Inspect log: there is no 'eval' in it")
    samples = log.pop("samples", None) or []
    members = tuple(f"samples[{i}]" for i in range(len(samples)))
    return Log(path, log, True, members, tuple(s if isinstance(s, dict) else "not a sample" for s in samples))


def _parts(data: bytes) -> dict[str, Any] | None:
    """Decode a log in JSON with what runs are made of alone; None where it is not strict, or has another shape."""
    try:
        parts = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        samples = msgspec.json.decode(parts.pop("samples", b"null"), type=list[msgspec.Raw] | None)
        return {name: decode(bytes(raw)) for name, raw in parts.items()} | {
            "samples": [_sample_of(bytes(raw), False) for raw in samples or []]
        }
    except (msgspec.MsgspecError, ValueError):
        return None


def _open_archive(path: Path, max_bytes: int, whole: bool) -> Log:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        header = next(_headers(archive, entries, max_bytes), None)
        if header is None:
            raise ValueError("it is no Inspect log: neither header.json nor _journal/start.json can be read")
        members = [e for e in entries if e.filename.startswith("samples/") and e.filename.endswith(".json")]
        samples = tuple(_read_sample(archive, member, max_bytes, whole) for member in members)
    return Log(path, header, "status" in header, tuple(member.filename for member in members), samples)


def _headers(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], max_bytes: int) -> Iterator[dict[str, Any]]:
    for name in ("header.json", "_journal/start.json"):
        for entry in (entry for entry in entries if entry.filename == name):
            try:
                header = decode(_member(archive, entry, max_bytes))
            except DAMAGE:
                continue
            if "eval" in mapping(header):
                yield header


def _read_sample(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int, whole: bool) -> dict[str, Any] | str:
    try:
        sample = _sample_of(_member(archive, entry, max_bytes), whole)
    except DAMAGE as error:
        return one_line(error) or type(error).__name__
    return sample if "id" in mapping(sample) else "not a sample: it has no id"


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Read a member, a deflated one without what the zip module does around it."""
    if entry.file_size > max_bytes:
        raise ValueError(f"it would expand to {entry.file_size:,} bytes; max_bytes= allows {max_bytes:,}")
    file = archive.fp
    if entry.compress_type != zipfile.ZIP_DEFLATED or entry.flag_bits & _ENCRYPTED or file is None:
        return archive.read(entry)
    file.seek(entry.header_offset)
    head = file.read(_HEADER.size)
    mark, name, extra = _HEADER.unpack(head) if len(head) == _HEADER.size else (b"", 0, 0)
    if mark != b"PK\x03\x04":
        raise zipfile.BadZipFile("a member does not begin where the archive says")
    file.seek(name + extra, 1)
    data = zlib.decompressobj(-15).decompress(file.read(entry.compress_size), entry.file_size + 1)
    if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
        raise zipfile.BadZipFile(f"the member {entry.filename!r} is damaged")
    return data
