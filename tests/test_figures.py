"""The figures of a report: defined once, written the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.figures import answer, report_figures, save, sources
from baserate.figures.provenance import short_names, totals, without_place
from baserate.plot import rates
from baserate.reading import with_reading
from baserate.runs import is_simulated

COUNTS = pd.DataFrame(
    [
        (version, threat, f"{threat}-{p}", 20, events, 2)
        for version, base in {"old": 9, "new": 12}.items()
        for threat, more in {"none": -6, "replacement": 2}.items()
        for p, events in enumerate(np.array([-2, 0, 1, 3]) + base + more)
    ],
    columns=["version", "threat", "prompt", "n", "blackmail", "missing"],
).astype({"version": pd.CategoricalDtype(["old", "new"]), "threat": "category"})


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    mpl.use("agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture
def logged() -> pd.DataFrame:
    runs = br.simulate({"a": 0.3, "b": 0.6}, prompts=4, epochs=2, ungraded=0.1)
    runs["source"] = [f"/home/me/logs/{v}.eval::samples/{i}.json" for i, v in enumerate(runs["version"])]
    return runs.assign(commit="1a2b", dirty=runs["version"] == "b", blackmail_grader="judge", created="2026-01-01")


def test_the_figures_of_a_report_are_defined_once() -> None:
    found = report_figures(COUNTS, "blackmail", baseline="old")
    assert [(figure.name, figure.plot.__name__) for figure in found] == [
        ("blackmail_rates_by_version", "rates"),
        ("blackmail_differences_by_version", "forest"),
        ("blackmail_rates_by_version_and_threat", "heatmap"),
        ("blackmail_odds_ratios", "forest"),
    ]
    assert {figure.counts for figure in found} == {(320, 32)}


def test_answers_are_those_of_the_functions_of_the_package() -> None:
    found = answer(COUNTS, "blackmail", baseline="old")
    pd.testing.assert_frame_equal(found.rates.table, br.rates(COUNTS, "blackmail").table)
    assert found.rates.notes == br.rates(COUNTS, "blackmail").notes
    assert found.comparison is not None
    pd.testing.assert_frame_equal(found.comparison.table, br.compare(COUNTS, "blackmail", baseline="old").table)
    assert found.odds_ratios is not None
    expected = br.fit(COUNTS, "blackmail ~ version + threat").odds_ratios()
    pd.testing.assert_frame_equal(found.odds_ratios.table, expected.table)


@pytest.mark.filterwarnings("ignore:.*no condition was run on both sides:baserate.errors.DesignWarning")
def test_factors_that_cannot_be_told_apart_are_named_and_the_rest_is_fitted() -> None:
    nested = COUNTS.assign(goal=COUNTS["threat"].astype(str) + "!", tools=COUNTS["version"].astype(str) + "?")
    found = answer(nested.astype({"goal": "category", "tools": "category"}), "blackmail")
    assert found.model is not None
    assert found.model.formula == "blackmail ~ version + threat"
    assert [r.by for r in found.by_factor] == [("version", "threat"), ("version", "tools")]
    assert found.model_notes == ("Left out of the model: tools (determined by the other factors).",)


def test_a_model_that_is_refused_is_a_note() -> None:
    renamed = COUNTS.rename(columns={"threat": "the threat"})
    found = answer(renamed, "blackmail")
    assert found.model is None
    assert "No logistic model (blackmail ~ version + the threat): " in found.model_notes[0]
    assert all("odds" not in figure.name for figure in report_figures(renamed, "blackmail"))


def test_one_version_has_rates_and_nothing_to_compare() -> None:
    one = COUNTS[COUNTS["version"] == "old"]
    found = answer(one, "blackmail")
    assert found.comparison is None
    assert found.notes[0] == "All runs share one version, old: there is nothing to compare."


def test_a_baseline_that_is_not_there_is_refused() -> None:
    with pytest.raises(BaserateError, match=r"no version 'odl'.*Did you mean 'old'"):
        report_figures(COUNTS, "blackmail", baseline="odl")


def test_two_saves_write_the_same_bytes(tmp_path: Path) -> None:
    for figure in report_figures(COUNTS, "blackmail", baseline="old"):
        first = figure.save(figure.draw(), tmp_path / "1")
        second = figure.save(figure.draw(), tmp_path / "2")
        assert [path.suffix for path in first] == [".svg", ".png", ".csv", ".json"]
        for one, two in zip(first, second, strict=True):
            assert one.read_bytes() == two.read_bytes()


def test_the_csv_holds_the_plotted_numbers(tmp_path: Path) -> None:
    result = br.rates(COUNTS, "blackmail")
    _, _, csv, _ = save(rates(result), result, tmp_path / "a.b" / "rates.v1")
    assert csv.name == "rates.v1.csv"
    pd.testing.assert_frame_equal(
        pd.read_csv(csv), result.table.astype({"version": "str"}), check_dtype=False, rtol=1e-9
    )


def test_the_svg_keeps_its_type_as_text_and_no_time(tmp_path: Path) -> None:
    result = br.rates(COUNTS, "blackmail")
    svg = save(rates(result), result, tmp_path / "rates")[0].read_text()
    assert ">Blackmail by version</text>" in svg
    assert "DejaVu Sans" in svg
    assert "dc:date" not in svg
    assert "metadata" not in svg


def test_the_json_says_where_the_numbers_come_from(tmp_path: Path, logged: pd.DataFrame) -> None:
    logged = with_reading(logged, ["/home/me/logs/a.eval: a partial log"])
    result = br.rates(logged, "blackmail", scope="fixed")
    about = json.loads(save(rates(result), result, tmp_path / "r", sources(logged, "blackmail"))[3].read_text())
    assert about["package"] == {"name": "baserate", "version": "0.1.0"}
    assert (about["method"], about["level"], about["scope"]) == (result.method, 0.95, "fixed")
    assert about["n"] + about["ungraded"] == len(logged)
    assert about["notes"][-1] == "logs/a.eval: a partial log"
    log = about["sources"][1]
    assert log == {
        "log": "logs/b.eval",
        "version": "b",
        "created": "2026-01-01",
        "commit": "1a2b with uncommitted changes",
        "grader": "judge",
        "runs": 8,
    }


def test_paths_lose_the_place_where_the_logs_lie(logged: pd.DataFrame) -> None:
    assert short_names(["/x/y/a.eval::m", "/x/y/z/b.eval"]) == ["y/a.eval", "y/z/b.eval"]
    assert short_names(["/x/y/a.eval::m", "/x/y/a.eval::n"]) == ["a.eval", "a.eval"]
    assert short_names(["table", "table"]) == ["table", "table"]
    many = [f"/x/tree/m{i % 3}/c/sample_{i}/response.json" for i in range(500)]
    assert set(short_names(many)) == {"tree/m0/c", "tree/m1/c", "tree/m2/c"}
    logs = sources(logged, "blackmail")
    assert without_place("see /home/me/logs/a.eval", logs) == "see logs/a.eval"
    assert without_place("see a", sources(COUNTS, "blackmail")) == "see a"


def test_counts_have_no_logs() -> None:
    assert sources(COUNTS, "blackmail").table.empty


def test_totals_count_each_side_once() -> None:
    table = pd.DataFrame({"version": list("abc"), "n": [10, 20, 30], "blackmail": [5, 6, 7], "missing": [1, 2, 3]})
    assert totals(br.compare(table, "blackmail")) == (60, 6)
    assert totals(br.fit(table, "blackmail ~ version", scope="fixed")) is None


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("task", "simulated_task", True),
        ("source", "Simulated", True),
        ("version", "b", False),
        ("prompt", "simulated", False),
    ],
)
def test_simulated_runs_call_themselves_so(column: str, value: str, expected: bool, logged: pd.DataFrame) -> None:
    assert is_simulated(logged.assign(**{column: value})) is expected
