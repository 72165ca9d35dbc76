"""JSON as logs hold it: fast where it is strict, and read all the same where it holds NaN or lone surrogates."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def decode(data: bytes | str) -> Any:
    """Decode one JSON document.

    Parameters
    ----------
    data : bytes or str
        UTF-8.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it is no JSON, or nested too deep.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # NaN, Infinity and lone surrogates are refused
        pass
    try:
        return json.loads(data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff"))
    except RecursionError:
        raise ValueError("it is nested too deep") from None
