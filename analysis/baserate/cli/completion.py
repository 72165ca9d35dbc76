"""Completion of commands, options and files in a shell."""

from __future__ import annotations

from argparse import ArgumentParser

from baserate.errors import BaserateError, did_you_mean

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """Write what a shell sources to complete this command line.

    Parameters
    ----------
    shell : str
        One of `SHELLS`.

    Returns
    -------
    str

    Raises
    ------
    BaserateError
        If there is no such shell.

    Examples
    --------
    >>> "complete -o default -F _baserate baserate" in script("bash")
    True
    """
    if shell not in SHELLS:
        raise BaserateError(f"completion takes {', '.join(SHELLS)}; found {shell!r}.{did_you_mean(shell, SHELLS)}")
    return _fish() if shell == "fish" else _bash(zsh=shell == "zsh")


def _options() -> dict[str, list[str]]:
    """List the options of each command."""
    from baserate.cli.parser import COMMANDS

    found = {}
    for name, command in COMMANDS.items():
        parser = ArgumentParser(add_help=True)
        command.add_options(parser)
        found[name] = sorted(parser._option_string_actions)  # argparse names its options nowhere else
    return found


def _bash(*, zsh: bool) -> str:
    options = _options()
    cases = [f"    {name}) words='{' '.join(listed)}' ;;" for name, listed in options.items()]
    lines = [
        *(["autoload -U +X bashcompinit && bashcompinit"] if zsh else []),
        "_baserate() {",
        "  local words current=${COMP_WORDS[COMP_CWORD]}",
        '  if [ "$COMP_CWORD" -eq 1 ]; then',
        f"    COMPREPLY=( $(compgen -W '{' '.join(options)} --help --version' -- \"$current\") ); return",
        "  fi",
        "  case ${COMP_WORDS[1]} in",
        *cases,
        "    *) return ;;",
        "  esac",
        '  case $current in -*) COMPREPLY=( $(compgen -W "$words" -- "$current") ) ;; esac',
        "}",
        "complete -o default -F _baserate baserate",
    ]
    return "\n".join(lines)


def _fish() -> str:
    from baserate.cli.parser import COMMANDS

    lines = [
        f"complete -c baserate -n __fish_use_subcommand -f -a {name} -d '{command.does}'"
        for name, command in COMMANDS.items()
    ]
    for name, listed in _options().items():
        where = f"complete -c baserate -n '__fish_seen_subcommand_from {name}'"
        lines += [f"{where} -l {option[2:]}" for option in listed if option.startswith("--")]
    return "\n".join(lines)
