"""The design points of the calibration study: independent runs, which are enumerated."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Point:
    """Independent runs: `n1`, `n2` of two versions (pairs, in the family "paired") with the true rates `p1`, `p2`.

    In "paired" these are the shares of both kinds of discordant pairs.
    """

    family: str
    p1: float
    p2: float = 0.0
    n1: int = 0
    n2: int = 0

    @property
    def key(self) -> str:
        """The point in words; results are kept under it."""
        if self.family == "rate":
            return f"{self.n1} runs at {self.p1:g}"
        if self.family == "paired":
            return f"{self.n1} pairs, discordant {self.p1:g} and {self.p2:g}"
        return f"{self.n1} runs at {self.p1:g} against {self.n2} at {self.p2:g}"

    @property
    def null(self) -> bool:
        """Whether there is no difference."""
        return self.family != "rate" and self.p1 == self.p2

    @property
    def events(self) -> float:
        """Expected events or misses, the fewer."""
        sides = [(self.p1, self.n1), *([(self.p2, self.n2 or self.n1)] if self.family != "rate" else [])]
        return min(n * min(p, 1 - p) for p, n in sides)


EXACT = ("rate", "difference", "paired")

_RATES = (0.0, 0.01, 0.05, 0.16, 0.3, 0.5, 0.84, 0.99)
_TWO = (
    (0.0, 0.0), (0.05, 0.0), (0.01, 0.01), (0.05, 0.05), (0.05, 0.01), (0.16, 0.16), (0.5, 0.5), (0.84, 0.7),
    (0.84, 0.84), (0.96, 0.84), (0.99, 0.0), (0.99, 0.5),
)  # fmt: skip
_SIZES = (
    (5, 5), (10, 10), (20, 20), (50, 50), (100, 100), (200, 200),
    (5, 50), (10, 20), (20, 100), (100, 50), (200, 20),
)  # fmt: skip
_DISCORDANT = ((0.0, 0.0), (0.02, 0.0), (0.05, 0.05), (0.2, 0.05), (0.2, 0.2), (0.4, 0.1), (0.9, 0.0))


def points(quick: bool = False) -> list[Point]:
    """List the design points: all of them, or a seventh and the hardest."""
    everything = _independent()
    return [*everything[::7], *(p for p in HARDEST if p not in everything[::7])] if quick else everything


def _independent() -> list[Point]:
    return [
        *(Point("rate", p, n1=n) for n, p in product((5, 10, 20, 50, 100, 200, 500), _RATES)),
        *(Point("difference", *p, n1=n, n2=m) for (n, m), p in product(_SIZES, _TWO)),
        *(Point("paired", *p, n1=n) for n, p in product((5, 10, 20, 50, 100), _DISCORDANT)),
    ]


HARDEST = (
    Point("paired", 0.05, 0.05, n1=20),
    Point("paired", 0.2, 0.2, n1=10),
    Point("difference", 0.05, 0.05, n1=100, n2=50),
    Point("difference", 0.5, 0.5, n1=20, n2=20),
    Point("rate", 0.01, n1=20),
    Point("rate", 0.99, n1=100),
    Point("difference", 0.99, 0.0, n1=50, n2=50),
    Point("difference", 0.05, 0.0, n1=20, n2=100),
)
