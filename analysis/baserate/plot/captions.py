"""What a figure says of itself below its title."""

from __future__ import annotations

import pandas as pd

from baserate.counts import SIMULATED
from baserate.note import codes
from baserate.result import Result
from baserate.text import in_words


def method_line(result: Result) -> str:
    """Say in a reader's words what the intervals are of, and what the answer depends on.

    Parameters
    ----------
    result : Result
        What is drawn.

    Returns
    -------
    str
        ``"95% interval for prompts like these (100 a version), averaged over goal type"``, then the cautions.
    """
    table = result.table
    known = [
        table[name].dropna().max() for name in ("prompts", "prompts_candidate", "prompts_baseline") if name in table
    ]
    most = max((int(number) for number in known if pd.notna(number) and number > 0), default=0)
    of = "prompts like these" if result.scope == "sampled" else "these very prompts"
    prompts = f" ({most} a group)" if most else ""
    conditions = getattr(result, "conditions", ())
    over = f", averaged over {', '.join(map(in_words, conditions))}" if conditions else ""
    made_up = "Simulated data. " if SIMULATED.code in codes(result.notes) else ""
    return f"{made_up}{result.confidence} interval for {of}{prompts}{over}{told_cautions(result)}"


def told_cautions(result: Result) -> str:
    """Name the cautions of a result in a few words, so that a figure alone says what it depends on."""
    told = sorted(codes(result.cautions))
    return f". Caution: {', '.join(code.replace('-', ' ') for code in told)}" if told else ""
