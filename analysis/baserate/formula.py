"""Model formulas: an outcome, a tilde, and factors joined by + * and a colon; nothing in them is ever evaluated."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from baserate.errors import BaserateError, shown

Term = tuple[str, ...]

_TOKEN = re.compile(r"\s*([^\W\d][\w.]*|1|[+*:])\s*")
_CALL = re.compile(r"[^\W\d][\w.]*\s*\([^)]*\)?")
_MOST_CROSSED = 10
_EXAMPLE = "Write it like 'blackmail ~ version * urgency + goal'"


@dataclass(frozen=True)
class Formula:
    """A parsed formula.

    Attributes
    ----------
    outcome : str
        The name left of the tilde.
    terms : tuple of tuple of str
        Main effects first, then interactions; each term the names of its columns. The intercept is not among them.
    """

    outcome: str
    terms: tuple[Term, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the terms name, each once."""
        return tuple(dict.fromkeys(itertools.chain.from_iterable(self.terms)))

    def __str__(self) -> str:
        """Write the formula with its terms spelt out."""
        return f"{self.outcome} ~ {' + '.join(map(':'.join, self.terms)) or '1'}"


def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Parameters
    ----------
    text : str
        Such as ``"blackmail ~ version * urgency + goal"``; ``a * b`` means ``a + b + a:b``. There always is an
        intercept, which ``"blackmail ~ 1"`` has alone.

    Returns
    -------
    Formula

    Raises
    ------
    BaserateError
        If it is anything else than names, ``+``, ``*``, ``:`` and one ``~``.
    """
    sides = text.split("~")
    if len(sides) != 2:
        raise BaserateError(f"A formula has one '~', but {shown(text)} has {len(sides) - 1}. {_EXAMPLE}.")
    left, right = _tokens(sides[0], text), _tokens(sides[1], text)
    if len(left) != 1 or left[0] in "+*:1":
        raise BaserateError(f"Left of '~' stands one outcome, but {sides[0].strip()!r} was found. {_EXAMPLE}.")
    terms = _terms(right, text)
    if any(left[0] in term for term in terms):
        raise BaserateError(f"The outcome {left[0]!r} stands on both sides of '~'. A behavior cannot explain itself.")
    return Formula(left[0], terms)


def _tokens(side: str, text: str) -> list[str]:
    """Split one side of a formula into names and operators."""
    call = _CALL.search(side)
    if call:
        raise BaserateError(
            f"A formula names columns, but {shown(text)} holds the call {call.group()!r}. "
            "Add a column with that value to the table and name it."
        )
    tokens, at = [], 0
    side = side.strip()
    while at < len(side):
        found = _TOKEN.match(side, at)
        if not found:
            raise BaserateError(
                f"A formula holds column names, '+', '*' and ':', but {side[at]!r} was found in {shown(text)}. "
                f"{_EXAMPLE}; rename a column whose name has other characters."
            )
        tokens.append(found.group(1))
        at = found.end()
    return tokens


def _terms(tokens: list[str], text: str) -> tuple[Term, ...]:
    """Expand sums of products: ':' binds tighter than '*', and '*' tighter than '+'."""
    names, operators = tokens[::2], tokens[1::2]
    if len(tokens) % 2 == 0 or any(t in "+*:" for t in names) or any(t not in "+*:" for t in operators):
        raise BaserateError(
            f"Names and operators must alternate right of '~', which {shown(text)} does not do. {_EXAMPLE}."
        )
    parts = [part for part in _split(tokens, "+") if part != ["1"]]
    if any("1" in part for part in parts):
        raise BaserateError(f"'1' stands for the intercept and is joined by '+' alone, but not in {shown(text)}.")
    terms: list[Term] = []
    for part in parts:
        pieces = (tuple(dict.fromkeys(piece[::2])) for piece in _split(part, "*"))
        factors = list({frozenset(piece): piece for piece in pieces}.values())
        if len(factors) > _MOST_CROSSED:
            raise BaserateError(
                f"{len(factors)} factors are crossed by '*', which makes 2^{len(factors)} - 1 terms. Cross at most "
                f"{_MOST_CROSSED}, and add the rest with '+'."
            )
        for size in range(1, len(factors) + 1):
            terms += [_join(chosen) for chosen in itertools.combinations(factors, size)]
    once: dict[frozenset[str], Term] = {}
    for term in terms:
        once.setdefault(frozenset(term), term)
    return tuple(sorted(once.values(), key=len))


def _split(tokens: list[str], operator: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == operator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _join(terms: Iterable[Term]) -> Term:
    return tuple(dict.fromkeys(itertools.chain.from_iterable(terms)))
