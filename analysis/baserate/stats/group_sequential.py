"""Planned looks at accumulating runs: how much of alpha each look may spend."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from baserate.stats._arrays import Floats, two_sided
from baserate.stats._roots import bracketed_root

Spending = Literal["obrien-fleming", "pocock"]

LEAST_LEVEL = 1e-12  # no look gets less: 1 minus it is still told from 1 in floating point
LEAST_SPENT = 1e-300  # what a look spends whose share of alpha is too small for a number
CLOSEST = 1e-4  # least share of the information so far that a look must add
LARGEST_P = 0.999  # p values above count as this one: there the boundary hardly depends on alpha
LARGEST_KERNEL = 4_000_000  # numbers held at once when many comparisons are integrated together


def alpha_spent(fractions: npt.ArrayLike, alpha: npt.ArrayLike = 0.05, spending: Spending = "obrien-fleming") -> Floats:
    """Return the alpha that may have been spent by each look.

    Parameters
    ----------
    fractions : array_like, shape (..., K)
        Share of the planned information (of the planned runs, or prompts) at each look: increasing, above 0,
        at most 1. The last may be below 1; then some of alpha is left.
    alpha : array_like, shape (...)
        Two-sided level of all looks together, strictly between 0 and 1.
    spending : {"obrien-fleming", "pocock"}
        O'Brien-Fleming-type spends little early, Pocock-type about evenly.

    Returns
    -------
    spent : ndarray, shape (..., K)
        Two-sided: half of it on either side. The O'Brien-Fleming type spends it as two one-sided tests at alpha / 2
        would, as ldbounds, gsDesign and rpact do.

    Raises
    ------
    ValueError
        If the fractions, alpha or the name are impossible.

    References
    ----------
    Lan, K. K. G. & DeMets, D. L. (1983). Discrete sequential boundaries for clinical trials. Biometrika 70, 659-663.
    """
    t, level = _checked(fractions, alpha)
    if spending not in _SPENDING:
        raise ValueError(f"spending is {spending!r}. Pass one of {', '.join(map(repr, _SPENDING))}.")
    return np.broadcast_to(_SPENDING[spending](t, level[..., None]), np.broadcast_shapes(t.shape, (*level.shape, 1)))


def boundaries(fractions: npt.ArrayLike, alpha: npt.ArrayLike = 0.05, spending: Spending = "obrien-fleming") -> Floats:
    """Return the |z| that a comparison must reach at each look.

    The looks must be planned without regard to the results. A look is one of the same data as the one before, with
    runs added: the z statistics are then correlated by √(t_j / t_k).

    Parameters
    ----------
    fractions : array_like, shape (..., K)
        Share of the planned information at each look: increasing, above 0, at most 1.
    alpha : array_like, shape (...)
        Two-sided level of all looks together, strictly between 0 and 1.
    spending : {"obrien-fleming", "pocock"}
        The spending function.

    Returns
    -------
    z : ndarray, shape (..., K)
        Accurate to 1e-9.

    Raises
    ------
    ValueError
        If the fractions, alpha or the name are impossible.

    References
    ----------
    Armitage, P., McPherson, C. K. & Rowe, B. C. (1969). Repeated significance tests on accumulating data. JRSS A 132,
    235-244.
    Jennison, C. & Turnbull, B. W. (2000). Group Sequential Methods with Applications to Clinical Trials. Chapman &
    Hall, chapter 19.
    """
    spent = alpha_spent(fractions, alpha, spending)
    looks = spent.shape[-1]
    t = np.broadcast_to(np.asarray(fractions, dtype=np.float64), spent.shape).reshape(-1, looks)
    return _solve(t, spent.reshape(-1, looks)).reshape(spent.shape)


def nominal_p(fractions: npt.ArrayLike, alpha: npt.ArrayLike = 0.05, spending: Spending = "obrien-fleming") -> Floats:
    """Return the ordinary two-sided p value that a comparison must reach at each look.

    Parameters
    ----------
    fractions, alpha, spending
        As in `boundaries`.

    Returns
    -------
    p : ndarray, shape (..., K)
        At least 1e-12, so that `adjusted_level` stays below 1.

    Raises
    ------
    ValueError
        If the fractions, alpha or the name are impossible.
    """
    return np.maximum(two_sided(boundaries(fractions, alpha, spending)), LEAST_LEVEL)


def adjusted_level(
    fractions: npt.ArrayLike, alpha: npt.ArrayLike = 0.05, spending: Spending = "obrien-fleming"
) -> Floats:
    """Return the level at which an ordinary interval must be computed at each look.

    These repeated confidence intervals hold at all looks together with 1 - alpha, whether or not the
    boundary was used to stop, and exclude the null exactly where the dual test's p reaches `nominal_p`.

    Parameters
    ----------
    fractions, alpha, spending
        As in `boundaries`.

    Returns
    -------
    level : ndarray, shape (..., K)
        1 - 2 (1 - Φ(z_k)).

    Raises
    ------
    ValueError
        If the fractions, alpha or the name are impossible.

    References
    ----------
    Jennison, C. & Turnbull, B. W. (1989). Interim analyses: the repeated confidence interval approach. JRSS B 51,
    305-361.
    """
    return 1 - nominal_p(fractions, alpha, spending)


def _obrien_fleming(t: Floats, alpha: Floats) -> Floats:
    spent: Floats = 4 * special.ndtr(special.ndtri(alpha / 4) / np.sqrt(t))
    return spent


def _pocock(t: Floats, alpha: Floats) -> Floats:
    spent: Floats = alpha * np.log1p((np.e - 1) * t)
    return spent


_SPENDING: dict[str, Callable[[Floats, Floats], Floats]] = {"obrien-fleming": _obrien_fleming, "pocock": _pocock}


def _checked(fractions: npt.ArrayLike, alpha: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return fractions and alpha as arrays, or say what cannot be spent."""
    t, level = np.asarray(fractions, dtype=np.float64), np.asarray(alpha, dtype=np.float64)
    if not ((level > 0) & (level < 1)).all():
        raise ValueError(f"alpha lies between 0 and 1, but {alpha!r} was found. For 5 % pass alpha=0.05.")
    if t.ndim < 1 or t.shape[-1] < 1 or not ((t > 0) & (t <= 1)).all():
        raise ValueError(
            f"Each look has a share of the planned information above 0 and at most 1, but {t.tolist()!r} was found. "
            "Divide the runs at each look by the planned runs; if more were run than planned, the last look is 1."
        )
    if (np.diff(t, axis=-1) < CLOSEST * t[..., 1:]).any():
        raise ValueError(
            f"Each look must have more runs than the one before (by 0.01 % at least), but {t.tolist()!r} was found. "
            "Sort the looks, and leave out those that saw no new runs."
        )
    return t, level


class _Running(NamedTuple):
    """The walks of √t z that have not yet left, as mass at nodes of the upper half line, which mirrors the lower."""

    nodes: Floats  # (rows, n)
    mass: Floats  # (rows, n)


def _solve(t: Floats, spent: Floats) -> Floats:
    """Solve for the boundaries of each row, look by look."""
    increments = np.maximum(np.diff(spent, axis=-1, prepend=0.0), LEAST_SPENT)
    steps = np.sqrt(np.diff(t, axis=-1, prepend=0.0))
    z = np.empty(t.shape)
    running = _Running(np.zeros((t.shape[0], 1)), np.full((t.shape[0], 1), 0.5))
    for k in range(t.shape[1]):
        bound = _bound(running, steps[:, k], increments[:, k], np.maximum(spent[:, k], LEAST_SPENT), t[:, k])
        z[:, k] = bound / np.sqrt(t[:, k])
        if k + 1 < t.shape[1]:
            running = _go_on(running, bound, steps[:, k], steps[:, k + 1])
    return z


def _bound(running: _Running, step: Floats, increment: Floats, spent: Floats, t: Floats) -> Floats:
    """Find the bound that a walk leaves at this look with the probability to be spent."""
    scale = step[:, None]

    def excess(bound: Floats) -> Floats:
        up, down = (running.nodes - bound[:, None]) / scale, (-running.nodes - bound[:, None]) / scale
        leaving = 2 * (running.mass * (special.ndtr(up) + special.ndtr(down))).sum(axis=-1)
        difference: Floats = np.log(increment) - np.log(np.maximum(leaving, 1e-320))
        return difference

    # to leave now is to be beyond the bound now, and that is to have left now or before
    low, high = -special.ndtri(spent / 2) * np.sqrt(t), -special.ndtri(increment / 2) * np.sqrt(t)
    return bracketed_root(excess, low, high)


def _go_on(running: _Running, bound: Floats, step: Floats, next_step: Floats) -> _Running:
    """Add one step to the walks, and keep those within the bound."""
    # Gauss-Legendre nodes resolve the narrower of the two normal kernels that meet here
    size = 20 + int(np.ceil(2 * (bound / np.minimum(step, next_step)).max()))
    points, weights = _legendre(size)
    nodes = bound[:, None] * points
    density = np.empty(nodes.shape)
    for rows in _chunks(nodes.shape[0], size * running.nodes.shape[1]):
        before, scale = running.nodes[rows, None, :], step[rows, None, None]
        up, down = (nodes[rows, :, None] - before) / scale, (nodes[rows, :, None] + before) / scale
        kernel = (np.exp(-up * up / 2) + np.exp(-down * down / 2)) / (np.sqrt(2 * np.pi) * scale)
        density[rows] = (kernel @ running.mass[rows, :, None])[..., 0]
    return _Running(nodes, bound[:, None] * weights * density)


@cache
def _legendre(size: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    points, weights = special.roots_legendre(size)
    return (points + 1) / 2, weights / 2


def _chunks(rows: int, width: int) -> Iterator[slice]:
    size = max(1, LARGEST_KERNEL // width)
    return (slice(start, start + size) for start in range(0, rows, size))
