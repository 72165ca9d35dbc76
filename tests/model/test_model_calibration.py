"""Coverage of the intervals that the automatic path chooses, simulated at this field's design points."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

from baserate.formula import parse_formula
from baserate.model.averages import average_over
from baserate.model.building import build_design
from baserate.model.design import Design
from baserate.model.estimation import estimate, for_averages
from baserate.model.inference import infer, infer_coefficient
from baserate.stats.marginal import contrast

Floats = NDArray[np.float64]

LEVEL = 0.95
LEAST, MOST = 0.90, 1.0  # 150 to 200 replicates: three standard errors of .017 below .95


class Point(NamedTuple):
    """A design point: log odds of the reference, effects of version B and of two goals, and how prompts vary."""

    name: str
    beta: tuple[float, float, float, float]
    prompts: int
    epochs: int
    icc: float
    scope: str
    replicates: int


POINTS = [
    Point("84 % against 96 %, fixed", (1.6, 1.2, 0.0, 0.5), 3, 60, 0.0, "fixed", 150),
    Point("50 %, fixed", (0.0, 0.5, -0.5, 0.5), 6, 20, 0.0, "fixed", 150),
    Point("5 %, few events, fixed", (-3.0, 0.0, 0.0, 0.0), 3, 25, 0.0, "fixed", 150),
    Point("1 to 4 %, separates often, fixed", (-4.5, 1.0, 0.5, 0.0), 3, 40, 0.0, "fixed", 150),
    Point("98 %, separates often, fixed", (3.8, -1.0, 0.0, 0.5), 3, 40, 0.0, "fixed", 150),
    Point("84 %, 20 x 5, ICC .3", (1.6, -0.5, 0.0, 0.0), 20, 5, 0.3, "sampled", 200),
    Point("50 %, 12 x 10, ICC .5", (0.0, 0.5, 0.5, 0.0), 12, 10, 0.5, "sampled", 200),
    Point("50 %, 6 x 20, ICC .3", (0.0, 0.0, 0.5, 0.0), 6, 20, 0.3, "sampled", 200),
    Point("10 %, 20 x 5, few events, ICC .1", (-2.4, 0.5, 0.5, 0.0), 20, 5, 0.1, "sampled", 200),
    Point("10 %, 20 x 5, few events, ICC .3", (-2.0, 0.5, 0.5, 0.0), 20, 5, 0.3, "sampled", 200),
]


def design_of(point: Point) -> tuple[Design, Floats]:
    """Build a design once; the true rate of each of its cells."""
    goals = ("a", "b", "c")
    rows = [(v, goals[q % 3], f"p{q:02d}") for v in ("A", "B") for q in range(point.prompts)]
    table = pd.DataFrame(rows, columns=["version", "goal", "prompt"])
    table = table.assign(n=point.epochs, y=[i % (point.epochs + 1) for i in range(len(table))])
    design = build_design(table, parse_formula("y ~ version + goal"))[0]
    return design, expit(design.X[design.pattern] @ np.array(point.beta))


def simulate(point: Point, design: Design, rates: Floats, rng: np.random.Generator) -> Design:
    """Draw events; prompts vary by a Gaussian copula, which leaves the rates of the cells as they are."""
    prompt = np.unique(design.prompt, return_inverse=True)[1]
    shift = rng.standard_normal(prompt.max() + 1)[prompt]
    chance = ndtr((ndtri(rates) - np.sqrt(point.icc) * shift) / np.sqrt(1 - point.icc))
    events = rng.binomial(design.cell_n.astype(int), chance).astype(float)
    totals = np.bincount(design.pattern, events)
    return replace(design, cell_events=events, patterns=design.patterns.assign(events=totals))


@pytest.mark.calibration
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_coefficients_are_covered(point: Point) -> None:
    design, rates = design_of(point)
    rng = np.random.default_rng(20261123)
    covered = []
    for _ in range(point.replicates):
        drawn = simulate(point, design, rates, rng)
        found = estimate(drawn, point.scope)
        if point.scope == "sampled" and found.separated:
            continue  # no interval for prompts like these: the result says so
        both = [infer_coefficient(found, j, LEVEL) for j in (1, 2)]
        covered.append([i.conf_low <= point.beta[j] <= i.conf_high for i, j in zip(both, (1, 2), strict=True)])
    assert len(covered) > 0.8 * point.replicates
    share = np.mean(covered, axis=0)
    print(point.name, share)
    assert np.all((share >= LEAST) & (share <= MOST)), share


@pytest.mark.calibration
@pytest.mark.parametrize("point", [POINTS[2], POINTS[4], POINTS[5]], ids=lambda point: point.name)
def test_average_rates_are_covered(point: Point) -> None:
    design, rates = design_of(point)
    rng = np.random.default_rng(20261124)
    rows = [design.rows_with({"version": v}) for v in ("A", "B")]
    truth = [logit(weights @ expit(X @ np.array(point.beta))) for X, weights in rows]
    covered = []
    for _ in range(200):
        drawn = simulate(point, design, rates, rng)
        found = for_averages(drawn, estimate(drawn, point.scope))
        averages = [contrast([average_over(found, X, weights)], [1.0], "logit") for X, weights in rows]
        both = [infer(found, average, LEVEL, tested=False) for average in averages]
        covered.append([i.conf_low <= t <= i.conf_high for i, t in zip(both, truth, strict=True)])
    share = np.mean(covered, axis=0)
    print(point.name, share)
    assert np.all((share >= LEAST) & (share <= MOST)), share
