"""Hostile names, impossible numbers and huge designs: an answer, or a refusal in one line; never a crash or a hang."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.cli import main
from baserate.errors import BaserateError
from baserate.escape import one_line, printable, xml_text
from baserate.figures.provenance import Sources, without_place
from baserate.formula import parse_formula
from baserate.text import markdown_table

ESCAPE = "red\x1b[31m\x9b1m\x07"
NAMES = (  # two versions, an outcome and a factor
    (r"$\frac{$", "\u202eabc", "$x^2$", "a\rb\nc"),
    (ESCAPE, "\x00", "x" * 3000, "\uffff"),
    ("a\\|b", "x" * 3000, "<script>", "😀"),
)


def runs(first: str = "a", second: str = "b", outcome: str = "blackmail", factor: str = "goal") -> pd.DataFrame:
    """Make 60 runs of two versions on ten prompts, each with one goal."""
    rng = np.random.default_rng(0)
    rows = [
        (version, f"p{i}", epoch, f"{first} {i % 2}", bool(rng.random() < 0.5))
        for version in (first, second)
        for i in range(10)
        for epoch in range(3)
    ]
    return pd.DataFrame(rows, columns=["version", "prompt", "epoch", factor, outcome])


def policy(folder: Path, rule: str, table: pd.DataFrame | None = None) -> Path:
    """Write a policy of one rule with its runs beside it."""
    (runs() if table is None else table).to_parquet(folder / "runs.parquet")
    path = folder / "policy.toml"
    path.write_text(f'[data]\npath = "runs.parquet"\n[[check]]\n{rule}\n', encoding="utf-8")
    return path


RARE = 'kind = "not_above_rate"\noutcome = "blackmail"\nrate = 0.9\n'
WORSE = 'kind = "not_worse_than"\noutcome = "blackmail"\nbaseline = "a"\ncandidate = "b"\n'


@pytest.mark.parametrize("names", NAMES, ids=lambda names: ascii(names[0])[:20])
def test_figures_and_pages_show_any_name_as_it_is(names: tuple[str, str, str, str], tmp_path: Path) -> None:
    made = br.report(runs(*names), names[2], to=tmp_path / "page.html", figures=tmp_path / "figures")
    assert made.files
    for path in made.files:
        if path.suffix == ".svg":
            ElementTree.parse(path)
    page = made.path.read_text(encoding="utf-8")
    assert "<script>" not in page
    assert page == xml_text(page)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", str(made))


def test_dollars_are_no_mathematics() -> None:
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    table = runs("$x^2$", outcome="$y$", factor="$z$")
    figure, axes = plt.subplots(1, 3)
    br.plot.rates(br.rates(table, "$y$"), ax=axes[0])
    br.plot.forest(br.compare(table, "$y$"), ax=axes[1])
    br.plot.heatmap(br.rates(table, "$y$", by=["version", "$z$"]), ax=axes[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of three plots in a small figure
        figure.canvas.draw()
    drawn = [text for ax in axes for text in ax.findobj(Text) if text.get_visible() and "$" in text.get_text()]
    assert drawn
    assert not any(text.get_parse_math() for text in drawn)
    plt.close(figure)


def test_axes_that_are_none() -> None:
    with pytest.raises(BaserateError, match="ax must be Axes of matplotlib; got 5"):
        br.plot.rates(br.rates(runs(), "blackmail"), ax=5)  # type: ignore[arg-type]


def test_nothing_in_a_name_reaches_the_terminal_raw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = runs(ESCAPE)
    answers = [br.rates(table, "blackmail"), br.compare(table, "blackmail"), br.audit(table)]
    model = br.fit(table, "blackmail ~ version")
    answers += [model, model.rates("version"), model.contrasts("version"), model.odds_ratios()]
    answers.append(br.check(policy(tmp_path, f"name = 'x'\n{RARE}".replace("'x'", '"x\\u001b[31m"'), table)))
    for answer in answers:
        assert "\\x1b[31m" in str(answer)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", str(answer))
    assert main(["rates", str(tmp_path / "runs.parquet"), "--outcome", ESCAPE]) == 2
    said = capsys.readouterr()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said.out + said.err)
    assert printable("tab\tand\nline") == "tab\tand\nline"


def test_markdown_keeps_its_lines_and_cells(tmp_path: Path) -> None:
    assert one_line("a\r\nb\x0bc\u2028d") == "a b c d"
    cells = markdown_table(pd.DataFrame({"x": ["a\r# b", "c\\|d"]})).split("\n")[2:]
    assert cells == ["| a # b |", "| c\\\\\\|d |"]
    checked = br.check(policy(tmp_path, f'name = "one\\n# two\\r# three"\n{RARE}'))
    for text in (checked.to_markdown(), br.rates(runs("a\n# b"), "blackmail").to_markdown()):
        assert not [line for line in re.split(r"[\r\n]", text) if line.startswith("# ")]
    assert not [line for line in br.audit(runs("a\n# b")).to_markdown().splitlines() if line.startswith("# ")]


def test_the_place_of_the_logs_is_no_part_of_a_name() -> None:
    logs = Sources(pd.DataFrame({"log": ["a.eval", "b.eval", "c"]}), place="/openai/")
    text = "openrouter/openai/gpt-4o in /openai/a.eval, '/openai/b.eval' (/openai/c)"
    assert without_place(text, logs) == "openrouter/openai/gpt-4o in a.eval, 'b.eval' (c)"


@pytest.mark.parametrize("column", ["blackmail", "blackmail_score", "blackmail_logged", "blackmail_cut"])
def test_runs_are_not_chosen_by_their_verdict(column: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = policy(tmp_path, f"{RARE}where = {{{column} = false}}", runs().assign(**{column: False}))
    with pytest.raises(BaserateError, match=rf"check 1: where names .*'{column}'.*known before the verdict"):
        br.check(path)
    table = str(tmp_path / "runs.parquet")
    assert main(["rates", table, "--outcome", "blackmail", "--where", f"{column}=False"]) == 2
    assert "known before the verdict" in capsys.readouterr().err


@pytest.mark.parametrize("alpha", ["0.49999999999999994", "1e-300", "1e-17", "nan", "0", "0.5"])
def test_alphas_that_leave_no_level(alpha: str, tmp_path: Path) -> None:
    for rule in (RARE, WORSE + "margin = 0.1\n"):
        with pytest.raises(BaserateError, match=r"alpha must (lie between 0 and 0\.5|be a number)"):
            br.check(policy(tmp_path, f"{rule}alpha = {alpha}"))


@pytest.mark.parametrize("key", ["alpha", "rate", "where", "looks"])
def test_integers_of_five_thousand_digits(key: str, tmp_path: Path) -> None:
    value = "9" * 5000
    rule = {"where": f"{RARE}where = {{version = {value}}}", "looks": f"{RARE}looks = [{value}]"}
    text = rule.get(key, RARE.replace("rate = 0.9", "") + f"{key} = {value}")
    with pytest.raises(BaserateError, match="is not TOML"):
        br.check(policy(tmp_path, text))


def test_policies_nested_deep(tmp_path: Path) -> None:
    with pytest.raises(BaserateError, match="nests lists or tables too deep"):
        br.check(policy(tmp_path, "x = " + "[" * 5000 + "]" * 5000))


@pytest.mark.parametrize("margin", ["1e-300", "5e-324", "0", "1"])
def test_margins_next_to_the_difference(margin: str, tmp_path: Path) -> None:
    even = runs().assign(blackmail=[i % 3 == 0 for i in range(60)])
    assert br.check(policy(tmp_path, f"{WORSE}margin = {margin}", even)).exit_code in (0, 3)


@pytest.mark.parametrize("level", [1e-300, 5e-324, 1e-10, 0.0, 1.0, float("nan")])
def test_levels_that_make_a_point(level: float) -> None:
    asks = (br.rates, br.compare, lambda table, outcome, level: br.fit(table, f"{outcome} ~ version", level=level))
    for ask in asks:
        with pytest.raises(BaserateError, match="level must lie between 0 and 1"):
            ask(runs(), "blackmail", level=level)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_covariates(value: float) -> None:
    table = runs().assign(temperature=np.linspace(0, 1, 60))
    table.loc[3, "temperature"] = value
    with pytest.raises(BaserateError, match="'temperature' holds infinite values"):
        br.fit(table, "blackmail ~ version + temperature")


def test_formulas_that_multiply() -> None:
    assert parse_formula("y ~ " + "*".join(["version"] * 500)).terms == (("version",),)
    assert parse_formula("y ~ a * b * a").terms == parse_formula("y ~ a * b").terms
    with pytest.raises(BaserateError, match=r"25 factors are crossed by '\*'.*add the rest with"):
        parse_formula("y ~ " + "*".join(f"c{i}" for i in range(25)))
    with pytest.raises(BaserateError) as refused:
        parse_formula("x" * 100_000)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "counts", [{"missing": [1e30, 0]}, {"missing": [np.inf, 0]}, {"n": [np.inf, 10]}, {"n": [2.0**60, 10]}]
)
def test_counts_that_no_integer_holds(counts: dict[str, list[float]]) -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n": [10, 10], "blackmail": [1, 2], "missing": [0, 0]} | counts)
    with pytest.raises(BaserateError, match=r"Counts must be whole numbers.*(inf|1e\+30|1\.15)"):
        br.rates(table, "blackmail")


def test_checks_do_not_speak_of_their_own_tables(tmp_path: Path) -> None:
    assert not [note for note in br.check(policy(tmp_path, RARE)).notes if "column 'events'" in note]


@pytest.mark.parametrize("option", ["--junit", "--markdown", "--json"])
def test_files_without_a_name(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(policy(tmp_path, RARE)), option, ""]) == 2
    assert f"{option} takes the name of a file" in capsys.readouterr().err


@pytest.mark.parametrize("to", ["/dev/null/page.html", "\x00.html", "x" * 5000, "."])
def test_pages_that_cannot_be_written(to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BaserateError, match="cannot be written"):
        br.report(runs(), "blackmail", to=to)
    if to != ".":
        with pytest.raises(BaserateError, match="cannot be written"):
            br.report(runs(), "blackmail", figures=to)


@pytest.mark.parametrize("shell", ["{} >&-", "{} --where version=$(printf '\\377')"])
def test_what_a_shell_can_do(shell: str, tmp_path: Path) -> None:
    runs().to_parquet(tmp_path / "runs.parquet")
    command = f"{sys.executable} -m baserate rates {tmp_path}/runs.parquet --outcome blackmail"
    done = subprocess.run(["sh", "-c", shell.format(command)], capture_output=True, check=False)
    assert done.returncode == (2 if "where" in shell else 0)
    assert b"Traceback" not in done.stderr


def test_many_levels_are_fitted_in_seconds() -> None:
    rng = np.random.default_rng(1)
    rows = [(f"v{v:03d}", f"p{i}", int(rng.random() < 0.5)) for v in range(80) for i in range(20) for _ in range(2)]
    begun = time.process_time()
    model = br.fit(pd.DataFrame(rows, columns=["version", "prompt", "blackmail"]), "blackmail ~ version")
    assert time.process_time() - begun < 15
    with pytest.raises(BaserateError, match="too few to test the 79 coefficients"):
        model.test("version")


def test_many_factors_are_audited_in_seconds() -> None:
    rng = np.random.default_rng(1)
    factors = {f"f{j}": rng.choice(["x", "y"], 500) for j in range(40)}
    prompts = [f"p{i % 50}" for i in range(500)]
    table = pd.DataFrame(
        {"version": rng.choice(["a", "b"], 500), "prompt": prompts, "blackmail": rng.random(500) < 0.5}
    )
    begun = time.process_time()
    assert br.audit(table.assign(**factors)).findings
    assert time.process_time() - begun < 12
