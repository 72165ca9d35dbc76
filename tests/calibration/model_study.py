"""What models, corrections, bounds and false discovery rates do: `python tests/calibration/model_study.py`.

Every interval is the inversion of a test: a truth is covered where its test does not reject it, and no limit is needed.
Results go to docs/calibration_models.csv; the page docs/calibration.md tells them.
"""

from __future__ import annotations

import csv
import itertools
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from baserate.formula import parse_formula
from baserate.model import wild
from baserate.model.averages import average_over
from baserate.model.building import build_design
from baserate.model.design import Design
from baserate.model.estimation import estimate
from baserate.model.fitted import Estimation
from baserate.model.inference import infer
from baserate.model.wild import moved_by_infinite
from baserate.stats._arrays import Floats
from baserate.stats.cumulative import fit_cumulative, jackknife_covariance
from baserate.stats.marginal import contrast
from baserate.stats.misclassification import lang_reiczigel, tenenbein_limits
from baserate.stats.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm
from baserate.stats.newton import ConvergenceError
from baserate.stats.principal_strata import Side, never_aware, never_aware_monotone
from baserate.stats.profile import coefficient
from baserate.stats.student import t_quantile

HERE = Path(__file__).resolve().parent
TO = HERE.parents[1] / "docs" / "calibration_models.csv"
COLUMNS = ("family", "design", "method", "quantity", "share", "separated", "draws")
ALPHA = 0.05
Row = tuple[str, str, str, str, float, float, int]

RATES = (0.02, 0.05, 0.3, 0.84, 0.95)
SIZES = ((6, 20), (12, 10), (30, 5))
SPREADS = ((0.0, 0.0), (0.1, 0.1), (0.5, 0.5), (0.05, 0.7))


def _rng(*key: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32("/".join(map(str, key)).encode()))


def models(draws: int, some: slice = slice(None)) -> Iterator[Row]:
    """Contrasts of versions in ``y ~ version + goal`` over sampled prompts: misses of the truth, and false alarms.

    `effect` is the log odds ratio of the versions; "nuisance" makes one goal's events so rare that it separates.
    """
    points = itertools.product(RATES, SIZES, SPREADS, ("shared", "own"), ("none", "effect", "nuisance"))
    for rate, (prompts, epochs), spread, sharing, kind in list(points)[some]:
        icc = f"ICC {spread[0]:g}" + (f" and {spread[1]:g}" if spread[0] != spread[1] else "")
        named = f"{prompts} {sharing} prompts × {epochs}, rate {rate:g}, {icc}, {kind}"
        for method in ("", "CR2"):
            yield from _model(named, rate, prompts, epochs, spread, sharing, kind, method, draws)


def _model(
    named: str,
    rate: float,
    prompts: int,
    epochs: int,
    spread: tuple[float, float],
    sharing: str,
    kind: str,
    method: str,
    draws: int,
) -> Iterator[Row]:
    from calibration.prompt_worlds import GRID, quantiles

    design = _design(prompts, epochs, sharing)
    effect = 1.0 if kind == "effect" else 0.0
    beta = np.array([logit(rate), effect, 0.0, -3.0 if kind == "nuisance" else 0.0])
    eta = design.X[design.pattern] @ beta
    later = design.X[design.pattern][:, 1].astype(int)
    levels = {(e, v): quantiles(float(expit(e)), spread[v]) for e, v in set(zip(eta, later, strict=True))}
    rng, group = _rng(named), np.unique(design.prompt, return_inverse=True)[1]
    rows = [design.rows_with({"version": name}) for name in "AB"]
    truth = [float(weights @ expit(X @ beta)) for X, weights in rows]
    misses: dict[str, list[bool]] = {"log odds ratio": [], "difference": [], "rates": []}
    separated = []
    for _ in range(draws):
        place = np.minimum((rng.random(group.max() + 1)[group] * GRID).astype(int), GRID - 1)
        chance = [levels[e, v][i] for e, v, i in zip(eta, later, place, strict=True)]
        events = rng.binomial(epochs, chance).astype(float)
        if events.sum() in (0, events.size * epochs):
            continue
        totals = np.bincount(design.pattern, events)
        drawn = replace(design, cell_events=events, patterns=design.patterns.assign(events=totals))
        try:
            p_values = _p_values(estimate(drawn, "sampled", method), rows, effect, truth)
        except (ConvergenceError, np.linalg.LinAlgError):
            continue
        separated.append(p_values.pop("separated") > 0)
        for name, p in p_values.items():
            misses["rates" if name.startswith("rate") else name].append(p < ALPHA)
    for name, missed in misses.items():
        yield "models", named, method or "default", name, float(np.mean(missed)), float(np.mean(separated)), len(missed)


def _design(prompts: int, epochs: int, sharing: str) -> Design:
    own = {"A": "p", "B": "p" if sharing == "shared" else "q"}
    rows = [(v, "abc"[i % 3], f"{own[v]}{i:02d}") for v in "AB" for i in range(prompts)]
    table = pd.DataFrame(rows, columns=["version", "goal", "prompt"])
    table = table.assign(n=epochs, y=[i % (epochs + 1) for i in range(len(table))])
    return build_design(table, parse_formula("y ~ version + goal"))[0]


def _p_values(
    fit: Estimation, rows: list[tuple[Floats, Floats]], effect: float, truth: list[float]
) -> dict[str, float]:
    """Test the truth."""
    rates = [average_over(fit, *row) for row in rows]
    each = [contrast([rate], [1.0], "logit") for rate in rates]
    moved = [moved_by_infinite(fit, one(fit.theta)[1]) for one in each]
    own = moved_by_infinite(fit, np.eye(fit.theta.size)[1])
    with patch.object(wild, "_limit", lambda *_: 0.0):  # of the tests alone
        odds = infer(fit, coefficient(1, fit.theta.size), 0.95, null=effect, moved=own)
        apart = contrast(rates[::-1], [1.0, -1.0], "rate")
        difference = infer(fit, apart, 0.95, null=truth[1] - truth[0], bound=1.0, moved=any(moved))
        sides = [
            infer(fit, one, 0.95, null=float(logit(true)), moved=hit, unseen=1.0)
            for one, true, hit in zip(each, truth, moved, strict=True)
        ]
    found = {"log odds ratio": odds.p_value, "difference": difference.p_value, "separated": float(fit.separated)}
    return found | {f"rate {i}": side.p_value for i, side in enumerate(sides)}


def corrections(draws: int) -> Iterator[Row]:
    """Corrected rates of 400 runs, of which some are labeled."""
    for true, se, sp, labels in itertools.product(
        (0.01, 0.05, 0.2, 0.5, 0.84), (0.8, 0.9, 0.99), (0.8, 0.9, 0.99), (60, 200)
    ):
        rng = _rng("corrections", true, se, sp, labels)
        truth = rng.random((draws, 400)) < true
        verdict = np.where(truth, rng.random(truth.shape) < se, rng.random(truth.shape) > sp)
        t, v = truth[:, :labels], verdict[:, :labels]
        of_truth = ((t & v).sum(1), t.sum(1), (~t & ~v).sum(1), (~t).sum(1))
        of_verdict = ((t & v).sum(1), v.sum(1), (t & ~v).sum(1), (~v).sum(1))
        named = f"rate {true:g}, Se {se:g}, Sp {sp:g}, {labels} labels"
        for method, (low, high) in (
            ("rogan-gladen", lang_reiczigel(verdict.sum(1), 400, *of_truth)),
            ("ppi", tenenbein_limits(verdict.sum(1), 400, *of_verdict)),
        ):
            used = (of_truth[1] >= 10) & (of_truth[3] >= 10) if method == "rogan-gladen" else np.ones(draws, dtype=bool)
            if used.sum() < draws / 10:  # too few labels of a kind: the result stays uncorrected
                continue
            missed = float(np.mean(~((low <= true) & (true <= high))[used]))
            yield "corrected rates", named, method, "rate", missed, 0.0, int(used.sum())
            yield "corrected rates", named, method, "length", float(np.mean((high - low)[used])), 0.0, int(used.sum())


def discoveries(draws: int) -> Iterator[Row]:
    """Share of false ones among discoveries over 40 outcomes, of which some differ; z values that are correlated."""
    methods = {"holm": holm, "benjamini-hochberg": benjamini_hochberg, "benjamini-yekutieli": benjamini_yekutieli}
    for real, correlation in itertools.product((0, 8, 20), (0.0, 0.5)):
        rng = _rng("discoveries", real, correlation)
        common = rng.standard_normal((draws, 1))
        noise = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal((draws, 40))
        p = 2 * (1 - _phi(np.abs(noise + 3.0 * (np.arange(40) < real))))
        for name, adjust in methods.items():
            hit = np.array([adjust(one) for one in p]) < ALPHA
            false = hit[:, real:].sum(1) / np.maximum(hit.sum(1), 1)
            named = f"{real} of 40 outcomes differ, correlation {correlation:g}"
            yield "false discoveries", named, name, "false among found", float(false.mean()), 0.0, draws
            if real:
                yield "false discoveries", named, name, "found", float(hit[:, :real].mean()), 0.0, draws


def _phi(z: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


def strata(draws: int) -> Iterator[Row]:
    """Bounds of the difference among runs that know under neither version, in drawn potential outcomes."""
    for monotone in (False, True):
        rng, missed, width = _rng("strata", monotone), [], []
        for _ in range(draws):
            aware0 = rng.random(5_000) < rng.uniform(0, 0.5)
            more = rng.random(5_000) < rng.uniform(0, 0.5)
            aware1 = aware0 | more if monotone else more
            chance = rng.uniform(0, 1, (2, 2, 2))  # by version and by both kinds of knowing
            y0, y1 = (rng.random(5_000) < chance[v][aware0.astype(int), aware1.astype(int)] for v in (0, 1))
            never = ~aware0 & ~aware1
            true = y1[never].mean() - y0[never].mean()
            sides = Side(aware1.mean(), y1[~aware1].mean()), Side(aware0.mean(), y0[~aware0].mean())
            low, high = (never_aware_monotone if monotone else never_aware)(*sides)
            missed.append(not low - 1e-9 <= true <= high + 1e-9)
            width.append(float(high - low))
        named = "one version's knowing contains the other's" if monotone else "any potential outcomes"
        yield (
            "bounds",
            named,
            "monotone" if monotone else "no assumption",
            "difference",
            float(np.mean(missed)),
            0.0,
            draws,
        )
        yield "bounds", named, "monotone" if monotone else "no assumption", "length", float(np.mean(width)), 0.0, draws


def ratings(draws: int) -> Iterator[Row]:
    """The proportional-odds model over sampled prompts, by jackknife and t."""
    cuts = np.array([-1.5, -0.5, 0.3, 1.2, 2.2])
    for (prompts, epochs), spread, sharing in itertools.product(SIZES, (0.0, 0.8, 1.5), ("shared", "own")):
        named = f"{prompts} {sharing} prompts × {epochs}, deviation {spread:g}"
        rng, missed = _rng("ratings", named), []
        unit = np.repeat(np.arange(2 * prompts), epochs)
        later = (unit >= prompts).astype(float)
        prompt = unit % prompts if sharing == "shared" else unit
        for _ in range(draws):
            shift = spread * rng.standard_normal(prompt.max() + 1)[prompt]
            rating = np.searchsorted(cuts, rng.logistic(size=unit.size) + shift)
            seen = np.unique(rating)
            counts = np.zeros((2 * prompts, seen.size))
            np.add.at(counts, (unit, np.searchsorted(seen, rating)), 1)
            X, group = later[::epochs, None], prompt[::epochs]
            try:
                value = fit_cumulative(X, counts).theta[-1]
                error = np.sqrt(jackknife_covariance(X, counts, group)[-1, -1])
            except ConvergenceError:
                continue
            missed.append(abs(value) > t_quantile(float(np.unique(group).size - 1), 0.975) * error)
        yield "ratings", named, "jackknife", "log odds", float(np.mean(missed)), 0.0, len(missed)


def main() -> None:
    """Run all, and print the worst of each family."""
    sys.path.insert(0, str(HERE.parent))
    from tqdm import tqdm

    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 80
    quick = corrections(20 * draws), discoveries(10 * draws), strata(10 * draws), ratings(5 * draws)
    rows = itertools.chain(*quick, models(draws))
    with TO.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in tqdm(rows, unit="row", mininterval=2):
            writer.writerow([f"{v:.4f}" if isinstance(v, float) else v for v in row])
    table = pd.read_csv(TO)
    print(table.groupby(["family", "method", "quantity"])["share"].describe()[["count", "mean", "max"]].round(3))


if __name__ == "__main__":
    main()
