"""The exported names are exactly the documented ones, and importing the package is cheap."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

import baserate


def test_exported_names_are_the_documented_ones() -> None:
    documented = set(re.findall(r"(?<!`)`([A-Za-z_]+)`(?!`)", baserate.__doc__ or ""))
    assert documented == set(baserate.__all__)


@pytest.mark.parametrize("name", baserate.__all__)
def test_each_name_is_documented_where_it_is(name: str) -> None:
    assert getattr(baserate, name).__doc__


def test_no_public_function_is_hidden_by_a_module() -> None:
    folder = Path(baserate.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} | {path.name for path in folder.iterdir() if path.is_dir()}
    assert modules & set(baserate.__all__) == {"plot"}


def test_a_module_of_the_package_can_be_imported_by_its_name() -> None:
    program = (
        "import baserate.comparison, baserate.counts, baserate.plot.dots, types, baserate as br;"
        "assert isinstance(br.comparison, types.ModuleType) and br.comparison.compare is br.compare;"
        "assert callable(br.count) and isinstance(br.plot, types.ModuleType)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("name", ["compare", "read", "plot"])
def test_a_public_name_can_be_patched_and_is_put_back(name: str) -> None:
    before = getattr(baserate, name)
    with mock.patch(f"baserate.{name}") as patched:
        assert getattr(baserate, name) is patched
    assert getattr(baserate, name) is before


def test_a_name_that_was_never_used_can_be_patched() -> None:
    program = (
        "from unittest import mock; import baserate as br\n"
        "with mock.patch('baserate.simulate', return_value=7): assert br.simulate() == 7\n"
        "assert br.simulate({'a': .5}, prompts=2).shape[0]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_names_the_package_pickles() -> None:
    for name in ("compare", "rates", "Comparison"):
        assert pickle.loads(pickle.dumps(getattr(baserate, name))) is getattr(baserate, name)
    assert pickle.loads(pickle.dumps(level_of_interest)) is level_of_interest
    assert type(baserate) is ModuleType  # cloudpickle sends a function's modules by name, if they are plain ones


def level_of_interest(level: float = 0.9) -> object:
    """Stand for a user's function that names the package, as pools of workers send them."""
    return baserate.compare, level


@pytest.mark.parametrize("name", ["comapre", "__wrapped__"])
def test_a_name_that_is_not_there_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"'baserate' has no attribute '{name}'"):
        getattr(baserate, name)


def test_there_is_one_version() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert baserate.__version__ == project["version"]


def test_dir_lists_the_public_names() -> None:
    assert set(baserate.__all__) <= set(dir(baserate))


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = "('pandas', 'numpy', 'scipy', 'matplotlib', 'seaborn', 'statsmodels')"
    program = f"import sys, baserate, baserate.cli; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


def test_estimating_imports_no_drawing_and_no_models() -> None:
    program = (
        "import sys, pandas as pd, baserate as br;"
        "br.compare(pd.DataFrame({'version': ['a', 'b'], 'n': [9, 9], 'k': [8, 2]}), 'k');"
        "print([m for m in ('matplotlib', 'seaborn', 'statsmodels', 'scipy.stats') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"
