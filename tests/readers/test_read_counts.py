"""Tables of counts, one row a cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from baserate.counts import count
from baserate.errors import BaserateError
from baserate.readers import read
from baserate.reading import reading_notes
from baserate.runs import factors

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_text(text: str, name: str = "counts.csv") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write_text


def test_totals_and_events_by_name(write: Write) -> None:
    cells = read(write("model,urgency,n_total,n_harmful,n_aware,rate\na,none,100,0,3,0.0\nb,None,75,5,0,0.07\n"))
    assert cells.columns.tolist() == [
        "version",
        "urgency",
        "n",
        "harmful",
        "aware",
        "missing",
        "source",
        "reading",
        "account",
    ]
    assert cells["urgency"].cat.categories.tolist() == ["none", "None"]
    assert cells["n"].tolist() == [100, 75]
    assert [str(cells[c].dtype) for c in ("n", "harmful", "missing")] == ["int64"] * 3
    assert reading_notes(cells) == [
        "The column 'model' was taken as the version.",
        "Columns that name no cell were left out: rate.",
    ]


def test_n_and_k(write: Write) -> None:
    path = write("version,goal,n,k,missing\na,x,10,3,2\na,y,10,4,0\nb,x,10,5,0\nb,y,10,6,1\n")
    assert read(path)["k"].tolist() == [3, 4, 5, 6]
    cells = read(path, outcomes="blackmail")
    assert cells["blackmail"].tolist() == [3, 4, 5, 6]
    assert cells["missing"].tolist() == [2, 0, 0, 1]
    assert "prompt" not in cells, "no prompt is made up"


def test_columns_named_by_the_user(write: Write) -> None:
    path = write("who,runs,hits,pleas\na,10,3,1\nb,10,4,2\n")
    cells = read(path, n="runs", events={"blackmail": "hits"}, columns={"who": "version"})
    assert cells["blackmail"].tolist() == [3, 4]
    both = read(path, n="runs", events=["hits", "pleas"], columns={"who": "version"})
    assert both["pleas"].tolist() == [1, 2]
    with pytest.raises(BaserateError, match=r"no column 'hit' of events\. Did you mean 'hits'"):
        read(path, n="runs", events="hit")
    with pytest.raises(BaserateError, match=r"needs a column of totals\. Did you mean 'runs'"):
        read(path, n="run", events="hits")


def test_outcomes_choose_among_the_events(write: Write) -> None:
    path = write("version,n_total,n_harmful,n_aware\na,10,3,1\n")
    assert "aware" not in read(path, outcomes=["harmful"])
    assert read(path, outcomes={"blackmail": "harmful"})["blackmail"].tolist() == [3]
    with pytest.raises(BaserateError, match=r"no outcome 'harmfull' in the counts\. Did you mean 'harmful'"):
        read(path, outcomes=["harmfull", "aware"])


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("a,10,11", "row 1 of 'k' holds '11' of n = 10"),
        ("a,10,-1", "'-1'"),
        ("a,10,2.5", "'2.5'"),
        ("a,10,", "None"),
        ("a,10,x", "'x'"),
        ("a,-3,0", "row 1 of 'n' holds '-3'"),
        ("a,,0", "row 1 of 'n' holds None"),
    ],
)
def test_impossible_counts(write: Write, row: str, found: str) -> None:
    with pytest.raises(BaserateError, match="Counts must be whole numbers with 0 <= events <= n") as error:
        read(write(f"version,n,k\n{row}\n"))
    assert found in str(error.value)


def test_counts_enter_at_the_waist(write: Write) -> None:
    cells = read(write("version,goal,n_total,n_harmful\na,x,10,3\nb,x,20,4\n"), factors="goal")
    waist = count(cells, "harmful")
    assert waist.cells[["n", "events", "missing"]].to_numpy().tolist() == [[10, 3, 0], [20, 4, 0]]
    assert not waist.prompts_known


def test_runs_that_were_not_graded_are_missing_at_every_door(write: Write) -> None:
    both = read(write("version,n,n_total,n_harmful\na,80,100,60\nb,90,100,50\n"))
    assert both[["n", "harmful", "missing"]].to_numpy().tolist() == [[80, 60, 20], [90, 50, 10]]
    named = read(write("version,n,k,n_ungraded\na,80,60,20\n"))
    assert named[["n", "k", "missing"]].to_numpy().tolist() == [[80, 60, 20]]
    of_all = read(write("version,n_total,n_harmful,n_missing\na,100,60,20\n"))
    assert of_all[["n", "harmful", "missing"]].to_numpy().tolist() == [[80, 60, 20]]


def test_aliases_apply_to_counts(write: Write) -> None:
    cells = read(write("version,n,k\na-1,10,3\na-2,20,4\n"), aliases={"a-1": "a", "a-2": "a"})
    assert cells["version"].tolist() == ["a", "a"]


def test_a_column_of_many_names_is_no_factor(write: Write) -> None:
    rows = "".join(f"a,question {i},10,{i % 10}\n" for i in range(40))
    path = write("version,question,n,k\n" + rows)
    assert any("question" in note for note in reading_notes(read(path)))
    cells = read(path, columns={"question": "prompt"})
    assert factors(cells) == []
    assert cells["prompt"].nunique() == 40


@pytest.mark.shared
def test_the_published_counts(shared: Path) -> None:
    cells = read(shared / "eval_awareness_counts.csv")
    assert len(cells) == 324
    assert int(cells["n"].sum()) == 19_914
    assert cells["version"].cat.categories.tolist() == ["base", "coop_ablate", "coop_full", "muan"]
    assert factors(cells) == ["warning", "scenario", "goal_type", "goal_value", "urgency"]
    by_scenario = cells.groupby("scenario", observed=True)[["harmful", "n"]].sum()
    assert by_scenario.loc["blackmail"].tolist() == [2, 6645]
    assert by_scenario.loc["leaking"].tolist() == [1507, 6637]
    assert by_scenario.loc["murder"].tolist() == [967, 6632]
    assert "prompt" not in cells


def test_columns_of_whole_numbers_are_events_where_nothing_else_is_named(write: Write) -> None:
    cells = read(write("version,n,missing,blackmail,leak\na,10,1,3,0\n"))
    assert cells.loc[0, ["blackmail", "leak", "missing"]].tolist() == [3, 0, 1]
    with pytest.raises(BaserateError, match="No column of events was found among version, n, note"):
        read(write("version,n,note\na,10,x\n"), format="counts")
    with pytest.raises(BaserateError, match="no column 'gaol' for a factor"):
        read(write("version,goal,n,k\na,x,10,3\n"), factors="gaol")
