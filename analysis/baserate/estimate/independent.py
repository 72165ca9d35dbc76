"""Independent runs in one condition: the methods of a single binomial, and of two."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from baserate.estimate.effect import Effect
from baserate.estimate.estimates import Estimates, unknown
from baserate.stats._arrays import Floats, Interval
from baserate.stats.cell_means import CellMeans
from baserate.stats.guarded_difference import guarded_difference, guarded_p_value
from baserate.stats.guarded_wilson import guarded_wilson
from baserate.stats.rate import RATE_INTERVALS, clopper_pearson, wilson
from baserate.stats.two_rates import DIFFERENCE_INTERVALS, miettinen_nurminen
from baserate.stats.two_rates_tests import TWO_RATES_TESTS, choose_test

NAME = "independent"
TEST_NAMES = {
    "n-1-chi2": "N−1 χ² test",
    "boschloo": "Boschloo's test",
    "fisher": "Fisher's exact test",
    "fisher-mid-p": "Fisher's mid-P test",
}


def rates(means: CellMeans, method: str | None) -> Estimates:
    """Estimate rates of independent runs.

    Parameters
    ----------
    means : CellMeans
        Groups of one condition.
    method : str, optional
        One of `RATE_INTERVALS`; left out, Wilson's interval, guarded where events are few.

    Returns
    -------
    Estimates
    """
    k, n = means.shown, means.graded
    between = guarded_wilson if method is None else RATE_INTERVALS[method]
    with np.errstate(invalid="ignore", divide="ignore"):
        value, error = k / n, np.sqrt(k / n * (1 - k / n) / n)
    m = len(k)
    return Estimates(
        value=np.asarray(value),
        std_error=np.asarray(error),
        limits_at=lambda level: between(k, n, level),
        test=lambda: unknown(m),
        null=np.nan,
        n_eff=n,
        df=unknown(m),
        correlation=unknown(m),
        designs=(NAME,) * m,
        intervals=(method or "wilson",) * m,
        tests=("",) * m,
        guarded=_guard(between, wilson if method is None else between, (k, n)),
        bounds_at=None if method else lambda level: clopper_pearson(k, n, level),
    )


def differences(means: CellMeans, effect: Effect, method: str | None, test: str | None) -> Estimates:
    """Estimate effects between independent runs.

    Parameters
    ----------
    means : CellMeans
        Of 2m groups: candidates, then baselines.
    effect : Effect
    method : {"miettinen-nurminen", "newcombe"}, optional
    test : str, optional
        One of `TWO_RATES_TESTS`; left out, Boschloo's where an expected count is below 5, else the N-1 χ² test.

    Returns
    -------
    Estimates

    References
    ----------
    Miettinen & Nurminen (1985) Stat. Med. 4:213. Koopman (1984) Biometrics 40:513. Campbell (2007) Stat. Med. 26:3661.
    Boschloo (1970) Stat. Neerl. 24:1.
    """
    m = means.groups // 2
    k, n = means.shown, means.graded
    counts = (k[:m], n[:m], k[m:], n[m:])
    difference = effect.null == 0
    between: Callable[..., Interval] = effect.independent
    if difference and method is not None:
        between = DIFFERENCE_INTERVALS[method]
    plain = miettinen_nurminen if between is guarded_difference else between
    label = method or "miettinen-nurminen"
    p, tests = _tested(counts, test, guard=difference and method is None and test is None)
    if between is guarded_difference and test is None:  # the guard needs the p value, which takes long: once is enough
        between = partial(guarded_difference, p=p)
    p1, p2 = counts[0] / counts[1], counts[2] / counts[3]
    return Estimates(
        value=effect.value(p1, p2),
        std_error=_std_error(counts, effect),
        limits_at=lambda level: between(*counts, level=level),
        test=lambda: p,
        null=effect.null,
        n_eff=unknown(m),
        df=unknown(m),
        correlation=np.zeros(m),
        designs=(NAME,) * m,
        intervals=(label if difference else f"{label} {effect.name}",) * m,
        tests=tests,
        guarded=_guard(between, plain, counts),
    )


def _std_error(counts: tuple[Floats, ...], effect: Effect) -> Floats:
    """Return the plain standard error: of the difference, or of the logarithm of a ratio."""
    k1, n1, k2, n2 = counts
    with np.errstate(divide="ignore", invalid="ignore"):
        if effect.null == 0:
            return np.asarray(np.sqrt(k1 / n1 * (1 - k1 / n1) / n1 + k2 / n2 * (1 - k2 / n2) / n2))
        if effect.name == "ratio":
            return np.asarray(np.sqrt(1 / k1 - 1 / n1 + 1 / k2 - 1 / n2))
        return np.asarray(np.sqrt(1 / k1 + 1 / (n1 - k1) + 1 / k2 + 1 / (n2 - k2)))


def _tested(counts: tuple[Floats, ...], test: str | None, guard: bool) -> tuple[Floats, tuple[str, ...]]:
    """Test whether two rates differ, and name the tests."""
    chosen = np.broadcast_to(np.asarray(test or choose_test(*counts)), counts[0].shape)
    p = np.full(counts[0].shape, np.nan)
    for name in np.unique(chosen):
        hit = chosen == name
        p[hit] = TWO_RATES_TESTS[str(name)](*(c[hit] for c in counts))
    names = [TEST_NAMES[str(name)] for name in chosen]
    if guard:
        guarded = np.asarray(guarded_p_value(*counts), dtype=np.float64)
        names = [f"guarded {name}" if g != plain else name for name, g, plain in zip(names, guarded, p, strict=True)]
        p = guarded
    return p, tuple(names)


def _guard(between: Any, plain: Any, counts: tuple[Floats, ...]) -> Callable[[float], npt.NDArray[np.bool_]] | None:
    """Tell where a guard has widened intervals."""
    if between is plain:
        return None

    def guarded(level: float) -> npt.NDArray[np.bool_]:
        (low, high), (plain_low, plain_high) = between(*counts, level=level), plain(*counts, level=level)
        return np.asarray((low != plain_low) | (high != plain_high))

    return guarded
