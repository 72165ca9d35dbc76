"""An argument of the wrong type is refused in words, wherever it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.annotations import checked
from baserate.arguments import require_whole
from baserate.errors import BaserateError

RUNS = br.simulate({"old": 0.5, "new": 0.6}, prompts=6, epochs=3)
MODEL = br.fit(RUNS, "blackmail ~ version", scope="fixed")

ODD: tuple[Any, ...] = (
    5,
    None,
    3.5,
    True,
    float("nan"),
    b"x",
    (),
    [1],
    [["version"]],
    {"a": 1},
    object(),
    pd.Series([1]),
)
ODD = (*ODD, np.array(["a"]), "", "nosuch", "x" * 3000, -1, 10**400, 10**5000, float("inf"))
CALLS: tuple[tuple[Callable[..., Any], dict[str, Any], str], ...] = (
    (br.rates, {"runs": RUNS, "outcome": "blackmail"}, "runs outcome by method level scope side conditions cluster"),
    (br.compare, {"runs": RUNS, "outcome": "blackmail"}, "across baseline by margin method level scope effect strata"),
    (br.compare, {"runs": RUNS, "outcome": "blackmail"}, "runs outcome test adjust looks spending cluster mix weights"),
    (
        br.fit,
        {"runs": RUNS, "formula": "blackmail ~ version"},
        "runs formula level scope random conditions mix weights",
    ),
    (br.count, {"table": RUNS, "outcome": "blackmail"}, "table outcome by conditions cluster"),
    (br.audit, {"runs": RUNS}, "runs outcome"),
    (
        br.report,
        {"runs": RUNS, "outcome": "blackmail", "to": "page.html"},
        "runs outcome across margin level scope",
    ),
    (br.check, {}, "policy_path"),
    (br.plan, {"runs": RUNS, "outcome": "blackmail"}, "runs outcome budget prompt_cost run_cost epochs level mix"),
    (br.power, {"rates": (0.8, 0.7), "runs": 50}, "rates prompts epochs icc margin question level comparisons"),
    (br.power, {"rates": (0.8, 0.7), "runs": 50}, "runs scope looks repeats seed shared"),
    (br.runs_needed, {"rates": (0.8, 0.4)}, "rates power prompts epochs icc margin question level looks repeats seed"),
    (br.simulate, {"rates": {"a": 0.5}}, "rates prompts epochs icc ungraded outcome seed"),
    (MODEL.rates, {"by": "version"}, "by"),
    (MODEL.contrasts, {"across": "version"}, "across by baseline scale"),
    (MODEL.test, {"term": "version"}, "term"),
)


@pytest.mark.parametrize(
    ("function", "base", "name"), [(f, base, name) for f, base, names in CALLS for name in names.split()]
)
def test_odd_values_are_answered_or_refused(
    function: Callable[..., Any], base: dict[str, Any], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where a report is written
    for value in ODD:
        with suppress(BaserateError):
            function(**{**base, name: value})


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: br.rates(RUNS, 5), r"outcome must be text or a list of texts, such as 'blackmail'; got 5 \(int\)"),  # type: ignore[arg-type]
        (lambda: br.count(RUNS, ["blackmail"]), "Ask for several one by one"),  # type: ignore[arg-type]
        (lambda: br.rates(RUNS, "blackmail", by=5), "by must be text, a list of texts or None"),  # type: ignore[arg-type]
        (lambda: br.fit(RUNS, None), "formula must be text, such as 'blackmail ~ version"),  # type: ignore[arg-type]
        (lambda: br.rates("runs.csv", "blackmail"), r"Runs are a table, such as baserate.read returns.*got str"),
        (lambda: br.audit({"version": ["a"]}), r"Runs are a table.*got dict"),
        (lambda: br.compare(RUNS, "blackmail", margin="0.05"), "margin must be a number or None"),  # type: ignore[arg-type]
    ],
)
def test_what_is_said(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(BaserateError, match=said):
        ask()


def test_lists_come_in_every_form() -> None:
    expected = br.rates(RUNS, "blackmail", by=["version"]).table
    for by in (
        ("version",),
        pd.Index(["version"]),
        np.array(["version"]),
        {"version": 1}.keys(),
        pd.Series(["version"]),
    ):
        pd.testing.assert_frame_equal(br.rates(RUNS, "blackmail", by=by).table, expected)  # type: ignore[arg-type]
    assert br.count(RUNS, "blackmail", "version").cells.equals(br.count(RUNS, "blackmail", ["version"]).cells)


def test_missing_and_unknown_arguments_stay_pythons_own() -> None:
    with pytest.raises(TypeError, match=r"rates\(\) got an unexpected keyword argument 'outcom'"):
        br.rates(RUNS, outcom="blackmail")  # type: ignore[call-arg]


def test_annotations_are_read() -> None:
    @checked
    def taken(
        weights: Mapping[str, float], path: str | Path = "", sizes: int | Sequence[int] = 1, more: bool = False
    ) -> tuple[Any, ...]:
        return weights, path, sizes, more

    assert taken({"a": np.float64(1)}, Path("x"), range(2), np.True_)[2] == [0, 1]  # type: ignore[arg-type]
    for wrong, said in (
        ({"weights": {"a": "1"}}, "weights must be a dictionary of numbers"),
        ({"weights": {}, "path": 5}, "path must be text or a path"),
        ({"weights": {}, "sizes": "12"}, "sizes must be a whole number or a list of whole numbers"),
        ({"weights": {}, "more": 1}, "more must be True or False"),
    ):
        with pytest.raises(BaserateError, match=said):
            taken(**wrong)


def test_whole_numbers() -> None:
    assert require_whole("runs", 50.0) == 50
    for wrong in (2.5, 10**5000, "5", True, float("inf"), None):
        with pytest.raises(BaserateError, match="runs must be a whole number"):
            require_whole("runs", wrong)  # type: ignore[arg-type]
