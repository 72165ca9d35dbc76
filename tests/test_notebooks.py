"""The notebooks run, their committed outputs are what they give now, and they draw the report's figures."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.filterwarnings("ignore"),  # of the Jupyter client, not of ours
]


def shown(book: nbformat.NotebookNode) -> list[str]:
    """Collect the results of baserate that a notebook shows, as text without white space."""
    html = [
        output.get("data", {}).get("text/html", "")
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]
    return [re.sub(r"\s+", "", text) for text in html if 'class="baserate' in text]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder like the repository: the notebooks, the data, an empty figures/."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "data").symlink_to(ROOT / "data", target_is_directory=True)
    return tmp_path


def test_there_are_seven() -> None:
    assert [p.name[:2] for p in NOTEBOOKS] == [f"{i:02d}" for i in range(1, 8)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_was_committed_with_its_outputs_and_no_path_of_a_machine(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not re.search(r"(/home/|/work/|/root/|/tmp/|\.venv)", path.read_text(encoding="utf-8"))
    assert "imulated" in book.cells[0].source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_runs_and_shows_what_was_committed(path: Path, house: Path) -> None:
    committed = nbformat.read(path, as_version=4)
    book = nbformat.read(shutil.copy(path, house / "notebooks"), as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(house / "notebooks")}}).execute()
    assert shown(book) == shown(committed)
    for drawn in sorted((house / "figures").glob("*.csv")):
        before = pd.read_csv(ROOT / "figures" / drawn.name)
        pd.testing.assert_frame_equal(pd.read_csv(drawn), before, rtol=1e-8)


def test_every_committed_figure_has_its_four_files() -> None:
    stems = {p.stem for p in (ROOT / "figures").iterdir() if p.suffix != ".md"}
    assert len(stems) >= 4
    for stem in stems:
        for suffix in (".svg", ".png", ".csv", ".json"):
            assert (ROOT / "figures" / f"{stem}{suffix}").exists()
