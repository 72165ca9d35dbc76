"""Spark, Dask and Ibis give what pandas gives; the reader runs on Spark."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import baserate as br
from test_engines import BASE, CALLS

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore"),  # of what these engines say of themselves
]
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on this machine")
    import os

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield session
    session.stop()


def as_dask(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("dask.dataframe").from_pandas(frame, npartitions=2)


def as_ibis(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("ibis").memtable(frame)


MISSING = BASE.assign(bad=BASE["bad"].astype("boolean").mask(BASE["epoch"] == 1))


@pytest.mark.parametrize("engine", [as_dask, as_ibis])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("frame", [BASE, MISSING], ids=["graded", "some missing"])
def test_dask_and_ibis(engine: Any, call: Any, frame: pd.DataFrame) -> None:
    assert call(engine(frame)).to_dict() == call(frame).to_dict()


@pytest.mark.parametrize("call", ["rates", "compare"])
def test_spark(spark: Any, call: str) -> None:
    rows = MISSING.drop(columns="text").astype(object)
    table = spark.createDataFrame(rows.where(rows.notna(), None))
    assert CALLS[call](table).to_dict() == CALLS[call](MISSING.drop(columns="text")).to_dict()


def test_the_reader_runs_on_spark(spark: Any, tmp_path: Path) -> None:
    for number in range(1, 9):
        path = tmp_path / f"results/exp/models/m{number % 2}/c1/sample_{number:03d}/response.json"
        path.parent.mkdir(parents=True)
        about = {"model": f"m{number % 2}", "condition": "c1", "sample_id": number, "timestamp": str(number)}
        judged = {"harmful_behavior": number % 3 == 0, "classifier_model": "j"}
        path.write_text(json.dumps({"raw_response": "x", "metadata": about, "classification": judged}))
    page = (ROOT / "docs/reading.md").read_text(encoding="utf-8")
    source = next(block for block in re.findall(r"```python\n(.*?)```", page, flags=re.S) if "SparkExecutor" in block)
    space: dict[str, Any] = {}
    exec(source, space)
    found = br.read(tmp_path, executor=space["SparkExecutor"](spark))
    pd.testing.assert_frame_equal(found, br.read(tmp_path))
