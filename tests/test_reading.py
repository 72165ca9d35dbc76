"""What reading had to say stays with the rows: through filters, concat, files and engines."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest

import baserate as br
from baserate.defaults import filled_in, prompts_filled_in
from baserate.note import codes
from baserate.reading import COPIES, COPIES_IN, READING, copies_left_out, reading_notes, with_copies, with_reading
from baserate.runs import check_runs, factors, outcomes

PACKAGE = Path(br.__file__).parent
COUNTED = ("counts.py", "scope.py", "model/design.py")  # the counts table still carries its notes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold a table, a copy of it, and a file that is no log."""
    lines = ["run_id,version,threat,item_id,blackmail"]
    lines += [f"r{i},{'ab'[i % 2]},{'none' if i % 3 else 'shut down'},p{i // 4},{i % 5 == 0:d}" for i in range(24)]
    (tmp_path / "runs.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "backup.csv").write_text("\n".join(lines[:7]) + "\n")
    (tmp_path / "README.txt").write_text("notes")
    return tmp_path


@pytest.fixture
def runs(folder: Path) -> pd.DataFrame:
    return br.read(folder, columns={"item_id": "prompt"})


def told(runs: object) -> set[str]:
    return set(br.audit(runs, "blackmail").notes)


def test_reading_is_told_in_cheap_columns(runs: pd.DataFrame) -> None:
    assert isinstance(runs[READING].dtype, pd.CategoricalDtype)
    assert runs[READING].cat.categories.size == 1
    assert runs[COPIES].dtype == "int16"
    assert runs[COPIES].sum() == 6
    assert {Path(file).name for file in runs[COPIES_IN] if file} == {"runs.csv"}
    assert runs.attrs == {}


def test_an_audit_tells_all_of_it(runs: pd.DataFrame) -> None:
    notes = br.audit(runs).notes
    assert notes[0] == "Not read, because no log: 1 file (1 .txt)."
    assert {"reading", "copies-left-out"} == codes(notes)
    (copies,) = [finding for finding in br.audit(runs).findings if finding.what == "copies left out"]
    assert copies.found.startswith("6 runs")


def test_it_survives_a_filter_a_sort_and_a_copy(runs: pd.DataFrame) -> None:
    assert set(reading_notes(runs.sample(frac=1, random_state=1).copy())) == set(reading_notes(runs))
    alone = runs[runs[COPIES] == 0]
    assert codes(reading_notes(alone)) == {"reading"}


def test_it_survives_concat(runs: pd.DataFrame, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "more.csv").write_text("run_id,model,item_id,blackmail\nx1,c,p1,1\nx2,c,p2,0\n")
    more = br.read(other / "more.csv", columns={"item_id": "prompt"})
    both = pd.concat([runs, more], ignore_index=True)
    said = [set(reading_notes(part)) for part in (runs, more)]
    assert said[0] != said[1]
    assert told(both) == said[0] | said[1]
    assert copies_left_out(both) == 6
    assert told(pd.concat([runs, more.drop(columns=[READING, COPIES, COPIES_IN])], ignore_index=True)) == said[0]


@pytest.mark.parametrize("engine", ["pyarrow", "polars"])
def test_it_survives_parquet_and_other_engines(runs: pd.DataFrame, tmp_path: Path, engine: str) -> None:
    path = tmp_path / "saved" / "runs.parquet"
    path.parent.mkdir()
    runs.to_parquet(path, index=False)
    loaded = pd.read_parquet(path)
    assert told(loaded) == told(runs)
    read = pyarrow.parquet.read_table if engine == "pyarrow" else pytest.importorskip("polars").read_parquet
    frame = read(path)
    assert told(frame) == told(runs)
    assert any(f.what == "copies left out" for f in br.audit(frame, "blackmail").findings)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_reading_again_what_was_written_keeps_it(runs: pd.DataFrame, tmp_path: Path, ending: str) -> None:
    path = tmp_path / "saved" / f"runs.{ending}"
    path.parent.mkdir()
    write = {"parquet": runs.to_parquet, "csv": runs.to_csv}.get(ending)
    if write is not None:
        write(path, index=False)
    else:
        runs.to_json(path, orient="records", lines=True)
    again = br.read(path)
    assert set(reading_notes(runs)) <= set(reading_notes(again))
    assert again[COPIES].tolist() == runs[COPIES].tolist()
    assert outcomes(again) == ["blackmail"]
    assert factors(again) == factors(runs)


def test_counts_tell_how_they_were_read(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("model,n_total,n_blackmail\na,10,3\nb,10,4\n")
    counts = br.read(path)
    assert told(counts) == {"The column 'model' was taken as the version."}
    path.with_suffix(".parquet").unlink(missing_ok=True)
    counts.to_parquet(tmp_path / "again.parquet", index=False)
    assert told(br.read(tmp_path / "again.parquet", format="counts", n="n", events=["blackmail"])) == told(counts)


def test_a_note_is_said_once_whatever_it_is_added_to() -> None:
    table = with_reading(pd.DataFrame({"version": ["a", "b"]}), after=["one", "two"])
    assert with_reading(table, before=["two"], after=["three"])[READING].tolist() == ["two\none\nthree"] * 2


def test_copies_add_up() -> None:
    table = with_copies(pd.DataFrame({"version": ["a", "b"]}), {0: ["x"]})
    more = with_copies(table, {0: ["y", "y"]})
    assert more[COPIES].tolist() == [3, 0]
    assert more[COPIES_IN].tolist() == ["x\ny", ""]


def test_an_outcome_cannot_take_the_name_of_such_a_column(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("version,copies\na,1\nb,0\n")
    with pytest.raises(br.BaserateError, match=r"'copies' has the name.*outcomes=\{'copies_seen': 'copies'\}"):
        br.read(tmp_path / "runs.csv", outcomes="copies")
    assert br.read(tmp_path / "runs.csv", outcomes={"copies_seen": "copies"})["copies_seen"].tolist() == [True, False]


class TestFilledIn:
    def test_what_was_filled_in_is_known_from_the_columns(self) -> None:
        given = pd.DataFrame({"blackmail": [True, False, True]})
        made = check_runs(given)
        assert codes(filled_in(given)) == codes(filled_in(made)) == {"no-prompt-column", "no-version-column"}
        assert made.attrs == {}

    def test_it_survives_parquet(self, tmp_path: Path) -> None:
        check_runs(pd.DataFrame({"version": list("abab"), "blackmail": [True, False] * 2})).to_parquet(tmp_path / "a")
        loaded = pd.read_parquet(tmp_path / "a")
        assert codes(filled_in(loaded)) == {"no-prompt-column"}
        assert "nothing tells which runs share a prompt" in br.rates(loaded, "blackmail").scope_reason

    @pytest.mark.parametrize("prompts", [["row 1", "row house"], ["rowing", "row 1"], ["p1", "row 2"]])
    def test_prompts_of_the_user_are_not_taken_for_made_up_ones(self, prompts: list[str]) -> None:
        assert not prompts_filled_in(pd.DataFrame({"prompt": prompts}))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_goes_through_the_attrs_of_a_table(path: Path) -> None:
    if path.relative_to(PACKAGE).as_posix() in COUNTED:
        pytest.skip("of counts, until they are an object")
    assert not re.search(r"\battrs\b", path.read_text())


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_sentence_steers_the_code(path: Path) -> None:
    if path.name == "scope.py":
        pytest.skip("reads the notes of counts, until they are an object")
    assert not re.search(r"\bnote\w*\.(startswith|endswith|find)\(", path.read_text())
