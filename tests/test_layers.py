"""Imports go one way: readers -> runs -> counts -> stats -> results -> plot, reports, checks -> cli."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "analysis" / "baserate"

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"_version", "equivalence", "escape"}),
    frozenset({"account", "errors", "stats", "text", "note", "frames", "reasons"}),
    frozenset({"arguments", "latex", "levels", "several"}),
    frozenset({"annotations", "defaults", "shown"}),
    frozenset({"result", "runs", "reading", "layout"}),
    frozenset({"count_tables", "engines", "tallies", "simulation", "formula", "select"}),
    frozenset({"acceptance", "given"}),
    frozenset({"readers", "counts", "stopped"}),
    frozenset({"design", "run_table", "joint_counts", "examples"}),
    frozenset({"estimate"}),
    frozenset({"rate_notes", "rate_result", "awareness_result"}),
    frozenset({"corrected_rates"}),
    frozenset({"rate_table"}),
    frozenset({"comparison", "model", "audits", "k_runs"}),
    frozenset({"planning", "checks", "grading", "ordinal", "pathway", "rare_acts", "awareness_table"}),
    frozenset({"plot", "testing", "pytest_plugin"}),
    frozenset({"figures"}),
    frozenset({"reports"}),
    frozenset({"cli"}),
    frozenset({"__init__", "__main__"}),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """Name the top-level module or folder that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """List the top-level modules of baserate that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {n.split(".")[1] for n in names if n.startswith("baserate.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_import_points_up(path: Path) -> None:
    me = unit(path)
    assert me in LEVEL, f"{me} has no layer: give it one in {Path(__file__).name}"
    for other in imported(path) - {me}:
        assert LEVEL[other] < LEVEL[me], f"{path.name} ({me}) imports {other}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "stats").glob("*.py")), ids=lambda p: p.name)
def test_stats_know_arrays_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not any(alias.name.split(".")[0] == "pandas" for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] != "pandas"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_small(path: Path) -> None:
    assert path.read_text().count("\n") <= 300, "look for the second idea in it"
