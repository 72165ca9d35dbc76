"""A user's own table of runs: CSV, JSONL, Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from baserate.defaults import filled_in
from baserate.errors import BaserateError
from baserate.readers import read
from baserate.reading import reading_notes
from baserate.runs import REQUIRED, factors, outcomes

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_text(text: str, name: str = "runs.csv") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write_text


def test_the_everyday_case(write: Write) -> None:
    path = write("model,threat,item,seconds,blackmail\nopus,none,a,1.5,1\nopus,None,a,2,0\nhaiku,NA,b,3,\n")
    runs = read(path, columns={"item": "prompt"})
    assert set(REQUIRED) <= set(runs.columns)
    assert runs["version"].tolist() == ["opus", "opus", "haiku"]
    assert runs["threat"].tolist() == ["none", "None", "NA"], "words are levels, never missing"
    assert runs["blackmail"].tolist() == [True, False, pd.NA]
    assert runs["status"].tolist() == ["ok", "ok", "ungraded"]
    assert runs["seconds"].tolist() == [1.5, 2.0, 3.0]
    assert runs["source"].iloc[1] == f"{path}::row 2"
    assert runs["epoch"].tolist() == [1, 1, 1]
    assert reading_notes(runs) == [
        "The column 'model' was taken as the version.",
        "Taken as outcomes: blackmail; as factors: threat. outcomes= and factors= choose others.",
    ]


def test_an_empty_cell_of_a_factor_is_missing_and_told(write: Write) -> None:
    runs = read(write("version,threat,blackmail\na,none,1\na,,0\nb,high,0\n"))
    assert runs["threat"].isna().tolist() == [False, True, False]
    assert "The factor 'threat' is missing in 1 of 3 rows." in reading_notes(runs)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("true false TRUE False", [True, False, True, False]),
        ("yes no Yes NO", [True, False, True, False]),
        ("1 0 1.0 0.0", [True, False, True, False]),
        ("NA nan n/a yes", [pd.NA, pd.NA, pd.NA, True]),
        ("none null t f", [pd.NA, pd.NA, True, False]),
    ],
)
def test_words_of_an_outcome(write: Write, cells: str, expected: list[object]) -> None:
    rows = "".join(f"a,{cell}\n" for cell in cells.split())
    assert read(write("version,seen\n" + rows), outcomes="seen")["seen"].tolist() == expected


def test_a_score_is_no_verdict(write: Write) -> None:
    path = write("version,score\na,7\na,3\nb,\n")
    with pytest.raises(BaserateError, match=r"'score' must hold yes or no.*found '7', '3'.*\('score', 7\)"):
        read(path, outcomes="score")
    runs = read(path, outcomes={"blackmail": ("score", 7)})
    assert runs["blackmail"].tolist() == [True, False, pd.NA]
    assert runs["blackmail_score"].fillna(-1).tolist() == [7, 3, -1]
    assert runs["blackmail_cut"].tolist() == [7, 7, 7]
    assert "score" not in runs
    assert read(path, outcomes={"score": 5})["score"].tolist() == [True, False, pd.NA]
    with pytest.raises(BaserateError, match="No column holds only yes and no"):
        read(path)
    with pytest.raises(BaserateError, match=r"outcomes\['score'\] must be a column, \('score', 7\)"):
        read(path, outcomes={"score": None})
    with pytest.raises(BaserateError, match="must hold numbers to be cut at 7; found 'x'"):
        read(write("version,score\na,x\n"), outcomes={"score": 7})


def test_yes_and_no_are_levels_where_another_column_is_the_outcome(write: Write) -> None:
    path = write("version,threat,blackmail\na,no,1\na,yes,0\n")
    assert outcomes(read(path)) == ["blackmail"]
    assert factors(read(path)) == ["threat"]
    assert outcomes(read(write("version,blackmail\na,no\na,yes\n", "other.csv"))) == ["blackmail"]
    named = read(path, outcomes=["threat"], factors=[])
    assert outcomes(named) == ["threat"]


def test_what_is_guessed_can_be_chosen(write: Write) -> None:
    path = write("version,goal,tools,blackmail\n" + "".join(f"v,g{i % 3},{i % 2},{i % 2}\n" for i in range(6)))
    assert outcomes(read(path)) == ["tools", "blackmail"]
    runs = read(path, factors=["tools"])
    assert factors(runs) == ["tools"]
    assert outcomes(runs) == ["blackmail"]
    assert runs["tools"].cat.categories.tolist() == ["0", "1"]


def test_free_text_and_names_are_no_factors(write: Write) -> None:
    rows = "".join(f"v,{i},case {i},{'long ' * 20}{i % 2},one,{i % 2}\n" for i in range(40))
    runs = read(write("version,seed,case,answer,lab,blackmail\n" + rows))
    assert factors(runs) == []
    assert {"case", "answer", "lab"} <= set(runs.columns)


def test_known_factors_are_no_outcomes(write: Write) -> None:
    runs = read(write("version,prod,blackmail\na,True,1\nb,False,0\n"))
    assert factors(runs) == ["prod"]
    assert runs["prod"].cat.categories.tolist() == ["False", "True"]


def test_the_status_of_a_row_counts(write: Write) -> None:
    runs = read(write("version,status,blackmail\na,ok,1\na,empty,0\na,error,\na,,0\n"))
    assert runs["status"].tolist() == ["ok", "empty", "error", "ok"]
    assert runs["blackmail"].tolist() == [True, pd.NA, pd.NA, False]
    with pytest.raises(BaserateError, match=r"holds 'success'.*columns=\{'status': 'log_status'\}"):
        read(write("version,status,blackmail\na,success,1\n"))


def test_rows_that_repeat_a_run(write: Write) -> None:
    runs = read(write("run_id,version,blackmail\nr1,a,1\nr1,a,1\nr2,a,0\n"))
    assert runs["run_id"].tolist() == ["r1", "r2"]
    assert runs["copies"].tolist() == [1, 0]
    assert [Path(file).name for file in runs["copies_in"]] == [runs["source"].iloc[0].split("/")[-1].split("::")[0], ""]
    with pytest.raises(BaserateError, match="The run_id 'r1' stands for 2 different rows"):
        read(write("run_id,version,blackmail\nr1,a,1\nr1,a,0\n"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcomes": "blackmial"}, "no column 'blackmial' for an outcome. Did you mean 'blackmail'"),
        ({"factors": "treat"}, "no column 'treat' for a factor. Did you mean 'threat'"),
        ({"columns": {"promt": "prompt"}}, "no column 'promt'"),
        ({"columns": {"threat": "version"}}, "Two columns would be named 'version'"),
        ({"accept": "fine"}, "no status 'fine'"),
        ({"on_error": "ignore"}, "no choice of on_error 'ignore'"),
        ({"format": "cvs"}, "no format 'cvs'. Did you mean 'csv'"),
    ],
)
def test_misspelt_names(write: Write, options: dict[str, object], message: str) -> None:
    path = write("version,threat,blackmail\na,x,1\nb,y,0\n")
    with pytest.raises(BaserateError) as error:
        read(path, **options)  # type: ignore[arg-type]  # options of several types
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_jsonl(write: Write) -> None:
    lines = [
        {"model": "a", "threat": None, "blackmail": True, "turns": [1, 2], "judge": "yes"},
        {"model": "b", "threat": "None", "blackmail": False, "extra": 3},
        {"model": "b", "threat": "high", "blackmail": None},
    ]
    text = "\n".join(map(json.dumps, lines)) + '\n{"model": "b", "thr\n[1]\n'
    path = write(text, "runs.jsonl")
    runs = read(path)
    assert runs["threat"].tolist()[1:3] == ["None", "high"]
    assert runs["threat"].isna().tolist() == [True, False, False, True, True]
    assert runs["blackmail"].tolist() == [True, False, pd.NA, pd.NA, pd.NA]
    assert runs["status"].tolist() == ["ok", "ok", "ungraded", "unreadable", "unreadable"]
    assert runs["source"].iloc[3] == f"{path}::line 4"
    assert any("turns" in note for note in reading_notes(runs))
    with pytest.raises(BaserateError, match=r"::line 4 cannot be read"):
        read(path, on_error="raise")


def test_parquet_keeps_types(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "model": ["a", "b", "b"],
            "threat": pd.Categorical(["high", "none", None], categories=["none", "high"]),
            "blackmail": pd.array([True, None, False], dtype="boolean"),
            "exfil": [1.0, 0.0, None],
        }
    )
    frame.to_parquet(tmp_path / "runs.parquet")
    runs = read(tmp_path / "runs.parquet")
    assert runs["threat"].cat.categories.tolist() == ["none", "high"]
    assert runs["blackmail"].tolist() == [True, pd.NA, False]
    assert runs["exfil"].tolist() == [True, False, pd.NA]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_was_read_can_be_written_and_read_again(fixtures: Path, tmp_path: Path, ending: str) -> None:
    runs = read(fixtures / "office.eval")
    path = tmp_path / f"runs.{ending}"
    if ending == "csv":
        runs.to_csv(path, index=False)
    else:
        runs.to_parquet(path, index=False)
    again = read(path)
    assert factors(again) == factors(runs)
    for name in ("run_id", "prompt", "epoch", "source", "version", "status", *factors(runs)):
        assert again[name].astype(object).tolist() == runs[name].astype(object).tolist(), name
    for name in ("blackmail_judge", "aware", "pleads"):
        pd.testing.assert_series_equal(again[name], runs[name])
    assert again["blackmail_judge_score"].tolist() == runs["blackmail_judge_score"].tolist()


def test_several_files_and_separators(write: Write) -> None:
    paths = [
        write("version;threat;blackmail\na;none;1\n", "one.csv"),
        write("version\tthreat\tblackmail\nb\thigh\t0\n", "two.tsv"),
        write('\ufeffversion,threat,blackmail\nb,"low, very",0\n', "three.csv"),
    ]
    runs = read(paths)
    assert runs["threat"].tolist() == ["none", "high", "low, very"]
    assert runs["run_id"].is_unique


def test_a_named_format_reads_any_ending(write: Write) -> None:
    assert len(read(write("version,blackmail\na,1\n", "runs.txt"), format="csv")) == 1
    with pytest.raises(BaserateError, match=r"runs\.txt' is no log or table"):
        read(write("version,blackmail\na,1\n", "runs.txt"))


def test_without_prompt_or_version_a_note_says_so(write: Write) -> None:
    runs = read(write("blackmail\n1\n0\n"))
    assert runs["prompt"].is_unique
    assert sum("No prompt column" in n or "No version column" in n for n in filled_in(runs)) == 2


@pytest.mark.parametrize("text", ["", "version,blackmail\n", "\x00\x01\x02"])
def test_a_table_without_rows(write: Write, text: str) -> None:
    with pytest.raises(BaserateError) as error:
        read(write(text))
    assert "\n" not in str(error.value)


def test_numbers_with_a_word_among_them_are_levels(write: Write) -> None:
    runs = read(write("version,dose,seconds,blackmail\na,none,1,1\na,1,NA,0\na,2,3.5,1\n"))
    assert factors(runs) == ["dose"]
    assert runs["dose"].cat.categories.tolist() == ["none", "1", "2"]
    assert runs["seconds"].isna().tolist() == [False, True, False]


def test_accept_in_a_table(write: Write) -> None:
    path = write("version,status,blackmail\na,ok,1\na,empty,0\n")
    assert read(path, accept=["ok", "empty"])["blackmail"].tolist() == [True, False]
