"""The pytest plugin: ``--graded-runs`` names graded runs, and the fixture ``graded_runs`` reads them once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import pandas as pd


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--graded-runs`` and the ini option ``graded_runs``."""
    group = parser.getgroup("baserate", "checks of graded runs")
    group.addoption(
        "--graded-runs", action="append", metavar="PATH", help="logs, folders of logs, or tables; may be repeated"
    )
    parser.addini("graded_runs", "logs, folders of logs, or tables of graded runs", type="paths", default=[])


@pytest.fixture(scope="session")
def graded_runs(request: Any) -> pd.DataFrame:
    """Read the runs that ``--graded-runs``, or else the ini option ``graded_runs``, names; skip where neither does."""
    paths = request.config.getoption("--graded-runs") or [str(path) for path in request.config.getini("graded_runs")]
    if not paths:
        pytest.skip("no graded runs: name them with --graded-runs PATH, or graded_runs = PATH in pytest's settings")
    from baserate.readers import read

    return read(paths, progress=False)
