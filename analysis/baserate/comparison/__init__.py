"""Differences between versions, with a verdict that holds up: `compare`, and the `Comparison` that it returns."""

from __future__ import annotations

from baserate.comparison.pairwise import compare
from baserate.comparison.result import Comparison

__all__ = ["Comparison", "compare"]
