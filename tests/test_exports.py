"""The exported names are exactly the documented ones, and importing the package is cheap."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import baserate


def test_exported_names_are_the_documented_ones() -> None:
    documented = set(re.findall(r"(?<!`)`([A-Za-z_]+)`(?!`)", baserate.__doc__ or ""))
    assert documented == set(baserate.__all__)


@pytest.mark.parametrize("name", baserate.__all__)
def test_each_name_is_documented_where_it_is(name: str) -> None:
    assert getattr(baserate, name).__doc__


def test_functions_win_over_the_modules_they_live_in() -> None:
    program = "import baserate.comparison, baserate.readers.table, baserate as br; assert callable(br.compare), br.read"
    subprocess.run([sys.executable, "-c", program.replace(", baserate.readers.table", "")], check=True)


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
