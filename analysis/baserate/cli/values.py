"""Values that options hold in one text: names with values, statuses, weights, looks."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from typing import Any

from baserate.errors import BaserateError


def pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    """Split ``name=value`` options; the first = is the one that counts.

    Parameters
    ----------
    option : str
        Its name, for messages.
    given : iterable of str

    Returns
    -------
    dict of str to str

    Raises
    ------
    BaserateError
        If one has no =, or names a thing twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise BaserateError(f"{option} takes a name and a value with = between them; found {text!r}.")
        if name in found:
            raise BaserateError(f"{option} names {name!r} twice. Give it once.")
        found[name] = value
    return found


def number(name: str, cut: str) -> float:
    """Read the number from which on a score counts."""
    try:
        return float(cut)
    except ValueError:
        raise BaserateError(f"--cut {name}={cut}: the cut must be a number, such as {name}=7.") from None


def weighing(args: Namespace) -> dict[str, Any]:
    """Read how conditions and prompts are weighed, and whose verdicts count."""
    named = args.conditions
    conditions = None if named is None else [c for text in named for c in text.split(",") if c]
    mix: Any = args.mix
    if "=" in mix:
        mix = {level: weight(level, text) for level, text in pairs("--mix", mix.split(",")).items()}
    told = {"conditions": conditions, "cluster": args.cluster, "mix": mix, "weights": args.weights}
    return {**told, "accept": accepted(args)}


def accepted(args: Namespace) -> tuple[str, ...]:
    """Read which statuses' verdicts count, for reading and for what is computed alike."""
    from baserate.acceptance import statuses

    return statuses([status.strip() for text in args.accept for status in text.split(",") if status.strip()])


def weight(level: str, text: str) -> float:
    """Read the weight of a level in the mix."""
    try:
        return float(text)
    except ValueError:
        raise BaserateError(f"--mix {level}={text}: a weight must be a number, such as {level}=0.5.") from None


def looks(shares: str | None) -> str | list[float] | None:
    """Read the shares of the planned runs at which one looks, or "anytime"."""
    if shares is None or shares == "anytime":
        return shares
    try:
        return [float(share) for share in shares.split(",")]
    except ValueError:
        raise BaserateError(f"--looks takes shares such as 0.25,0.5, or anytime; found {shares!r}.") from None
