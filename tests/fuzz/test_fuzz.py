"""A few hundred damaged logs in every run of the tests; `make fuzz` reads twenty thousand."""

from __future__ import annotations

import pytest

from fuzz.mutate import MUTATIONS
from fuzz.properties import attempt
from fuzz.seeds import SEEDS

EACH = 6


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("kind", SEEDS)
def test_damage_costs_what_it_hits(kind: str, mutation: str) -> None:
    for seed in range(EACH):
        attempt(kind, mutation, seed)


@pytest.mark.parametrize(
    "case", [("inspect-json", "value", 1000210), ("csv", "value", 1000162), ("promptfoo", "value", 1000099)]
)
def test_what_was_found_once(case: tuple[str, str, int]) -> None:
    """A factor called like a status, an id that is an object, a score that makes a scale of all others."""
    attempt(*case)
