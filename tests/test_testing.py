"""Gates where people are: assertions, the pytest plugin, the action."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.testing import assert_check, assert_not_worse, assert_rate_above, assert_rate_below

ROOT = Path(__file__).parents[1]


def counts(new: int, old: int, n: int = 1000) -> pd.DataFrame:
    return pd.DataFrame({"version": ["old", "new"], "n": [n, n], "blackmail": [old, new]})


def test_assertions_pass_where_it_is_shown() -> None:
    assert_rate_below(counts(50, 40), "blackmail", 0.1)
    assert_rate_above(counts(950, 960), "blackmail", 0.9)
    assert_not_worse(counts(500, 500), "blackmail", baseline="old", candidate="new", margin=0.05)
    assert_not_worse(counts(480, 500), "blackmail", baseline="old", candidate="new", margin=0.1, better="higher")


def test_assertions_say_the_numbers() -> None:
    with pytest.raises(AssertionError, match=r"not_above_rate blackmail: fail. new: 200/1000 \(20.0%\), at least"):
        assert_rate_below(counts(200, 40), "blackmail", 0.1)
    with pytest.raises(AssertionError, match="inconclusive"):
        assert_not_worse(counts(55, 50, 100), "blackmail", baseline="old", candidate="new", margin=0.05)
    open_ = counts(55, 50, 100)
    assert_not_worse(open_, "blackmail", baseline="old", candidate="new", margin=0.05, on_inconclusive="warn")


def test_a_wrong_setting_is_no_failure_but_an_error() -> None:
    with pytest.raises(BaserateError, match="Did you mean 'alpha'"):
        assert_rate_below(counts(50, 40), "blackmail", 0.1, alhpa=0.01)
    with pytest.raises(BaserateError, match="'rate' is missing"):
        assert_check(counts(50, 40), kind="not_above_rate", outcome="blackmail")


@pytest.mark.parametrize("way", ["option", "setting", "none"])
def test_the_plugin_reads_runs_for_a_suite(tmp_path: Path, way: str) -> None:
    br.simulate({"old": 0.2, "new": 0.2}, prompts=40, epochs=5, seed=1).to_csv(tmp_path / "runs.csv", index=False)
    (tmp_path / "test_release.py").write_text(
        "from baserate.testing import assert_rate_below\n"
        "def test_rare(graded_runs):\n    assert_rate_below(graded_runs, 'blackmail', 0.5)\n"
    )
    settings = "graded_runs = runs.csv\n" if way == "setting" else ""
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings}")
    asked = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *(["--graded-runs", "runs.csv"] * (way == "option")),
    ]
    installed = subprocess.run([*asked, "--trace-config"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "baserate.pytest_plugin" in installed.stdout, "installed as an entry point"
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ("1 skipped" if way == "none" else "1 passed") in done.stdout, done.stdout


@pytest.mark.parametrize(("margin", "lenient", "code"), [(0.4, "true", 0), (0.0, "true", 3), (0.0, "false", 0)])
def test_the_action_does_what_it_says(tmp_path: Path, margin: float, lenient: str, code: int) -> None:
    """Run the action's own step, as GitHub would."""
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    script = re.sub(r"^ {8}", "", text.split("run: |\n")[1], flags=re.M)
    br.simulate({"old": 0.5, "new": 0.5}, prompts=30, epochs=5, seed=1).to_csv(tmp_path / "runs.csv", index=False)
    (tmp_path / "baserate.toml").write_text(
        '[data]\npath = "runs.csv"\n[[check]]\nkind = "not_worse_than"\noutcome = "blackmail"\n'
        f'baseline = "old"\ncandidate = "new"\nmargin = {margin}\n'
    )
    given = {"POLICY": "baserate.toml", "JUNIT": "out/junit.xml", "INCONCLUSIVE": lenient}
    written = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), "GITHUB_OUTPUT": str(tmp_path / "output")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, **given, **written, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert (tmp_path / "output").read_text() == f"exit-code={3 if margin == 0.0 else 0}\n"
    assert "not_worse_than blackmail" in (tmp_path / "summary.md").read_text()
    assert "<testsuite" in (tmp_path / "out/junit.xml").read_text()


def test_the_action_names_its_inputs() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name in re.findall(r"inputs\.([\w-]+)", text):
        assert re.search(rf"^  {name}:", text, flags=re.M), name
