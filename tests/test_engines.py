"""The same runs in any engine give the same numbers, the same order of levels, the same notes and the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import baserate as br
from baserate.errors import BaserateError

BASE = pd.DataFrame(
    [
        (v, f"p{i}", u, e, (3 * i + e + len(u) + (v == "new")) % 4 == 0, f"{v} said {i}{e}" * 9)
        for v in ("old", "new", "alpha")
        for u in ("replacement", "none", "explicit")
        for i in range(6)
        for e in range(3)
    ],
    columns=["version", "prompt", "urgency", "epoch", "bad", "text"],
)


def duck(frame: pd.DataFrame) -> Any:
    return duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


ENGINES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "polars": lambda frame: pl.from_pandas(frame),
    "polars-lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "polars-categories": lambda frame: pl.from_pandas(frame).with_columns(
        pl.col("version", "urgency").cast(pl.Categorical)
    ),
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": duck,
}
CALLS: dict[str, Callable[[Any], Any]] = {
    "rates": lambda runs: br.rates(runs, "bad", by=["version", "urgency"]),
    "compare": lambda runs: br.compare(runs, "bad"),
    "fit": lambda runs: br.fit(runs, "bad ~ version + urgency"),
    "contrasts": lambda runs: br.fit(runs, "bad ~ version * urgency", scope="fixed").contrasts("version"),
}


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_one_answer_in_every_engine_on_every_call(engine: Callable[..., Any], call: Callable[..., Any]) -> None:
    expected = call(BASE)
    for _ in range(2):
        found = call(engine(BASE))
        assert found.to_dict() == expected.to_dict()
        pd.testing.assert_frame_equal(found.table, expected.table)
        assert [str(note) for note in found.notes] == [str(note) for note in expected.notes]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda f: f.assign(bad=0.9), "bad"),
        (lambda f: f.assign(bad=[float(i % 7) for i in range(len(f))]), "bad"),
        (lambda f: f.assign(bad=-1), "bad"),
        (lambda f: f.assign(status="okay"), "bad"),
        (lambda f: f.head(0), "bad"),
        (lambda f: f, "worse"),
    ],
)
def test_the_same_refusals(engine: Callable[..., Any], change: Callable[..., Any], outcome: str) -> None:
    frame = change(BASE)
    with pytest.raises(BaserateError) as expected:
        br.rates(frame, outcome)
    with pytest.raises(BaserateError) as found:
        br.rates(engine(frame), outcome)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.drop(columns="prompt").rename(columns={"text": "question_id"}),
        lambda f: f.drop(columns=["prompt", "text"]),
        lambda f: f.assign(version=f["version"] + "-simulated"),
        lambda f: f.assign(bad=f["bad"].astype("boolean").mask(f["epoch"] == 1)),
        lambda f: f.assign(bad=f["bad"].astype(float).where(f["epoch"] != 1)),
        lambda f: f.assign(mood=["calm" if i % 3 else "cross" for i in range(len(f))]),
        lambda f: f.assign(title=f["prompt"] + " title"),
        lambda f: f.assign(status=["ok", "error", "ok"] * (len(f) // 3)),
    ],
)
def test_the_same_notes(engine: Callable[..., Any], change: Callable[..., Any]) -> None:
    frame = change(BASE)
    if "version" not in frame:
        pytest.skip("no category to make")
    expected, found = br.rates(frame, "bad"), br.rates(engine(frame), "bad")
    assert found.to_dict() == expected.to_dict()


def test_a_declared_order_is_kept() -> None:
    order = ["old", "new", "alpha"]
    declared = BASE.assign(version=pd.Categorical(BASE["version"], order))
    enum = pl.from_pandas(BASE).with_columns(pl.col("version").cast(pl.Enum(order)))
    arrow = pa.Table.from_pandas(declared, preserve_index=False)
    duckdb.sql("create or replace temp macro nothing() as 1")
    tables = [declared, enum, arrow]
    assert [br.rates(t, "bad").table["version"].astype(str).tolist() for t in tables] == [order] * 3


def test_a_lazy_folder_of_parquet(tmp_path: Path) -> None:
    for i, part in enumerate((BASE[:80], BASE[80:])):
        part.to_parquet(tmp_path / f"{i}.parquet", index=False)
    lazy = pl.scan_parquet(tmp_path / "*.parquet")
    assert br.rates(lazy, "bad").to_dict() == br.rates(BASE, "bad").to_dict()


def test_columns_that_are_not_asked_for_are_not_read() -> None:
    def never(_: Any) -> Any:
        raise AssertionError("this column was read")

    lazy = pl.from_pandas(BASE).lazy()
    costly = lazy.with_columns(
        pl.col("prompt").map_batches(never, return_dtype=pl.String).alias("run_id"),
        pl.col("prompt").map_batches(never, return_dtype=pl.String).alias("notes"),
    )
    assert br.rates(costly, "bad").table["n"].tolist() == [54, 54, 54]
