"""The four verdicts, and whether ungraded runs could overturn them."""

from __future__ import annotations

from typing import NamedTuple

from baserate.pairs import Inference, Pair

VERDICTS = ("higher", "lower", "equivalent", "inconclusive")
OUTCOMES = ("shown", "refuted", "inconclusive")


class Region(NamedTuple):
    """The effects that count as equivalent: between ``low`` and ``high``, both left out."""

    low: float
    high: float


def verdict(
    inference: Inference,
    p_adjusted: float,
    alpha: float,
    region: Region | None = None,
    comparisons: int = 1,
    adjusted: tuple[float, float] | None = None,
) -> str:
    """Judge an effect.

    Parameters
    ----------
    inference : Inference
        Its limits and estimate.
    p_adjusted : float
        The p value, adjusted for the number of comparisons.
    alpha : float
        The error that is allowed over all comparisons.
    region : Region, optional
        The effects that count as equivalent.
    comparisons : int
        How many comparisons there are; equivalence is tested at alpha over their number.
    adjusted : tuple of float, optional
        The limits that are adjusted as the p value is; left out, the interval of level 1 - alpha.

    Returns
    -------
    str
        ``"equivalent"`` where the interval of level 1 - 2 alpha lies within the region (two one-sided tests); else
        ``"higher"`` or ``"lower"`` where both the adjusted p value and the interval rule out no effect.
    """
    if region is not None and against_region(inference, alpha / comparisons, region)[0] == "shown":
        return "equivalent"
    low, high = adjusted or inference.limits(1 - alpha)
    if p_adjusted < alpha and (low > inference.null or high < inference.null):
        return "higher" if inference.estimate > inference.null else "lower"
    return "inconclusive"


def against_region(inference: Inference, alpha: float, region: Region) -> tuple[str, str]:
    """Judge equivalence, and that the candidate is not worse (not higher by the margin), with three outcomes each.

    Parameters
    ----------
    inference : Inference
    alpha : float
        Of each one-sided test.
    region : Region

    Returns
    -------
    equivalent, not_worse : str
        ``"shown"``, ``"refuted"`` or ``"inconclusive"``, from the interval of level 1 - 2 alpha.

    References
    ----------
    Schuirmann (1987) J. Pharmacokinet. Biopharm. 15:657. Farrington & Manning (1990) Stat. Med. 9:1447.
    """
    low, high = inference.limits(1 - 2 * alpha)
    within = "shown" if region.low < low and high < region.high else "inconclusive"
    if low >= region.high or high <= region.low:
        within = "refuted"
    below = "shown" if high < region.high else "refuted" if low >= region.high else "inconclusive"
    return within, below


def furthest(pair: Pair) -> tuple[Pair, Pair]:
    """Return the pair had every run been graded: the difference as low, and as high, as it could have been.

    Parameters
    ----------
    pair : Pair

    Returns
    -------
    tuple of Pair
        All ungraded runs of the candidate a no and of the baseline a yes; and the other way round.

    References
    ----------
    Manski (1989) J. Hum. Resour. 24:343.
    """
    candidate, baseline = (g.extremes or (g, g) for g in (pair.candidate, pair.baseline))
    return Pair(candidate[0], baseline[1]), Pair(candidate[1], baseline[0])
