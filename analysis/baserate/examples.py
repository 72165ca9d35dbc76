"""Data to try things on, from the installed package."""

from __future__ import annotations

from importlib.resources import as_file, files

import pandas as pd

from baserate.annotations import checked
from baserate.errors import require_known
from baserate.readers import read

EXAMPLES = {"blackmail": "blackmail.parquet", "awareness": "awareness.csv"}


@checked
def load_example(name: str = "blackmail") -> pd.DataFrame:
    """Load runs to try things on.

    Parameters
    ----------
    name : {"blackmail", "awareness"}
        ``"blackmail"``: 1,650 simulated runs of three versions on 100 prompts in 10 conditions, as `read` reads
        the logs of this package's repository; no model was asked anything. ``"awareness"``: 19,914 real runs, counted,
        of variants of one model in a study of evaluation awareness (its source is in the repository's
        ``data/README.md``).

    Returns
    -------
    DataFrame
        Runs, or counts of runs.

    Raises
    ------
    BaserateError
        If there is no such example.

    Examples
    --------
    >>> import baserate as br
    >>> len(br.load_example("blackmail"))
    1650
    """
    require_known(name, EXAMPLES, "example")
    with as_file(files("baserate") / "example_data" / EXAMPLES[name]) as path:
        return read(path, progress=False)
