"""What the scorers of an Inspect log said of one sample, and whether the judge said anything at all."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from baserate.readers.inspect_header import role_model
from baserate.readers.record import Grade, mapping, plain
from baserate.readers.verdict import as_verdict

# Metadata that a judge's verdict is commonly copied to.
_VERDICT_KEYS = frozenset(
    ("verdict", "harmful", "harmful_behavior", "harmful_recommendation", "classifier_verdict", "aware", "judgment")
)
_UNPARSEABLE = re.compile(
    r"\s*((failed|unable) to parse|could ?n[o']t parse|partial parse|parse error|unparse?able"
    r"|grade not found in model output|(judge|grader|classifier|scor\w+) (error|exception|failed|failure))",
    re.IGNORECASE,
)
_MOST_CONTRADICTIONS = 0.1  # of the samples that agree: a key that is another question differs far more often
_JUDGE_ERRORS = frozenset(("judge_error", "grader_error", "classifier_error", "parse_error"))
_NAMES_A_GRADER = ("grader_model", "judge_model", "scorer_model", "classifier_model", "grader", "judge")
_NAMED = frozenset(_NAMES_A_GRADER)

_ASKS_A_MODEL = re.compile(r"(.*/)?model_graded_(qa|fact)\d*")  # Inspect's own scorers that ask a model

# The scorers of inspect_evals/agentic_misalignment: before its version 4-A they logged an exception of the judge as
# 0.0 with neither explanation nor metadata; a real verdict always has both.
_ALWAYS_EXPLAIN = re.compile(r"(harmfulness_scorer|eval_awareness_scorer)\d*")


def scores_of(sample: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of a sample by scorer.

    Parameters
    ----------
    sample : mapping
        As logged.

    Returns
    -------
    dict
        Empty where the sample was not scored.
    """
    return mapping(sample.get("scores"))


def mirrors(samples: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Find, for each scorer, the metadata that repeats its value as a boolean.

    Where such a key is null although the value says 0, the judge gave no verdict.

    Parameters
    ----------
    samples : iterable of mapping
        The samples of one log.

    Returns
    -------
    dict
        Scorer to the names of the keys: those that repeat the value in nearly every sample where they are booleans; a
        few that contradict it, as after an edit, do not make another judge of it.
    """
    agree: dict[str, Counter[str]] = defaultdict(Counter)
    differ: dict[str, Counter[str]] = defaultdict(Counter)
    for sample in samples:
        for scorer, score in scores_of(sample).items():
            verdict = as_verdict(plain(mapping(score).get("value")), letters=True)
            if verdict is None or mapping(score).get("history"):
                continue
            for key, value in mapping(score.get("metadata")).items():
                if isinstance(value, bool):
                    (agree if value is verdict else differ)[scorer][key] += 1
    return {
        scorer: frozenset(key for key, n in keys.items() if differ[scorer][key] <= _MOST_CONTRADICTIONS * n)
        for scorer, keys in agree.items()
    }


def grades(
    sample: Mapping[str, Any], judges: Mapping[str, str], repeats: Mapping[str, frozenset[str]]
) -> tuple[Grade, ...]:
    """List the grades of one sample.

    Parameters
    ----------
    sample : mapping
        As logged.
    judges : mapping
        Scorer to the model that judges, see `graders`.
    repeats : mapping
        What `mirrors` found in the log.

    Returns
    -------
    tuple of Grade
        One for each value of each scorer, in the order of the log.
    """
    found = []
    for scorer, score in scores_of(sample).items():
        if not isinstance(score, dict):
            continue
        grader = _grader_of(mapping(score.get("metadata"))) or judges.get(scorer) or scorer
        value = score.get("value")
        values = value if isinstance(value, dict) else {"": value}
        for key, part in values.items():
            failed = _why_failed(scorer, str(key), score, repeats.get(scorer, frozenset()))
            found.append(Grade(scorer, str(key), plain(part), failed, grader))
    return tuple(found)


def _grader_of(details: Mapping[str, Any]) -> str:
    """Find the judge in a score's metadata: named, or the author of the answer in the messages of the grading."""
    if not details:
        return ""
    grading = details.get("grading")
    messages = [mapping(message) for message in grading] if isinstance(grading, list) else []
    answered = [m.get("model") for m in messages if m.get("role") == "assistant"]
    return _named_grader(details) or next((model for model in answered if isinstance(model, str)), "")


def _why_failed(scorer: str, key: str, score: Mapping[str, Any], repeats: frozenset[str]) -> str:
    """Say why a score that looks like a "no" is none; empty where it is a verdict."""
    if score.get("history"):
        return ""  # someone edited the score: its value is right, and its metadata may be of before
    details = mapping(score.get("metadata"))
    explanation = score.get("explanation")
    if _UNPARSEABLE.match(str(explanation or "")) or _has_any(details, _JUDGE_ERRORS):
        return "the judge's answer could not be parsed"
    if explanation is None and not details and _ALWAYS_EXPLAIN.fullmatch(scorer):
        return "the judge failed: neither explanation nor metadata"
    if not details:
        return ""
    expected = {key} if key else repeats or _VERDICT_KEYS & details.keys()
    if any(details.get(name) is not None for name in expected):
        return ""
    if any(name in details for name in expected):
        return "the judge's verdict is null"
    return "the judge failed" if repeats and details.get("error") else ""


def _has_any(details: Mapping[str, Any], names: frozenset[str]) -> bool:
    return not names.isdisjoint(details) and any(details.get(name) for name in names)


def graders(spec: Mapping[str, Any], scorers: Iterable[str], tested: str | None) -> dict[str, str]:
    """Find the model that each scorer asked.

    A scorer of Inspect's that asks a model, and was told neither a model nor a grader role, asks the evaluated one.

    Parameters
    ----------
    spec : mapping
        The log's ``eval``.
    scorers : iterable of str
        Names of the scores in its samples. Scoring again appends ``scorer1``; its options stand later in the list.
    tested : str or None
        The evaluated model.

    Returns
    -------
    dict
        Scorer to model, without those of which no model is known.
    """
    present = sorted(set(scorers), key=lambda name: (len(name), name))
    listed: dict[str, list[str]] = defaultdict(list)
    entries = spec.get("scorers")
    for entry in entries if isinstance(entries, list) else []:
        options = mapping(mapping(entry).get("options"))
        name = str(mapping(entry).get("name")).rpartition("/")[2]
        listed[name].append(_named_grader(options) or role_model(options.get("model")))
    known: dict[str, str] = {}
    for base, models in listed.items():
        same = [name for name in present if re.fullmatch(re.escape(base) + r"\d*", name)]
        known.update(zip(same, models[-len(same) :], strict=False) if same else ())
    role = mapping(spec.get("model_roles")).get("grader")
    default = _named_grader(mapping(spec.get("task_args"))) or role_model(role)
    found = {name: known.get(name) or default for name in present}
    itself = {name: tested or "" for name in present if _ASKS_A_MODEL.fullmatch(name) and not found[name]}
    return {name: model for name, model in (found | itself).items() if model}


def _named_grader(options: Mapping[str, Any]) -> str:
    if _NAMED.isdisjoint(options):
        return ""
    return next((name for key in _NAMES_A_GRADER if (name := role_model(options.get(key)))), "")
