"""The built wheel, installed with the sources out of reach, works."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = """
import baserate as br, pandas as pd, pathlib
assert "site-packages" in br.__file__, br.__file__
counts = pd.DataFrame({"version": ["new", "old"], "n": [100, 100], "k": [84, 70]})
row = br.compare(counts, "k", baseline="old").table.iloc[0]
assert abs(row.conf_low - 0.0234859316) < 1e-9, row
br.report(br.simulate({"a": 0.2, "b": 0.8}, prompts=6), "blackmail", to="report.html")
assert "baserate" in pathlib.Path("report.html").read_text()
assert (pathlib.Path(br.__file__).parent / "py.typed").exists()
assert len(br.load_example("blackmail")) == 1650
"""


@pytest.mark.package
def test_wheel_works_without_the_sources(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [n for n in names if n.startswith(("tests", "notebooks", "analysis"))]
    home = tmp_path / "venv"
    venv.create(home, system_site_packages=False, with_pip=False)
    site = next((home / "lib").glob("python*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    _borrow_dependencies(site)
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([home / "bin" / "python", "-c", PROGRAM], check=True, cwd=tmp_path, env=clean)


def _borrow_dependencies(site: Path) -> None:
    """Link the packages installed beside the tests, but not the editable baserate: it is a .pth file, not a folder."""
    for folder in {Path(p) for p in sys.path if p.endswith("site-packages")}:
        for entry in folder.iterdir():
            if entry.suffix != ".pth" and not entry.name.startswith(("baserate", "__pycache__", "_baserate")):
                (site / entry.name).symlink_to(entry)
