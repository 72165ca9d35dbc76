"""What a logistic model refuses, in one line that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from baserate.errors import BaserateError
from baserate.model import LogisticModel, fit
from model.reference import FORMULA


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("blackmail ~ verson", r"no column 'verson'.*Did you mean 'version'\?"),
        ("blackmial ~ version", r"no outcome 'blackmial'.*Did you mean 'blackmail'\?"),
        ("blackmail ~ version + prompt", "'prompt' cannot be a factor.*random='prompt'"),
        ("blackmail ~ goal + nested", r"rank 5 of 8; aliased: nested.*Drop nested.*or combine"),
        ("blackmail ~ nested * goal", "a combination of levels was never run"),
        ("blackmail ~ constant", "'constant' has one level"),
        ("blackmail ~ log(version)", "the call"),
    ],
)
def test_refusals(runs: pd.DataFrame, formula: str, said: str) -> None:
    table = runs.assign(nested=runs["goal"] + runs["threat"], constant=pd.Categorical(["same"] * len(runs)))
    with pytest.raises(BaserateError, match=said) as refused:
        fit(table, formula)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda m: m.rates("gaol"), "Did you mean 'goal'"),
        (lambda m: m.contrasts("version", baseline="C"), "no version 'C'"),
        (lambda m: m.contrasts("version", by="version"), "at its own levels"),
        (lambda m: m.contrasts("version", scale="log"), "no scale 'log'"),
        (lambda m: m.test("verson"), "Did you mean 'version'"),
    ],
)
def test_questions_that_cannot_be_answered(runs: pd.DataFrame, ask: Callable[[LogisticModel], Any], said: str) -> None:
    with pytest.raises(BaserateError, match=said):
        ask(fit(runs, FORMULA))


@pytest.mark.parametrize(
    ("formula", "options", "said"),
    [
        (FORMULA, {"level": 95}, "level"),
        (FORMULA, {"random": "item"}, "no column 'item'"),
        (FORMULA, {"random": "prompt", "scope": "fixed"}, "Leave scope out"),
        (FORMULA, {"method": "CR3"}, "no method 'CR3'"),
        (FORMULA, {"method": "wild", "scope": "fixed"}, "prompts like these"),
        ("exfil ~ version + threat", {"random": "prompt"}, "leave random out"),
    ],
)
def test_options_that_do_not_fit(runs: pd.DataFrame, formula: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(BaserateError, match=said):
        fit(runs, formula, **options)


def test_counts_of_another_outcome_are_no_factor(counts: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match="counts another outcome"):
        fit(counts, "blackmail ~ n_exfil")


def test_nothing_graded_is_nothing_to_fit(runs: pd.DataFrame) -> None:
    with pytest.raises(BaserateError, match="nothing to fit"):
        fit(runs.assign(blackmail=pd.array([pd.NA] * len(runs), dtype="boolean")), FORMULA)
