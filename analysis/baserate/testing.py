"""Assertions for a test suite: a check of a policy, written as a line of Python."""

from __future__ import annotations

from typing import Any

from baserate.annotations import Table, checked
from baserate.checks import Checked, judge_rule
from baserate.checks.policy import read_rule
from baserate.checks.result import PASSED
from baserate.note import brief

__all__ = ["assert_check", "assert_not_worse", "assert_rate_above", "assert_rate_below"]


def assert_rate_below(runs: Table, outcome: str, rate: float, **settings: Any) -> None:
    """Pass where each version's rate is shown to be at most `rate`.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcome : str
        The graded behavior.
    rate : float
        The limit, from 0 to 1.
    **settings
        As in a policy: ``alpha, scope, conditions, cluster, mix, weights, accept, on_inconclusive``.

    Raises
    ------
    AssertionError
        If a rate is shown to be above, with the numbers; and, unless ``on_inconclusive="warn"``, where the runs cannot
        tell.
    BaserateError
        If a setting is unknown, or the runs cannot be used.

    Examples
    --------
    >>> import baserate as br
    >>> from baserate.testing import assert_rate_below
    >>> runs = br.simulate({"new": 0.05}, prompts=100, epochs=1, icc=0.0, seed=1)
    >>> assert_rate_below(runs, "blackmail", 0.2)
    """
    assert_check(runs, kind="not_above_rate", outcome=outcome, rate=rate, **settings)


def assert_rate_above(runs: Table, outcome: str, rate: float, **settings: Any) -> None:
    """Pass where each version's rate is shown to be at least `rate`, as of refusals; see `assert_rate_below`."""
    assert_check(runs, kind="not_below_rate", outcome=outcome, rate=rate, **settings)


def assert_not_worse(
    runs: Table, outcome: str, *, baseline: str, candidate: str, margin: float, **settings: Any
) -> None:
    """Pass where the candidate is shown to be worse than the baseline by at most `margin`.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    outcome : str
        The graded behavior.
    baseline, candidate : str
        Versions.
    margin : float
        A difference of rates, from 0 to 1.
    **settings
        As of `assert_rate_below`, and ``better="higher"``.

    Raises
    ------
    AssertionError, BaserateError
        As `assert_rate_below`.
    """
    sides = {"baseline": baseline, "candidate": candidate, "margin": margin}
    assert_check(runs, kind="not_worse_than", outcome=outcome, **sides, **settings)


@checked
def assert_check(runs: Table, **told: Any) -> None:
    """Pass where a check of any kind passes.

    Parameters
    ----------
    runs : DataFrame
        Runs, or counts of runs.
    **told
        The keys of a check in a policy: ``kind``, ``outcome`` and those of its kind.

    Raises
    ------
    AssertionError, BaserateError
        As `assert_rate_below`.
    """
    rule = read_rule(told, 1)
    one = Checked(rule, judge_rule(runs, rule, "of a test"))
    if one.exit_code != PASSED:
        loud = "".join(f"\n- Caution: {text}" for text in brief(one.judged.cautions))
        raise AssertionError(f"{rule.kind} {rule.outcome}: {one.said}. {one.judged.found}{loud}")
