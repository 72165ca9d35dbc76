"""A policy file, held against the runs: verdicts, an exit code, and what CI shows of them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from baserate.annotations import checked
from baserate.arguments import POLICY, asked_in
from baserate.checks.baseline import save_baseline
from baserate.checks.judgment import Judgment
from baserate.checks.kinds import KINDS, judge
from baserate.checks.policy import Policy, read_policy
from baserate.checks.result import Checked, Checks
from baserate.checks.rule import Rule
from baserate.checks.self_test import SelfTest, self_test
from baserate.defaults import filled_in
from baserate.errors import BaserateError, DesignWarning
from baserate.note import worded
from baserate.readers import read
from baserate.reading import reading_notes
from baserate.select import where

__all__ = [
    "KINDS",
    "Checked",
    "Checks",
    "Judgment",
    "Policy",
    "Rule",
    "SelfTest",
    "check",
    "judge_rule",
    "read_policy",
    "save_baseline",
    "self_test",
]


@checked
def check(policy_path: str | Path) -> Checks:
    """Hold the runs against a policy.

    Parameters
    ----------
    policy_path : str or Path
        A TOML file: ``[data]`` with the path of the runs (relative to this file), then ``[[check]]`` tables with a
        ``kind`` (``not_above_rate``, ``not_below_rate``, ``not_worse_than``, ``no_prompt_above``, ``no_prompt_below``,
        ``no_more_ungraded_than``, ``same_grader``), its limits, and optionally
        ``where = {column = value}``, ``accept = ["limit"]``, ``alpha``, ``scope`` and ``on_inconclusive``.

    Returns
    -------
    Checks
        One verdict a check: pass, fail or inconclusive; and the exit code that follows from all of them.

    Raises
    ------
    BaserateError
        If the policy or the data cannot be used; a wrong policy never passes.
    """
    path = Path(policy_path)
    policy = read_policy(path)
    runs = read(list(policy.paths), **policy.options)
    with asked_in(POLICY):
        checked = tuple(Checked(rule, judge_rule(runs, rule, path.name, policy.baseline)) for rule in policy.rules)
    notes = (*reading_notes(runs), *(filled_in(runs) if "status" in runs else ()))
    return Checks(checked, str(policy_path), len(runs), notes)


def judge_rule(runs: pd.DataFrame, rule: Rule, policy: str, baseline: dict[str, Any] | None = None) -> Judgment:
    """Judge one rule; what the estimate warns of becomes a note beside the verdict.

    Parameters
    ----------
    runs : DataFrame
    rule : Rule
    policy : str
        Its name, for messages.
    baseline : dict, optional
        Counts of an earlier version, which rules that hold two versions against each other take for it.

    Returns
    -------
    Judgment

    Raises
    ------
    BaserateError
        If the outcome, or a version, is not there.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DesignWarning)
            judged = judge(where(_readable(runs, rule), rule.where), rule, baseline)
    except BaserateError as error:
        raise BaserateError(f"Policy {policy}: check {rule.name!r}: {error}") from error
    return judged.with_notes(worded(warning.message) for warning in caught)


def _readable(runs: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Leave out what stands for unreadable files, which belong to no version, unless they are what is counted."""
    if rule.kind == "no_more_ungraded_than" or "status" not in runs:
        return runs
    return runs[runs["status"] != "unreadable"]
