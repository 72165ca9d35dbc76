"""Each command through main(argv): what it shows, what it refuses, and its exit code."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import baserate as br
from baserate.checks import KINDS, read_policy
from baserate.cli import main
from baserate.cli.commands import COMMANDS as DONE
from baserate.cli.messages import tolerate_narrow_terminals
from baserate.cli.parser import COMMANDS
from baserate.readers import read

Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its exit code with what it wrote to stdout and stderr."""

    def ran(*argv: object) -> Ran:
        code = main([str(a) for a in argv])
        told = capsys.readouterr()
        return code, told.out, told.err

    return ran


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """84 of 100 against 70 of 100, over two threats and ten prompts, as a CSV with a user's own column of versions."""
    versions = {"new": 84, "old": 70}
    rows = [
        {
            "model": v,
            "threat": "none" if i % 2 else "replacement",
            "prompt": f"p{i % 10}",
            "epoch": i,
            "blackmail": i < k,
        }
        for v, k in versions.items()
        for i in range(100)
    ]
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def one_line(err: str) -> str:
    assert err.count("\n") == 1, err
    assert err.startswith("baserate: error: ")
    return err


def test_every_command_has_help_with_an_example(run: Run) -> None:
    assert set(COMMANDS) == set(DONE)
    for name, command in COMMANDS.items():
        code, out, err = run(name, "--help")
        assert (code, err) == (0, "")
        assert f"example:\n  baserate {name} " in out
        assert command.example in out


def test_the_policy_in_the_help_is_a_policy(run: Run, tmp_path: Path) -> None:
    told, kinds = run("check", "--help")[1].split("a policy:")[1].split("exit codes:")[0].split("kinds:")
    (tmp_path / "p.toml").write_text(told)
    assert {rule.kind for rule in read_policy(tmp_path / "p.toml").rules} <= set(KINDS)
    assert all(kind in kinds for kind in KINDS)


def test_version(run: Run) -> None:
    assert run("--version")[1].startswith("baserate ")


def test_rates(run: Run, runs: Path) -> None:
    code, out, err = run("rates", runs, "--outcome", "blackmail", "--column", "model=version", "--scope", "fixed")
    assert (code, err) == (0, "")
    assert "84.0%" in out
    assert max(map(len, out.splitlines())) <= 100


def test_rates_as_json(run: Run, runs: Path) -> None:
    options = ("--by", "version", "--by", "threat", "--where", "threat=none", "--level", "0.9", "--json")
    code, out, _ = run("rates", runs, "--outcome", "blackmail", "--column", "version=model", *options)
    told = json.loads(out, parse_constant=pytest.fail)
    assert code == 0
    assert told["level"] == 0.9
    assert [(row["version"], row["threat"], row["n"]) for row in told["rows"]] == [
        ("new", "none", 50),
        ("old", "none", 50),
    ]


def test_compare(run: Run, runs: Path) -> None:
    code, out, err = run("compare", runs, "--outcome", "blackmail", "--column", "model=version", "--baseline", "old")
    assert (code, err) == (0, "")
    assert "+14.0" in out
    assert max(map(len, out.splitlines())) <= 100


def test_fit_warns_of_separation_in_one_clean_line(run: Run, tmp_path: Path) -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n_total": [40, 40], "n_blackmail": [0, 20]})
    table.to_csv(tmp_path / "counts.csv", index=False)
    code, out, err = run("fit", tmp_path / "counts.csv", "blackmail ~ version")
    assert code == 0
    assert "Odds ratios" in out
    warned = [line for line in err.splitlines() if line.startswith("baserate: warning: ")]
    assert len(warned) == 1
    assert ".py" not in err


def test_fit_as_json(run: Run, runs: Path) -> None:
    code, out, _ = run("fit", runs, "blackmail ~ version + threat", "--column", "model=version", "--json")
    told = json.loads(out, parse_constant=pytest.fail)
    assert code == 0
    assert told["rows"][0]["term"] == "Intercept"
    assert told["odds_ratios"]


def test_audit(run: Run, runs: Path) -> None:
    code, out, err = run("audit", runs, "--column", "model=version", "--outcome", "blackmail")
    assert (code, err) == (0, "")
    assert "200 runs of 2 versions" in out
    assert max(map(len, out.splitlines())) <= 100
    told = json.loads(run("audit", runs, "--column", "model=version", "--json")[1])
    assert told["rows"][0]["runs"] == 100


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_what_read_writes_can_be_read_again(run: Run, runs: Path, tmp_path: Path, ending: str) -> None:
    output = tmp_path / "new" / f"runs{ending}"
    code, out, _ = run("read", runs, "--column", "model=version", "-o", output)
    assert code == 0
    assert "200 rows (200 ok)" in out
    once, again = read(runs, columns={"model": "version"}), read(output)
    for name in ("version", "prompt", "epoch", "status", "threat", "blackmail"):
        assert again[name].astype(str).tolist() == once[name].astype(str).tolist()


def test_read_as_json(run: Run, runs: Path, tmp_path: Path) -> None:
    told = json.loads(run("read", runs, "-o", tmp_path / "runs.csv", "--json")[1])
    assert told["rows"] == 200
    assert told["statuses"] == {"ok": 200}


def test_a_score_needs_a_cut(run: Run, tmp_path: Path) -> None:
    table = pd.DataFrame({"version": ["a"] * 6 + ["b"] * 6, "overtness": [1, 3, 5, 7, 8, 10] * 2, "prompt": "p"})
    table.to_csv(tmp_path / "scores.csv", index=False)
    command = ("rates", tmp_path / "scores.csv", "--outcome", "overtness", "--json")
    told = json.loads(run(*command, "--cut", "overtness=7")[1])
    assert [row["events"] for row in told["rows"]] == [3, 3]
    assert run(*command, "--cut", "overtness=high")[0] == 2


def test_report(run: Run, runs: Path, tmp_path: Path) -> None:
    command = ("report", runs, "--outcome", "blackmail", "--column", "model=version", "--baseline", "old")
    code, out, _ = run(*command, "-o", tmp_path / "out")
    assert code == 0
    assert "84.0%" in out
    assert (tmp_path / "out" / "report.html").stat().st_size > 1000
    assert list((tmp_path / "out" / "figures").glob("*.svg"))


POLICY = """
[data]
path = "{runs}"
version = "model"

[[check]]
name = "rare"
kind = "not_above_rate"
outcome = "blackmail"
rate = {rate}
where = {{version = "old"}}
{more}
"""


@pytest.mark.parametrize(
    ("rate", "more", "code"),
    [
        (0.9, "", 0),
        (0.5, "", 1),
        (0.72, "", 3),
        (0.72, 'on_inconclusive = "warn"', 0),
        (0.72, 'on_inconclusive = "fail"', 1),
        (72, "", 2),
        (0.72, 'on_inconclusiv = "fail"', 2),
    ],
)
def test_check(run: Run, runs: Path, tmp_path: Path, rate: float, more: str, code: int) -> None:
    policy = tmp_path / "baserate.toml"
    policy.write_text(POLICY.format(runs=runs, rate=rate, more=more))
    ended, out, err = run("check", policy)
    assert ended == code
    assert max(map(len, out.splitlines()), default=0) <= 100
    if code == 2:
        assert not out
        one_line(err)


def test_check_writes_for_ci(run: Run, runs: Path, tmp_path: Path) -> None:
    policy, junit, summary = tmp_path / "p.toml", tmp_path / "ci" / "junit.xml", tmp_path / "summary.md"
    policy.write_text(POLICY.format(runs=runs, rate=0.9, more=""))
    summary.write_text("before\n")
    code, out, _ = run("check", policy, "--junit", junit, "--markdown", summary, "--json")
    assert code == 0
    assert json.loads(out)["exit_code"] == 0
    assert junit.read_text().startswith("<?xml")
    assert summary.read_text().startswith("before\n### baserate check")
    assert "rare" in run("check", policy, "--json", tmp_path / "out.json")[1]
    assert json.loads((tmp_path / "out.json").read_text())["checks"][0]["verdict"] == "pass"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "required: COMMAND"),
        (("rtes",), "invalid choice: 'rtes'"),
        (("rates", "RUNS"), "required: --outcome"),
        (("rates", "RUNS", "--outcome", "blackmail", "--levl", "0.9"), "Did you mean '--level'?"),
        (("rates", "RUNS", "--outcome", "blackmail", "--level", "high"), "invalid float value"),
        (("rates", "RUNS", "--outcome", "blackmial"), "Did you mean 'blackmail'?"),
        (("rates", "RUNS", "--outcome", "blackmail", "--by", "thret"), "Did you mean 'threat'"),
        (("rates", "RUNS", "--outcome", "blackmail", "--level", "95"), "Did you mean 0.95?"),
        (("rates", "RUNS", "--outcome", "blackmail", "--method", "wilsn"), "Did you mean 'wilson'?"),
        (("rates", "RUNS", "--outcome", "blackmail", "--where", "threat"), "with = between them"),
        (("rates", "RUNS", "--outcome", "blackmail", "--where", "threat=nne"), "Did you mean 'none'?"),
        (("rates", "RUNS", "--outcome", "blackmail", "--where", "a=1", "--where", "a=2"), "names 'a' twice"),
        (("compare", "RUNS", "--outcome", "blackmail", "--margin", "5"), "Did you mean 0.05?"),
        (("compare", "RUNS", "--outcome", "blackmail", "--baseline", "older"), "Did you mean 'old'?"),
        (("fit", "RUNS", "blackmail ~ log(threat)"), "log"),
        (("audit", "nowhere"), "nowhere"),
        (("audit", "EMPTY"), ""),
        (("audit", "TRUNCATED"), ""),
        (("read", "RUNS", "-o", "runs.xlsx"), "must end in .parquet"),
        (("check", "nowhere.toml"), "nowhere.toml"),
        (("check", "TRUNCATED"), "not TOML"),
    ],
)
def test_what_is_refused_in_one_line(run: Run, runs: Path, tmp_path: Path, argv: Any, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "log.eval").write_bytes(b"PK\x03\x04\xff\xfe truncated")
    places = {"RUNS": runs, "EMPTY": tmp_path / "empty", "TRUNCATED": tmp_path / "log.eval"}
    given = [str(places.get(a, a)) for a in argv]
    if "RUNS" in argv:
        given += ["--column", "model=version"]
    code, out, err = run(*given)
    assert (code, out) == (2, "")
    assert message in one_line(err)


def test_a_folder_that_cannot_be_written(run: Run, runs: Path) -> None:
    code, _, err = run("read", runs, "-o", runs / "runs.csv")
    assert code == 2
    one_line(err)


def test_ctrl_c(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(DONE, "audit", interrupted)
    assert run("audit", "anything")[0] == 130


def test_a_bug_is_not_a_failed_check(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setitem(DONE, "check", broken)
    code, _, err = run("check", "p.toml")
    assert code == 2
    assert "ZeroDivisionError" in err


def test_help_does_not_wait_for_pandas() -> None:
    heavy = "import sys; from baserate.cli import main; main(['--help']); print(*sys.modules)"
    started = time.perf_counter()
    told = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout
    assert time.perf_counter() - started < 2  # 0.1 s on an idle machine
    assert not {"pandas", "numpy", "scipy", "matplotlib"} & set(told.split())


def test_a_narrow_terminal_gets_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    narrow = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    tolerate_narrow_terminals()
    print("84 – 70", file=narrow, flush=True)
    assert written.getvalue() == b"84 ? 70\n"


def test_a_reader_that_leaves_early_and_the_exit_code_of_a_process(runs: Path) -> None:
    call = f"{sys.executable} -c 'import sys; from baserate.cli import main; sys.exit(main())'"
    command = f"{call} audit {runs} --json | head -c 1; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in told.stderr
    assert told.stdout.startswith("{")
    refused = subprocess.run(["bash", "-c", f"{call} audit"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_how_conditions_are_weighed_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.csv"
    path.write_text("version,goal,n,k\na,x,100,10\na,y,50,40\nb,x,100,20\nb,y,50,45\n")

    def rate(*more: str) -> float:
        assert main(["rates", str(path), "--outcome", "k", "--json", *more]) == 0
        return float(json.loads(capsys.readouterr().out)["rows"][0]["estimate"])

    assert rate() == pytest.approx((2 * 0.1 + 0.8) / 3)
    assert rate("--mix", "balanced") == pytest.approx(0.45)
    assert rate("--mix", "x=0.9,y=0.1") == pytest.approx(0.17)
    assert rate("--conditions", "") == pytest.approx(50 / 150)
    assert main(["rates", str(path), "--outcome", "k", "--mix", "x=most,y=0"]) == 2
    assert "a weight must be a number" in capsys.readouterr().err
    assert main(["compare", str(path), "--outcome", "k", "--conditions", "gaol"]) == 2
    assert "Did you mean 'goal'" in capsys.readouterr().err
    for command in (["compare", "--outcome", "k"], ["report", "--outcome", "k", "-o", str(tmp_path)]):
        assert main([command[0], str(path), *command[1:], "--mix", "balanced", "--weights", "runs"]) == 0
    assert main(["fit", str(path), "k ~ version + goal", "--conditions", "goal", "--mix", "balanced"]) == 0


def test_models_given_acts_and_corrections_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs = str(Path(__file__).parents[1] / "data" / "example-logs")
    asked = (
        (
            ["fit", logs, "blackmail ~ version", "--random", "prompt:version", "--prior", "weak", "--explain"],
            "weakly informative",
        ),
        (["fit", logs, "blackmail ~ version", "--method", "wild", "--explain"], "wild score bootstrap over"),
        (
            ["rates", logs, "--outcome", "plea_before_blackmail", "--given", "blackmail"],
            "is asked of runs with blackmail",
        ),
        (["compare", logs, "--outcome", "blackmail", "--corrected", "ppi", "--explain"], "of corrected rates"),
    )
    for line, said in (*asked, (["audit", logs, "--detail", "findings"], "They carry the same information")):
        assert main(line) == 0
        assert said in " ".join(capsys.readouterr().out.split())


def test_plan_from_rates_and_from_a_pilot(run: Run, tmp_path: Path) -> None:
    code, out, err = run("plan", "--rates", "0.70", "0.84")
    assert (code, err) == (0, "")
    assert out.startswith(f"{br.runs_needed([0.7, 0.84]).table['runs'][0]} runs a version tell 70% from 84%")
    assert "25 prompts × 5" in run("plan", "--rates", ".7", ".84", "--epochs", "5", "--icc", "0.2")[1]
    assert run("plan", "--rates", ".7", ".84", "--prompts", "20", "--epochs", "5", "--icc", "0.2")[0] == 0
    br.simulate({"a": 0.3}, prompts=20, epochs=5, seed=1).to_csv(tmp_path / "pilot.csv", index=False)
    code, out, _ = run("plan", tmp_path / "pilot.csv", "--outcome", "blackmail", "--budget", "200", "--explain")
    assert code == 0
    assert "tell a version's rate of 'blackmail' best" in " ".join(out.split())
    assert run("plan")[0] == 2
    assert "needs --outcome" in run("plan", tmp_path / "pilot.csv")[2]


@pytest.mark.parametrize("kind", ["rates", "differences", "odds-ratios"])
def test_plot_writes_one_figure(run: Run, tmp_path: Path, kind: str) -> None:
    br.simulate({"old": 0.3, "new": 0.6}, prompts=20, epochs=5, seed=1).to_csv(tmp_path / "runs.csv", index=False)
    figure = tmp_path / "out" / "figure.svg"
    words = ("--title", "My own title", "--label", "new=The new one", "--palette", "colorblind", "--quiet")
    code, out, err = run("plot", tmp_path / "runs.csv", "--outcome", "blackmail", "--kind", kind, "-o", figure, *words)
    assert (code, err) == (0, "")
    assert out == f"Written: {figure}\n"
    assert figure.stat().st_size > 1000
    code, _, err = run("plot", tmp_path / "runs.csv", "--outcome", "blackmail", "--kind", "rate", "-o", figure)
    assert code == 2
    assert "Did you mean 'rates'" in err


def test_every_reader_option_is_on_every_command_that_reads() -> None:
    from baserate.cli.completion import _options

    reader = {"--format", "--column", "--cut", "--outcomes", "--aliases", "--factors", "--cache", "--where", "--accept"}
    for name, listed in _options().items():
        if name not in ("check", "completion"):
            assert reader <= set(listed), name


def test_aliases_and_factors(run: Run, tmp_path: Path) -> None:
    br.simulate({"old": 0.3, "new": 0.6}, prompts=20, epochs=5, seed=1).to_csv(tmp_path / "runs.csv", index=False)
    out = run("rates", tmp_path / "runs.csv", "--outcome", "blackmail", "--aliases", "old=The old one")[1]
    assert "The old one" in out


def test_quiet_says_errors_only(run: Run, tmp_path: Path) -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n_total": [40, 40], "n_blackmail": [0, 20]})
    table.to_csv(tmp_path / "counts.csv", index=False)
    assert run("fit", tmp_path / "counts.csv", "blackmail ~ version", "--quiet")[2] == ""
    assert "error" in run("fit", tmp_path / "none.csv", "blackmail ~ version", "--quiet")[2]


@pytest.mark.parametrize(("shell", "said"), [("bash", "complete -o"), ("zsh", "bashcompinit"), ("fish", "-l outcome")])
def test_completion(run: Run, shell: str, said: str) -> None:
    code, out, _ = run("completion", shell)
    assert code == 0
    assert said in out
    if shell == "bash":
        asked = f"{out}\nCOMP_WORDS=(baserate rates --ou); COMP_CWORD=2; _baserate; echo ${{COMPREPLY[@]}}"
        done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["--outcome", "--outcomes"]
    assert run("completion", "tcsh")[0] == 2


def test_exit_codes_are_in_the_help(run: Run) -> None:
    assert "3 a check is inconclusive" in run("--help")[1]
