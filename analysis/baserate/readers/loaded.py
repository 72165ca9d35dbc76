"""A table as its file holds it, before anything is made of its columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd


@dataclass
class Loaded:
    """One table of one file.

    Attributes
    ----------
    path : Path
        The file.
    frame : DataFrame
        Its rows; the index counts rows, or lines, from 0.
    broken : dict
        Line number to what is wrong with it, for lines that cannot be read.
    notes : list of str
    """

    path: Path
    frame: pd.DataFrame
    broken: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
