"""Seeded, simulated runs, for examples, tests and coverage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincinv

from baserate.annotations import checked
from baserate.arguments import require_whole
from baserate.errors import BaserateError
from baserate.runs import RESERVED, STATUSES


@checked
def simulate(
    rates: Mapping[str, float],
    prompts: int = 20,
    epochs: int = 5,
    icc: float = 0.1,
    ungraded: float = 0.0,
    outcome: str = "blackmail",
    shared: bool = True,
    seed: int = 0,
) -> pd.DataFrame:
    """Simulate graded runs of several versions on sampled prompts.

    A prompt's rate is drawn from a beta distribution whose mean is the version's rate and whose variance gives the
    intraclass correlation; a shared prompt has the same quantile in each version.

    Parameters
    ----------
    rates : mapping of str to float
        The true rate of each version.
    prompts, epochs : int
        Prompts a version, and runs a prompt.
    icc : float
        Correlation of two runs on one prompt, in [0, 1).
    ungraded : float
        Share of runs that lose their verdict, whatever it was.
    outcome : str
        Name of the outcome's column.
    shared : bool
        Whether all versions run the same prompts.
    seed : int
        Same seed, same runs.

    Returns
    -------
    DataFrame
        A runs table; its ``source`` is "simulated".

    Raises
    ------
    BaserateError
        If a rate, the correlation or a count is out of range.
    """
    _check(rates, icc, ungraded)
    prompts, epochs = require_whole("prompts", prompts), require_whole("epochs", epochs)
    rng = np.random.default_rng(require_whole("seed", seed, least=0))
    if outcome in RESERVED:
        raise BaserateError(f"outcome={outcome!r} is the name of another column of runs. Choose another name.")
    quantile = rng.random(prompts)
    tables = []
    for version, rate in rates.items():
        u = quantile if shared else rng.random(prompts)
        chance = np.repeat(prompt_rates(rate, icc, u), epochs)
        names = [f"p{i + 1:03d}" if shared else f"{version} p{i + 1:03d}" for i in range(prompts)]
        table = pd.DataFrame({"version": version, "prompt": np.repeat(names, epochs)})
        table["epoch"] = np.tile(np.arange(1, epochs + 1), prompts)
        table[outcome] = pd.array(rng.random(len(table)) < chance, dtype="boolean")
        table["status"] = np.where(rng.random(len(table)) < ungraded, "ungraded", "ok")
        tables.append(table)
    runs = pd.concat(tables, ignore_index=True)
    runs.loc[runs["status"] == "ungraded", outcome] = pd.NA
    runs.insert(0, "run_id", "simulated-" + runs.index.astype(str))
    runs["version"] = pd.Categorical(runs["version"], categories=list(rates))
    runs["status"] = pd.Categorical(runs["status"], categories=list(STATUSES))
    runs["source"] = "simulated"
    return runs


def prompt_rates(rate: float, icc: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rates of prompts: quantiles of the beta distribution with this mean and intraclass correlation.

    Parameters
    ----------
    rate, icc : float
    u : ndarray
        Probabilities.

    Returns
    -------
    ndarray
        Of the shape of `u`.
    """
    if icc == 0 or rate in (0, 1):
        return np.full(u.shape, rate)
    spread = (1 - icc) / icc
    return np.asarray(betaincinv(rate * spread, (1 - rate) * spread, u))


def _check(rates: Mapping[str, float], icc: float, ungraded: float) -> None:
    wrong = {version: rate for version, rate in rates.items() if not 0 <= rate <= 1}
    if wrong or not rates:
        raise BaserateError(f"rates must map versions to proportions between 0 and 1; got {wrong or dict(rates)}.")
    if not 0 <= icc < 1:
        raise BaserateError(f"icc must lie in [0, 1); got {icc!r}.")
    if not 0 <= ungraded <= 1:
        raise BaserateError(f"ungraded is a share of runs between 0 and 1; got {ungraded!r}.")
