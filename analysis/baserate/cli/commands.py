"""What each command does: the call of the notebook, and its result on stdout."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from baserate.arguments import writing
from baserate.cli.dataset import KEPT, is_dataset, recover
from baserate.cli.messages import say
from baserate.cli.values import accepted, looks, number, pairs, weighing
from baserate.cli.writers import writer_for
from baserate.errors import BaserateError
from baserate.escape import paragraph, printable
from baserate.select import columns, require_before_verdict, where


def load(args: Namespace, cache: Path | None = None) -> pd.DataFrame:
    """Read the runs that the options name, and keep those that they choose.

    Parameters
    ----------
    args : Namespace
        With ``path``, ``format``, ``column``, ``cut``, ``outcomes``, ``aliases``, ``factors``, ``where``, ``accept``
        and ``cache``.
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

    outcomes: dict[str, Any] = {name: (name, number(name, cut)) for name, cut in pairs("--cut", args.cut).items()}
    outcomes |= pairs("--outcomes", args.outcomes)
    named = columns(pairs("--column", args.column))
    settings: dict[str, Any] = {"format": args.format, "accept": accepted(args), "cache": cache or args.cache}
    settings["aliases"] = pairs("--aliases", args.aliases) or None
    settings["factors"] = None if args.factors is None else [name for name in args.factors.split(",") if name]
    runs = read(args.path, columns=named or None, outcomes=outcomes or None, **settings)
    chosen = pairs("--where", args.where)
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

    found = audit(load(args), args.outcome, accepted(args))
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
    return _show(args, rates(load(args), args.outcome, by, **settings, **weighing(args)))


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
    return _show(args, compare(load(args), args.outcome, looks=looks(args.looks), **settings, **weighing(args)))


def fit_command(args: Namespace) -> int:
    """Show the model's coefficients with their odds ratios."""
    from baserate.model import fit
    from baserate.text import text_table

    settings = {name: getattr(args, name) for name in ("level", "scope", "random", "method", "prior", "given")}
    model = fit(load(args), args.formula, **settings, **weighing(args))
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
    settings |= weighing(args)
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


def plot_command(args: Namespace) -> int:
    """Write one figure."""
    from baserate.cli.figure import figure

    names = ("across", "baseline", "margin", "by", "level", "scope")
    question = {name: getattr(args, name) for name in names}
    draw = figure(load(args), args.outcome, args.kind, args.formula, question, weighing(args))
    order = None if args.order is None else args.order.split(",")
    words = {"title": args.title, "caption": args.caption, "labels": pairs("--label", args.label) or None}
    ax = draw(order=order, palette=args.palette, **words)
    _open_folder(args.output)
    with writing(args.output):
        ax.figure.savefig(args.output, bbox_inches="tight", dpi=200)
    print(f"Written: {printable(args.output)}")
    return 0


def plan_command(args: Namespace) -> int:
    """Show how many runs tell two rates apart, or how to spend them, as a pilot tells."""
    from baserate.planning import plan, power, runs_needed

    if args.path:
        if not args.outcome:
            raise BaserateError("A plan from a pilot needs --outcome; a plan from rates takes --rates and no PATH.")
        costs = {"prompt_cost": args.prompt_cost, "run_cost": args.run_cost, "level": args.level}
        return _show(args, plan(load(args), args.outcome, args.budget, accept=accepted(args), **costs))
    if args.rates is None:
        raise BaserateError(
            "Say which rates to tell apart, --rates 0.70 0.84, or name the logs of a pilot with --outcome."
        )
    names = ("prompts", "epochs", "icc", "margin", "level", "comparisons")
    settings = {name: getattr(args, name) for name in names} | {"looks": looks(args.looks)}
    settings["question"] = "not-worse" if args.not_worse else None
    if args.prompts and args.epochs:
        return _show(args, power(args.rates, **settings))
    return _show(args, runs_needed(args.rates, power=args.power, **settings))


def completion_command(args: Namespace) -> int:
    """Write the script that completes commands and options in a shell."""
    from baserate.cli.completion import script

    print(script(args.shell))
    return 0


def baseline_command(args: Namespace) -> int:
    """Write the counts of one version."""
    from baserate.checks import save_baseline

    named = args.conditions
    conditions = None if named is None else [c for text in named for c in text.split(",") if c]
    runs = load(args)
    path = save_baseline(runs, args.outcome, args.output, args.version, conditions=conditions, accept=accepted(args))
    print(f"Written: {printable(path)}")
    return 0


def check_command(args: Namespace) -> int:
    """Show the verdicts, write them for CI; the exit code says what came out."""
    from baserate.checks import check

    for option in ("junit", "markdown", "json"):
        if getattr(args, option) == "":
            raise BaserateError(f"--{option} takes the name of a file to write; found ''. Name one, or leave it out.")
    if args.self_test:
        return _self_test(args)
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


def _self_test(args: Namespace) -> int:
    from baserate.checks import self_test

    found = self_test(args.policy, args.repeats)
    if args.json not in (None, "-"):
        _open_folder(args.json).write_text(found.to_json() + "\n", encoding="utf-8")
    if args.markdown:
        with _open_folder(args.markdown).open("a", encoding="utf-8") as file:
            file.write(found.to_markdown())
    if args.figure:
        import matplotlib as mpl

        mpl.use("agg")
        _open_folder(args.figure)
        with writing(args.figure):
            found.plot().figure.savefig(args.figure, bbox_inches="tight", dpi=200)
    print(found.to_json() if args.json == "-" else printable(found))
    return 0


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "read": read_command,
    "audit": audit_command,
    "rates": rates_command,
    "compare": compare_command,
    "fit": fit_command,
    "report": report_command,
    "plot": plot_command,
    "plan": plan_command,
    "check": check_command,
    "baseline": baseline_command,
    "completion": completion_command,
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


def _open_folder(path: str) -> Path:
    """Make the folder of a file to be written, as CI starts from a bare checkout."""
    file = Path(path)
    with writing(path):
        file.parent.mkdir(parents=True, exist_ok=True)
    return file
