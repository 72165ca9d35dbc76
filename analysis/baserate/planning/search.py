"""The smallest design that has the power asked for."""

from __future__ import annotations

from collections.abc import Callable


def smallest(
    enough: Callable[[int], bool], guess: int, least: int, most: int, resolution: float = 0.0
) -> tuple[int, bool]:
    """Find by bisection where a size becomes large enough.

    The power of exact tests rises in a saw-tooth: this is the size near the guess at which it first passes, and a
    slightly larger one may fall short again.

    Parameters
    ----------
    enough : callable
        Whether a size is large enough.
    guess, least, most : int
        Where to begin, and the smallest and largest sizes there are.
    resolution : float
        Stop when the size is known to this share of itself.

    Returns
    -------
    size : int
    found : bool
        False, and `most`, if even that is too small.
    """
    start = min(max(guess, least), most)
    too_small, large = _bracket(enough, start, least, most, max(1, int(start * resolution)))
    if large is None:
        return most, False
    while large - too_small > max(1, int(too_small * resolution)):
        middle = (too_small + large) // 2
        too_small, large = (too_small, middle) if enough(middle) else (middle, large)
    return large, True


def _bracket(enough: Callable[[int], bool], start: int, least: int, most: int, step: int) -> tuple[int, int | None]:
    """Walk from the start in doubling steps to a size that is too small and one that is not."""
    too_small, large = least - 1, None
    if enough(start):
        large = start
        while large > least:
            lower = max(least, large - step)
            if not enough(lower):
                return lower, large
            large, step = lower, 2 * step
        return too_small, large
    too_small = start
    while too_small < most:
        upper = min(most, too_small + step)
        if enough(upper):
            return too_small, upper
        too_small, step = upper, 2 * step
    return too_small, None
