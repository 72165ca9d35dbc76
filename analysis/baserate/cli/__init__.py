"""The command line: the same calls as in a notebook. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from baserate.arguments import COMMAND, asked_in
from baserate.cli.messages import be_quiet, one_line_warnings, say, tolerate_narrow_terminals
from baserate.cli.parser import parse
from baserate.errors import BaserateError

REFUSED, INTERRUPTED, PIPE_CLOSED = 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Without the program's name; left out, what the shell gave.

    Returns
    -------
    int
        0 done, or all checks pass; 1 a check fails; 2 an error of usage or data; 3 a check is inconclusive;
        130 interrupted.
    """
    tolerate_narrow_terminals()
    try:
        with one_line_warnings():
            args = parse(argv)
            be_quiet(args.quiet)
            from baserate.cli.commands import COMMANDS

            with asked_in(COMMAND):
                code = COMMANDS[args.command](args)
            if sys.stdout is not None:  # which a shell may close, as with >&-
                sys.stdout.flush()
            return code
    except SystemExit as stop:  # argparse: --help, --version, or an error that it has told
        return int(stop.code or 0)
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaserateError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")
    except Exception:  # a bug; 1 would tell CI that a check fails
        traceback.print_exc()
        return REFUSED


def _refuse(message: str) -> int:
    say("error", message)
    return REFUSED
