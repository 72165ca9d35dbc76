"""The table of runs as a folder of Parquet files, one part a version, replaced as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

import pandas as pd

from baserate.errors import BaserateError

_MARK = ".baserate-dataset"  # a folder without it is somebody else's, and is not replaced
KEPT = ".baserate-cache"  # what was read of each file, so that a read that was killed goes on where it was


def is_dataset(path: Path) -> bool:
    """Tell whether an output is a folder rather than a file: it has no ending, or is a folder."""
    return path.is_dir() or not path.suffix


def write_dataset(runs: pd.DataFrame, folder: Path) -> None:
    """Write runs as a dataset that Polars, DuckDB, Spark, Arrow and `baserate.read` read: a folder a version.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    folder : Path
        Made where it is not there. A dataset that is there is replaced once the new one is complete.

    Raises
    ------
    BaserateError
        If the folder holds something else, or cannot be written.
    """
    _require_ours(folder)
    new = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    try:
        new.mkdir(parents=True)
        (new / _MARK).touch()
        by = ["version"] if "version" in runs else []
        runs.to_parquet(new, index=False, partition_cols=by) if by else runs.to_parquet(
            new / "part-0.parquet", index=False
        )
        _swap(new, folder)
    except OSError as error:
        raise BaserateError(f"The dataset {str(folder)!r} cannot be written: {error.strerror or error}.") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put back the dataset that a kill left aside in the moment between the old one and the new one.

    Parameters
    ----------
    folder : Path
    """
    aside = _aside(folder)
    if aside.exists() and not folder.exists():
        os.rename(aside, folder)
    elif aside.exists():
        shutil.rmtree(aside, ignore_errors=True)


def _swap(new: Path, folder: Path) -> None:
    aside = _aside(folder)
    if folder.exists():
        if (folder / KEPT).exists():
            os.rename(folder / KEPT, new / KEPT)
        os.rename(folder, aside)
    os.rename(new, folder)
    shutil.rmtree(aside, ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.before")


def _require_ours(folder: Path) -> None:
    others = [entry.name for entry in folder.iterdir() if entry.name != KEPT] if folder.is_dir() else []
    if folder.exists() and (not folder.is_dir() or (others and _MARK not in others)):
        raise BaserateError(
            f"{str(folder)!r} holds something else ({others[0] if others else 'a file'}). Name another."
        )
