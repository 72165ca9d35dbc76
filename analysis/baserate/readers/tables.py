"""Several table files become one frame under baserate's column names, each row with its source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from baserate.errors import BaserateError, require_known
from baserate.readers.inspect_log import DAMAGE
from baserate.readers.logs import tracked, why_unreadable
from baserate.readers.request import Request
from baserate.readers.table_file import SUFFIXES, load

SOURCE = "source"
_VERSION_NAMES = ("model", "model_name", "model_version", "model_id", "target_model")
_PROMPT_NAMES = ("prompt_id", "prompt_key", "prompt_name")


def load_tables(
    paths: Sequence[Path], request: Request, kind: str = ""
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Load table files and put them under each other.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    request : Request
        The options of `read`.
    kind : {"csv", "jsonl", "parquet"}, optional
        What they are; left out, their endings tell.

    Returns
    -------
    frame : DataFrame
        All rows, with a column ``source``.
    lost : dict
        Source to what is wrong, for files and lines that could not be read.
    notes : list of str
        What was renamed or left out.

    Raises
    ------
    BaserateError
        If nothing could be read, or a column that was named is not there.
    """
    frames: list[pd.DataFrame] = []
    lost: dict[str, str] = {}
    for path in tracked(paths, request.progress):
        try:
            frame, broken = load(path, kind or SUFFIXES.get(path.suffix.lower(), "csv"))
        except DAMAGE as error:
            lost[str(path)] = why_unreadable(error)
            continue
        lost |= {f"{path}::line {number}": reason for number, reason in broken.items()}
        if SOURCE not in frame:
            frame = frame.assign(**{SOURCE: [f"{path}::row {number}" for number in frame.index + 1]})
        frames.append(frame)
    _refuse(lost, bool(frames), request)
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
    frame, notes = name_columns(frame, request)
    return frame, lost, notes


def _refuse(lost: dict[str, str], found: bool, request: Request) -> None:
    if lost and (request.on_error == "raise" or not found):
        source, reason = next(iter(lost.items()))
        raise BaserateError(f"{source} cannot be read: {reason}. Mend it, or leave it out.")


def name_columns(frame: pd.DataFrame, request: Request) -> tuple[pd.DataFrame, list[str]]:
    """Give the user's columns baserate's names.

    Parameters
    ----------
    frame : DataFrame
        As loaded.
    request : Request
        With ``columns``, the user's names to ours.

    Returns
    -------
    frame : DataFrame
        Renamed, without columns that hold lists or objects.
    notes : list of str

    Raises
    ------
    BaserateError
        If a named column is not there, or its new name is taken.
    """
    for name in request.columns:
        require_known(name, frame.columns, "column")
    renamed = frame.rename(columns=dict(request.columns))
    notes = []
    for ours, usual in (("version", _VERSION_NAMES), ("prompt", _PROMPT_NAMES)):
        theirs = next((name for name in usual if name in renamed), None)
        if ours not in renamed and theirs is not None:
            renamed = renamed.rename(columns={theirs: ours})
            notes.append(f"The column {theirs!r} was taken as the {ours}.")
    if not renamed.columns.is_unique:
        twice = sorted(set(renamed.columns[renamed.columns.duplicated()].map(str)))
        raise BaserateError(f"Two columns would be named {twice[0]!r}. Drop one of them, or rename it in columns=.")
    nested = [str(name) for name in renamed if _is_nested(renamed[name])]
    if nested:
        notes.append(f"Columns that hold lists or objects were left out: {', '.join(nested)}.")
    return renamed.drop(columns=nested), notes


def _is_nested(column: pd.Series) -> bool:
    mixed = column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed")
    return bool(mixed and not column.map(pd.api.types.is_scalar).all())
