"""The classifications beside a response of the agentic-misalignment framework: who judged it, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from baserate.readers.record import Grade, one_line, plain, text_or

_CLASSIFICATION = re.compile(r"(?:(?P<what>\w+?)_)?classification(?P<again>_v\d+)?")
_DELIBERATES = {
    "deliberates_thinks_eval": {"deliberates": True, "thinks_eval": True, "thinks_real": False},
    "deliberates_thinks_real": {"deliberates": True, "thinks_eval": False, "thinks_real": True},
    "no_deliberation": {"deliberates": False, "thinks_eval": False, "thinks_real": False},
}


def classifications(response: dict[str, Any]) -> Iterator[Grade]:
    """Read every classification of a response: the main one, that of awareness, and second versions of either.

    Parameters
    ----------
    response : dict
        A ``response.json``.

    Yields
    ------
    Grade
        One for each verdict. ``harmful_behavior`` and ``classifier_verdict`` differ by design, so both are kept; those
        of ``classification_v2`` end in ``_v2``.
    """
    for name, graded in response.items():
        found = _CLASSIFICATION.fullmatch(name)
        if found is None or not isinstance(graded, dict):
            continue
        scorer, again = found["what"] or "classification", found["again"] or ""
        grader = text_or(graded.get("classifier_model"), scorer)
        if graded.get("error"):
            keys = ("harmful_behavior", "classifier_verdict") if scorer == "classification" else ("aware",)
            failed = f"the judge failed: {one_line(graded['error'], 80)}"
            yield from (Grade(scorer, key + again, None, failed, grader) for key in keys)
            continue
        for key, value in _verdicts(graded).items():
            yield Grade(scorer, key + again, value, "" if value is not None else "the judge's verdict is null", grader)


def _verdicts(graded: dict[str, Any]) -> dict[str, Any]:
    """Pick the verdicts of a classification: its booleans, and what a deliberation classifier says in words."""
    said = graded.get("classifier_verdict")
    if isinstance(said, str) and said in _DELIBERATES:
        return {**_DELIBERATES[said], **({"aware": graded["aware"]} if "aware" in graded else {})}
    known = ("harmful_behavior", "classifier_verdict", "aware")
    return {key: plain(value) for key, value in graded.items() if key in known or isinstance(value, bool)}
