"""Estimates of any kind: values, limits at any level, p values, and how they came about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from baserate.stats._arrays import Floats, Interval

Limits = Callable[[Floats], Interval]


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates with their limits; arrays of shape (m,).

    Attributes
    ----------
    value : ndarray
        NaN where nothing was graded.
    std_error : ndarray
        Of the value; of a ratio, of its logarithm. NaN where the method has none.
    limits_at : callable
        Levels of shape (m,) -> low, high.
    test : callable
        Nothing -> p values of no effect, NaN for rates; called once, when first asked for.
    null : float
        The value of no effect.
    n_eff : ndarray
        Of rates, the number of independent runs they are worth.
    df : ndarray
        Degrees of freedom of the standard error.
    correlation : ndarray
        Of the two rates of a difference.
    designs : tuple of str
        The name of each estimate's design, of `baserate.estimate.designs`.
    intervals, tests : tuple of str
        The name of each estimate's interval and test.
    guarded : callable, optional
        Level -> where the interval was widened beyond the published one, shape (m,).
    dual : bool
        Whether the p values invert the limits, so that these alone tell what is rejected.
    bounds_at : callable, optional
        Of rates, what serves as bounds on one side in place of the limits: levels -> low, high.
    """

    value: Floats
    std_error: Floats
    limits_at: Limits
    test: Callable[[], Floats]
    null: float
    n_eff: Floats
    df: Floats
    correlation: Floats
    designs: tuple[str, ...]
    intervals: tuple[str, ...]
    tests: tuple[str, ...] = field(default=())
    guarded: Callable[[float], npt.NDArray[np.bool_]] | None = None
    dual: bool = False
    bounds_at: Limits | None = None

    def named(self, level: float) -> tuple[str, ...]:
        """Name the interval of each estimate, and say where it was guarded at a level.

        Parameters
        ----------
        level : float

        Returns
        -------
        tuple of str
        """
        if self.guarded is None:
            return self.intervals
        widened = self.guarded(level)
        return tuple(f"guarded {name}" if w else name for name, w in zip(self.intervals, widened, strict=True))

    def bounds(self, level: npt.ArrayLike) -> Interval:
        """Compute what serves as bounds on one side, each of level (1 + level) / 2.

        Parameters
        ----------
        level : array_like

        Returns
        -------
        low, high : ndarray, shape (m,)
        """
        levels = np.broadcast_to(np.asarray(level, dtype=np.float64), self.value.shape)
        low, high = (self.bounds_at or self.limits_at)(levels)
        return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)

    @cached_property
    def p_value(self) -> Floats:
        """P values of no effect; NaN for rates."""
        return np.asarray(self.test(), dtype=np.float64)

    def rejects(self, alpha: float) -> npt.NDArray[np.bool_]:
        """Tell where no effect is rejected, by the test and by the interval.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        ndarray of bool, shape (m,)
        """
        low, high = self.limits(1 - alpha)
        outside = np.asarray((low > self.null) | (high < self.null))
        return outside if self.dual else outside & (self.p_value < alpha)

    def __len__(self) -> int:
        """Return how many estimates there are."""
        return len(self.value)

    def limits(self, level: npt.ArrayLike) -> Interval:
        """Compute the limits.

        Parameters
        ----------
        level : array_like
            Confidence level, one, or one an estimate.

        Returns
        -------
        low, high : ndarray, shape (m,)
        """
        low, high = self.limits_at(np.broadcast_to(np.asarray(level, dtype=np.float64), self.value.shape))
        return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def unknown(shape: int) -> Floats:
    """Return as many numbers that are not known."""
    return np.full(shape, np.nan)


def stacked(parts: Sequence[tuple[npt.NDArray[np.intp], Estimates]], total: int, null: float) -> Estimates:
    """Put estimates of several designs into one, in the order of what they are of.

    Parameters
    ----------
    parts : sequence of (ndarray of int, Estimates)
        Places and estimates; all places are covered once.
    total : int
    null : float

    Returns
    -------
    Estimates
    """
    if len(parts) == 1:
        return parts[0][1]

    def together(name: str) -> Floats:
        out = unknown(total)
        for place, part in parts:
            out[place] = getattr(part, name)
        return out

    def named(name: str) -> tuple[str, ...]:
        out = [""] * total
        for place, part in parts:
            for i, text in zip(place, getattr(part, name), strict=True):
                out[i] = text
        return tuple(out)

    def limits_at(levels: Floats) -> Interval:
        low, high = unknown(total), unknown(total)
        for place, part in parts:
            low[place], high[place] = part.limits_at(levels[place])
        return low, high

    dual = all(part.dual for _, part in parts)

    def bounds_at(levels: Floats) -> Interval:
        low, high = unknown(total), unknown(total)
        for place, part in parts:
            low[place], high[place] = (part.bounds_at or part.limits_at)(levels[place])
        return low, high

    def guarded(level: float) -> npt.NDArray[np.bool_]:
        out = np.zeros(total, dtype=bool)
        for place, part in parts:
            if part.guarded is not None:
                out[place] = part.guarded(level)
        return out

    return Estimates(
        value=together("value"),
        std_error=together("std_error"),
        limits_at=limits_at,
        test=lambda: together("p_value"),
        null=null,
        n_eff=together("n_eff"),
        df=together("df"),
        correlation=together("correlation"),
        designs=named("designs"),
        intervals=named("intervals"),
        tests=named("tests"),
        guarded=guarded,
        dual=dual,
        bounds_at=bounds_at,
    )
