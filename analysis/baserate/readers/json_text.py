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
        return _clean(json.loads(data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff")))
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _clean(value: Any) -> Any:
    """Replace lone surrogates, which are no characters and can be neither written nor shown."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(one) for key, one in value.items()}
    return value
