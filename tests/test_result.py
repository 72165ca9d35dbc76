"""Results show themselves: text within 100 columns, Markdown, HTML that is escaped, strict JSON."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import baserate as br
from baserate.latex import latex
from baserate.note import Note, coded, codes
from baserate.result import Shown
from baserate.text import interval, p_value, percent, text_table


@pytest.fixture
def result() -> br.Rates:
    return br.rates(pd.DataFrame({"version": ["<script>", "b|c"], "n": [10, 0], "k": [0, 0]}), "k")


def test_json_is_strict(result: br.Rates) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    read = json.loads(result.to_json(), parse_constant=refuse)
    assert read["rows"][1]["estimate"] is None
    assert read["method"] == "guarded wilson or nothing graded"


def test_html_is_escaped(result: br.Rates) -> None:
    assert "<script>" not in result._repr_html_()
    assert "&lt;script&gt;" in result._repr_html_()


def test_markdown_keeps_its_columns(result: br.Rates) -> None:
    lines = [line for line in result.to_markdown().splitlines() if line.startswith("|")]
    assert "b\\|c" in lines[3]
    assert len({line.replace("\\|", "").count("|") for line in lines[:4]}) == 1


def test_results_are_frozen_and_hand_out_copies(result: br.Rates) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.level = 0.9  # type: ignore[misc]  # wrong on purpose
    mine = result.to_frame()
    mine.loc[0, "n"] = 999
    assert result.table.loc[0, "n"] == 10


def test_explanations_name_method_level_and_scope(result: br.Rates) -> None:
    said = result.explain()
    assert all(word in said for word in ("wilson", "95%", "fixed"))


def test_a_wide_table_is_wrapped_between_words() -> None:
    frame = pd.DataFrame({"verdict": ["inconclusive"], "prose": ["word " * 60], "n": ["84"]})
    shown = text_table(frame, 60)
    assert max(map(len, shown.splitlines())) <= 60
    assert "inconclusive" in shown


@pytest.mark.parametrize(
    ("value", "text"), [(0.84, "84.0%"), (float("nan"), "–"), (float("inf"), "+∞"), (0, "0.0%"), (-1e-9, "0.0%")]
)
def test_percent(value: float, text: str) -> None:
    assert percent(value) == text


def test_intervals_and_p_values() -> None:
    assert interval(0.755797, 0.899047) == "[75.6, 89.9]"
    assert interval(float("-inf"), float("nan")) == "[−∞, –]"
    assert [p_value(v) for v in (0.0001, 0.019, 0.41, float("nan"))] == ["<0.001", "0.019", "0.41", "–"]


class TestNotes:
    def test_a_note_is_its_text_with_a_code(self) -> None:
        note = Note("no-events", "No event in a.")
        assert note == "No event in a."
        assert f"{note}" == json.loads(json.dumps(note)) == "No event in a."
        assert note.code == "no-events"

    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda note: pickle.loads(pickle.dumps(note))])
    def test_a_copy_keeps_the_code(self, copied: Callable[[Note], Note]) -> None:
        again = copied(Note("no-events", "No event in a."))
        assert (again, again.code) == ("No event in a.", "no-events")

    def test_codes_are_found_whatever_the_words(self, result: br.Rates) -> None:
        assert {"no-events", "no-graded-run"} <= codes(result.notes)
        assert coded("plain") == {"code": "", "text": "plain"}

    def test_codes_are_short_and_in_kebab_case(self, result: br.Rates) -> None:
        assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes(result.notes))


class TestCautions:
    @pytest.fixture
    def doubtful(self, result: br.Rates) -> br.Rates:
        return dataclasses.replace(result, cautions=(Note("other-grader", "a & b were graded by <others>."),))

    def test_they_come_before_the_notes(self, doubtful: br.Rates) -> None:
        for shown in (str(doubtful), doubtful.to_markdown(), doubtful._repr_html_(), doubtful.to_latex()):
            assert shown.index("Caution:") < shown.index("No event in")

    def test_they_are_escaped(self, doubtful: br.Rates) -> None:
        assert "a &amp; b were graded by &lt;others&gt;." in doubtful._repr_html_()
        assert r"a \& b were graded by \textless{}others\textgreater{}." in doubtful.to_latex()

    def test_json_has_code_and_text(self, doubtful: br.Rates) -> None:
        told = json.loads(doubtful.to_json())
        assert told["cautions"] == [{"code": "other-grader", "text": "a & b were graded by <others>."}]


class TestLatex:
    def test_a_table_with_the_rules_of_booktabs(self, result: br.Rates) -> None:
        lines = result.to_latex().splitlines()
        assert [line for line in lines if "rule" in line] == [r"\toprule", r"\midrule", r"\bottomrule"]
        rows = [line for line in lines if line.endswith(r"\\")]
        assert len(rows) == 1 + len(result.table)
        assert len({len(re.findall(r"(?<!\\)&", row)) for row in rows}) == 1
        assert lines[0] == r"\begin{table}"
        assert lines[-1] == r"\end{table}"

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("84.0%", r"84.0\%"),
            ("a_b & #1", r"a\_b \& \#1"),
            ("\\cmd{x}", r"\textbackslash{}cmd\{x\}"),
            ("[75.6, ∞]", r"{[}75.6, $\infty${]}"),
            ("two\nlines", "two lines"),
        ],
    )
    def test_escapes(self, text: str, written: str) -> None:
        assert latex(text) == written


class TestEveryResult:
    @pytest.fixture(params=["rates", "compare", "audit", "check", "power"])
    def any_result(self, request: pytest.FixtureRequest, tmp_path: Path) -> Shown:
        counts = pd.DataFrame({"version": ["old", "new"], "n": [100, 100], "blackmail": [70, 84]})
        if request.param == "check":
            counts.rename(columns={"blackmail": "n_blackmail"}).to_csv(tmp_path / "counts.csv", index=False)
            rule = '[[check]]\nname = "one"\nkind = "not_above_rate"\noutcome = "blackmail"\nrate = 0.9\n'
            (tmp_path / "policy.toml").write_text('[data]\npath = "counts.csv"\n' + rule)
            return br.check(tmp_path / "policy.toml")
        if request.param == "power":
            return br.power((0.84, 0.7), runs=40)
        made: Shown = getattr(br, request.param)(counts, "blackmail")
        return made

    def test_shows_itself_in_every_way(self, any_result: Shown) -> None:
        assert json.loads(any_result.to_json())["answer"] == any_result.answer
        assert any_result.explain().startswith(any_result.answer)
        assert any_result.to_latex().count("tabular") == 2
        assert any_result.to_markdown().count("| ---") >= 1
        assert "<table" in any_result._repr_html_()
        assert max(map(len, repr(any_result).splitlines())) <= 100
        assert isinstance(any_result.notes, tuple)
        assert isinstance(any_result.cautions, tuple)

    def test_its_table_cannot_be_changed_through_the_back(self, any_result: Shown) -> None:
        before = any_result.to_frame()
        for mine in (any_result.table, any_result.to_frame()):
            mine["more"] = 1
            mine.loc[mine.index[0], mine.columns[0]] = mine.iloc[-1, 0]
        pd.testing.assert_frame_equal(any_result.table, before)

    def test_it_pickles(self, any_result: Shown) -> None:
        again = pickle.loads(pickle.dumps(any_result))
        pd.testing.assert_frame_equal(again.table, any_result.table)
        assert str(again) == str(any_result)


def test_what_a_result_was_made_from_stays_apart_from_it(result: br.Rates) -> None:
    mine = result.to_frame()
    made = dataclasses.replace(result, table=mine)
    mine.loc[0, "n"] = 999
    assert made.table.loc[0, "n"] == 10


def test_the_sections_of_an_audit_are_its_own() -> None:
    audited = br.audit(br.simulate({"a": 0.2, "b": 0.8}, prompts=3))
    mine = audited.sections
    mine["outcomes"]["more"] = 1
    mine.clear()
    assert "more" not in audited.sections["outcomes"]
