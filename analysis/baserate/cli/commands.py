"""What each command does: the call of the notebook, and its result on stdout."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from baserate.arguments import writing
from baserate.cli.dataset import KEPT, is_dataset, recover
from baserate.cli.messages import say
from baserate.cli.writers import writer_for
from baserate.errors import BaserateError
from baserate.escape import paragraph, printable
from baserate.select import columns, require_before_verdict, where


def load(args: Namespace, cache: Path | None = None) -> pd.DataFrame:
    """Read the runs that the options name, and keep those that they choose.

    Parameters
    ----------
    args : Namespace
        With ``path``, ``format``, ``column``, ``cut``, ``outcomes``, ``where``, ``accept`` and ``cache``.
    cache : Path, optional
        The folder of what was read before.

    Returns
    -------
    DataFrame

    Raises
    ------
    BaserateError
    """
    from baserate.readers import read

    outcomes: dict[str, Any] = {name: (name, _number(name, cut)) for name, cut in _pairs("--cut", args.cut).items()}
    outcomes |= _pairs("--outcomes", args.outcomes)
    named = columns(_pairs("--column", args.column))
    settings: dict[str, Any] = {"format": args.format, "accept": _accepted(args), "cache": cache or args.cache}
    runs = read(args.path, columns=named or None, outcomes=outcomes or None, **settings)
    chosen = _pairs("--where", args.where)
    require_before_verdict(chosen, getattr(args, "outcome", None))
    return where(runs, chosen)


def read_command(args: Namespace) -> int:
    """Write the runs to a file, or to a folder; a read into a folder that was killed goes on where it was."""
    from baserate.reading import reading_notes

    output = Path(args.output)
    write = writer_for(output)
    if is_dataset(output):
        recover(output)
    runs = load(args, output / KEPT if is_dataset(output) else None)
    write(runs)
    counts = runs["status"].value_counts() if "status" in runs else {}
    statuses = {str(status): int(n) for status, n in counts.items() if n}
    notes = [str(note) for note in reading_notes(runs)]
    if args.json:
        print(_dump({"output": args.output, "rows": len(runs), "statuses": statuses, "notes": notes}))
    else:
        told = ", ".join(f"{n} {status}" for status, n in statuses.items())
        print(f"{printable(args.output)}: {len(runs)} rows{f' ({told})' if told else ''}")
        for note in notes:
            say("note", note)
    return 0


def audit_command(args: Namespace) -> int:
    """Show the audit."""
    from baserate.audits import audit

    found = audit(load(args), args.outcome, _accepted(args))
    if args.detail is None or args.json:
        return _show(args, found)
    print(printable(found.detail(args.detail or None)))
    return 0


def rates_command(args: Namespace) -> int:
    """Show the rates."""
    from baserate.rate_table import rates

    by = args.by or "version"
    names = ("method", "level", "scope", "side", "corrected", "human", "given")
    settings = {name: getattr(args, name) for name in names}
    return _show(args, rates(load(args), args.outcome, by, **settings, **_weighing(args)))


def compare_command(args: Namespace) -> int:
    """Show the differences with their verdicts."""
    from baserate.comparison import compare

    names = (
        "across",
        "baseline",
        "by",
        "margin",
        "method",
        "level",
        "scope",
        "effect",
        "strata",
        "test",
        "adjust",
        "spending",
        "corrected",
        "human",
        "given",
    )
    settings = {name: getattr(args, name) for name in names}
    return _show(args, compare(load(args), args.outcome, looks=_looks(args.looks), **settings, **_weighing(args)))


def fit_command(args: Namespace) -> int:
    """Show the model's coefficients with their odds ratios."""
    from baserate.model import fit
    from baserate.text import text_table

    settings = {name: getattr(args, name) for name in ("level", "scope", "random", "method", "prior", "given")}
    model = fit(load(args), args.formula, **settings, **_weighing(args))
    odds = model.odds_ratios()
    if args.explain and not args.json:
        return _show(args, model)
    if args.json:
        print(_dump({**model.to_dict(), "odds_ratios": odds.to_dict()["rows"]}))
    else:
        print(printable(model), text_table(odds.pretty()), sep="\n\nOdds ratios\n")
    return 0


def report_command(args: Namespace) -> int:
    """Write the report with its figures, and show its tables and verdicts."""
    from baserate.reports import report

    folder = Path(args.output)
    settings = {name: getattr(args, name) for name in ("across", "baseline", "margin", "level", "scope")}
    settings |= _weighing(args)
    made = report(load(args), args.outcome, **settings, to=folder / "report.html", figures=folder / "figures")
    if args.json:
        results = {name: getattr(made.answers, name) for name in ("rates", "comparison", "odds_ratios")}
        told = {name: result.to_dict() for name, result in results.items() if result is not None}
        written = {"report": str(made.path), "figures": [str(path) for path in made.files]}
        print(_dump({**told, "audit": made.audit.to_dict(), **written}))
    else:
        print(printable(made))
        print(f"Written: {len(made.files)} files in {folder / 'figures'}")
    return 0


def check_command(args: Namespace) -> int:
    """Show the verdicts, write them for CI; the exit code says what came out."""
    from baserate.checks import check

    for option in ("junit", "markdown", "json"):
        if getattr(args, option) == "":
            raise BaserateError(f"--{option} takes the name of a file to write; found ''. Name one, or leave it out.")
    checks = check(args.policy)
    if args.junit:
        _open_folder(args.junit).write_text(checks.to_junit(), encoding="utf-8")
    if args.markdown:
        with _open_folder(args.markdown).open("a", encoding="utf-8") as file:
            file.write(checks.to_markdown())
    if args.json not in (None, "-"):
        _open_folder(args.json).write_text(checks.to_json() + "\n", encoding="utf-8")
    print(checks.to_json() if args.json == "-" else printable(checks))
    return checks.exit_code


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "read": read_command,
    "audit": audit_command,
    "rates": rates_command,
    "compare": compare_command,
    "fit": fit_command,
    "report": report_command,
    "check": check_command,
}


def _show(args: Namespace, result: Any) -> int:
    if args.json:
        print(result.to_json())
    elif getattr(args, "explain", False):
        print(*map(paragraph, result.explain().splitlines()), sep="\n\n")
    else:
        print(printable(result))
    return 0


def _dump(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)


def _pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    """Split ``name=value`` options; the first = is the one that counts."""
    pairs: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise BaserateError(f"{option} takes a name and a value with = between them; found {text!r}.")
        if name in pairs:
            raise BaserateError(f"{option} names {name!r} twice. Give it once.")
        pairs[name] = value
    return pairs


def _number(name: str, cut: str) -> float:
    try:
        return float(cut)
    except ValueError:
        raise BaserateError(f"--cut {name}={cut}: the cut must be a number, such as {name}=7.") from None


def _weighing(args: Namespace) -> dict[str, Any]:
    """Read how conditions and prompts are weighed, and whose verdicts count."""
    named = args.conditions
    conditions = None if named is None else [c for text in named for c in text.split(",") if c]
    mix: Any = args.mix
    if "=" in mix:
        mix = {level: _weight(level, text) for level, text in _pairs("--mix", mix.split(",")).items()}
    told = {"conditions": conditions, "cluster": args.cluster, "mix": mix, "weights": args.weights}
    return {**told, "accept": _accepted(args)}


def _accepted(args: Namespace) -> tuple[str, ...]:
    """Read which statuses' verdicts count, for reading and for what is computed alike."""
    from baserate.acceptance import statuses

    return statuses([status.strip() for text in args.accept for status in text.split(",") if status.strip()])


def _weight(level: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BaserateError(f"--mix {level}={text}: a weight must be a number, such as {level}=0.5.") from None


def _looks(shares: str | None) -> str | list[float] | None:
    if shares is None or shares == "anytime":
        return shares
    try:
        return [float(share) for share in shares.split(",")]
    except ValueError:
        raise BaserateError(f"--looks takes shares such as 0.25,0.5, or anytime; found {shares!r}.") from None


def _open_folder(path: str) -> Path:
    """Make the folder of a file to be written, as CI starts from a bare checkout."""
    file = Path(path)
    with writing(path):
        file.parent.mkdir(parents=True, exist_ok=True)
    return file
