"""Looking at runs before all are in: planned looks that spend alpha, and looks at any time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from baserate.errors import BaserateError, require_known
from baserate.note import Note
from baserate.stats.group_sequential import adjusted_level

Looks = str | Sequence[float]

ANYTIME = "anytime"
SPENDING = ("obrien-fleming", "pocock")


def level_at_look(looks: Looks | None, level: float, spending: str = "obrien-fleming") -> float:
    """Return the level that an interval needs at this look so that the intervals of all looks hold together.

    Parameters
    ----------
    looks : sequence of float or "anytime", optional
        The share of the planned runs (or prompts) at each look so far, this one last; `ANYTIME` for looks that were not
        planned, whose intervals hold as they are.
    level : float
        Of all looks together.
    spending : {"obrien-fleming", "pocock"}
        How alpha is spent.

    Returns
    -------
    float
        `level` itself without planned looks.

    Raises
    ------
    BaserateError
        If the looks are not shares that rise to at most 1.

    References
    ----------
    Lan & DeMets (1983) Biometrika 70:659. Jennison & Turnbull (1989) JRSS B 51:305.
    """
    require_known(spending, SPENDING, "spending")
    if looks is None or looks == ANYTIME:
        return level
    if isinstance(looks, str) or np.ndim(looks) != 1:
        raise BaserateError(
            f"looks must be the shares of the planned runs at each look so far, such as [0.25, 0.5], or {ANYTIME!r}; "
            f"got {looks!r}."
        )
    try:
        return float(adjusted_level(np.asarray(looks, dtype=np.float64), 1 - level, spending)[-1])  # type: ignore[arg-type]  # checked above
    except ValueError as error:
        raise BaserateError(str(error)) from None


def notes_on_looks(looks: Looks | None, level: float, spending: str) -> list[Note]:
    """Say how the looks were taken into account.

    Parameters
    ----------
    looks, level, spending
        As in `level_at_look`.

    Returns
    -------
    list of Note
        One, or none.
    """
    if looks is None:
        return []
    if looks == ANYTIME:
        told = f"Anytime-valid: however often and whenever one looks, all intervals hold together with {level:.4g}."
        return [Note("anytime", told)]
    now = level_at_look(looks, level, spending)
    told = (
        f"Look {len(looks)}, at {float(looks[-1]):.0%} of the planned runs ({spending} spending): a verdict needs "
        f"p < {1 - now:.2g}, and the intervals, of level {now:.6g}, hold at all looks together with {level:.4g}."
    )
    return [Note("planned-looks", told)]
