"""Each finding on a small table that has the defect, and on one that lacks it."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from baserate.audits import Audit, Finding, audit
from baserate.audits.design import blocks
from baserate.audits.reruns import homogeneity
from baserate.errors import BaserateError


def table(**changed: object) -> pd.DataFrame:
    """Make a crossed design without defects: 2 versions × 2 goals × 2 threats × 2 prompts × 6 epochs."""
    rows = product(["a", "b"], ["none", "explicit"], ["none", "replacement"], [1, 2], range(6))
    runs = pd.DataFrame(rows, columns=["version", "goal", "threat", "item", "epoch"])
    runs["prompt"] = runs["goal"] + runs["threat"] + runs.pop("item").astype(str)
    runs["run_id"] = [f"r{i}" for i in range(len(runs))]
    runs["source"], runs["status"] = "log.eval", "ok"
    runs["blackmail"] = pd.array(runs["epoch"] % 2 == 0, dtype="boolean")
    return runs.assign(**changed)


def named(audited: Audit, what: str) -> list[Finding]:
    return [f for f in audited.findings if what in f.what]


def test_a_sound_design_has_nothing_but_its_scope() -> None:
    audited = audit(table())
    assert [f.what for f in audited.findings] == ["scope sampled"]
    assert audited.table.to_dict("records") == [
        {"version": "a", "runs": 48, "ok": 48},
        {"version": "b", "runs": 48, "ok": 48},
    ]
    assert set(audited.sections) == {"design", "outcomes", "prompts", "levels"}


def test_unreadable_files_are_counted_and_named() -> None:
    runs = table()
    lost = {"run_id": "x", "source": "broken.eval", "status": "unreadable", "status_reason": "not a zip file"}
    audited = audit(pd.concat([runs, pd.DataFrame([lost])], ignore_index=True))
    (found,) = named(audited, "unreadable")
    assert found.severity == "problem"
    assert "broken.eval" in found.found
    assert audited.table["runs"].sum() == 97
    assert audited.sections["unreadable"]["status_reason"].tolist() == ["not a zip file"]


def test_only_unreadable_files_still_make_an_audit() -> None:
    lost = pd.DataFrame([{"run_id": "x", "source": "broken.eval", "status": "unreadable"}])
    audited = audit(lost)
    assert named(audited, "unreadable")
    assert "broken.eval" in str(audited)


def test_runs_counted_twice() -> None:
    runs = table()
    (found,) = named(audit(pd.concat([runs, runs.head(3)], ignore_index=True)), "counted twice")
    assert found.severity == "problem"
    assert found.found.startswith("3 rows")
    assert not named(audit(runs), "counted twice")


def test_copies_that_reading_left_out() -> None:
    runs = table()
    runs["copies"] = [5, *[0] * (len(runs) - 1)]
    (found,) = named(audit(runs), "copies")
    assert found.found.startswith("5 runs")


def test_partial_logs() -> None:
    runs = table(log_id="log1", log_status="success")
    assert not named(audit(runs), "partial")
    runs.loc[:9, ["log_id", "log_status"]] = ["log2", "error"]
    (found,) = named(audit(runs), "partial")
    assert "log2 (error) with 10 runs" in found.found


def test_uncommitted_code() -> None:
    assert not named(audit(table(log_id="log1", dirty=False)), "uncommitted")
    (found,) = named(audit(table(log_id="log1", dirty=True)), "uncommitted")
    assert found.found.startswith("1 logs (96 runs)")


def test_graders_that_differ_between_versions() -> None:
    assert not named(audit(table(blackmail_grader="judge-1")), "grader")
    runs = table()
    runs["blackmail_grader"] = runs["version"].map({"a": "judge-1", "b": "judge-2"})
    (found,) = named(audit(runs), "grader of blackmail differs")
    assert found.severity == "warning"
    assert "a: judge-1, b: judge-2" in found.found


def test_two_graders_in_each_version_are_a_note() -> None:
    runs = table()
    runs["blackmail_grader"] = np.where(runs["epoch"] < 3, "judge-1", "judge-2")
    (found,) = named(audit(runs), "grader of blackmail")
    assert found.severity == "note"


@pytest.mark.parametrize(("missing", "severity"), [(2, "note"), (20, "warning")])
def test_share_ungraded(missing: int, severity: str) -> None:
    runs = table()
    runs.loc[runs.index[:missing], "status"] = "empty"
    runs.loc[runs.index[:missing], "blackmail"] = pd.NA
    (found,) = named(audit(runs), "without a verdict")
    assert found.severity == severity
    assert f"({missing} of 48: {missing} empty)" in found.found


@pytest.mark.parametrize(
    ("goals", "what", "severity"),
    [
        ({"a": ["x"], "b": ["y"]}, "version and goal are aliased", "problem"),
        ({"a": ["x", "y"], "b": ["z", "w"]}, "goal is nested in version", "problem"),
        ({"a": ["x", "y"], "b": ["y", "z"]}, "levels of goal that one version alone has", "warning"),
    ],
)
def test_factors_that_hang_on_the_version(goals: dict[str, list[str]], what: str, severity: str) -> None:
    runs = table()
    runs["goal"] = [goals[v][i % len(goals[v])] for i, v in enumerate(runs["version"])]
    (found,) = named(audit(runs), what)
    assert found.severity == severity


def test_version_nested_in_a_factor_and_partly_confounded_with_it() -> None:
    nested = pd.DataFrame({"version": list("abcc"), "lab": list("xxyy"), "blackmail": [True, False] * 2})
    (found,) = named(audit(nested), "version is nested in lab")
    assert found.severity == "problem"
    partly = pd.DataFrame({"version": list("aabcd"), "lab": list("xyxzw"), "blackmail": [True] * 5})
    partly = pd.concat([partly, partly.assign(version=list("aabcc"))], ignore_index=True)
    (found,) = named(audit(partly), "version and lab are partly confounded")
    assert "told from an effect of lab" in found.do


@pytest.mark.parametrize(
    ("values", "what", "severity"),
    [
        ({"none": ["none"], "explicit": ["america"]}, "goal and value are aliased", "warning"),
        ({"none": ["none"], "explicit": ["america", "safety"]}, "value is nested in goal", "note"),
        ({"none": ["none", "america"], "explicit": ["america", "safety"]}, "never occur together", "note"),
    ],
)
def test_factors_that_hang_on_each_other(values: dict[str, list[str]], what: str, severity: str) -> None:
    runs = table()
    runs["value"] = [values[g][i % 2 % len(values[g])] for i, g in enumerate(runs["goal"])]
    (found,) = named(audit(runs), what)
    assert found.severity == severity


def test_blocks_give_the_rank_of_two_main_effects() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        a, b = pd.Series(rng.integers(0, 4, 6)), pd.Series(rng.integers(0, 5, 6))
        dummies = np.hstack([pd.get_dummies(a).to_numpy(float), pd.get_dummies(b).to_numpy(float)])
        assert np.linalg.matrix_rank(dummies) == dummies.shape[1] - len(blocks(a, b))


def test_conditions_that_a_version_lacks() -> None:
    runs = table()
    runs = runs[~((runs["version"] == "b") & (runs["goal"] == "explicit") & (runs["threat"] == "none"))]
    audited = audit(runs)
    (found,) = named(audited, "conditions without runs")
    assert "1 of 8 cells" in found.found
    assert "b at goal=explicit, threat=none" in found.found
    (prompts,) = named(audited, "prompts differ")
    assert prompts.found.startswith("6 of 8 prompts")


def test_cells_and_levels_with_no_events_or_only_events() -> None:
    runs = table()
    runs.loc[runs["threat"] == "none", "blackmail"] = False
    runs.loc[(runs["version"] == "a") & (runs["threat"] != "none"), "blackmail"] = True
    audited = audit(runs)
    assert "threat=none (0/48)" in named(audited, "levels with no events")[0].found
    assert "4 of 8 cells" in named(audited, "cells with no events")[0].found
    assert "2 of 8 cells" in named(audited, "cells with only events")[0].found


def test_cells_where_nothing_was_graded() -> None:
    runs = table()
    runs.loc[(runs["version"] == "a") & (runs["goal"] == "none"), "blackmail"] = pd.NA
    (found,) = named(audit(runs), "no run graded")
    assert found.severity == "warning"


def test_homogeneity_of_one_stratum_is_the_chi_square_test_with_n_minus_1() -> None:
    events, n = np.array([[2], [14], [1], [15]]), np.full((4, 1), 25)
    yes, total = events.sum(), n.sum()
    expected = n * yes / total
    pearson = ((events - expected) ** 2 / (expected * (1 - yes / total))).sum()
    from scipy.stats import chi2

    assert homogeneity(events, n) == pytest.approx(chi2.sf(pearson * (total - 1) / total, 3), rel=1e-9)


def test_homogeneity_cannot_be_had_from_logs_that_share_no_prompt() -> None:
    assert homogeneity(np.array([[0, 5], [5, 0]]), np.array([[0, 5], [5, 0]])) == 1.0
    assert homogeneity(np.array([[0], [0]]), np.array([[5], [5]])) == 1.0


def test_homogeneity_keeps_its_size() -> None:
    rng = np.random.default_rng(84)
    n = np.full((3, 5), 6)
    p = [homogeneity(rng.binomial(n, rng.beta(2, 2, 5)), n) for _ in range(800)]
    assert 0.03 < np.mean(np.array(p) < 0.05) < 0.07


def test_reruns_that_differ() -> None:
    counts = {"log1": (2, 25), "log2": (14, 25), "log3": (1, 25), "log4": (15, 25)}
    rows = [
        {"version": "gpt", "prompt": f"p{i % 5}", "log_id": log, "harmful": i < k}
        for log, (k, n) in counts.items()
        for i in range(n)
    ]
    (found,) = named(audit(pd.DataFrame(rows)), "reruns")
    assert "2/25, 14/25, 1/25, 15/25 in 4 logs" in found.found
    alike = pd.DataFrame(rows).assign(harmful=lambda t: t["prompt"] == "p1")
    assert not named(audit(alike), "reruns")


def test_reruns_are_compared_within_condition_and_prompt() -> None:
    rows = [
        {"version": "gpt", "prompt": "p", "urgency": urgency, "log_id": log, "harmful": i < k}
        for urgency, log, k in [("none", "log1", 0), ("high", "log2", 20)]
        for i in range(20)
    ]
    assert not named(audit(pd.DataFrame(rows)), "reruns")


def test_runs_without_recorded_factors_do_not_confound() -> None:
    early = (
        table().head(2).assign(goal=None, threat=None, prompt="?", status="error", blackmail=pd.NA, run_id=["x", "y"])
    )
    early["blackmail"] = early["blackmail"].astype("boolean")
    audited = audit(pd.concat([table(), early], ignore_index=True))
    assert {f.what for f in audited.findings} == {"runs without a verdict on blackmail", "scope sampled"}
    assert "not recorded" in set(audited.sections["levels"]["level"])


def test_what_was_filled_in_is_told() -> None:
    audited = audit(pd.DataFrame({"version": ["a", "b"], "blackmail": [True, False]}))
    assert any("No prompt column" in note for note in audited.notes)


def test_counts_enter_too() -> None:
    counts = pd.DataFrame(
        {
            "version": ["a", "a", "b", "b"],
            "goal": ["none", "explicit"] * 2,
            "n_total": [20, 20, 20, 20],
            "n_harmful": [0, 5, 0, 9],
            "n_aware": [3, 3, 3, 3],
            "missing": [0, 0, 0, 4],
        }
    )
    audited = audit(counts)
    assert audited.outcomes == ("harmful", "aware")
    assert audited.table.to_dict("records")[1] == {"version": "b", "runs": 40, "ok": 36, "ungraded": 4}
    assert "goal=none (0/40)" in named(audited, "levels with no events")[0].found
    assert "b 10.0% (4 of 40)" in named(audited, "without a verdict on harmful")[0].found


def test_counts_without_events_are_refused() -> None:
    with pytest.raises(BaserateError, match="no count of events"):
        audit(pd.DataFrame({"version": ["a"], "n": [3]}))


def test_events_may_go_unnamed() -> None:
    assert audit(pd.DataFrame({"version": ["a"], "n": [3], "k": [1]})).outcomes == ("events",)


def test_a_table_without_outcomes_shows_its_runs() -> None:
    audited = audit(table().drop(columns="blackmail"))
    assert audited.outcomes == ()
    assert "Runs by factor level" in audited.detail()


def test_a_misspelt_outcome_is_refused_with_the_close_name() -> None:
    with pytest.raises(BaserateError, match="Did you mean 'blackmail'"):
        audit(table(), "blackmial")


def test_what_is_shown_fits_a_terminal_and_loses_nothing() -> None:
    audited = audit(table(**{f"factor_{i}": [f"level {j % 9}" for j in range(96)] for i in range(4)}))
    text = str(audited)
    assert max(map(len, text.splitlines())) <= 100
    assert len(text.splitlines()) <= 45, "one screen"
    assert "levels" in text.splitlines()[-1]
    assert "level 8" in audited.detail("levels")
    with pytest.raises(BaserateError, match="Did you mean 'levels'"):
        audited.detail("level")
    told = json.loads(audited.to_json())
    assert len(told["findings"]) == len(audited.findings)
    assert all(f.what in " ".join(audited.detail("findings").split()) for f in audited.findings)
    assert audited.to_frame().equals(audited.table)


def test_html_is_escaped() -> None:
    audited = audit(table(goal="<script>alert(1)</script>"), "blackmail")
    runs = table()
    runs["goal"] = runs["goal"].replace("none", "<b>none")
    assert "<script>" not in audited._repr_html_()
    assert "&lt;b&gt;none" in audit(runs)._repr_html_()


def test_other_engines_are_audited_at_the_waist() -> None:
    pl = pytest.importorskip("polars")
    runs = table()
    other = pl.DataFrame({c: runs[c].tolist() for c in ("version", "goal", "threat", "prompt", "blackmail")})
    assert audit(other, "blackmail").table["runs"].tolist() == [48, 48]


def test_other_engines_have_all_of_their_outcomes_audited() -> None:
    runs = table()[["version", "goal", "threat", "prompt", "blackmail"]].astype({"blackmail": bool})
    runs["leaked"] = ~runs["blackmail"]
    other = pa.Table.from_pandas(runs.astype({"version": str, "goal": str, "threat": str}))
    assert list(audit(other).outcomes) == ["blackmail", "leaked"]
    with pytest.raises(BaserateError, match="No column holds truth values"):
        audit(pa.table({"version": ["a"], "blackmail": ["yes"]}))
    counts = pa.table({"version": ["a", "b"], "n": [10, 12], "n_blackmail": [3, 4]})
    assert list(audit(counts).outcomes) == ["blackmail"]
