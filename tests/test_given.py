"""Outcomes that apply to some runs only: not applicable is not missing, on every engine and through every door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.note import code_of

# Twelve runs: six blackmailed (four after a plea), four did not, two were not graded.
RUNS = pd.DataFrame(
    {
        "version": ["a", "b"] * 6,
        "prompt": [f"p{i // 2}" for i in range(12)],
        "blackmail": pd.array([True] * 6 + [False] * 4 + [None] * 2, dtype="boolean"),
        "plea": pd.array([True] * 4 + [False] * 2 + [None] * 6, dtype="boolean"),
        "overt": [9, 8, 7, 3, 2, 8, None, None, None, None, None, None],
    }
)
ENGINES: dict[str, Any] = {
    "pandas": lambda runs: runs,
    "polars": pl.from_pandas,
    "lazy": lambda runs: pl.from_pandas(runs).lazy(),
    "arrow": pa.Table.from_pandas,
    "duckdb": lambda runs: duckdb.from_arrow(pa.Table.from_pandas(runs)),
}


def tally(result: Any) -> tuple[int, int, int]:
    return tuple(int(result.table[name].sum()) for name in ("events", "n", "missing"))  # type: ignore[return-value]


@pytest.mark.parametrize("engine", ENGINES)
def test_not_applicable_is_not_missing(engine: str) -> None:
    runs = ENGINES[engine](RUNS)
    assert tally(br.rates(runs, "plea")) == (4, 6, 6)
    asked = br.rates(runs, "plea", given="blackmail")
    assert tally(asked) == (4, 6, 2), "of two runs it is not known whether they blackmailed"
    note = next(note for note in asked.notes if code_of(note) == "given")
    assert "does not apply to 4 of 12 runs" in note
    assert "different runs" in note


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pattern_of_missing_verdicts_is_told(engine: str) -> None:
    found = br.rates(ENGINES[engine](RUNS), "plea")
    assert any("given='blackmail'" in note for note in found.notes)
    assert not any(code_of(note) == "perhaps-given" for note in br.rates(ENGINES[engine](RUNS), "blackmail").notes)


def test_an_outcome_that_contradicts_is_not_taken_for_conditional() -> None:
    runs = RUNS.copy()
    runs.loc[8, "plea"] = True  # a plea without blackmail
    assert not any(code_of(note) == "perhaps-given" for note in br.rates(runs, "plea").notes)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_it_is_declared_when_read_and_stays(tmp_path: Path, kind: str) -> None:
    RUNS.to_csv(tmp_path / "raw.csv", index=False)
    how = {"blackmail": "blackmail", "plea": "plea given blackmail", "overt": ("overt", 7, "given", "blackmail")}
    runs = br.read(tmp_path / "raw.csv", outcomes=how)
    assert runs["plea_given"].unique().tolist() == ["blackmail"]
    assert "plea_given" not in br.audit(runs).explain()
    path = tmp_path / f"kept.{kind}"
    runs.to_csv(path, index=False) if kind == "csv" else runs.to_parquet(path)
    for table in (runs, br.read(path, outcomes=["blackmail", "plea", "overt"])):
        assert tally(br.rates(table, "plea")) == (4, 6, 2)
        assert tally(br.rates(table, "overt")) == (4, 6, 2)
        assert tally(br.rates(table, "blackmail")) == (6, 10, 2)
    audited = br.audit(runs)
    assert int(audited.sections["outcomes"].query("outcome == 'plea'")["missing"].sum()) == 2


def test_a_filter_leaves_out_and_is_not_missing(tmp_path: Path) -> None:
    rows = {"version": "a", "aligned": [10, 20, 20, 95, 10], "coherent": [90, 80, 10, 90, None]}
    pd.DataFrame(rows).to_csv(tmp_path / "runs.csv", index=False)
    runs = br.read(tmp_path / "runs.csv", outcomes={"misaligned": "aligned < 30 where coherent > 50"})
    assert tally(br.rates(runs, "misaligned")) == (2, 3, 1), "coherence that is missing leaves open whether it is asked"
    assert runs["status"].tolist() == ["ok", "ok", "ok", "ok", "ungraded"]
    assert "misaligned_asked" not in br.audit(runs).explain()


def test_what_cannot_be_given_is_refused() -> None:
    with pytest.raises(BaserateError, match="cannot be given itself"):
        br.rates(RUNS, "plea", given="plea")
    with pytest.raises(BaserateError, match="There is no column for given= 'blackmial'"):
        br.rates(RUNS, "plea", given="blackmial")
    with pytest.raises(BaserateError, match="No run has nothing"):
        br.rates(RUNS.assign(nothing=False), "plea", given="nothing")
    with pytest.raises(BaserateError, match="Counts do not tell"):
        br.rates(br.count(RUNS, "plea"), "plea", given="blackmail")
    twice = RUNS.assign(plea_given=["blackmail"] * 6 + ["overt"] * 6)
    with pytest.raises(BaserateError, match="declares two conditions"):
        br.rates(twice, "plea")


def test_models_and_differences_are_of_the_same_runs() -> None:
    runs = br.simulate({"a": 0.6, "b": 0.8}, prompts=10, epochs=10, seed=1)
    outcome = next(name for name in runs if runs[name].dtype == "boolean")
    again = runs.assign(plea=(runs["epoch"] % 2 == 0).astype("boolean").mask(runs[outcome] != True))  # noqa: E712
    asked = br.compare(again, "plea", given=outcome)
    assert asked.table["estimate"].iloc[0] == pytest.approx(
        br.compare(again[again[outcome]], "plea").table["estimate"].iloc[0]
    )
    model = br.fit(again, "plea ~ version", given=outcome)
    same = br.fit(again[again[outcome]], "plea ~ version")
    assert model.table["estimate"].tolist() == same.table["estimate"].tolist()


def test_the_act_is_read_along(tmp_path: Path) -> None:
    RUNS.to_csv(tmp_path / "raw.csv", index=False)
    with pytest.raises(BaserateError, match="add 'blackmail': 'blackmail'"):
        br.read(tmp_path / "raw.csv", outcomes={"plea": "plea given blackmail"})
