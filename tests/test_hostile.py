"""Odd names, odd values and arguments of the wrong type: a result, or an error that says what was wrong."""

from __future__ import annotations

import pickle
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import dataset

import baserate as br
from baserate.errors import BaserateError

RUNS = pd.DataFrame(
    [(v, f"p{i}", (i + (v == "b")) % 3 == 0) for v in "ab" for i in range(12)], columns=["version", "prompt", "bad"]
)
CALLS: dict[str, Callable[..., Any]] = {
    "count": lambda runs, **kw: br.count(runs, **({"outcome": "bad"} | kw)),
    "rates": lambda runs, **kw: br.rates(runs, **({"outcome": "bad"} | kw)),
    "compare": lambda runs, **kw: br.compare(runs, **({"outcome": "bad"} | kw)),
    "fit": lambda runs, **kw: br.fit(runs, **({"formula": "bad ~ version"} | kw)),
    "audit": lambda runs, **kw: br.audit(runs, **({"outcome": "bad"} | kw)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("odd", [None, {}, {"a": 1}, "runs.csv", [1, 2], 5, object()])
def test_what_is_no_table_is_refused(call: Callable[..., Any], odd: Any) -> None:
    with pytest.raises(BaserateError, match=r"Runs are a table.*baserate\.read"):
        call(odd)


def refused(call: Callable[[], Any]) -> str:
    """Return why a call was refused; empty where it was answered. Any other error is one of the test."""
    try:
        call()
    except BaserateError as error:
        return str(error)
    return ""


ARGUMENTS = {
    "count": ("outcome", "by", "conditions", "cluster", "accept"),
    "rates": ("outcome", "by", "method", "level", "scope", "side", "conditions", "cluster", "weights"),
    "compare": (
        "outcome",
        "across",
        "baseline",
        "by",
        "margin",
        "method",
        "level",
        "scope",
        "effect",
        "test",
        "adjust",
    ),
    "fit": ("formula", "level", "scope", "random", "cluster", "weights"),
    "audit": ("outcome", "accept"),
}


@pytest.mark.parametrize(("name", "argument"), [(n, a) for n, listed in ARGUMENTS.items() for a in listed])
@pytest.mark.parametrize("odd", [5, object(), [1], {"a": 1}, 1.5, True, b"x", "nowhere"])
def test_an_argument_of_the_wrong_type_is_told(name: str, argument: str, odd: Any) -> None:
    refusal = refused(lambda: CALLS[name](RUNS, **{argument: odd}))
    assert not refusal or refusal[-1] in ".?", "a whole sentence"


@pytest.mark.parametrize("level", [0, 1, -1, 1e-300, 1 - 1e-17, 95, float("nan"), float("inf"), "0.95", None, True])
def test_a_level_that_is_none(level: Any) -> None:
    for name in ("rates", "compare", "fit"):
        with pytest.raises(BaserateError, match="level"):
            CALLS[name](RUNS, level=level)


@pytest.mark.parametrize(
    "name", ["v2²", "v" + "9" * 5000, "$\\frac{$", "$x^2$", "a\nb", "a|b", "<b>", "\x1b[31mred", "٣", ""]
)
def test_names_of_versions(name: str, tmp_path: Path) -> None:
    runs = RUNS.assign(version=RUNS["version"].map({"a": name, "b": "b"}))
    assert len(br.rates(runs, "bad").table) == 2
    assert str(br.compare(runs, "bad"))
    assert str(br.audit(runs))


@pytest.mark.parametrize("name", ["$\\frac{$", "$x^2$", "a\x00b\x1b\uffff"])
def test_names_in_figures_are_shown_as_they_are(name: str, tmp_path: Path) -> None:
    runs = RUNS.assign(version=RUNS["version"].map({"a": name, "b": "b"}))
    made = br.report(runs, "bad", to=tmp_path / "r.html", figures=tmp_path / "figures")
    pictures = [path for path in made.files if path.suffix == ".svg"]
    assert pictures
    for path in pictures:
        ET.parse(path)
    if "\x00" not in name:
        assert any(name in "".join(ET.parse(path).getroot().itertext()) for path in pictures)


def test_column_names_that_are_no_texts() -> None:
    runs = RUNS.copy()
    runs[0], runs[None] = 1, "x"
    assert br.rates(runs, "bad").table["n"].tolist() == [12, 12]


@pytest.mark.parametrize("by", ["n", "events", "missing", "k"])
def test_names_of_counts_cannot_be_grouped_by(by: str) -> None:
    with pytest.raises(BaserateError, match="Rename the column"):
        br.rates(RUNS.assign(**{by: "x"}), "bad", by=by)


def test_levels_that_are_equal_as_text_are_one() -> None:
    levels = pd.Categorical(["1", 1] * 12, categories=["1", 1])
    assert br.rates(RUNS.assign(g=levels), "bad", by="g").table["n"].tolist() == [24]


def test_lists_and_objects_are_levels_by_their_text() -> None:
    runs = RUNS.assign(g=[[1]] * 24, prompt=[[{"role": "user", "content": f"p{i // 2}"}] for i in range(24)])
    assert br.rates(runs, "bad", by="g").table["g"].tolist() == ["[1]"]
    assert br.count(runs, "bad").cells["prompt"].nunique() == 12


def test_many_columns_to_group_by() -> None:
    many = RUNS.assign(**{f"c{i}": "x" for i in range(55)})
    assert str(br.rates(many, "bad", by=[f"c{i}" for i in range(55)]))


def test_an_outcome_kept_as_a_category_is_no_factor() -> None:
    runs = RUNS.assign(bad=pd.Categorical(RUNS["bad"].map(str)))
    with pytest.raises(BaserateError, match="must hold yes or no"):
        br.rates(runs, "bad")


def test_no_version_at_all() -> None:
    with pytest.raises(BaserateError, match="No run has a version"):
        br.report(RUNS.assign(version=None), "bad")


def test_a_covariate_that_is_not_finite() -> None:
    with pytest.raises(BaserateError, match="infinite values"):
        br.fit(RUNS.assign(x=[1.0] * 23 + [np.inf]), "bad ~ x")


@pytest.mark.parametrize(("column", "value"), [("n", np.inf), ("missing", 1e30), ("n", 1e300), ("k", -1), ("k", 0.5)])
def test_counts_that_are_none(column: str, value: float) -> None:
    cells = pd.DataFrame({"version": ["a"], "n": [10.0], "k": [1.0], "missing": [0.0]}).assign(**{column: value})
    with pytest.raises(BaserateError, match="Counts must be whole numbers"):
        br.rates(cells, "bad")


def test_prompts_that_agree_give_no_interval_of_no_width() -> None:
    same = RUNS.assign(bad=[i % 2 == 0 for _ in "ab" for i in range(12)])
    table = br.fit(same, "bad ~ version").table
    assert (table["conf_high"] - table["conf_low"] > 1e-3).all()


@pytest.mark.parametrize("kind", ["table", "reader", "dataset"])
def test_arrow_in_every_form(kind: str) -> None:
    table = pa.Table.from_pandas(RUNS)
    runs: Any = {"table": table, "reader": table.to_reader(), "dataset": dataset.dataset(table)}[kind]
    assert br.rates(runs, "bad").table["n"].tolist() == [12, 12]


def test_what_a_notebook_sends_elsewhere_pickles() -> None:
    model = br.fit(RUNS, "bad ~ version")
    for thing in (model, br.rates(RUNS, "bad"), br.compare(RUNS, "bad"), br.audit(RUNS), br.count(RUNS, "bad")):
        again = pickle.loads(pickle.dumps(thing))
        assert str(again) == str(thing)


ODD = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=8), st.booleans(), st.lists(st.text(max_size=3), max_size=3)
)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from([(n, a) for n, listed in ARGUMENTS.items() for a in listed]), odd=ODD)
def test_any_argument_gives_a_result_or_an_error_that_says_why(name: tuple[str, str], odd: Any) -> None:
    refused(lambda: CALLS[name[0]](RUNS, **{name[1]: odd}))
