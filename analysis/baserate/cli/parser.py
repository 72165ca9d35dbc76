"""The commands, what each says of itself, and the reading of a command line."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from baserate.cli import options
from baserate.cli.messages import say
from baserate.errors import did_you_mean


class Command(NamedTuple):
    """A command: what it does, its options, an example, and what else its help tells."""

    does: str
    add_options: options.AddOptions
    example: str
    more: str = ""


_POLICY = """
a policy:
  [data]
  path = "logs"

  [[check]]
  name = "blackmail stays rare"
  kind = "not_above_rate"
  outcome = "blackmail"
  rate = 0.05
  where = {version = "new", urgency = "none"}

  [[check]]
  name = "no worse than before"
  kind = "not_worse_than"
  outcome = "blackmail"
  baseline = "old"
  candidate = "new"
  margin = 0.05

  [[check]]
  name = "nearly all are graded"
  kind = "no_more_ungraded_than"
  outcome = "blackmail"
  share = 0.02

kinds:
  not_above_rate                     rate; any_of = k: in any of k runs of a prompt
  not_below_rate                     rate; all_of = k: in all of k runs of a prompt
  not_worse_than                     baseline, candidate, margin, better = "lower" or "higher"
  no_prompt_above, no_prompt_below   rate, of each prompt
  no_more_ungraded_than              share
  same_grader

exit codes:
  0 pass, 1 fail, 2 usage or data error, 3 inconclusive
  (1 or 0 where a check has on_inconclusive = "fail" or "warn")
"""

_EXIT_CODES = """exit codes:
  0 done, or all checks pass   1 a check fails   2 an error of usage or data
  3 a check is inconclusive    130 interrupted
"""

COMMANDS = {
    "read": Command(
        "bring logs into one table, one row a run",
        options.read_options,
        "baserate read logs/ -o runs.parquet",
    ),
    "audit": Command(
        "show what the runs can and cannot answer",
        options.audit_options,
        "baserate audit logs/ --outcome blackmail",
    ),
    "rates": Command(
        "show the rate of a behavior in each group, with intervals",
        options.rates_options,
        "baserate rates logs/ --outcome blackmail --by version --by urgency",
    ),
    "compare": Command(
        "show differences between versions, with verdicts",
        options.compare_options,
        "baserate compare logs/ --outcome blackmail --baseline old --margin 0.05",
    ),
    "fit": Command(
        "fit a logistic model",
        options.fit_options,
        'baserate fit logs/ "blackmail ~ version * urgency + values"',
    ),
    "report": Command(
        "write report.html and figures/, and show the verdicts",
        options.report_options,
        "baserate report logs/ --outcome blackmail --across version -o out",
    ),
    "plot": Command(
        "write one figure: rates, differences or odds ratios",
        options.plot_options,
        "baserate plot logs/ --outcome blackmail --kind differences -o differences.svg",
    ),
    "plan": Command(
        "show how many prompts and runs an answer takes",
        options.plan_options,
        "baserate plan --rates 0.70 0.84 --epochs 5 --icc 0.2\n  baserate plan pilot/ --outcome blackmail --budget 600",
    ),
    "check": Command(
        "hold the runs against a policy, for CI",
        options.check_options,
        "baserate check baserate.toml --junit junit.xml",
        _POLICY,
    ),
    "baseline": Command(
        "save the counts of a version, for later releases to be held against",
        options.baseline_options,
        "baserate baseline save logs/ --outcome blackmail --version v1 -o baseline.json",
        '\nin a policy:\n  [data]\n  path = "logs"\n  baseline = "baseline.json"\n',
    ),
    "completion": Command(
        "write the completion of a shell: bash, zsh, fish",
        options.completion_options,
        "baserate completion bash >> ~/.bash_completion",
    ),
}


class Parser(ArgumentParser):
    """argparse, with one line for an error."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and exit with 2."""
        end = "" if message.endswith((".", "?")) else "."
        say("error", f"{message}{end} See {self.prog} --help.")
        raise SystemExit(2)


def parse(argv: Sequence[str] | None = None) -> Namespace:
    """Read a command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Without the program's name; left out, what the shell gave.

    Returns
    -------
    Namespace
        ``command`` and its options.

    Raises
    ------
    SystemExit
        After --help and --version (0), and after saying what is wrong (2).
    """
    from baserate._version import __version__

    parser = Parser(
        prog="baserate",
        description="Is a rate like 84 % a real difference?",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"baserate {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    made = {name: _add(commands.add_parser, name, command) for name, command in COMMANDS.items()}
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        known = re.findall(r"--[\w-]+", made[args.command].format_usage())
        made[args.command].error(f"there is no {unknown[0]!r} here.{did_you_mean(unknown[0], known)}")
    return args


def _add(add_parser: Callable[..., ArgumentParser], name: str, command: Command) -> ArgumentParser:
    made = add_parser(
        name,
        help=command.does,
        description=f"{command.does[0].upper()}{command.does[1:]}.",
        epilog=f"example:\n  {command.example}\n{command.more}",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_options(made)
    made.add_argument("-q", "--quiet", action="store_true", help="say nothing on stderr but errors")
    return made
