"""How many runs decide, and how likely planned runs are to: through the judgment that `compare` itself makes."""

from __future__ import annotations

from collections.abc import Sequence

from baserate.annotations import checked
from baserate.arguments import require_whole
from baserate.planning.allocation import Plan, plan
from baserate.planning.request import Sizes, designs, question_of, require_rates, why
from baserate.planning.required_runs import Search, find
from baserate.planning.result import PowerResult, tabulate
from baserate.planning.simulated_power import estimate
from baserate.planning.stages import Looks, fractions_of

SEED = 20_240_613  # of simulations, so that the same call gives the same numbers

__all__ = ["Plan", "PowerResult", "plan", "power", "runs_needed"]


@checked
def power(
    rates: Sequence[float],
    *,
    runs: Sizes | None = None,
    prompts: Sizes | None = None,
    epochs: Sizes | None = None,
    icc: float | None = None,
    shared: bool = True,
    margin: float | None = None,
    question: str | None = None,
    level: float = 0.95,
    comparisons: int = 1,
    scope: str | None = None,
    looks: Looks | None = None,
    repeats: int = 2000,
    seed: int = SEED,
) -> PowerResult:
    """Compute the probability that planned runs show a difference, or that there is none to speak of.

    Independent runs: exactly, over all possible counts. Runs on shared or repeated prompts: by simulated data sets,
    with beta-distributed rates of the prompts. All are judged as `baserate.comparison.compare` judges them.

    Parameters
    ----------
    rates : sequence of two float
        The true rates of candidate and baseline.
    runs : int or sequence of int, optional
        Independent runs of each version; several numbers give a row each.
    prompts, epochs : int or sequence of int, optional
        Instead of `runs`: prompts of each version, and runs of a version on a prompt.
    icc : float, optional
        Correlation of two runs on one prompt, in [0, 1); needed where runs share prompts.
    shared : bool
        Whether both versions run the same prompts, which then rank the same in both.
    margin : float, optional
        The largest difference that does not matter, such as 0.05.
    question : {"difference", "equivalence", "not-worse"}, optional
        The verdict that counts: higher or lower; equivalent; or, as in the check ``not_worse_than``, that the
        candidate's rate exceeds the baseline's by at most the margin. Left out, a margin makes it equivalence.
    level : float
        Verdicts use alpha = 1 - level; a margin is held against the interval of level 1 - 2 alpha.
    comparisons : int
        How many comparisons are made; each is held to alpha over their number.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; left out, two or more prompts are a sample.
    looks : int or sequence of float, optional
        Planned looks, the last at the end, at which the runs may stop with a verdict: how many, evenly spaced, or their
        shares of the planned runs. They spend alpha as O'Brien and Fleming do.
    repeats : int
        Data sets to simulate.
    seed : int
        Same seed, same numbers.

    Returns
    -------
    PowerResult
        One row a design. With equal rates the power to find a difference is the probability of a false alarm.

    Raises
    ------
    BaserateError
        If the design or the question is impossible, or not fully given.

    See Also
    --------
    runs_needed : the other way round.

    Examples
    --------
    >>> power((0.84, 0.70), runs=[100, 140]).table["power"].round(3).tolist()
    [0.655, 0.802]
    >>> power((0.84, 0.70), prompts=6, epochs=50, icc=0.3, repeats=50).table["runs"].item()
    300
    """
    pair = require_rates(rates)
    asked = question_of(question, margin, level, comparisons)
    require_whole("repeats", repeats)
    require_whole("seed", seed, least=0)
    planned = designs(pair, runs, prompts, epochs, icc, shared, scope)
    shares = fractions_of(looks)
    found = [estimate(design, asked, shares, repeats, seed) for design in planned]
    return tabulate(planned, asked, found, why(planned[-1], scope), shares)


@checked
def runs_needed(
    rates: Sequence[float],
    *,
    power: float = 0.8,
    prompts: int | None = None,
    epochs: int | None = None,
    icc: float | None = None,
    shared: bool = True,
    margin: float | None = None,
    question: str | None = None,
    level: float = 0.95,
    comparisons: int = 1,
    scope: str | None = None,
    looks: Looks | None = None,
    repeats: int = 2000,
    seed: int = SEED,
) -> PowerResult:
    """Find how many runs have the power asked for: independent ones, prompts with given epochs, or the reverse.

    84 % against 70 % takes 140 runs a version for a power of 80 %; the normal approximation of R's ``power.prop.test``
    says 141. Exact power rises in a saw-tooth with the number of runs, and this is where it first passes.

    Parameters
    ----------
    rates : sequence of two float
        The true rates of candidate and baseline.
    power : float
        The probability of the verdict that counts.
    prompts : int, optional
        The prompts there are; the epochs are searched.
    epochs : int, optional
        The runs of a version on each prompt; the prompts are searched. Without either, runs are independent.
    icc, shared, margin, question, level, comparisons, scope, looks, seed
        As for `power`.
    repeats : int
        Data sets to simulate of each design tried; fewer where its power is clearly above or below the one asked for.

    Returns
    -------
    PowerResult
        One row: the smallest design, to 2 % where it is simulated. If none is large enough, ``reached`` is False, the
        row is the largest design tried, and a note says so.

    Raises
    ------
    BaserateError
        If no runs can show what is asked, or the design is impossible or not fully given.

    See Also
    --------
    power : of a given design.

    Examples
    --------
    >>> int(runs_needed((0.84, 0.70)).table["runs"].item())
    140
    >>> int(runs_needed((0.10, 0.10), margin=0.05).table["runs"].item())
    625
    """
    asked = question_of(question, margin, level, comparisons)
    require_whole("seed", seed, least=0)
    wanted = Search(require_rates(rates), prompts, epochs, icc, shared, scope, fractions_of(looks))
    return find(wanted, asked, power, require_whole("repeats", repeats), seed)
