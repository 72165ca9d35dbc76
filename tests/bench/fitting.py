"""Time fitting against statsmodels, in one run, and show that the answers agree: part of `make bench`.

The data are simulated: 10^6 runs of three versions on 300 prompts, and a design of 20,000 runs with 20 coefficients.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import statsmodels.api as sm
import statsmodels.formula.api as smf

import baserate as br
from baserate.text import text_table

ROWS, ROUNDS = 10**6, 3
FORMULA = "version + goal + urgency"


class Work(NamedTuple):
    """One row: our way and the other; both return numbers that should agree."""

    name: str
    peer: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]


def draw(rows: int) -> pd.DataFrame:
    """Draw runs whose rates depend on version, goal and threat, and vary between prompts."""
    rng = np.random.default_rng(20261127)
    prompt = rng.integers(0, 300, rows)
    table = pd.DataFrame(
        {
            "version": pd.Categorical(rng.choice(["a", "b", "c"], rows)),
            "prompt": [f"p{i}" for i in prompt],
            "goal": pd.Categorical(rng.choice(["none", "explicit"], rows)),
            "urgency": pd.Categorical(rng.choice(["none", "restriction", "replacement"], rows)),
        }
    )
    shift = rng.standard_normal(300)[prompt] + (table["version"] == "b") - (table["urgency"] == "none")
    return table.assign(blackmail=rng.random(rows) < 1 / (1 + np.exp(-(shift - 0.5).to_numpy(dtype=float))))


def works() -> list[Work]:
    """List the work."""
    runs = draw(ROWS)
    in_polars = pl.from_pandas(runs)
    peer = runs.assign(y=runs["blackmail"].astype(float))
    by_prompt = {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(runs["prompt"])[0]}}
    asked: dict[str, Any] = {"weights": "runs", "conditions": ["goal", "urgency"]}
    model = br.fit(runs, f"blackmail ~ {FORMULA}", scope="fixed", **asked)
    logit = smf.logit(f"y ~ {FORMULA}", peer).fit(disp=0)

    def fitted(table: Any, scope: str, column: str) -> Any:
        return br.fit(table, f"blackmail ~ {FORMULA}", scope=scope, **asked).table[column].to_numpy()

    def power() -> float:
        return float(br.power([0.30, 0.45], runs=100).table["power"].iloc[0])

    def power_by_loop(draws: int = 300) -> float:
        rng, x = np.random.default_rng(1), np.repeat([0.0, 1.0], 100)
        hits = 0
        for _ in range(draws):
            y = (rng.random(200) < np.where(x > 0, 0.45, 0.30)).astype(float)
            hits += sm.Logit(y, sm.add_constant(x)).fit(disp=0).pvalues[1] < 0.05
        return hits / draws

    return [
        Work(
            "logit, 10^6 runs in pandas",
            "smf.logit",
            lambda: fitted(runs, "fixed", "estimate"),
            lambda: smf.logit(f"y ~ {FORMULA}", peer).fit(disp=0).params.to_numpy(),
        ),
        Work(
            "the same in Polars",
            "smf.logit",
            lambda: fitted(in_polars, "fixed", "estimate"),
            lambda: smf.logit(f"y ~ {FORMULA}", peer).fit(disp=0).params.to_numpy(),
        ),
        Work(
            "300 clusters (CR2 beside CR1)",
            "smf.logit, cluster",
            lambda: fitted(runs, "sampled", "std_error"),
            lambda: smf.logit(f"y ~ {FORMULA}", peer).fit(disp=0, **by_prompt).bse.to_numpy(),
        ),
        Work(
            "average comparisons of versions",
            "get_margeff",
            lambda: model.contrasts("version", baseline="a").table["estimate"].to_numpy(),
            lambda: logit.get_margeff(dummy=True).margeff[:2],
        ),
        Work("power of 100 against 100", "sm.Logit × 300", power, power_by_loop),
    ]


def measure(work: Work) -> dict[str, str]:
    """Time both sides in turn."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        mine = work.ours()
        ours.append(time.process_time() - start)
        start = time.process_time()
        other = work.theirs()
        theirs.append(time.process_time() - start)
    gap = np.max(np.abs(np.asarray(mine, dtype=float) - np.asarray(other, dtype=float)))
    fast, slow = float(np.median(ours)), float(np.median(theirs))
    return {
        "work": work.name,
        "baserate": f"{fast:.4f} s",
        "peer": f"{work.peer} {slow:.2f} s",
        "ratio": f"{slow / fast:.3g}",
        "largest difference": f"{gap:.1g}",
    }


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    print(text_table(pd.DataFrame([measure(work) for work in works()])))


if __name__ == "__main__":
    main()
