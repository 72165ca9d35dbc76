"""Every example of a docstring runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import matplotlib as mpl
import pytest

import baserate

MODULES = [
    found.name for found in pkgutil.walk_packages(baserate.__path__, "baserate.") if "__main__" not in found.name
]


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore::baserate.errors.DesignWarning", "ignore::baserate.errors.SeparationWarning")
def test_examples(name: str) -> None:
    mpl.use("Agg")
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0, "python -m pytest --doctest-modules shows where"


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(examples) > 20
