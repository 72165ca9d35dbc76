"""Which runs to label by hand, as a file to fill in, and the labels read back."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_whole, writing
from baserate.engines import as_frame
from baserate.errors import BaserateError, require_known
from baserate.layout import PROMPT
from baserate.run_table import labels_of, renamed, run_table
from baserate.runs import as_outcome

LABEL = "_human"


@checked
def label_sample(
    runs: Table,
    outcome: str,
    n: int,
    by: str = "version",
    to: str | PathLike[str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw runs to be labeled by people, as many of each version, spread over prompts, whatever the judge said.

    Runs are drawn without a look at the judge's verdict: labels of runs that were chosen by it would make its errors
    look smaller, or larger, than they are. The file shows neither verdict nor version.

    Parameters
    ----------
    runs : DataFrame
        Runs, as `baserate.read` returns them.
    outcome : str
        The graded behavior; runs without a verdict are not drawn.
    n : int
        How many runs; rounded up to as many of each version.
    by : str
        The column of versions.
    to : path, optional
        A CSV to write.
    seed : int
        Of the draw: the same seed draws the same runs.

    Returns
    -------
    DataFrame
        ``run_id``, ``source``, the prompt where there is one, and the empty column ``<outcome>_human``, in an order
        that tells nothing.

    Raises
    ------
    BaserateError
        If the runs have no ``run_id``, or fewer runs were graded.

    References
    ----------
    Begg & Greenes (1983) Biometrics 39:207 (labels that depend on the verdict).

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> sample = label_sample(runs, "blackmail", 20)
    >>> len(sample), bool(sample["blackmail_human"].isna().all())
    (20, True)
    """
    wanted = require_whole("n", n)
    table, counts = run_table(runs, outcome)
    by = renamed(by, counts)
    for name in (by, "run_id"):
        require_known(name, table.columns, "column")
    graded = table[as_outcome(table[outcome]).notna() & table[by].notna()].reset_index(drop=True)
    groups = graded.groupby(by, observed=True, sort=True).indices
    if not groups:
        raise BaserateError(f"No run has a verdict of {outcome!r}, so there is nothing to label.")
    each = -(-wanted // len(groups))
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for name, places in groups.items():
        if len(places) < each:
            raise BaserateError(f"{name} has {len(places)} graded runs; {each} are to be labeled. Ask for fewer.")
        chosen += _spread(graded, np.asarray(places), each, rng)
    sample = graded.loc[rng.permutation(chosen)]
    kept = [c for c in ("run_id", "source", PROMPT) if c in sample]
    sample = sample[kept].assign(**{f"{outcome}{LABEL}": pd.array([pd.NA] * len(sample), dtype="boolean")})
    sample = sample.reset_index(drop=True)
    if to is not None:
        with writing(to):
            sample.to_csv(Path(to), index=False)
    return sample


def _spread(graded: pd.DataFrame, places: np.ndarray, n: int, rng: np.random.Generator) -> list[int]:
    """Draw runs of one version, no second one of a prompt before each prompt has one."""
    shuffled = rng.permutation(places)
    if PROMPT not in graded:
        return [int(place) for place in shuffled[:n]]
    prompts = graded[PROMPT].iloc[shuffled].astype(str)
    turn = prompts.groupby(prompts.to_numpy()).cumcount().to_numpy()
    return [int(place) for place in shuffled[np.argsort(turn, kind="stable")][:n]]


@checked
def with_labels(runs: Table, labels: Table | str | PathLike[str]) -> pd.DataFrame:
    """Put labels by hand beside the runs that they are of.

    Parameters
    ----------
    runs : DataFrame
        Runs, with ``run_id``.
    labels : DataFrame or path
        With ``run_id`` and a column of labels (yes or no, true or false, 1 or 0; empty where not labeled), such as a
        file of `label_sample` that was filled in.

    Returns
    -------
    DataFrame
        The runs, with the columns of labels.

    Raises
    ------
    BaserateError
        If a label is neither yes nor no, a run is labeled twice, or is not among the runs.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"run_id": ["x", "y"], "version": "a", "bad": [True, False]})
    >>> with_labels(runs, pd.DataFrame({"run_id": ["y"], "bad_human": ["yes"]}))["bad_human"].tolist()
    [<NA>, True]
    """
    frame = as_frame(runs)
    table = frame if isinstance(frame, pd.DataFrame) else frame.collect().to_pandas()
    told = _labels(labels)
    for one in (table, told):
        require_known("run_id", one.columns, "column")
    told = told.assign(run_id=told["run_id"].astype(str))
    if told["run_id"].duplicated().any():
        raise BaserateError(f"The run {told['run_id'][told['run_id'].duplicated()].iloc[0]!r} is labeled twice.")
    lost = sorted(set(told["run_id"]) - set(table["run_id"].astype(str)))
    if lost:
        raise BaserateError(f"{len(lost)} labeled runs are not among the runs, such as {lost[0]!r}. Label these runs.")
    names = [c for c in told if str(c).endswith(LABEL)]
    if not names:
        raise BaserateError(f"There is no column that ends in {LABEL!r} among {', '.join(map(str, told.columns))}.")
    by_run = told.set_index("run_id")
    return table.assign(**{str(c): labels_of(table["run_id"].astype(str).map(by_run[c]), str(c)) for c in names})


def _labels(labels: object) -> pd.DataFrame:
    if isinstance(labels, (str, PathLike)):
        path = Path(labels)
        if not path.is_file():
            raise BaserateError(f"There is no file {str(path)!r}. Name the file of labels.")
        try:
            return pd.read_csv(path, dtype=str, keep_default_na=False)
        except (ValueError, OSError) as error:
            raise BaserateError(f"{str(path)!r} cannot be read as a CSV: {error}.") from None
    frame = as_frame(labels)
    return frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame.collect().to_pandas())
