"""The answer comes first, in a plain sentence; what it depends on next; how it was computed last."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.escape import terminal_width
from baserate.model.answers import term_in_words
from baserate.note import Note, brief
from baserate.text import ratio

COUNTS = pd.DataFrame({"version": ["old", "new"], "n": [100, 100], "blackmail": [70, 84]})


def runs(seed: int = 3) -> pd.DataFrame:
    return br.simulate({"old": 0.3, "new": 0.6}, prompts=20, epochs=5, seed=seed)


def test_one_rate_is_a_sentence() -> None:
    answer = br.rates(COUNTS.iloc[1:], "blackmail").answer
    assert answer == "The rate of blackmail in new is 84.0% [75.6, 89.9] (84/100)."


def test_several_rates_name_the_ends_and_send_to_compare() -> None:
    answer = br.rates(COUNTS, "blackmail").answer
    assert "from 70.0% [60.4, 78.1] (70/100) in old to 84.0%" in answer
    assert "compare()" in answer


def test_nothing_graded_is_said() -> None:
    lacking = pd.DataFrame({"version": ["a"], "n": [0], "blackmail": [0]})
    assert br.rates(lacking, "blackmail").answer == "The rate of blackmail is not known: no run was graded."


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ("difference", "+14.0 [2.3, 25.5] points, p = 0.019."),
        ("ratio", "a ratio of 1.20 [1.03, 1.42], p = 0.019."),
        ("odds-ratio", "an odds ratio of 2.25 [1.14, 4.44], p = 0.019."),
    ],
)
def test_a_comparison_is_a_sentence_in_the_words_of_its_effect(effect: str, said: str) -> None:
    answer = br.compare(COUNTS, "blackmail", baseline="old", effect=effect).answer
    assert answer.startswith("new shows blackmail more often than old: 84.0% (84/100) against 70.0% (70/100), ")
    assert answer.endswith(said)


def test_several_comparisons_are_counted_and_the_clearest_is_told() -> None:
    three = pd.DataFrame({"version": ["a", "b", "c"], "n": [100] * 3, "blackmail": [20, 22, 80]})
    answer = br.compare(three, "blackmail", baseline="a").answer
    assert answer.startswith("2 comparisons: 1 inconclusive, 1 higher; clearest: c shows blackmail more often than a")


def test_an_equivalence_says_its_margin() -> None:
    same = pd.DataFrame({"version": ["old", "new"], "n": [4000, 4000], "blackmail": [2000, 2000]})
    answer = br.compare(same, "blackmail", baseline="old", margin=0.05).answer
    assert answer.startswith("new and old differ by less than 5 points in blackmail:")


def test_models_speak_of_levels_in_words() -> None:
    model = br.fit(runs(), "blackmail ~ version")
    assert model.answer.startswith("Odds of blackmail, version new against old: ")
    assert "[T." not in str(model)
    assert "version[T.new]" in set(model.table["term"])
    difference = model.contrasts("version", baseline="old")
    assert difference.answer.startswith("Difference of blackmail, new against old: +")
    assert " points, p" in difference.answer
    assert model.rates("version").answer.startswith("The modelled rate of blackmail goes from ")
    assert model.diagnose().answer.startswith("The model of blackmail has no combination to spare for a test")
    crossed = br.fit(br.load_example("blackmail"), "blackmail ~ version + urgency").diagnose()
    p = crossed.dispersion["fit_p_value"].iloc[0]
    said = "fits" if p >= 0.05 else "does not fit"
    assert crossed.answer.startswith(f"The model of blackmail {said} (chi² test of fit p ")


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("Intercept", "Intercept"),
        ("version[T.mock-3]", "version mock-3"),
        ("goal_type[T.a:b]:version[T.x]", "goal type a:b × version x"),
        ("C(goal)[T.a]", "goal a"),
        ("temperature", "temperature"),
    ],
)
def test_terms_in_words(term: str, words: str) -> None:
    assert term_in_words(term) == words


def test_power_and_equivalents_are_sentences() -> None:
    planned = br.power([0.7, 0.84], runs=150)
    said = f"150 runs a version tell 70% from 84% with power {100 * planned.table['power'][0]:.1f}%."
    assert planned.answer == said


def test_order_of_what_is_shown() -> None:
    told = str(br.compare(runs(), "blackmail", baseline="old"))
    places = [
        told.index(text) for text in ("Simulated data", "new shows blackmail", "candidate", "How this was computed")
    ]
    assert places == sorted(places)
    assert told.count("Simulated") == 1
    markdown = br.compare(runs(), "blackmail", baseline="old").to_markdown()
    assert markdown.startswith("**new shows blackmail more often than old")


def test_explain_says_why_and_by_whom() -> None:
    told = br.compare(COUNTS, "blackmail", baseline="old").explain()
    assert "Miettinen and Nurminen's score interval (1985)" in told
    assert "Korn & Graubard 1998" in br.rates(runs(), "blackmail", scope="sampled").explain()


def test_a_brief_stands_beside_the_answer_and_the_whole_in_explain() -> None:
    some = runs()
    some["blackmail"] = some["blackmail"].astype("boolean")
    some.loc[:9, "blackmail"] = pd.NA
    result = br.rates(some, "blackmail")
    assert "see the bounds in the table" in " ".join(str(result).split())
    assert "take them all as no, or all as yes" in result.explain()
    assert brief([Note("a", "long text", "short"), Note("b", "other", "short")]) == ["short"]


def test_a_note_keeps_its_brief_when_pickled() -> None:
    import pickle

    note = pickle.loads(pickle.dumps(Note("a", "long", "short")))
    assert (note, note.code, note.brief) == ("long", "a", "short")


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        ((178.9, 61.5629, 519.3347), "179 [61.6, 519]"),
        ((1.273, 0.688, 2.314), "1.27 [0.69, 2.31]"),
        ((2.234, 0.0001, np.inf), "2.23 [1.0e−4, ∞]"),
    ],
)
def test_ratios_have_the_digits_that_their_size_allows(limits: tuple[float, float, float], shown: str) -> None:
    assert ratio(*limits) == shown


def test_a_pipe_is_100_wide_and_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert terminal_width() == 100
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "72")
    assert terminal_width() == 72
    assert max(map(len, str(br.rates(COUNTS, "blackmail")).splitlines())) <= 72


def test_the_table_is_written_unrounded(tmp_path: object) -> None:
    result = br.rates(COUNTS, "blackmail")
    assert "0.84," in str(result.to_csv())
    assert result.to_csv(f"{tmp_path}/rates.csv") is None


def test_an_audit_tells_one_fact_once() -> None:
    table = runs()
    table["copying"] = table["blackmail"]
    table["blackmail_grader"] = table["copying_grader"] = np.where(table["version"] == "old", "x/judge-1", "x/judge-2")
    audited = br.audit(table)
    shown = " ".join(str(audited).split())
    assert shown.count("x/judge-1") == 1
    assert "the grader of 2 outcomes differs between versions (blackmail, copying)" in shown


def test_answers_of_what_is_unusual() -> None:
    example = br.load_example("blackmail")
    assert br.rates(example, "blackmail", by=None).answer == "The rate of blackmail is 59.7% [56.5, 62.8] (916/1550)."
    several = br.rates(example, ["blackmail", "ethical_plea"]).answer
    assert several.startswith("Rates: blackmail 48.8% (mockllm/mock-1) to 68.7% (mockllm/mock-3); ethical plea 48.")
    assert br.rates(example, "blackmail", corrected="ppi").answer.startswith(
        "The corrected rate of blackmail goes from"
    )
    corrected = br.compare(example, "blackmail", corrected="ppi")
    assert "(judged 352/519)" in corrected.answer
    assert "(judged 352/519)" in " ".join(str(corrected).split())
    alone = br.fit(COUNTS, "blackmail ~ 1").answer
    assert alone.startswith("The modelled rate of blackmail is 77.0% [")
    apart = pd.DataFrame({"version": ["a", "b"], "n": [0, 10], "k": [0, 3], "missing": [5, 0]})
    assert "no graded runs to hold against each other" in br.compare(apart, "k").answer
