"""Reading a policy: TOML in which every key is known and every value has the right type. Nothing in it is executed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baserate.checks.baseline import read_baseline
from baserate.checks.kinds import KINDS
from baserate.checks.rule import (
    ON_INCONCLUSIVE,
    Key,
    Rule,
    accepted,
    alpha,
    levels,
    mixing,
    names,
    naming,
    one_of,
    shares,
    text,
)
from baserate.corrected_rates import CORRECTIONS
from baserate.design import SCOPES, WEIGHTS
from baserate.errors import BaserateError, did_you_mean
from baserate.runs import REQUIRED
from baserate.select import columns, require_before_verdict

READ_OPTIONS: dict[str, Key] = {
    "format": text,
    "columns": levels,
    "outcomes": naming,
    "factors": names,
    "aliases": levels,
    "accept": accepted,
    "n": text,
    "events": naming,
}

_COMMON: dict[str, Key] = {
    "name": text,
    "kind": one_of(tuple(KINDS)),
    "outcome": text,
    "where": levels,
    "alpha": alpha,
    "scope": one_of(SCOPES),
    "on_inconclusive": one_of(ON_INCONCLUSIVE),
    "looks": shares,
    "conditions": names,
    "cluster": text,
    "mix": mixing,
    "weights": one_of(WEIGHTS),
    "accept": accepted,
    "corrected": one_of(tuple(CORRECTIONS)),
    "human": text,
}


@dataclass(frozen=True)
class Policy:
    """What a policy file says.

    Attributes
    ----------
    paths : tuple of Path
        The runs, relative to the policy's folder unless absolute.
    options : dict
        Options of `baserate.readers.read`.
    rules : tuple of Rule
        At least one.
    baseline : dict or None
        Counts of an earlier version, as `baserate.checks.baseline.read_baseline` returns them.
    """

    paths: tuple[Path, ...]
    options: dict[str, Any]
    rules: tuple[Rule, ...]
    baseline: dict[str, Any] | None = None


def read_policy(path: Path) -> Policy:
    """Read a policy and check all of it.

    Parameters
    ----------
    path : Path
        A TOML file with ``[data]`` and ``[[check]]`` tables.

    Returns
    -------
    Policy

    Raises
    ------
    BaserateError
        If it is no TOML, has an unknown key or kind, lacks one, or a value is of the wrong type or size.
    """
    try:
        with path.open("rb") as file:
            told = tomllib.load(file)
    except OSError as error:
        raise BaserateError(f"The policy {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # of its form, its encoding, or a number of thousands of digits
        raise BaserateError(f"The policy {path} is not TOML: {str(error).rstrip('.')}.") from error
    except RecursionError as error:
        raise BaserateError(f"The policy {path} nests lists or tables too deep to be read. Write it flat.") from error
    try:
        _require_keys(told, ("data", "check"), ("data", "check"), "")
        paths, options = _data(told["data"], path.parent)
        named = told["data"].get("baseline")
        baseline = None if named is None else read_baseline(path.parent / text("[data] baseline", named))
        return Policy(paths, options, _rules(told["check"]), baseline)
    except BaserateError as error:
        raise BaserateError(f"Policy {path.name}: {error}") from error


def _data(told: Any, folder: Path) -> tuple[tuple[Path, ...], dict[str, Any]]:
    """Read ``[data]``: paths, and what `read` needs to know, as the key ``version = "model"`` names a column."""
    if not isinstance(told, dict):
        raise BaserateError("[data] must be a table with a path, written once.")
    _require_keys(told, ("path", "baseline", *READ_OPTIONS, *REQUIRED), ("path",), "[data]")
    paths = told["path"] if isinstance(told["path"], list) else [told["path"]]
    options = {key: take(f"[data] {key}", told[key]) for key, take in READ_OPTIONS.items() if key in told}
    named = options.get("columns", {}) | {ours: told[ours] for ours in REQUIRED if ours in told}
    if named:
        options["columns"] = columns({text("[data] a column", a): text(f"[data] {a}", b) for a, b in named.items()})
    return tuple(folder / text("[data] path", one) for one in paths), options


def _rules(told: Any) -> tuple[Rule, ...]:
    if not isinstance(told, list) or not told or not all(isinstance(one, dict) for one in told):
        raise BaserateError("Checks are written as [[check]] tables, in double brackets; at least one is needed.")
    rules = tuple(read_rule(one, number) for number, one in enumerate(told, 1))
    called = [rule.name for rule in rules]
    twice = next((name for name in called if called.count(name) > 1), None)
    if twice:
        raise BaserateError(f"Two checks are named {twice!r}. Give each its own name.")
    return rules


def read_rule(told: Mapping[str, Any], number: int) -> Rule:
    """Check one check of a policy.

    Parameters
    ----------
    told : mapping
        Its keys.
    number : int
        Its place in the policy, for its name.

    Returns
    -------
    Rule

    Raises
    ------
    BaserateError
        If a key is unknown or missing, or a value is of the wrong type or size.
    """
    where = f"check {told.get('name', number)!r}"
    if "kind" not in told:
        raise BaserateError(f"{where} has no kind. Give it one of {', '.join(map(repr, KINDS))}.")
    kind = _COMMON["kind"](f"{where}: kind", told["kind"])
    needed = KINDS[kind].keys
    own = dict(needed) | dict(KINDS[kind].optional)
    _require_keys(told, (*_COMMON, *own), ("outcome", *needed), where)
    read = {key: (_COMMON | own)[key](f"{where}: {key}", value) for key, value in told.items()}
    limits = {key: read.pop(key) for key in own if key in read}
    try:
        require_before_verdict(read.get("where", {}), read["outcome"])
    except BaserateError as error:
        raise BaserateError(f"{where}: {error}") from None
    return Rule(**{"name": f"{number}: {kind} {read['outcome']}", **read}, limits=limits)


def _require_keys(told: Mapping[str, Any], known: Iterable[str], needed: Iterable[str], where: str) -> None:
    where = f"{where}: " if where else ""
    for key in told:
        if key not in known:
            raise BaserateError(f"{where}there is no key {key!r}.{did_you_mean(key, known)}")
    for key in needed:
        if key not in told:
            raise BaserateError(f"{where}the key {key!r} is missing. Add it.")
