"""The design points of the calibration study: conditions × prompts × epochs, which are simulated."""

from __future__ import annotations

import zlib
from dataclasses import astuple, dataclass
from itertools import product

RATES = "rate, sampled prompts", "rate, conditions", "rate, clusters", "rate, fixed prompts"
DIFFERENCES = (
    "difference, shared prompts",
    "difference, half shared prompts",
    "difference, own prompts",
    "difference, conditions",
    "difference, unequal spread",
    "difference, fixed prompts",
)
FAMILIES = (*RATES, *DIFFERENCES)

MIX = tuple(round(0.02 + 0.93 * i / 9, 4) for i in range(10))


@dataclass(frozen=True)
class PromptPoint:
    """One design and one truth.

    `rates` are those of the conditions, `rates2` those of the baseline. Each condition has `prompts` prompts, run
    `epochs` times; "crossed" conditions share them. Prompts' rates are beta distributed with intraclass correlation
    `icc`, the baseline's with `icc2`; on shared prompts both stand at the same quantile. `lost` runs: none, at random,
    or more the higher the prompt's rate. `uneven` epochs: a third on half of the prompts. `clusters` of four prompts
    each share a part of their quantile.
    """

    family: str
    rates: tuple[float, ...]
    prompts: int
    epochs: int
    icc: float
    rates2: tuple[float, ...] = ()
    icc2: float = -1.0
    kind: str = "nested"
    sharing: str = ""
    lost: str = ""
    uneven: bool = False
    clusters: bool = False

    @property
    def key(self) -> str:
        """The point in words; results are kept under it."""
        conditions = f"{len(self.rates)} {self.kind} conditions × " if len(self.rates) > 1 else ""
        parts = [f"{conditions}{self.prompts} prompts × {self.epochs}", f"rates {_span(self.rates)}"]
        parts += [f"against {_span(self.rates2)}"] if self.rates2 else []
        parts += [f"ICC {self.icc:g}" + (f" and {self.icc2:g}" if self.icc2 >= 0 else "")]
        parts += [f"lost {self.lost}"] if self.lost else []
        parts += [self.sharing] if self.sharing else []
        return ", ".join([*parts, *(["uneven epochs"] if self.uneven else [])])

    @property
    def seed(self) -> int:
        """Seed of this point's simulated runs."""
        return zlib.crc32("/".join(map(str, astuple(self))).encode())

    @property
    def null(self) -> bool:
        """Whether there is no difference."""
        return bool(self.rates2) and self.rates == self.rates2

    @property
    def events(self) -> float:
        """Expected events or misses, the fewer."""
        sides = [side for side in (self.rates, self.rates2) if side]
        means = [sum(side) / len(side) for side in sides]
        return len(self.rates) * self.prompts * self.epochs * min(min(p, 1 - p) for p in means)


def _span(rates: tuple[float, ...]) -> str:
    different = tuple(dict.fromkeys(rates))
    return f"{different[0]:g}" if len(different) == 1 else f"{different[0]:g} … {different[-1]:g}"


def points(quick: bool = False) -> list[PromptPoint]:
    """List the design points: all of them, or every ninth and the hardest."""
    everything = [*_rates(), *_differences()]
    chosen = everything[::9]
    return [*chosen, *(p for p in HARDEST if p not in chosen)] if quick else everything


def _rates() -> list[PromptPoint]:
    sampled = product((3, 8, 20, 50), (2, 5, 20), (0.01, 0.05, 0.2, 0.5, 0.84, 0.96), (0.0, 0.1, 0.3, 0.5))
    conditions = product(
        ((0.02,) * 10, MIX, (0.95,) * 6, (0.02, 0.02, 0.02, 0.95)),
        ("nested", "crossed"),
        ((2, 20), (3, 5), (10, 5), (30, 5)),
        (0.05, 0.3),
    )
    fixed = product((2, 6, 20), (2, 5, 20), (0.02, 0.2, 0.5, 0.84), (0.0, 0.3, 0.6))
    return [
        *(PromptPoint(RATES[0], (p,), g, m, icc) for g, m, p, icc in sampled),
        *(
            PromptPoint(RATES[0], (p,), 20, 9, 0.3, lost=lost, uneven=uneven)
            for p in (0.05, 0.3, 0.84)
            for lost, uneven in (("at random", False), ("with the rate", False), ("", True))
        ),
        *(PromptPoint(RATES[1], rates, g, m, icc, kind=kind) for rates, kind, (g, m), icc in conditions),
        *(
            PromptPoint(RATES[2], rates, g, 5, icc, clusters=True)
            for rates, g, icc in product(((0.05,), (0.3,), (0.84,), MIX), (20, 60), (0.1, 0.4))
        ),
        *(PromptPoint(RATES[3], (p,), g, m, icc) for g, m, p, icc in fixed),
    ]


def _differences() -> list[PromptPoint]:
    pairs = ((0.02, 0.02), (0.05, 0.05), (0.2, 0.2), (0.5, 0.5), (0.84, 0.7), (0.05, 0.2))
    sizes = ((6, 20), (20, 5), (20, 20), (50, 5))
    many = ((0.02,) * 5, MIX)
    found = [
        PromptPoint(DIFFERENCES[i], (p,), g, m, icc, (q,), sharing=sharing)
        for (i, sharing), (p, q), (g, m), icc in product(
            ((0, "shared"), (1, "half"), (2, "own")), pairs, sizes, (0.1, 0.4)
        )
    ]
    found += [
        PromptPoint(DIFFERENCES[0], (p,), 20, 9, 0.3, (p,), sharing="shared", lost=lost, uneven=uneven)
        for p in (0.05, 0.3, 0.84)
        for lost, uneven in (("at random", False), ("with the rate", False), ("", True))
    ]
    found += [
        PromptPoint(DIFFERENCES[3], rates, g, m, icc, tuple(min(r + gap, 0.99) for r in rates), -1.0, kind, sharing)
        for rates, gap, kind, sharing, (g, m), icc in product(
            many, (0.0, 0.05), ("nested", "crossed"), ("shared", "own"), ((3, 10), (10, 5)), (0.05, 0.3)
        )
    ]
    found += [
        PromptPoint(DIFFERENCES[4], (p,), g, m, 0.0, (p,), 0.5, sharing=sharing)
        for p, (g, m), sharing in product((0.02, 0.05, 0.2, 0.5, 0.84), sizes, ("shared", "own"))
    ]
    found += [
        PromptPoint(DIFFERENCES[5], (p,), g, m, icc, (q,), sharing="shared")
        for (p, q), (g, m), icc in product(pairs, ((2, 20), (6, 5), (20, 5)), (0.0, 0.4))
    ]
    return found


HARDEST = (
    PromptPoint(RATES[0], (0.05,), 20, 20, 0.5),
    PromptPoint(RATES[0], (0.01,), 50, 20, 0.5),
    PromptPoint(RATES[1], (0.02,) * 10, 10, 5, 0.3, kind="crossed"),
    PromptPoint(RATES[1], (0.02, 0.02, 0.02, 0.95), 30, 5, 0.3, kind="crossed"),
    PromptPoint(DIFFERENCES[0], (0.05,), 20, 20, 0.4, (0.05,), sharing="shared"),
    PromptPoint(DIFFERENCES[4], (0.05,), 20, 20, 0.0, (0.05,), 0.5, sharing="own"),
    PromptPoint(DIFFERENCES[4], (0.05,), 50, 5, 0.0, (0.05,), 0.5, sharing="shared"),
)
