"""Writing the table of runs, by the file's ending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from baserate.arguments import writing
from baserate.errors import BaserateError


def writer_for(path: Path) -> Callable[[pd.DataFrame], None]:
    """Find what writes runs to a file, so that `baserate.read` can read them again.

    Parameters
    ----------
    path : Path
        Ending in ``.parquet``, ``.csv`` or ``.jsonl``.

    Returns
    -------
    callable
        Takes the runs; makes the file's folder where there is none.

    Raises
    ------
    BaserateError
        If the path has another ending.
    """
    if path.suffix not in ENDINGS:
        raise BaserateError(f"The output {path} must end in {' or '.join(ENDINGS)}.")

    def write(runs: pd.DataFrame) -> None:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            ENDINGS[path.suffix](runs, path)

    return write


def _parquet(runs: pd.DataFrame, path: Path) -> None:
    runs.to_parquet(path, index=False)


def _csv(runs: pd.DataFrame, path: Path) -> None:
    runs.to_csv(path, index=False)


def _jsonl(runs: pd.DataFrame, path: Path) -> None:
    runs.to_json(path, orient="records", lines=True, force_ascii=False)


ENDINGS = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}
