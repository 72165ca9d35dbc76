"""Planned looks at the runs while they come in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from baserate.arguments import require_whole
from baserate.comparison.interim import level_at_look
from baserate.errors import BaserateError
from baserate.planning.design import Design, IntArray, Question

Looks = int | Sequence[float]


class Stage(NamedTuple):
    """The design as far as it has been run at a look, and how strictly it is judged there."""

    design: Design
    question: Question


def fractions_of(looks: Looks | None) -> tuple[float, ...]:
    """Return the shares of the planned runs at which to look.

    Parameters
    ----------
    looks : int or sequence of float, optional
        A number of evenly spaced looks, or their shares.

    Returns
    -------
    tuple of float
        Increasing to 1.

    Raises
    ------
    BaserateError
    """
    if looks is None:
        return (1.0,)
    if isinstance(looks, (int, float)):
        count = require_whole("looks", looks)
        return tuple((i + 1) / count for i in range(count))
    shares = tuple(float(share) for share in looks)
    if not shares or shares[0] <= 0 or shares[-1] != 1 or (np.diff(shares) <= 0).any():
        raise BaserateError(
            f"looks is a number of looks, or their shares of the planned runs rising to 1, such as [0.5, 1]; "
            f"got {looks!r}."
        )
    return shares


def least_size(fractions: tuple[float, ...]) -> int:
    """Return the fewest runs, or prompts, that so many looks can divide.

    Parameters
    ----------
    fractions : tuple of float

    Returns
    -------
    int
    """
    steps = np.diff(fractions, prepend=0.0)
    return 1 if len(fractions) == 1 else math.ceil(max(2 / fractions[0], 1 / float(steps.min())) - 1e-9)


def stages(design: Design, question: Question, fractions: tuple[float, ...]) -> list[Stage]:
    """Divide a design by looks: over prompts that are a sample, else over the runs of each prompt.

    Each look is judged at the level that O'Brien and Fleming's spending of alpha leaves it, as in `compare`.

    Parameters
    ----------
    design : Design
    question : Question
    fractions : tuple of float
        What `fractions_of` returns.

    Returns
    -------
    list of Stage

    Raises
    ------
    BaserateError
        If there are too few runs for so many looks.

    References
    ----------
    Lan & DeMets (1983) Biometrika 70:659.
    """
    if len(fractions) == 1:
        return [Stage(design, question)]
    over_prompts = design.scope == "sampled"
    planned = design.prompts if over_prompts else design.epochs
    if planned < least_size(fractions):
        runs = "prompts" if over_prompts else "runs a prompt" if design.prompts > 1 else "runs"
        raise BaserateError(
            f"{len(fractions)} looks need {least_size(fractions)} or more {runs}; got {planned}. Plan fewer looks."
        )
    sizes = [math.ceil(share * planned - 1e-9) for share in fractions]
    levels = [level_at_look([size / planned for size in sizes[: i + 1]], question.level) for i in range(len(sizes))]
    return [
        Stage(
            replace(design, prompts=size) if over_prompts else replace(design, epochs=size),
            question._replace(level=level),
        )
        for size, level in zip(sizes, levels, strict=True)
    ]


def draw(planned: Sequence[Stage], rng: np.random.Generator, repeats: int) -> list[tuple[IntArray, IntArray]]:
    """Draw data as they come in.

    Parameters
    ----------
    planned : sequence of Stage
    rng : Generator
    repeats : int

    Returns
    -------
    list of tuple of int array, shape (repeats, prompts)
        Runs with the behavior of candidate and baseline, at each look.
    """
    last = planned[-1].design
    if last.scope == "sampled":
        both = last.draw(rng, repeats)
        return [(both[0][:, : at.design.prompts], both[1][:, : at.design.prompts]) for at in planned]
    epochs = np.diff([at.design.epochs for at in planned], prepend=0)
    added = [replace(last, epochs=int(more)).draw(rng, repeats) for more in epochs]
    sums = [np.cumsum([part[side] for part in added], axis=0) for side in (0, 1)]
    return list(zip(*sums, strict=True))
