"""Who graded what is compared."""

from __future__ import annotations

from collections import defaultdict

from baserate.counts import Counts
from baserate.layout import VERSION
from baserate.note import Note

_MOST = 3  # versions that are told one by one


def grader_cautions(counts: Counts, across: str) -> list[Note]:
    """Say where what is compared was graded by other graders, so that a difference may be one of graders.

    Parameters
    ----------
    counts : Counts
    across : str
        The column that is compared.

    Returns
    -------
    list of Note
        One, or none.
    """
    if across not in (VERSION, counts.layout.version):
        return []
    used: dict[str, list[str]] = defaultdict(list)
    for version, grader in counts.graders:
        used[version].append(grader)
    if len({tuple(graders) for graders in used.values()}) < 2:
        return []
    told = "; ".join(f"{version} by {' and '.join(graders)}" for version, graders in list(used.items())[:_MOST])
    return [Note("grader-differs", f"Graded by different graders ({told}): a difference may be one of graders.")]


def uncorrected(counts: Counts) -> list[Note]:
    """Say that a rate is as a model judged it.

    Parameters
    ----------
    counts : Counts

    Returns
    -------
    list of Note
        One, or none where no model is known to have graded.
    """
    judges = list(dict.fromkeys(grader for _, grader in counts.graders if "/" in grader))  # provider/model
    if not judges:
        return []
    named = " and ".join(judges[:_MOST]) + (" and others" if len(judges) > _MOST else "")
    told = (
        f"Uncorrected: {counts.outcome} is as {named} judged it. Human labels of some runs (label_sample) tell how far "
        "that can be trusted (graders), and correct it (corrected=)."
    )
    brief = f"Uncorrected: {counts.outcome} is as {named} judged it; graders() tells how far to trust that."
    return [Note("uncorrected", told, brief)]
