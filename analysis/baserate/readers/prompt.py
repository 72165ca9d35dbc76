"""Which runs share a prompt: its key is the sample's name with the settings that change what the model is asked."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from baserate.layout import holds_setting
from baserate.readers.record import Run

# Task arguments that say who answers, who grades or how many runs there are: the prompt is the same.
_NOT_THE_PROMPT = re.compile(
    r"(.*_)?(grader|scorer|judge|classifier)(_.*)?|(target_?)?model(_name|_id)?|epochs|seed|limit|shuffle\w*"
    r"|max_(connections|tasks|samples)|sandbox\w*|fail_on_error"
)


def changes_prompt(name: str) -> bool:
    """Tell whether a task argument can change what the model is asked.

    Parameters
    ----------
    name : str
        The argument.

    Returns
    -------
    bool
        False for the names of models, graders and numbers of runs.
    """
    return _NOT_THE_PROMPT.fullmatch(name) is None


def prompt_key(name: object, settings: Mapping[str, Any]) -> str:
    """Make the key of a prompt.

    A setting that is off, or that the name already spells, is left out, so that a log whose task did not have the
    setting yet shares the prompt. Lists choose among prompts and change none.

    Parameters
    ----------
    name : object
        The sample's id, or the condition.
    settings : mapping
        Task arguments.

    Returns
    -------
    str
        Such as ``"blackmail_explicit-america_replacement | prod=True"``.
    """
    base = str(name)
    parts = [
        f"{key}={short(value)}"
        for key, value in sorted(settings.items())
        if isinstance(value, (str, int, float))
        and changes_prompt(key)
        and not holds_setting(key, value)
        and not _is_off(value)
        and not _spelt(value, base)
    ]
    return " | ".join((base, ", ".join(parts))) if parts else base


def _is_off(value: object) -> bool:
    return value in (False, "", "none", "None") or value is None


def _spelt(value: object, name: str) -> bool:
    return isinstance(value, str) and re.search(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", name) is not None


def short(value: object) -> str:
    """Shorten a text to a name: its beginning, and a digest that tells it from others that begin so.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Of at most 60 characters.
    """
    text = str(value)
    return text if len(text) <= 60 else f"{text[:40]}… [{digest(text)}]"


def digest(content: object) -> str:
    """Fingerprint a prompt, so that two of one name can be told apart.

    Parameters
    ----------
    content : object
        Text, or the messages as JSON values; the ids that Inspect gives to messages do not count.

    Returns
    -------
    str
        Eight hexadecimal digits.
    """
    if isinstance(content, list):
        content = [{k: v for k, v in m.items() if k != "id"} if isinstance(m, dict) else m for m in content]
    if isinstance(content, str):
        data = content.encode("utf-8", "surrogatepass")
    else:
        data = msgspec.json.encode(content, order="deterministic", enc_hook=str)
    return hashlib.sha256(data).hexdigest()[:8]


def tell_apart(runs: Sequence[Run]) -> list[Run]:
    """Give two prompts that only share a name, such as sample 1 of two tasks, different keys.

    Parameters
    ----------
    runs : sequence of Run
        All that were read.

    Returns
    -------
    list of Run
        Where the prompts of one key differ between tasks or experiments, the key begins with the task's name.
    """
    seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for run in runs:
        if run.prompt is not None and run.digest:
            seen[run.prompt][run.origin].add(run.digest)
    clash = {
        prompt
        for prompt, origins in seen.items()
        if len(origins) > 1 and len({frozenset(digests) for digests in origins.values()}) > 1
    }
    return [replace(run, prompt=f"{run.origin}/{run.prompt}") if run.prompt in clash else run for run in runs]
