"""Whatever is asked of whatever table: a result, or a BaserateError."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import baserate as br
from baserate.errors import BaserateError, DesignWarning
from baserate.result import Shown

NAMES = st.sampled_from(
    [
        "version",
        "goal",
        "prompt",
        "blackmail",
        "n",
        "events",
        "_runs",
        "estimate",
        "$x$",
        "",
        "a|b",
        "\x1b[1m",
        "²",
        "p 1",
    ]
)
LEVELS = st.one_of(st.text(max_size=4), st.sampled_from([None, 1, "1", "10", 2.5, "v2²", "9" * 5000, True, ("a",)]))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    NAMES,
    st.lists(NAMES, max_size=3),
    st.dictionaries(st.text(max_size=3), st.floats(), max_size=2),
    st.sampled_from(
        [
            10**400,
            "sampled",
            "fixed",
            "wilson",
            "tango",
            "mover",
            "balanced",
            "runs",
            "upper",
            "anytime",
            [0.5],
            0.9,
            b"x",
        ]
    ),
)
ASKS: tuple[tuple[Callable[..., Any], str], ...] = (
    (br.rates, "by method level scope side conditions cluster mix weights"),
    (br.compare, "across baseline by margin method level scope effect strata test adjust looks spending conditions"),
    (br.count, "by conditions cluster"),
    (br.plan, "budget prompt_cost run_cost level conditions mix"),
    (br.audit, ""),
)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Draw few runs whose columns and levels have odd names."""
    rows = draw(st.integers(1, 12))
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    columns: dict[Any, list[Any]] = {}
    for name in dict.fromkeys([*names, *draw(st.sampled_from([("version",), ("version", "prompt"), ()]))]):
        few = draw(st.lists(LEVELS, min_size=1, max_size=3))
        columns[name] = [few[i % len(few)] for i in draw(st.lists(st.integers(0, 5), min_size=rows, max_size=rows))]
    verdicts = st.sampled_from([True, False, None])
    columns["blackmail"] = draw(st.lists(verdicts, min_size=rows, max_size=rows))
    table = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    return table.assign(blackmail=table["blackmail"].astype("boolean"))


def answered(ask: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Ask, show what is answered in every form, and let pass what is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DesignWarning)
        try:
            result = ask(*args, **options)
        except BaserateError:
            return
    if isinstance(result, Shown):
        assert "\x1b" not in str(result)
        assert result.to_json()
        assert result.to_markdown()


@pytest.mark.parametrize(("ask", "names"), ASKS, ids=lambda one: getattr(one, "__name__", ""))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), table=tables())
def test_a_result_or_a_refusal(ask: Callable[..., Any], names: str, data: st.DataObject, table: pd.DataFrame) -> None:
    chosen = data.draw(st.lists(st.sampled_from(names.split()), max_size=2, unique=True)) if names else []
    options = {name: data.draw(VALUES, label=name) for name in chosen}
    answered(ask, table, data.draw(st.sampled_from(["blackmail"] * 5 + ["version", "goal", ""])), **options)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(), left=NAMES, right=st.lists(NAMES, min_size=1, max_size=3), sign=st.sampled_from("+*:~("))
def test_formulas(table: pd.DataFrame, left: str, right: list[str], sign: str) -> None:
    answered(br.fit, table, f"{left} ~ {sign.join(right)}")
    answered(br.fit, table, f"blackmail ~ {sign.join(right)}")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_plans_of_runs(data: st.DataObject) -> None:
    names = ("prompts", "epochs", "icc", "shared", "margin", "question", "level", "comparisons", "scope")
    chosen = data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    small = st.one_of(VALUES.filter(lambda value: not isinstance(value, (int, float)) or abs(value) < 50))
    options = {name: data.draw(small, label=name) for name in chosen}
    answered(br.power, data.draw(st.sampled_from([(0.8, 0.6), (0.5, 0.5), (0, 1), 5, "ab"])), runs=10, **options)
    answered(br.power, (0.8, 0.6), **{"prompts": 3, "epochs": 2, "icc": 0.2, "repeats": 20, **options})
