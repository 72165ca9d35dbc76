"""Damage done to one file, seeded: bytes, JSON values, archive members, lines and cells."""

from __future__ import annotations

import io
import json
import random
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, [], {}, [1], {"a": 1}, "", "x" * 3000, "-1", -1, 0, 1, 2, 1e30, 1e308, 10**40, 0.5, True, False),
    *("none", "nan", "NaN", "error", "\x1b[31m", "$\\frac{$", "=1+1", "²", "\ud800", "a\nb", "p0", "a", "ok"),
)


def flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if out:
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def insert(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return (
        data[:place] + rng.choice([b"\x00", b"\xff\xfe", b'"', b"\n", b"{", b"NaN", rng.randbytes(20)]) + data[place:]
    )


def repeat(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:b] + data[a:b] + data[b:]


def odd_value(data: bytes, rng: random.Random) -> bytes:
    """Put an odd value in place of one of a JSON document; other files get an odd cell."""
    try:
        document = json.loads(data)
    except ValueError:
        lines = data.split(b"\n")
        i = rng.randrange(len(lines))
        try:
            lines[i] = json.dumps(_swapped(json.loads(lines[i]), rng)).encode()
        except ValueError:
            cells = lines[i].split(b",")
            cells[rng.randrange(len(cells))] = json.dumps(rng.choice(ODD)).encode()[:200]
            lines[i] = b",".join(cells)
        return b"\n".join(lines)
    return json.dumps(_swapped(document, rng)).encode()


def _swapped(document: Any, rng: random.Random) -> Any:
    places = list(_places(document))
    if not places:
        return rng.choice(ODD)
    holder, key = rng.choice(places)
    if rng.random() < 0.15 and isinstance(holder, dict):
        del holder[key]
    else:
        holder[key] = rng.choice(ODD)
    return document


def _places(value: Any) -> Any:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(inner):
        yield value, key
        yield from _places(part)


def archive(data: bytes, rng: random.Random) -> bytes:
    """Drop, repeat or damage a member of a zip archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            members = [(name, source.read(name)) for name in source.namelist()]
    except zipfile.BadZipFile:
        return flip(data, rng)
    i = rng.randrange(len(members))
    what = rng.choice(["drop", "repeat", "value", "bytes"])
    if what == "drop":
        del members[i]
    elif what == "repeat":
        members.append(members[i])
    else:
        name, content = members[i]
        members[i] = (name, odd_value(content, rng) if what == "value" else flip(content, rng))
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        warnings.simplefilter("ignore")  # a name that is there twice is the point
        for name, content in members:
            target.writestr(name, content)
    return buffer.getvalue()


def lines(data: bytes, rng: random.Random) -> bytes:
    rows = data.split(b"\n")
    i = rng.randrange(len(rows))
    what = rng.choice(["drop", "repeat", "nested", "long", "mac"])
    if what == "drop":
        del rows[i]
    elif what == "repeat":
        rows.insert(i, rows[i])
    elif what == "nested":
        rows.insert(i, b"[" * 5000)
    elif what == "long":
        rows[i] += b",1,2"
    else:
        return data.replace(b"\n", b"\r")
    return b"\n".join(rows)


MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flip": flip,
    "cut": cut,
    "insert": insert,
    "repeat": repeat,
    "value": odd_value,
    "archive": archive,
    "lines": lines,
}


def damage(folder: Path, mutation: str, rng: random.Random) -> Path:
    """Damage one file of a folder.

    Parameters
    ----------
    folder : Path
    mutation : str
        A key of `MUTATIONS`.
    rng : Random

    Returns
    -------
    Path
        The file.
    """
    path = rng.choice(sorted(file for file in folder.rglob("*") if file.is_file()))
    path.write_bytes(MUTATIONS[mutation](path.read_bytes(), rng))
    return path
