"""Writing the table of runs, by the file's ending."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from baserate.arguments import writing
from baserate.cli.dataset import is_dataset, write_dataset
from baserate.errors import BaserateError


def writer_for(path: Path) -> Callable[[pd.DataFrame], None]:
    """Find what writes runs to a file, so that `baserate.read` can read them again.

    Parameters
    ----------
    path : Path
        Ending in ``.parquet``, ``.csv`` or ``.jsonl``, or a folder, for a dataset of Parquet files.

    Returns
    -------
    callable
        Takes the runs; makes the file's folder where there is none.

    Raises
    ------
    BaserateError
        If the path has another ending.
    """
    if is_dataset(path):
        return partial(write_dataset, folder=path)
    if path.suffix not in ENDINGS:
        raise BaserateError(f"The output {path} must end in {' or '.join(ENDINGS)}, or be a folder.")
    return partial(_whole, path=path)


def _whole(runs: pd.DataFrame, path: Path) -> None:
    """Write a file whole or not at all."""
    new = path.with_name(f".{path.stem}.{uuid.uuid4().hex}{path.suffix}")
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            ENDINGS[path.suffix](runs, new)
            os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _parquet(runs: pd.DataFrame, path: Path) -> None:
    runs.to_parquet(path, index=False)


def _csv(runs: pd.DataFrame, path: Path) -> None:
    runs.to_csv(path, index=False)


def _jsonl(runs: pd.DataFrame, path: Path) -> None:
    runs.to_json(path, orient="records", lines=True, force_ascii=False)


ENDINGS = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}
