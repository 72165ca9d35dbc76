"""Time all pairs of 30 versions on 8 outcomes against statsmodels and scipy, one by one, in the same run.

``make bench`` prints, for each method, the median time of either side over interleaved rounds, their ratio, and the
largest difference between the two answers. Where the other side takes minutes it is timed on a sample of the pairs,
and its time is scaled up; the table says so.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from baserate.stats.boschloo import boschloo
from baserate.stats.exact_tests import fisher
from baserate.stats.two_rates import miettinen_nurminen, newcombe
from baserate.text import text_table

VERSIONS, OUTCOMES, RUNS, ROUNDS = 30, 8, 100, 3

Counts = np.ndarray[Any, np.dtype[np.int64]]


class Work(NamedTuple):
    """One row: our call on all pairs, the other side's call on one pair, how many pairs the other side gets."""

    name: str
    ours: Callable[[Counts, Counts], Any]
    theirs: Callable[[int, int], Any]
    sample: int
    note: str = ""


def pairs() -> tuple[Counts, Counts]:
    """Draw the events of each version and outcome, and pair the versions: 3,480 pairs of 100 runs a side."""
    rng = np.random.default_rng(20261123)
    events = rng.binomial(RUNS, rng.uniform(0.02, 0.98, (OUTCOMES, 1)), (OUTCOMES, VERSIONS))
    first, second = np.array(list(combinations(range(VERSIONS), 2))).T
    return events[:, first].ravel(), events[:, second].ravel()


def table(a: int, b: int) -> list[list[int]]:
    """Lay two counts out as scipy wants them: a column for each version."""
    return [[a, b], [RUNS - a, RUNS - b]]


def statsmodels_interval(method: str) -> Callable[[int, int], Any]:
    """Return statsmodels' interval of the difference; NaN where it raises."""

    def one(a: int, b: int) -> Any:
        try:
            return confint_proportions_2indep(a, RUNS, b, RUNS, method=method, compare="diff")
        except Exception:  # it fails in several ways at 0 and at n
            return (np.nan, np.nan)

    return one


WORK = (
    Work(
        "Newcombe interval",
        lambda a, b: np.stack(newcombe(a, RUNS, b, RUNS), axis=-1),
        statsmodels_interval("newcomb"),
        3480,
    ),
    Work(
        "Miettinen–Nurminen interval",
        lambda a, b: np.stack(miettinen_nurminen(a, RUNS, b, RUNS), axis=-1),
        statsmodels_interval("score"),
        700,
        "statsmodels 0.15 is wrong here (issue 10269)",
    ),
    Work(
        "Fisher p",
        lambda a, b: fisher(a, RUNS, b, RUNS),
        lambda a, b: stats.fisher_exact(table(a, b)).pvalue,
        3480,
    ),
    Work(
        "Boschloo p",
        lambda a, b: boschloo(a, RUNS, b, RUNS),
        lambda a, b: stats.boschloo_exact(table(a, b)).pvalue,
        40,
        "scipy's grid is coarser",
    ),
)


def measure(work: Work, a: Counts, b: Counts) -> dict[str, str]:
    """Time both sides in turn."""
    chosen = np.random.default_rng(1).permutation(a.size)[: work.sample]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        mine = work.ours(a, b)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        other = [work.theirs(int(a[i]), int(b[i])) for i in chosen]
        theirs.append((time.perf_counter() - start) * a.size / chosen.size)
    gap = np.nanmax(np.abs(np.asarray(mine)[chosen] - np.asarray(other, dtype=float)))
    fast, slow = float(np.median(ours)), float(np.median(theirs))
    return {
        "3,480 of": work.name,
        "baserate": f"{1000 * fast:.1f} ms",
        "one by one": f"{1000 * slow:.0f} ms" + ("" if work.sample == a.size else f" (from {work.sample})"),
        "ratio": f"{slow / fast:.0f}",
        "largest difference": f"{gap:.1g}",
        "note": work.note,
    }


def main() -> None:
    """Print the table."""
    import pandas as pd

    warnings.simplefilter("ignore")
    a, b = pairs()
    for work in WORK:
        work.ours(a, b)  # once, so that no import is timed
    print(text_table(pd.DataFrame([measure(work, a, b) for work in WORK])))


if __name__ == "__main__":
    main()
