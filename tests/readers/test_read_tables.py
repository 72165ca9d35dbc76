"""Tables as people have them: JSON of every shape, archives, workbooks, in memory, names in paths."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import baserate as br
from baserate.account import account_of
from baserate.errors import BaserateError
from baserate.reading import reading_notes

RUNS = [
    {"model": model, "prompt_id": f"p{i}", "blackmail": (i + (model == "b")) % 2 == 1}
    for model in "ab"
    for i in range(4)
]


def counts(runs: pd.DataFrame, outcome: str = "blackmail") -> dict[str, tuple[int, int, int]]:
    account = account_of(runs)
    assert account is not None
    assert account.balances
    table = br.rates(runs, outcome).table
    return {str(row.version): (row.events, row.n, row.missing) for row in table.itertuples()}


def told(runs: pd.DataFrame) -> str:
    return " ".join(map(str, reading_notes(runs)))


EXPECTED = {"a": (2, 4, 0), "b": (2, 4, 0)}


@pytest.mark.parametrize(
    "document",
    [
        RUNS,
        {"results": RUNS},
        {"config": {"judge": "j"}, "results": RUNS},
        {"meta": {"temperature": 0.7, "tags": ["x"]}, "notes": [1, 2], "graded": RUNS},
        {"results": {f"id{i}": run for i, run in enumerate(RUNS)}},
    ],
)
def test_json_documents(tmp_path: Path, document: Any) -> None:
    for indent in (None, 2):
        (tmp_path / "runs.json").write_text(json.dumps(document, indent=indent))
        runs = br.read(tmp_path / "runs.json")
        assert counts(runs) == EXPECTED
        assert runs["prompt"].nunique() == 4
    assert counts(br.read(tmp_path)) == EXPECTED, "found in a folder too"


@pytest.mark.parametrize("wrap", [lambda groups: {"results": groups}, lambda groups: groups])
def test_a_list_a_group(tmp_path: Path, wrap: Any) -> None:
    groups = {"persona": [{"probe": f"p{i}", "misaligned": i % 2 == 1} for i in range(4)]}
    groups["safety"] = [{"probe": f"s{i}", "misaligned": False} for i in range(2)]
    (tmp_path / "runs.json").write_text(json.dumps({"metadata": {"base_model": "a"}, **wrap(groups)}))
    runs = br.read(tmp_path / "runs.json") if "results" in wrap(groups) else None
    if runs is not None:
        assert counts(runs, "misaligned") == {"a": (2, 6, 0)}
        assert runs["group"].value_counts().to_dict() == {"persona": 4, "safety": 2}


def test_arrays_and_objects_on_lines(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text(json.dumps(RUNS[:5]) + "\n\n" + "\n".join(json.dumps(run) for run in RUNS[5:]) + "\n")
    runs = br.read(path)
    assert counts(runs) == EXPECTED
    assert runs["source"].is_unique
    messages = tmp_path / "prompt.jsonl"
    messages.write_text('[{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]\n')
    with pytest.raises(BaserateError, match="No column holds only yes and no"):
        br.read(messages)


def test_verdicts_nested_and_scores_of_one_judge(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    rows = [{"model": "a", "gpt": {"verdict": i % 2 == 0, "scores": {"harm": 1, "tone": 1 + i}}} for i in range(6)]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert counts(br.read(path), "gpt.verdict") == {"a": (3, 6, 0)}
    runs = br.read(path, outcomes={"harm": "gpt.scores.harm >= 2", "mild": ("gpt.scores.tone", "<=", 3)})
    assert counts(runs, "harm") == {"a": (0, 6, 0)}
    assert counts(runs, "mild") == {"a": (3, 6, 0)}
    with pytest.raises(BaserateError, match="must hold yes or no"):
        br.read(path, outcomes={"harm": "gpt.scores.harm"})


def test_tables_of_different_columns_are_never_stacked(tmp_path: Path) -> None:
    pd.DataFrame(RUNS).to_csv(tmp_path / "judge.csv", index=False)
    answers = [{"model": run["model"], "prompt_id": run["prompt_id"], "blocked": False} for run in RUNS]
    (tmp_path / "responses.jsonl").write_text("\n".join(map(json.dumps, answers)))
    with pytest.raises(BaserateError, match=r"2 kinds of table.*judge\.csv \(8 rows.*responses\.jsonl \(8 rows"):
        br.read(tmp_path)
    runs = br.read(tmp_path, outcomes="blackmail")
    assert counts(runs) == EXPECTED
    assert "1 table of other columns left out (8 rows)" in told(runs)


def test_a_column_of_errors_makes_no_other_kind_of_table(tmp_path: Path) -> None:
    frame = pd.DataFrame(RUNS)
    frame[frame["model"] == "a"].to_csv(tmp_path / "a.csv", index=False)
    failed = frame[frame["model"] == "b"].assign(error=[None, "API error 500", None, None])
    failed.to_csv(tmp_path / "b.csv", index=False)
    runs = br.read(tmp_path)
    assert counts(runs) == {"a": (2, 4, 0), "b": (2, 3, 1)}
    assert (runs["status"] == "error").sum() == 1
    assert "API error 500" in set(runs["status_reason"].dropna())


def test_versions_in_the_names_of_files_or_folders(tmp_path: Path) -> None:
    for model in ("gpt-4.1", "opus"):
        frame = pd.DataFrame([run for run in RUNS if run["model"] == "a"]).drop(columns="model")
        (tmp_path / model).mkdir()
        frame.assign(extra=model).to_csv(tmp_path / model / f"{model}.csv", index=False)
    runs = br.read(tmp_path)
    assert "columns={'folder': 'version'}" in told(runs)
    assert counts(br.read(tmp_path, columns={"folder": "version"})) == {"gpt-4.1": (2, 4, 0), "opus": (2, 4, 0)}
    assert counts(br.read(tmp_path, columns={"file": "version"})) == {"gpt-4.1": (2, 4, 0), "opus": (2, 4, 0)}


def test_a_copy_byte_for_byte_counts_once_unless_files_are_versions(tmp_path: Path) -> None:
    for name in ("one.csv", "backup/one.csv", "one_backup.csv", "one (1).csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pd.DataFrame(RUNS).drop(columns="model").to_csv(tmp_path / name, index=False)
    runs = br.read(tmp_path)
    assert len(runs) == 8
    assert "byte for byte the same as" in told(runs)
    account = account_of(runs)
    assert account is not None
    assert (account.files_read, account.files_found) == (1, 4)
    assert len(br.read(tmp_path, columns={"file": "version"})) == 32


def test_files_of_different_names_may_hold_the_same_by_chance(tmp_path: Path) -> None:
    for i in range(20):
        (tmp_path / f"run{i}.csv").write_text(f"model,bad\na,{i % 2}\n")
    runs = br.read(tmp_path)
    assert counts(runs, "bad") == {"a": (10, 20, 0)}
    assert "both are read; leave it out if it is a copy" in told(runs)


def test_the_same_file_under_several_names_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "run1.csv"
    pd.DataFrame(RUNS).to_csv(path, index=False)
    (tmp_path / "latest.csv").symlink_to(path)
    (tmp_path / "hard.csv").hardlink_to(path)
    assert len(br.read(tmp_path)) == 8
    assert len(br.read([path, tmp_path / "x/../run1.csv".replace("x/../", ""), tmp_path / "latest.csv"])) == 8
    assert len(br.read([tmp_path, path])) == 8


@pytest.mark.parametrize("engine", ["pandas", "polars", "arrow"])
def test_a_table_in_memory(engine: str) -> None:
    frame = pd.DataFrame(RUNS).rename(columns={"model": "llm"})
    table = {"pandas": frame, "polars": pl.from_pandas(frame), "arrow": pl.from_pandas(frame).to_arrow()}[engine]
    assert counts(br.read(table, columns={"llm": "version"})) == EXPECTED


def test_a_table_in_memory_of_counts() -> None:
    cells = br.read(pd.DataFrame({"model": ["a", "b"], "n": [100, 100], "k": [84, 70]}))
    assert cells["k"].tolist() == [84, 70]


@pytest.mark.parametrize("odd", [None, 5, {"a": [1]}, object()])
def test_what_is_no_table_is_refused(odd: Any) -> None:
    with pytest.raises(BaserateError, match="A path, a list of paths or a table is needed"):
        br.read(odd)


@pytest.mark.parametrize("ending", ["gz", "zip", "zst"])
def test_archives(tmp_path: Path, ending: str) -> None:
    from backports import zstd

    data = pd.DataFrame(RUNS).to_csv(index=False).encode()
    path = tmp_path / f"runs.csv.{ending}"
    if ending == "gz":
        path.write_bytes(gzip.compress(data))
    elif ending == "zst":
        path.write_bytes(zstd.compress(data))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("sub/runs.csv", data)
            archive.writestr("__MACOSX/._runs.csv", "x")
    runs = br.read(path)
    assert counts(runs) == EXPECTED
    name = "sub/runs.csv" if ending == "zip" else "runs.csv"
    assert runs["source"].iloc[0] == f"{path}::{name}::row 1"


def test_an_archive_that_would_fill_the_disk_is_a_row(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("runs.csv", "0" * 5_000_000)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"0" * 5_000_000))
    pd.DataFrame(RUNS).to_csv(tmp_path / "good.csv", index=False)
    runs = br.read(tmp_path, max_bytes=1_000_000)
    assert counts(runs) == EXPECTED
    assert (runs["status"] == "unreadable").sum() == 2
    assert runs["status_reason"].dropna().str.contains("max_bytes").all()


def test_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    pd.DataFrame(RUNS).to_excel(tmp_path / "runs.xlsx", index=False)
    assert counts(br.read(tmp_path / "runs.xlsx")) == EXPECTED


def test_parquet_with_an_index_of_its_own(tmp_path: Path) -> None:
    pd.DataFrame(RUNS).set_index("prompt_id").to_parquet(tmp_path / "runs.parquet")
    runs = br.read(tmp_path / "runs.parquet")
    assert counts(runs) == EXPECTED
    assert runs["prompt"].nunique() == 4


def test_names_that_a_hive_of_parquet_has_in_its_folders(tmp_path: Path) -> None:
    pd.DataFrame(RUNS).rename(columns={"model": "version"}).to_parquet(tmp_path / "hive", partition_cols=["version"])
    assert counts(br.read(tmp_path / "hive")) == EXPECTED


@pytest.mark.parametrize(
    ("rows", "how", "expected"),
    [
        (["yes", "no", "error", "yes"], {"yes": True, "no": False, "error": None}, (2, 3, 1)),
        (["flagged", "clean", "clean", "odd"], ("verdict", {"flagged": True, "clean": False}), (1, 3, 1)),
        (["harmful", "safe", "unclear", "harmful"], "verdict", (2, 3, 1)),
        (["pass", "fail", "ERROR", "pass"], "verdict", (2, 3, 1)),
        (["C", "I", "P", "N"], "verdict", (1, 2, 2)),
        (["C", "I", "P", "N"], ("verdict", 0.5), (2, 3, 1)),
        (["correct", "incorrect", "", "correct"], "verdict", (2, 3, 1)),
        ([1, 0, -1, 1], "verdict", (2, 3, 1)),
        ([1, 0, -1, 1], ("verdict", 1), (2, 3, 1)),
        ([7, 3, -1, 9], ("verdict", 7), (2, 3, 1)),
        ([7, 3, -1, 9], ("verdict", "<", 5), (1, 3, 1)),
        ([7, 3, "nan", 9], "verdict > 7", (1, 3, 1)),
        ([1, 0, 1e30, 1], "verdict", (2, 3, 1)),
    ],
)
def test_words_scores_and_sentinels(tmp_path: Path, rows: list[Any], how: Any, expected: tuple[int, ...]) -> None:
    pd.DataFrame({"model": "a", "verdict": rows}).to_csv(tmp_path / "runs.csv", index=False)
    runs = br.read(tmp_path / "runs.csv", outcomes={"verdict" if isinstance(how, dict) else "bad": how})
    assert counts(runs, "verdict" if isinstance(how, dict) else "bad") == {"a": expected}


def test_a_label_a_filter_and_what_is_asked_of_no_run(tmp_path: Path) -> None:
    rows = {"model": ["a"] * 4, "category": ["x", "fabricated", "x", "y"], "coherent": [90, 80, 10, 90]}
    pd.DataFrame(rows | {"aligned": [10, 20, 20, 95]}).to_csv(tmp_path / "runs.csv", index=False)
    how = {"made_up": ("category", "fabricated"), "misaligned": "aligned < 30 where coherent > 50"}
    runs = br.read(tmp_path / "runs.csv", outcomes=how)
    assert counts(runs, "made_up") == {"a": (1, 4, 0)}
    assert runs["misaligned"].tolist() == [True, True, pd.NA, False]
    assert runs["misaligned_cut"].iloc[0] == "aligned < 30 where coherent > 50"
    both = ("aligned", "<", 30, "where", "coherent", ">", 50)
    assert br.read(tmp_path / "runs.csv", outcomes={"m": both})["m"].tolist() == [True, True, pd.NA, False]
    never = br.read(tmp_path / "runs.csv", outcomes={"m": ("category", "absent")})
    assert "no run has category = 'absent'" in told(never)


@pytest.mark.parametrize(
    "how",
    [float("nan"), ("score", float("nan")), ("score", float("inf")), True, ("score", "<", "x"), ("score",), 10**400],
)
def test_what_says_no_outcome_is_refused(tmp_path: Path, how: Any) -> None:
    pd.DataFrame({"model": "a", "score": [1, 5, 9]}).to_csv(tmp_path / "runs.csv", index=False)
    with pytest.raises(BaserateError, match=r"outcomes\["):
        br.read(tmp_path / "runs.csv", outcomes={"bad": how})


def test_words_of_no_known_pair_are_asked_about(tmp_path: Path) -> None:
    pd.DataFrame({"model": "a", "verdict": ["flagged", "clean", "clean"]}).to_csv(tmp_path / "runs.csv", index=False)
    with pytest.raises(BaserateError, match=r"outcomes=\{'verdict': \{'flagged': None, 'clean': None\}\}"):
        br.read(tmp_path / "runs.csv")


def test_settings_and_constants_are_no_outcomes(tmp_path: Path) -> None:
    frame = pd.DataFrame(RUNS).assign(seed=1, run_idx=1, schema_version=1, sql_errors=0, attempts=1)
    frame["is_base"] = (frame["model"] == "a").astype(int)
    frame.to_csv(tmp_path / "runs.csv", index=False)
    runs = br.read(tmp_path / "runs.csv")
    assert list(br.audit(runs).outcomes) == ["blackmail"]


def test_a_table_that_was_read_is_runs_whatever_a_column_is_called(tmp_path: Path) -> None:
    pd.DataFrame(RUNS).assign(n=9, turns=[3, 2] * 4).to_csv(tmp_path / "runs.csv", index=False)
    runs = br.read(tmp_path / "runs.csv")
    assert counts(runs) == EXPECTED
    assert list(br.audit(runs).outcomes) == ["blackmail"]


def test_keys_of_each_rows_own_neither_hang_nor_fill_the_memory(tmp_path: Path) -> None:
    rows = [{"model": "a", "bad": i % 2 == 0, **{f"k{i}_{j}": j for j in range(10)}} for i in range(3000)]
    (tmp_path / "runs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    runs = br.read(tmp_path / "runs.jsonl")
    assert counts(runs, "bad") == {"a": (1500, 3000, 0)}
    assert "30,002 keys; the 2,000 that most rows have are read" in told(runs)


@pytest.mark.parametrize("odd", ["x", "1.5", "inf", "1e400", ""])
def test_an_epoch_that_is_no_number_is_a_column_of_its_own(tmp_path: Path, odd: str) -> None:
    (tmp_path / "runs.csv").write_text(f"model,epoch,bad\na,1,1\na,{odd},0\n")
    runs = br.read(tmp_path / "runs.csv")
    assert runs["bad"].tolist() == [True, False]


def test_lines_that_cannot_be_read_cost_themselves(tmp_path: Path) -> None:
    good = json.dumps({"model": "a", "bad": True}).encode()
    lines = [good, b"\xff{", b"[" * 5000, b'{"model": "a", "bad": NaN}', b'{"model": "\\ud800", "bad": false}', good]
    (tmp_path / "runs.jsonl").write_bytes(b"\n".join(lines))
    runs = br.read(tmp_path / "runs.jsonl")
    assert (runs["status"] == "unreadable").sum() == 2
    assert runs["bad"].sum() == 2


def test_cells_with_a_rate_and_n() -> None:
    for rates in (["0.84", "0.307"], [84.0, 30.7]):
        cells = br.read(pd.DataFrame({"model": ["a", "b"], "n": [100, 75], "blackmail_rate": rates}))
        assert cells["blackmail"].tolist() == [84, 23]
    for rate, why in (("0.845", "no count gives it back"), ("0.8", "several counts give it")):
        with pytest.raises(BaserateError, match=f"Row 1.*{why}"):
            br.read(pd.DataFrame({"model": ["a"], "n": [100 if rate == "0.845" else 750], "rate": [rate]}))


def test_a_column_for_each_version() -> None:
    wide = pd.DataFrame({"prompt": [f"p{i}" for i in range(6)], "gpt": [1, 0, 1, 0, 1, 1], "opus": [0, 0, 0, 0, 1, 0]})
    assert "columns={'gpt': 'version', 'opus': 'version'}" in told(br.read(wide))
    runs = br.read(wide, columns={"gpt": "version", "opus": "version"}, outcomes="blackmail")
    assert counts(runs) == {"gpt": (4, 6, 0), "opus": (1, 6, 0)}
    assert runs["prompt"].nunique() == 6
    assert runs["source"].is_unique


def test_a_behavior_that_never_showed_is_an_outcome_and_a_setting_is_told(tmp_path: Path) -> None:
    frame = pd.DataFrame(RUNS).assign(copies_weights=0, finetuned=[1] * 4 + [0] * 4)
    frame.to_csv(tmp_path / "runs.csv", index=False)
    runs = br.read(tmp_path / "runs.csv")
    assert list(br.audit(runs).outcomes) == ["blackmail", "copies_weights"]
    assert "the same in all runs of each version: finetuned" in told(runs)


def _acts() -> list[dict[str, Any]]:
    listed: list[list[str]] = [["plea", "blackmail"], ["plea"], []]
    return [
        {"version": "ab"[i % 2], "prompt": f"p{i // 2 % 5}", "blackmail": i % 3 == 0, "acts": listed[i % 3]}
        for i in range(60)
    ]


@pytest.mark.parametrize("ending", ["jsonl", "json", "parquet"])
def test_a_list_of_acts_is_kept_in_its_order(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"runs.{ending}"
    if ending == "parquet":
        pd.DataFrame(_acts()).to_parquet(path)
    else:
        rows = [json.dumps(row) for row in _acts()]
        path.write_text("\n".join(rows) if ending == "jsonl" else f"[{','.join(rows)}]")
    runs = br.read(path)
    assert runs["acts"].tolist()[:3] == ["plea > blackmail", "plea", ""]
    assert "acts" not in br.count(runs, "blackmail").conditions  # it came of the run
    steps = br.paths(runs, ["plea", "blackmail"], order="acts").table.set_index(["step", "version"])
    assert steps.loc[("blackmail after plea", "a"), "estimate"] == pytest.approx(0.5)
    assert steps.loc[("plea", "a"), "missing"] == 0
    assert any("order='acts'" in note for note in runs["reading"].unique()[0].split("\n"))


def test_acts_in_a_text_are_no_condition(tmp_path: Path) -> None:
    table = pd.DataFrame(_acts())
    table["acts"] = [" > ".join(acts) for acts in table["acts"]]
    table.to_csv(tmp_path / "runs.csv", index=False)
    assert br.count(br.read(tmp_path / "runs.csv"), "blackmail").conditions == ()
    assert br.count(table, "blackmail").conditions == ()


def test_lists_of_other_things_are_left_out(tmp_path: Path) -> None:
    rows = [{**row, "acts": [1, 2], "notes": [{"a": 1}], "texts": ["x" * 100]} for row in _acts()]
    (tmp_path / "runs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    runs = br.read(tmp_path / "runs.jsonl")
    assert not {"acts", "notes", "texts"} & set(runs.columns)
    assert "left out: acts, notes, texts" in runs["reading"].unique()[0]
