"""Formulas: what is read, and what is refused in one line that says what to do."""

from __future__ import annotations

import pytest

from baserate.errors import BaserateError
from baserate.formula import parse_formula


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("y ~ a", ["a"]),
        ("y~a+b", ["a", "b"]),
        ("y ~ a * b + c", ["a", "b", "c", "a:b"]),
        ("y ~ a:b + c", ["c", "a:b"]),
        ("y ~ a*b:c", ["a", "b:c", "a:b:c"]),
        ("y ~ a*b*c", ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("y ~ b:a + a*b", ["a", "b", "b:a"]),
        ("y ~ a + a + a:a", ["a"]),
        ("  blackmail ~ goal_type + température ", ["goal_type", "température"]),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    parsed = parse_formula(text)
    assert [":".join(term) for term in parsed.terms] == terms
    assert str(parsed) == f"{parsed.outcome} ~ {' + '.join(terms)}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y", "has 0"),
        ("y ~ a ~ b", "has 2"),
        ("y ~ np.log(a)", "the call 'np.log(a)'"),
        ("y ~ __import__('os').system('x')", "the call \"__import__('os')\""),
        ("C(y) ~ a", "the call 'C(y)'"),
        ("y ~ (a + b)", "'(' was found"),
        ("y ~ a - 1", "'-' was found"),
        ("y ~ a[0]", "'[' was found"),
        ("y ~ {a}", "'{' was found"),
        ("y ~ `a b`", "'`' was found"),
        ("y ~ a +", "must alternate"),
        ("y ~ + a", "must alternate"),
        ("y ~ a b", "must alternate"),
        ("y ~", "must alternate"),
        ("a + b ~ c", "one outcome, but 'a + b'"),
        ("~ c", "one outcome, but ''"),
        ("y ~ a * y", "'y' stands on both sides"),
    ],
)
def test_refusals(text: str, said: str) -> None:
    with pytest.raises(BaserateError) as refused:
        parse_formula(text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_intercept_alone() -> None:
    assert parse_formula("y ~ 1").terms == ()
    assert str(parse_formula("y ~ 1")) == "y ~ 1"
    assert parse_formula("y ~ a * b + 1") == parse_formula("y ~ a * b")
    for wrong in ("y ~", "y ~ 1 +", "y ~ a:1", "1 ~ a", "y ~ 1 1"):
        with pytest.raises(BaserateError):
            parse_formula(wrong)
