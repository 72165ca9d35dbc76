"""A baseline of counts gives the verdict that the runs would have given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.cli import main
from baserate.errors import BaserateError

CHECK = """[data]
path = "{}"
{}
[[check]]
name = "no worse"
kind = "not_worse_than"
outcome = "blackmail"
baseline = "old"
candidate = "new"
margin = 0.1
{}
"""


def runs() -> pd.DataFrame:
    table = br.simulate({"old": 0.4, "new": 0.45}, prompts=24, epochs=5, icc=0.2, ungraded=0.02, seed=8)
    table["goal"] = np.where(table["prompt"].astype(str) < "p013", "none", "explicit")
    table["blackmail_grader"] = "x/judge"
    return table


def both(folder: Path, more: str = "", **saving: object) -> tuple[br.Checks, br.Checks]:
    """Judge with the runs of both versions, and with the new one's and a baseline."""
    table = runs()
    table.to_csv(folder / "all.csv", index=False)
    table[table["version"] == "new"].to_csv(folder / "new.csv", index=False)
    br.save_baseline(table, "blackmail", folder / "old.json", "old", **saving)  # type: ignore[arg-type]
    (folder / "all.toml").write_text(CHECK.format("all.csv", "", more))
    (folder / "new.toml").write_text(CHECK.format("new.csv", 'baseline = "old.json"', more))
    return br.check(folder / "all.toml"), br.check(folder / "new.toml")


@pytest.mark.parametrize("more", ["", 'where = {goal = "none"}', 'scope = "fixed"', 'better = "higher"'])
def test_the_verdict_is_that_of_the_runs(tmp_path: Path, more: str) -> None:
    whole, held = both(tmp_path, more)
    columns = ["verdict", "estimate", "conf_low", "conf_high", "n", "events", "missing"]
    pd.testing.assert_frame_equal(whole.table[columns], held.table[columns])


def test_the_file_is_small_and_says_where_it_is_from(tmp_path: Path) -> None:
    example = br.load_example("blackmail")
    path = br.save_baseline(example, ["blackmail", "ethical_plea"], tmp_path / "b.json", "mockllm/mock-2")
    assert path.stat().st_size < 60_000
    told = json.loads(path.read_text())
    assert told["version"] == "mockllm/mock-2"
    assert told["outcomes"]["blackmail"]["graders"] == ["simulated/judge-2"]
    assert len(told["log_ids"]) == 10
    again = br.save_baseline(example, ["blackmail", "ethical_plea"], tmp_path / "c.json", "mockllm/mock-2")
    assert again.read_bytes() == path.read_bytes()


def test_graders_are_held_against_it(tmp_path: Path) -> None:
    table = runs()
    br.save_baseline(table.assign(blackmail_grader="x/other"), "blackmail", tmp_path / "old.json", "old")
    table[table["version"] == "new"].to_csv(tmp_path / "new.csv", index=False)
    policy = tmp_path / "p.toml"
    head = '[data]\npath = "new.csv"\nbaseline = "old.json"\n'
    policy.write_text(f'{head}[[check]]\nkind = "same_grader"\noutcome = "blackmail"\n')
    checked = br.check(policy)
    assert checked.table["verdict"].tolist() == ["fail"]
    assert "old by x/other" in checked.table["found"][0]


def test_another_design_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BaserateError, match="The baseline's conditions are none, those of the runs goal"):
        both(tmp_path, conditions=[])


def test_a_damaged_or_foreign_file_is_refused(tmp_path: Path) -> None:
    both(tmp_path)
    path = tmp_path / "old.json"
    told = json.loads(path.read_text())
    for wrong, said in (
        ("{", "is no JSON"),
        ("[]", "is no baseline"),
        (json.dumps({**told, "format": 9}), "is of format 9"),
        (json.dumps({**told, "outcomes": {"blackmail": {}}}), "is damaged"),
        (path.read_text().replace('"n": [', '"n": [-5, '), "is damaged"),
    ):
        path.write_text(wrong)
        with pytest.raises(BaserateError, match=said):
            br.check(tmp_path / "new.toml")
    path.unlink()
    with pytest.raises(BaserateError, match="cannot be read"):
        br.check(tmp_path / "new.toml")


def test_the_version_must_not_be_in_both(tmp_path: Path) -> None:
    both(tmp_path)
    text = (tmp_path / "new.toml").read_text()
    (tmp_path / "new.toml").write_text(text.replace("new.csv", "all.csv"))
    with pytest.raises(BaserateError, match="which the baseline is of too"):
        br.check(tmp_path / "new.toml")


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs().to_csv(tmp_path / "all.csv", index=False)
    out = tmp_path / "made" / "old.json"
    asked = ["baseline", "save", str(tmp_path / "all.csv"), "--outcome", "blackmail", "-o", str(out)]
    assert main([*asked, "--version", "old"]) == 0
    assert f"Written: {out}" in capsys.readouterr().out
    assert main(asked) == 2
    assert "There are 2 versions: " in capsys.readouterr().err
