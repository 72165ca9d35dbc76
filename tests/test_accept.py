"""Runs that were stopped, but graded: which verdicts count, what the others would change, and where it is said."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import baserate as br
from baserate.acceptance import TOLD, statuses
from baserate.checks import check
from baserate.cli import main
from baserate.errors import BaserateError
from baserate.note import code_of
from baserate.runs import STATUSES, factors, looks_like_factor, outcomes
from baserate.stopped import _DONE, CODE

Table = Callable[[pd.DataFrame], Any]

A = (
    "10 runs of version a were stopped by a limit and graded all the same: done is 5/5 without them, 10/15 with them; "
    "accept=('ok', 'limit') counts them."
)


def in_duckdb(table: pd.DataFrame) -> Any:
    runs = table.astype({"status": object, "version": object})  # noqa: F841  # DuckDB finds it by its name
    return duckdb.sql("select * from runs")


ENGINES: dict[str, Table] = {
    "pandas": lambda table: table,
    "polars": pl.from_pandas,
    "lazy polars": lambda table: pl.from_pandas(table).lazy(),
    "polars categories": lambda table: pl.from_pandas(table.astype({"status": "category", "version": "category"})),
    "duckdb": in_duckdb,
}


def runs_of(*parts: tuple[str, str, list[int], list[int]]) -> pd.DataFrame:
    """Make runs: a version, a status, verdicts that count, and verdicts that were logged only."""
    rows = [
        {"version": version, "status": status, "done": count, "done_logged": left}
        for version, status, counted, logged in parts
        for count, left in [*((k, None) for k in counted), *((None, k) for k in logged)]
    ]
    table = pd.DataFrame(rows).assign(run_id=lambda t: t.index.astype(str))
    table["prompt"] = "p" + (table.index % 3).astype(str)
    table["epoch"] = table.groupby(["version", "prompt"]).cumcount() + 1
    return table.assign(source="log").astype({"done": "boolean", "done_logged": "boolean"})


@pytest.fixture
def stopped() -> pd.DataFrame:
    return runs_of(
        ("a", "ok", [1] * 5, []),
        ("a", "limit", [], [1] * 5 + [0] * 5),
        ("b", "ok", [1, 0, 1, 0, 1, 0], []),
        ("c", "error", [], []),
    )


def taken_in(table: pd.DataFrame) -> pd.DataFrame:
    """Make the table that counts limits: their verdicts are the outcome."""
    return table.assign(done=table["done"].fillna(table["done_logged"]))


def said(result: Any) -> tuple[list[str], list[str]]:
    """Pick the cautions and the notes on stopped runs."""
    cautions, notes = ([text for text in texts if code_of(text) == CODE] for texts in (result.cautions, result.notes))
    return cautions, notes


def test_a_logged_verdict_is_no_outcome_and_no_factor(stopped: pd.DataFrame) -> None:
    assert outcomes(stopped) == ["done"]
    text = stopped.assign(done_logged=stopped["done_logged"].astype(str))
    assert factors(text) == factors(stopped)
    assert not looks_like_factor(stopped["done_logged"].astype("category"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("accept", ["limit", ["limit"], ("ok", "limit")])
def test_every_engine_counts_what_is_accepted(stopped: pd.DataFrame, engine: str, accept: Any) -> None:
    table = ENGINES[engine](stopped)
    taken = br.count(table, "done", accept=accept)
    pd.testing.assert_frame_equal(taken.cells, br.count(taken_in(stopped), "done").cells)
    assert taken.cells["n"].sum() == 21
    assert br.count(table, "done").cells["n"].sum() == 11


@pytest.mark.parametrize("engine", ENGINES)
def test_both_rates_are_told_in_every_engine(stopped: pd.DataFrame, engine: str) -> None:
    table = ENGINES[engine](stopped)
    assert said(br.rates(table, "done")) == ([A], [])
    assert said(br.audit(table, "done")) == ([A], [])
    cautions, notes = said(br.rates(table, "done", accept="limit"))
    assert cautions == []
    assert notes == [
        "10 runs of version a were stopped by a limit and graded all the same, and count: "
        "done is 10/15 with them, 5/5 without them."
    ]


def test_numbers_as_outcomes_and_text_as_logged_verdicts_count_alike(stopped: pd.DataFrame) -> None:
    wanted = br.count(stopped, "done", accept="limit").cells
    numbers = stopped.astype({"done": "Int64", "done_logged": "float64"})
    text = stopped.assign(done_logged=stopped["done_logged"].astype(object).map(str, na_action="ignore"))
    for table in (numbers, text):
        for engine in ENGINES.values():
            pd.testing.assert_frame_equal(br.count(engine(table), "done", accept="limit").cells, wanted)


def test_rates_compare_and_fit_agree(stopped: pd.DataFrame) -> None:
    accept, taken = ("ok", "limit"), taken_in(stopped)
    rates = br.rates(stopped, "done", accept=accept).table.set_index("version")
    assert (rates.loc["a", "events"], rates.loc["a", "n"]) == (10, 15)
    pd.testing.assert_frame_equal(rates.reset_index(), br.rates(taken, "done").table)
    compared = br.compare(stopped, "done", baseline="b", accept=accept)
    assert compared.table.loc[0, ["events_candidate", "n_candidate"]].tolist() == [10, 15]
    pd.testing.assert_frame_equal(compared.table, br.compare(taken, "done", baseline="b").table)
    fitted = br.fit(stopped, "done ~ version", accept=accept)
    pd.testing.assert_frame_equal(fitted.table, br.fit(taken, "done ~ version").table)
    for result in (compared, fitted):
        assert said(result)[0] == []
        assert "10/15 with them, 5/5 without them" in said(result)[1][0]


@pytest.mark.filterwarnings("ignore::baserate.errors.DesignWarning")
def test_every_result_tells_of_stopped_runs(stopped: pd.DataFrame, tmp_path: Path) -> None:
    report = br.report(stopped, "done", to=tmp_path / "report.html")
    results = [
        br.rates(stopped, "done"),
        br.compare(stopped, "done"),
        br.fit(stopped, "done ~ version"),
        br.fit(stopped, "done ~ version").odds_ratios(),
        br.audit(stopped),
        br.plan(stopped, "done"),
        report.answers.rates,
        report.answers.comparison,
        report.audit,
    ]
    for result in results:
        assert said(result)[0] == [A], type(result)
    assert "10/15 with them" in report.path.read_text(encoding="utf-8")
    taken = br.report(stopped, "done", to=tmp_path / "report.html", accept="limit")
    assert taken.answers.rates.table.loc[0, "n"] == 15
    assert said(taken.answers.rates)[0] == said(taken.audit)[0] == []
    assert br.plan(stopped, "done", accept="limit").cautions == ()


def test_the_audit_counts_accepted_runs_as_graded(stopped: pd.DataFrame) -> None:
    assert "11 of them graded" in br.audit(stopped).explain()
    taken = br.audit(stopped, accept="limit")
    assert "21 of them graded" in taken.explain()
    assert taken.sections["outcomes"]["missing"].sum() == 0
    assert not any("without a verdict" in finding.what for finding in taken.findings)


def test_the_audit_gives_reasons_of_runs_without_a_verdict_only() -> None:
    table = runs_of(("a", "ok", [1, 0], []), ("a", "limit", [], [1, 0]), ("a", "error", [], [1]))
    (found,) = (f.found for f in br.audit(table, accept="limit").findings if "without a verdict" in f.what)
    assert found == "a 20.0% (1 of 5: 1 error)."


def test_the_group_of_the_question_is_told(stopped: pd.DataFrame) -> None:
    table = stopped.assign(threat=pd.Categorical(["none", "some"] * 10 + ["none"]))
    grouped = said(br.rates(table, "done", by=["version", "threat"]))[0][0]
    assert "5 runs of a / none were stopped" in grouped
    assert grouped.startswith("5 runs of a / ")
    assert said(br.rates(stopped, "done", by=None))[0][0].startswith("10 runs were stopped by a limit")
    assert "of threat " in said(br.compare(table, "done", across="threat"))[0][0]
    no_version = stopped[stopped["version"] == "a"].drop(columns="version")
    assert said(br.rates(no_version, "done"))[0][0].startswith("10 runs were stopped by a limit")


def test_of_many_versions_the_one_that_changes_most_is_named() -> None:
    parts: list[tuple[str, str, list[int], list[int]]] = [(f"v{i}", "ok", [1] * 10, []) for i in range(5)]
    parts += [(f"v{i}", "limit", [], [0] * (i + 1)) for i in range(5)]
    (caution,) = said(br.rates(runs_of(*parts), "done"))[0]
    assert caution == (
        "5 runs of version v4 were stopped by a limit and graded all the same: done is 10/10 without them, 10/15 with "
        "them; so too 10 runs of 4 more versions; accept=('ok', 'limit') counts them."
    )
    (few,) = said(br.rates(runs_of(*parts[:2], *parts[5:7]), "done"))[0]
    assert "10/12 with them; so too 1 run of version v0 (10/10, 10/11); accept" in few


def test_each_status_is_told_in_its_own_words() -> None:
    for status in ("limit", "content_filter", "error", "empty", "refusal"):
        table = runs_of(("a", "ok", [1, 0], []), ("a", status, [], [1]))
        (caution,) = said(br.rates(table, "done"))[0]
        words = _DONE[status].format(were="was")
        assert caution == (
            f"1 run of version a {words}: done is 1/2 without it, 2/3 with it; accept=('ok', '{status}') counts it."
        )
        assert br.rates(table, "done", accept=status).table.loc[0, "n"] == 3
    assert set(_DONE) == set(TOLD) <= set(STATUSES)


def test_what_counts_already_stays_in_the_advice() -> None:
    table = runs_of(("a", "ok", [1, 0], []), ("a", "limit", [1], []), ("a", "error", [], [0, 0]))
    cautions, notes = said(br.rates(table, "done"))
    assert "accept=('ok', 'limit', 'error') counts them" in cautions[0]
    assert "2/3 with it, 1/2 without it" in notes[0]
    assert br.rates(table, "done").table.loc[0, "n"] == 3, "what the outcome holds counts, whatever the status"


@pytest.mark.parametrize(
    "parts",
    [
        [("a", "ok", [1, 0], [])],
        [("a", "ok", [1, 0], []), ("a", "limit", [], [])],
        [("a", "ok", [1, 0], []), ("a", "invalidated", [], [1, 1])],
    ],
)
def test_no_caution_where_there_is_nothing_to_change(parts: list[tuple[str, str, list[int], list[int]]]) -> None:
    assert said(br.rates(runs_of(*parts), "done")) == ([], [])


def test_runs_that_change_no_rate_are_a_note() -> None:
    cautions, notes = said(br.rates(runs_of(("a", "ok", [1] * 5, []), ("a", "limit", [], [1] * 10)), "done"))
    assert cautions == []
    assert "5/5 without them, 15/15 with them; accept=('ok', 'limit') counts them" in notes[0]


def test_a_rate_of_prompts_may_change_where_the_raw_one_does_not() -> None:
    table = runs_of(("a", "ok", [1, 0], []), ("a", "limit", [], [1, 0]))
    assert said(br.rates(table.assign(prompt=["p", "q", "q", "p"]), "done"))[0]
    assert not said(br.rates(table.assign(prompt=["p", "q", "p", "q"]), "done"))[0]


def test_a_group_with_no_other_verdict_is_told() -> None:
    (caution,) = said(br.rates(runs_of(("a", "ok", [1], []), ("b", "limit", [], [1, 1])), "done"))[0]
    assert "done is 0/0 without them, 2/2 with them" in caution


def test_counts_keep_the_stopped_runs(stopped: pd.DataFrame) -> None:
    counts = br.count(stopped, "done")
    for kept in (counts, pickle.loads(pickle.dumps(counts)), counts.where(counts.cells["version"] == "a")):
        assert said(br.rates(kept, "done"))[0] == [A]
        late = br.count(kept, "done", accept="limit")
        now = br.count(stopped, "done", accept="limit")
        version = late.cells["version"].astype(str) == "a"
        pd.testing.assert_frame_equal(
            late.where(version).cells.astype({"version": str}),
            now.where(now.cells["version"] == "a").cells.astype({"version": str}),
        )
        assert "10/15 with them, 5/5 without them" in said(br.rates(late, "done"))[1][0]
    assert said(br.rates(counts.where(counts.cells["version"] == "b"), "done")) == ([], [])
    last = br.count(runs_of(("a", "ok", [1, 0], []), ("b", "ok", [1], []), ("b", "limit", [], [0])), "done")
    told = said(br.rates(last.where(last.cells["version"] == "b"), "done"))[0]
    assert "1 run of version b was stopped" in told[0]
    assert "1/1 without it, 1/2 with it" in told[0]
    handed_out = counts.stopped
    handed_out["n"] = 0
    assert counts.stopped["n"].sum() == 10


@pytest.mark.parametrize("ask", [br.count, br.rates, br.compare, br.audit, br.plan, br.report])
def test_an_unknown_status_is_refused(stopped: pd.DataFrame, ask: Any) -> None:
    for table in (stopped, br.count(stopped, "done")):
        with pytest.raises(BaserateError, match=r"no status 'limt'\. Did you mean 'limit'"):
            ask(table, "done", accept=("ok", "limt"))
    with pytest.raises(BaserateError, match="no status 'limt'"):
        br.fit(stopped, "done ~ version", accept="limt")


def test_what_accept_takes() -> None:
    assert statuses("limit") == statuses(["ok", "limit"]) == ("ok", "limit")
    assert statuses(()) == ("ok",)
    with pytest.raises(BaserateError, match="accept takes statuses"):
        statuses(3)  # type: ignore[arg-type]


def test_counts_of_runs_cannot_accept(stopped: pd.DataFrame) -> None:
    table = pd.DataFrame({"version": ["a"], "n": [10], "done": [3]})
    for counts in (table, br.count(table, "done")):
        with pytest.raises(BaserateError, match="does not tell which runs ended as 'limit'"):
            br.rates(counts, "done", accept="limit")


@pytest.fixture
def parquet(stopped: pd.DataFrame, tmp_path: Path) -> Path:
    stopped.to_parquet(tmp_path / "runs.parquet")
    return tmp_path / "runs.parquet"


COMMANDS = {
    "rates": ["--outcome", "done"],
    "compare": ["--outcome", "done"],
    "fit": ["done ~ version"],
    "audit": ["--outcome", "done"],
}


@pytest.mark.filterwarnings("ignore::baserate.errors.DesignWarning")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_accepts_in_its_own_words(
    parquet: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    asked = [command, str(parquet), *COMMANDS[command], "--json"]
    assert main(asked) == 0
    cautions = [c["text"] for c in json.loads(capsys.readouterr().out)["cautions"] if c["code"] == CODE]
    assert cautions == [A.replace("accept=('ok', 'limit')", "--accept limit")]
    for accept in (["--accept", "limit"], ["--accept", "error", "--accept", "limit"], ["--accept", "ok,limit"]):
        assert main([*asked, *accept]) == 0
        told = json.loads(capsys.readouterr().out)
        assert CODE not in [c["code"] for c in told["cautions"]]
        assert "10/15 with them, 5/5 without them" in json.dumps(told)
    assert said(br.rates(pd.read_parquet(parquet), "done"))[0] == [A], "a call is worded as a call again"


def test_the_command_line_refuses_an_unknown_status(parquet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rates", str(parquet), "--outcome", "done", "--accept", "limt"]) == 2
    assert "no status 'limt'. Did you mean 'limit'" in capsys.readouterr().err


def test_reading_and_reporting_accept_too(parquet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(parquet), "--outcome", "done", "-o", str(tmp_path), "--accept", "limit"]) == 0
    assert "10/15" in capsys.readouterr().out
    table = tmp_path / "runs.csv"
    pd.DataFrame({"version": "a", "status": ["ok", "limit"], "done": [True, False]}).to_csv(table, index=False)
    for accept, graded in (([], 1), (["--accept", "limit"], 2)):
        assert main(["read", str(table), "-o", str(tmp_path / "read.parquet"), *accept]) == 0
        assert pd.read_parquet(tmp_path / "read.parquet")["done"].notna().sum() == graded


def policy(
    folder: Path, rule: str = "", data: str = "", kind: str = "not_above_rate", limits: str = "rate = 0.8"
) -> Path:
    path = folder / "policy.toml"
    path.write_text(
        f'[data]\npath = "runs.parquet"\n{data}\n'
        f'[[check]]\nname = "rare"\nkind = "{kind}"\noutcome = "done"\n{limits}\nscope = "fixed"\n{rule}\n',
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("not_above_rate", "rate = 0.8"),
        ("not_worse_than", 'baseline = "b"\ncandidate = "a"\nmargin = 0.1'),
        ("no_more_ungraded_than", "share = 0.5"),
    ],
)
def test_a_policy_accepts_by_rule(parquet: Path, kind: str, limits: str) -> None:
    folder = parquet.parent
    (caution,) = said(check(policy(folder, kind=kind, limits=limits)))[0]
    assert caution == "rare: " + A.replace("accept=('ok', 'limit')", 'accept = ["ok", "limit"]')
    for accept in ('accept = "limit"', 'accept = ["ok", "limit"]'):
        checks = check(policy(folder, accept, kind=kind, limits=limits))
        assert said(checks)[0] == []
        assert "10/15 with them, 5/5 without them" in said(checks)[1][0]
    if kind == "no_more_ungraded_than":
        assert checks.checked[0].judged.missing == 0


def test_a_policy_accepts_for_all_rules_in_its_data(tmp_path: Path) -> None:
    rows = {"version": "a", "status": ["ok"] * 5 + ["limit"] * 10, "done": [True] * 10 + [False] * 5}
    pd.DataFrame(rows).to_parquet(tmp_path / "runs.parquet")
    assert check(policy(tmp_path)).checked[0].judged.n == 5
    for accept in ('accept = "limit"', 'accept = ["ok", "limit"]'):
        assert check(policy(tmp_path, data=accept)).checked[0].judged.n == 15
    for wrong in ({"data": 'accept = "limt"'}, {"rule": 'accept = ["limt"]'}):
        with pytest.raises(BaserateError, match=r"no status 'limt'\. Did you mean 'limit'"):
            check(policy(tmp_path, **wrong))
