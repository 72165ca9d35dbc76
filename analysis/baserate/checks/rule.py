"""One check of a policy, and what its keys may hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from baserate.acceptance import OK, statuses
from baserate.arguments import is_number
from baserate.design.mix import MIXES, Mix
from baserate.errors import BaserateError, did_you_mean

ON_INCONCLUSIVE = ("fail", "warn")
LEAST_ALPHA, MOST_ALPHA = 1e-12, 0.499


@dataclass(frozen=True)
class Rule:
    """One ``[[check]]`` of a policy.

    Attributes
    ----------
    name : str
        What people call it.
    kind : str
        One of `baserate.checks.kinds.KINDS`.
    outcome : str
        The graded behavior.
    where : dict of str to object
        The runs it is about: column = value.
    alpha : float
        How often it may pass, or fail, by chance.
    scope : {"fixed", "sampled"}, optional
        These prompts, or prompts like these; None leaves it to the design.
    on_inconclusive : {"fail", "warn"}, optional
        What it means that the runs cannot tell; None leaves it inconclusive.
    looks : tuple of float
        The share of the planned runs at each look so far, this one last; empty where all runs are in.
    limits : dict of str to object
        The keys of its kind: ``rate``; ``baseline``, ``candidate``, ``margin``; ``share``.
    conditions, cluster, mix, weights, accept, corrected, human
        As in `baserate.rates`.
    """

    name: str
    kind: str
    outcome: str
    where: dict[str, Any] = field(default_factory=dict)
    alpha: float = 0.05
    scope: str | None = None
    on_inconclusive: str | None = None
    looks: tuple[float, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    conditions: list[str] | None = None
    cluster: str | None = None
    mix: Mix = "planned"
    weights: str = "prompts"
    accept: tuple[str, ...] = (OK,)
    corrected: str | None = None
    human: str | None = None

    @property
    def weighing(self) -> dict[str, Any]:
        """How conditions and prompts are weighed, as `baserate.rates` takes it."""
        return {"conditions": self.conditions, "cluster": self.cluster, "mix": self.mix, "weights": self.weights}


Key = Callable[[str, Any], Any]


def shares(key: str, value: Any) -> tuple[float, ...]:
    """Take shares of the planned runs, rising to at most 1.

    Parameters
    ----------
    key : str
        The key, for the message.
    value : object
        What the policy has.

    Returns
    -------
    tuple of float

    Raises
    ------
    BaserateError
    """
    numbers = isinstance(value, list) and all(map(is_number, value))
    rising = numbers and bool(value) and all(a < b for a, b in zip([0, *value], value, strict=False)) and value[-1] <= 1
    if not rising:
        raise BaserateError(
            f"{key} must be a list of the shares of the planned runs at each look so far, such as [0.25, 0.5]; "
            f"found {value!r}."
        )
    return tuple(map(float, value))


def text(key: str, value: Any) -> str:
    """Take a text that is not empty.

    Parameters
    ----------
    key : str
        The key, for the message.
    value : object
        What the policy has.

    Returns
    -------
    str

    Raises
    ------
    BaserateError
    """
    if not isinstance(value, str) or not value.strip():
        raise BaserateError(f"{key} must be text in quotes; found {value!r}.")
    return value


def version(key: str, value: Any) -> str:
    """Take the name of a version, which may look like a number; parameters as for `text`."""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else text(key, value)


def proportion(key: str, value: Any) -> float:
    """Take a number from 0 to 1; parameters as for `text`."""
    number = is_number(value)
    if not number or not 0 <= value <= 1:
        meant = f" Did you mean {value / 100:g}?" if number and 1 < value <= 100 else ""
        raise BaserateError(f"{key} must be a number from 0 to 1, such as 0.05; found {value!r}.{meant}")
    return float(value)


def whole(key: str, value: Any) -> int:
    """Take a whole number of runs, at least 2; parameters as for `text`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 2:
        raise BaserateError(f"{key} must be a whole number of runs, at least 2; found {value!r}.")
    return value


def alpha(key: str, value: Any) -> float:
    """Take a number above 0 and below 0.5, as far as 1 - 2 alpha is a level; parameters as for `text`."""
    if not LEAST_ALPHA <= proportion(key, value) <= MOST_ALPHA:
        far = f" (from {LEAST_ALPHA:g} to {MOST_ALPHA:g})"
        raise BaserateError(f"{key} must lie between 0 and 0.5{far}, such as 0.05; found {value!r}.")
    return float(value)


def levels(key: str, value: Any) -> dict[str, Any]:
    """Take a table of column = value; parameters as for `text`."""
    if not isinstance(value, dict):
        raise BaserateError(f"{key} must be a table such as {{urgency = 'replacement'}}; found {value!r}.")
    for name, level in value.items():
        if not isinstance(level, (str, int, float, bool)):
            raise BaserateError(f"{key} takes one value a column, as text or number; {name} has {level!r}.")
    return value


def names(key: str, value: Any) -> list[str]:
    """Take a text, or a list of texts; parameters as for `text`."""
    return [text(key, one) for one in (value if isinstance(value, list) else [value])]


def accepted(key: str, value: Any) -> tuple[str, ...]:
    """Take a status, or a list of statuses, whose verdicts count; parameters as for `text`."""
    return statuses(names(key, value))


def naming(key: str, value: Any) -> Any:
    """Take a text, a list of texts, or a table that renames; parameters as for `text`."""
    return value if isinstance(value, dict) else names(key, value)


def mixing(key: str, value: Any) -> Any:
    """Take the name of a mix, or a table of weights by level; parameters as for `text`."""
    if not isinstance(value, dict):
        return one_of(MIXES)(key, value)
    for name, weight in value.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float)):
            raise BaserateError(f"{key} takes a number a level; {name} has {weight!r}.")
    return value


def one_of(choices: Sequence[str]) -> Key:
    """Make the check of a key that takes one of a few words.

    Parameters
    ----------
    choices : sequence of str

    Returns
    -------
    callable
        With the parameters of `text`.
    """

    def choice(key: str, value: Any) -> str:
        if value not in choices:
            named = " or ".join(map(repr, choices))
            raise BaserateError(f"{key} must be {named}; found {value!r}.{did_you_mean(str(value), choices)}")
        return str(value)

    return choice
