"""What was run: conditions, prompts in them, runs on these; how they are weighed, and which question they can answer.

=============  ==========================================================================
`build_design` counts become a `Design`: groups, conditions with their weights, units
`pair_sides`   two groups of a design on the conditions and prompts that both ran
`MIXES`        how conditions are weighed
`SCOPES`       these prompts, or prompts like these
=============  ==========================================================================
"""

from __future__ import annotations

from baserate.design.design import Design, build_design
from baserate.design.mix import MIXES, WEIGHTS
from baserate.design.pairing import PairedSides, pair_sides
from baserate.design.scope import SCOPES

__all__ = ["MIXES", "SCOPES", "WEIGHTS", "Design", "PairedSides", "build_design", "pair_sides"]
