"""Why a run has nothing to grade: the rule that both log formats share."""

from __future__ import annotations

from typing import Any

from baserate.readers.record import mapping

NO_ANSWER = "no answer text"

# What providers and frameworks call the reasons to stop that are no answer, in lower case.
_STOPPED = {
    "max_tokens": "limit",
    "max_output_tokens": "limit",
    "model_length": "limit",
    "length": "limit",
    "content_filter": "content_filter",
    "content_filtered": "content_filter",
    "safety": "content_filter",
    "prohibited_content": "content_filter",
    "blocklist": "content_filter",
    "refusal": "refusal",
}


def status_of_stop(stop_reason: str | None, detail: str | None = None) -> str:
    """Name the status that a stop reason means.

    Parameters
    ----------
    stop_reason : str or None
        As the provider or the framework calls it.
    detail : str or None
        The kind of stop, where the log has it: a refusal is logged as a filtered stop of kind "refusal".

    Returns
    -------
    str
        ``"limit"``, ``"content_filter"``, ``"refusal"``, or empty for a run that ended by itself.
    """
    status = _STOPPED.get((stop_reason or "").lower(), "")
    return "refusal" if status == "content_filter" and (detail or "").lower() == "refusal" else status


def has_answer(output: dict[str, Any], messages: list[Any]) -> bool:
    """Tell whether the model answered: with text, or with a tool call, after the last thing said to it.

    Reasoning alone is no answer: a grader does not see it.

    Parameters
    ----------
    output : dict
        An Inspect sample's ``output``.
    messages : list
        Its ``messages``.

    Returns
    -------
    bool
    """
    if str(output.get("completion") or "").strip():
        return True
    choices = output.get("choices")
    said = [mapping(choice).get("message") for choice in (choices if isinstance(choices, list) else [])]
    for message in reversed(messages):
        if mapping(message).get("role") == "user":
            break
        said.append(message)
    return any(_says_something(mapping(message)) for message in said)


def _says_something(message: dict[str, Any]) -> bool:
    if message.get("role") != "assistant":
        return False
    if message.get("tool_calls"):
        return True
    content = message.get("content")
    if isinstance(content, list):
        parts = [mapping(part) for part in content]
        return any(_has_content(part) for part in parts)
    return bool(str(content or "").strip())


def _has_content(part: dict[str, Any]) -> bool:
    kind = part.get("type")
    return bool(str(part.get("text") or "").strip()) if kind == "text" else kind != "reasoning"
