"""What the tests share: tables of runs, golden values, and the folder beside a developer's checkout."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

HERE = Path(__file__).parent
ROOT = HERE.parent
SHARED = ROOT.parent / "shared"

settings.register_profile("same", derandomize=True)  # the same examples on every machine
settings.register_profile("explore")  # `pytest --hypothesis-profile=explore` looks for new ones
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the shared folder where there is none."""
    if not SHARED.is_dir():
        skip = pytest.mark.skip(
            reason="needs the real logs and reference values that lie beside a developer's checkout"
        )
        for item in items:
            if item.get_closest_marker("shared"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def shared() -> Path:
    return SHARED


@pytest.fixture
def two_versions() -> pd.DataFrame:
    """84 of 100 against 70 of 100, as counts."""
    return pd.DataFrame({"version": ["new", "old"], "n": [100, 100], "blackmail": [84, 70]})
