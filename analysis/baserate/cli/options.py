"""The options of each command."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable

_CELLS = "a .csv keeps cells as they are, so read it as text into a spreadsheet, which takes '=…' for a formula"
AddOptions = Callable[[ArgumentParser], None]


def read_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate read``."""
    _data(command)
    command.add_argument(
        "-o", "--output", required=True, metavar="FILE", help=f"a .parquet, .csv or .jsonl file, or a folder; {_CELLS}"
    )
    _json(command)


def audit_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate audit``."""
    _data(command)
    command.add_argument("--outcome", metavar="O", help="look at this behavior only")
    command.add_argument(
        "--detail",
        nargs="?",
        const="",
        metavar="SECTION",
        help="in full: findings, prompts, levels, logs, accounting; without a name, all of it",
    )
    _json(command)


def rates_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate rates``."""
    _data(command)
    _outcome(command)
    command.add_argument(
        "--by", action="append", metavar="COLUMN", help="a column that makes groups; may be repeated (version)"
    )
    command.add_argument("--side", default="two-sided", help="two-sided, or a one-sided bound: upper, lower")
    _estimate(command)
    _labels(command)
    _weighing(command)
    _explain(command)
    _json(command)


def compare_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate compare``."""
    _data(command)
    _outcome(command)
    _across(command)
    command.add_argument("--by", action="append", metavar="COLUMN", help="compare within its groups; may be repeated")
    command.add_argument("--effect", default="difference", help="difference, ratio or odds-ratio (difference)")
    command.add_argument("--strata", action="append", metavar="COLUMN", help="combine over its levels; may be repeated")
    command.add_argument("--test", help="n-1-chi2, boschloo, fisher, fisher-mid-p, permutation (the design decides)")
    command.add_argument("--adjust", default="holm", help="holm, max-z, bonferroni or none, for several pairs (holm)")
    command.add_argument("--looks", metavar="SHARES", help="shares of the planned runs so far, 0.25,0.5, or anytime")
    command.add_argument("--spending", default="obrien-fleming", help="obrien-fleming or pocock, for planned looks")
    _estimate(command)
    _labels(command)
    _weighing(command)
    _explain(command)
    _json(command)


def fit_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate fit``."""
    _data(command)
    command.add_argument("formula", metavar="FORMULA", help='such as "blackmail ~ version * urgency"')
    command.add_argument(
        "--random",
        action="append",
        metavar="COLUMN",
        help="give each prompt, scenario or prompt:version a random intercept; may be repeated",
    )
    command.add_argument("--prior", help="weak: weakly informative priors, with --random")
    _estimate(command)
    _given(command)
    _weighing(command)
    _explain(command)
    _json(command)


def report_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate report``."""
    _data(command)
    _outcome(command)
    _across(command)
    command.add_argument(
        "-o", "--output", default=".", metavar="DIR", help="folder for report.html and figures/ (this folder)"
    )
    _level(command)
    _weighing(command)
    _json(command)


def plot_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate plot``."""
    _data(command)
    _outcome(command)
    command.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="a .svg, .png or .pdf file",
    )
    command.add_argument("--kind", default="differences", help="rates, differences or odds-ratios (differences)")
    command.add_argument("--by", action="append", metavar="COLUMN", help="a column that makes groups; may be repeated")
    _across(command)
    command.add_argument("--formula", help='of odds-ratios: "blackmail ~ version + goal" (the outcome by the version)')
    command.add_argument("--title", help="in place of the figure's own")
    command.add_argument("--caption", help="in place of the figure's own")
    command.add_argument("--order", metavar="LEVELS", help="levels from the top: new,old")
    command.add_argument(
        "--label", action="append", default=[], metavar="LEVEL=NAME", help="what to call a level; may be repeated"
    )
    command.add_argument("--palette", help="a palette of seaborn, such as colorblind")
    _level(command)
    _weighing(command)


def plan_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate plan``."""
    _data(command, path="*")
    command.add_argument("--rates", nargs=2, type=float, metavar=("OLD", "NEW"), help="rates to tell apart: .70 .84")
    command.add_argument("--power", type=float, default=0.8, help="the chance to find it (0.8)")
    command.add_argument("--prompts", type=int, help="prompts of each version; left out with --epochs, these are found")
    command.add_argument("--epochs", type=int, help="runs of each prompt")
    command.add_argument("--icc", type=float, help="how alike the runs of one prompt are, such as 0.2")
    command.add_argument("--margin", type=float, help="show the rates equivalent within this, such as 0.05")
    command.add_argument("--not-worse", action="store_true", help="with --margin: show the new one not worse only")
    command.add_argument("--comparisons", type=int, default=1, help="how many pairs are compared, by Holm (1)")
    command.add_argument("--looks", metavar="SHARES", help="planned looks: 0.25,0.5")
    command.add_argument("--outcome", metavar="O", help="of the pilot in PATH: the graded behavior")
    command.add_argument("--budget", type=float, help="of the pilot: what a version may cost")
    command.add_argument("--prompt-cost", type=float, default=0.0, help="of the pilot: the cost of a prompt (0)")
    command.add_argument("--run-cost", type=float, default=1.0, help="of the pilot: the cost of a run (1)")
    command.add_argument("--level", type=float, default=0.95, help="of the intervals (0.95)")
    _explain(command)
    _json(command)


def baseline_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate baseline``."""
    command.add_argument("action", choices=["save"], help="save: write the counts of a version")
    _data(command)
    command.add_argument(
        "--outcome", required=True, action="append", metavar="O", help="a graded behavior; may be repeated"
    )
    command.add_argument("--version", metavar="LEVEL", help="whose runs; left out, there must be one version")
    command.add_argument("--conditions", action="append", metavar="COLUMNS", help="the columns that were designed")
    command.add_argument("-o", "--output", required=True, metavar="FILE", help="a .json file")


def completion_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate completion``."""
    command.add_argument("shell", help="bash, zsh or fish")


def check_options(command: ArgumentParser) -> None:
    """Add the options of ``baserate check``."""
    command.add_argument("policy", metavar="POLICY", help="a .toml file")
    command.add_argument(
        "--self-test",
        action="store_true",
        help="deal the runs at random to versions that do not differ, and show how often the policy errs; exits with 0",
    )
    command.add_argument("--repeats", type=int, default=1000, help="of the self-test: how many deals (1000)")
    command.add_argument("--figure", metavar="FILE", help="of the self-test: draw it, as .svg, .png or .pdf")
    command.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit XML")
    command.add_argument("--markdown", metavar="FILE", help="append the verdicts as Markdown, as to a CI step summary")
    command.add_argument(
        "--json", nargs="?", const="-", metavar="FILE", help="write JSON to a file, or to stdout in place of the table"
    )


def _explain(command: ArgumentParser) -> None:
    command.add_argument("--explain", action="store_true", help="say how it was computed and why so, with sources")


def _data(command: ArgumentParser, path: str = "+") -> None:
    command.add_argument("path", nargs=path, metavar="PATH", help="logs, folders of logs, or tables")
    command.add_argument("--format", help="name the format where it is not recognized")
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        help="say which column of a table is which: model=version; may be repeated",
    )
    command.add_argument(
        "--cut",
        action="append",
        default=[],
        metavar="SCORE=CUT",
        help="take a score from CUT on as yes; may be repeated",
    )
    command.add_argument(
        "--outcomes",
        action="append",
        default=[],
        metavar="NAME=HOW",
        help="a column, or a comparison: misaligned='aligned < 30 where coherent > 50'; may be repeated",
    )
    command.add_argument(
        "--aliases",
        action="append",
        default=[],
        metavar="LOGGED=NAME",
        help="call a logged version by another name: anthropic/claude-x=claude-x; may be repeated",
    )
    command.add_argument(
        "--factors", metavar="COLUMNS", help="the columns that are factors of the scenario, a,b (those of few levels)"
    )
    command.add_argument(
        "--cache", action="store_true", help="keep what each log gave beside the logs, so that it is read once"
    )
    command.add_argument(
        "--where", action="append", default=[], metavar="COLUMN=VALUE", help="keep these runs only; may be repeated"
    )
    command.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="STATUS",
        help="count the logged verdicts of these runs too, such as limit or limit,error; may be repeated (ok)",
    )


def _outcome(command: ArgumentParser) -> None:
    command.add_argument("--outcome", required=True, metavar="O", help="the graded behavior")


def _across(command: ArgumentParser) -> None:
    command.add_argument(
        "--across", default="version", metavar="COLUMN", help="the column whose levels are compared (version)"
    )
    command.add_argument("--baseline", metavar="LEVEL", help="compare the others with this one; left out, all pairs")
    command.add_argument("--margin", type=float, help="the largest difference that counts as equivalent, such as 0.05")


def _estimate(command: ArgumentParser) -> None:
    command.add_argument("--method", help="the interval's method; left out, the design decides")
    _level(command)


def _level(command: ArgumentParser) -> None:
    command.add_argument("--level", type=float, default=0.95, help="of the intervals (0.95)")
    command.add_argument("--scope", help="fixed: these prompts; sampled: prompts like these (the design decides)")


def _weighing(command: ArgumentParser) -> None:
    command.add_argument(
        "--conditions",
        action="append",
        metavar="COLUMNS",
        help="the columns whose combinations were designed, such as urgency,goal; '' for none (the columns tell)",
    )
    command.add_argument("--cluster", metavar="COLUMN", help="what prompts were sampled in, such as a scenario family")
    command.add_argument(
        "--mix", default="planned", help="how conditions are weighed: planned, balanced, or none=0.2,replacement=0.8"
    )
    command.add_argument("--weights", default="prompts", help="each prompt counts once (prompts), or each run (runs)")


def _given(command: ArgumentParser) -> None:
    command.add_argument(
        "--given", action="append", metavar="COLUMN", help="ask of runs that showed this alone; may be repeated"
    )


def _labels(command: ArgumentParser) -> None:
    command.add_argument("--corrected", help="rogan-gladen or ppi: correct for the judge's errors by human labels")
    command.add_argument("--human", metavar="COLUMN", help="the column of human labels (<outcome>_human)")
    _given(command)


def _json(command: ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="write JSON in place of tables")
