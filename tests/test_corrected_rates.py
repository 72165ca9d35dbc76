"""Rates corrected for the judge's errors: against R, by simulation, and where labels are too few."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import baserate as br
from baserate.errors import BaserateError
from baserate.note import codes
from baserate.stats.misclassification import lang_reiczigel, rogan_gladen, tenenbein, tenenbein_limits

# R 4.2.2, epiR 2.0.57 and the code of Lang and Reiczigel (2014)
OF_R = [
    ((84, 100, 95, 100, 97, 100), 0.880434782608696, (0.785089993355399, 0.969244821883426)),
    ((3, 100, 90, 100, 98, 100), 0.0113636363636364, (0.0, 0.0791340775270498)),
]


@pytest.mark.parametrize(("counts", "estimate", "limits"), OF_R)
def test_as_r_has_it(counts: tuple[int, ...], estimate: float, limits: tuple[float, float]) -> None:
    k, n, ry, ny, rn, nn = counts
    assert float(rogan_gladen(k / n, ry / ny, rn / nn)) == pytest.approx(estimate, abs=1e-12)
    found = lang_reiczigel(k, n, ry, ny, rn, nn)
    assert (float(found[0]), float(found[1])) == pytest.approx(limits, abs=1e-9)


def test_a_judge_no_better_than_chance_tells_nothing() -> None:
    assert np.isnan(rogan_gladen(0.5, 0.5, 0.5))
    low, high = lang_reiczigel(50, 100, 50, 100, 50, 100)
    assert (float(low), float(high)) == (0.0, 1.0)


@pytest.mark.parametrize("true", [0.01, 0.1, 0.5, 0.84])
@pytest.mark.parametrize(("se", "sp"), [(0.8, 0.8), (0.85, 0.95), (0.95, 0.85), (0.99, 0.99)])
def test_coverage(true: float, se: float, sp: float) -> None:
    rng = np.random.default_rng(20261127)
    draws = 4000
    seen = rng.binomial(200, true * se + (1 - true) * (1 - sp), draws)
    low, high = lang_reiczigel(seen, 200, rng.binomial(100, se, draws), 100, rng.binomial(100, sp, draws), 100)
    assert ((low <= true) & (true <= high)).mean() > 0.935


def judged(se: float, sp: float, labels: int, seed: int = 1) -> tuple[pd.DataFrame, dict[str, float]]:
    """Draw two versions on 40 prompts with 10 runs each; a judge of these errors; labels of the first runs."""
    rng = np.random.default_rng(seed)
    rows = [(v, f"p{i}", e) for v in "ab" for i in range(40) for e in range(10)]
    runs = pd.DataFrame(rows, columns=["version", "prompt", "epoch"])
    truth = rng.random(len(runs)) < np.where(runs["version"] == "a", 0.7, 0.84)
    runs["bad"] = np.where(truth, rng.random(len(runs)) < se, rng.random(len(runs)) > sp)
    runs["bad_human"] = pd.array(truth, dtype="boolean")
    place = np.arange(len(runs)) % 400
    runs.loc[place >= labels, "bad_human"] = pd.NA
    return runs, {"a": 0.7, "b": 0.84}


def test_what_the_judge_misses_is_put_back() -> None:
    runs, truth = judged(0.8, 0.9, 150)
    found = br.rates(runs, "bad", corrected="rogan-gladen")
    for row in found.table.itertuples():
        assert row.conf_low < truth[str(row.version)] < row.conf_high
        assert abs(float(str(row.estimate)) - truth[str(row.version)]) < abs(
            float(str(row.uncorrected)) - truth[str(row.version)]
        )
    assert found.corrected == "rogan-gladen"
    assert "corrected rate" in str(found)
    assert "as judged" in str(found)
    plain = br.rates(runs, "bad").table
    assert (found.table["conf_high"] - found.table["conf_low"] > plain["conf_high"] - plain["conf_low"]).all()


def test_a_perfect_judge_is_hardly_corrected() -> None:
    runs, _ = judged(1.0, 1.0, 150)
    found = br.rates(runs, "bad", corrected="rogan-gladen").table
    assert found["estimate"].tolist() == pytest.approx(br.rates(runs, "bad").table["estimate"].tolist())
    assert (found["conf_low"] < found["estimate"]).all()


def test_few_labels_are_pooled_or_leave_the_rate_as_it_is() -> None:
    runs, _ = judged(0.85, 0.95, 60)
    runs.loc[runs["version"] == "b", "bad_human"] = pd.NA
    pooled = br.rates(runs, "bad", corrected="rogan-gladen")
    assert "labels-pooled" in codes(pooled.cautions)
    assert pooled.table["labeled"].tolist() == [60, 60]
    few, _ = judged(0.85, 0.95, 12)
    left = br.rates(few, "bad", corrected="rogan-gladen")
    assert "uncorrected" in codes(left.cautions)
    assert left.table["estimate"].tolist() == br.rates(few, "bad").table["estimate"].tolist()
    assert left.corrected == ""


def test_several_outcomes_and_refusals() -> None:
    runs, _ = judged(0.85, 0.95, 150)
    with pytest.raises(BaserateError, match="There is no correction 'x'"):
        br.rates(runs, "bad", corrected="x")
    with pytest.raises(BaserateError, match="takes human labels"):
        br.rates(runs.drop(columns="bad_human"), "bad", corrected="rogan-gladen")
    with pytest.raises(BaserateError, match="two-sided limits"):
        br.rates(runs, "bad", corrected="rogan-gladen", side="upper")
    with pytest.raises(BaserateError, match="Counts do not tell one run from another"):
        br.rates(br.count(runs, "bad"), "bad", corrected="rogan-gladen")
    with pytest.raises(BaserateError, match="There is no column of human labels 'who'"):
        br.rates(runs, "bad", corrected="rogan-gladen", human="who")


@pytest.mark.parametrize("true", [0.01, 0.1, 0.5, 0.84])
@pytest.mark.parametrize(("se", "sp"), [(0.8, 0.8), (0.85, 0.95), (0.95, 0.85), (0.99, 0.99)])
def test_coverage_of_double_sampling(true: float, se: float, sp: float) -> None:
    rng = np.random.default_rng(20261127)
    draws, n = 2000, 400
    truth = rng.random((draws, n)) < true
    verdict = np.where(truth, rng.random((draws, n)) < se, rng.random((draws, n)) > sp)
    for labels in (40, 150):
        t, v = truth[:, :labels], verdict[:, :labels]
        counts = ((t & v).sum(1), v.sum(1), (t & ~v).sum(1), (~v).sum(1))
        low, high = tenenbein_limits(verdict.sum(1), n, *counts)
        assert ((low <= true) & (true <= high)).mean() > 0.93
        by_labels = 2 * 1.96 * np.sqrt(true * (1 - true) / labels)
        if true >= 0.1 and labels == 150:  # the judge's word on the rest makes it shorter than labels alone
            assert (high - low).mean() < 1.02 * by_labels


def test_it_is_the_prediction_powered_estimate_of_least_variance() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random(300) < 0.4
    verdict = np.where(truth, rng.random(300) < 0.8, rng.random(300) < 0.1)
    t, v = truth[:100].astype(float), verdict[:100].astype(float)
    tuning = np.cov(t, v)[0, 1] / np.var(v, ddof=1)  # of the mean over all runs
    ppi = t.mean() + tuning * (verdict.mean() - v.mean())
    assert float(tenenbein(verdict.mean(), t[v == 1].mean(), t[v == 0].mean())) == pytest.approx(ppi, abs=1e-12)


def test_labels_of_either_verdict_correct_the_rate() -> None:
    runs, truth = judged(0.8, 0.9, 150)
    found = br.rates(runs, "bad", corrected="ppi")
    for row in found.table.itertuples():
        assert row.conf_low < truth[str(row.version)] < row.conf_high
    rogan = br.rates(runs, "bad", corrected="rogan-gladen").table
    assert (found.table["conf_high"] - found.table["conf_low"] < rogan["conf_high"] - rogan["conf_low"]).all()
    assert found.corrected == "ppi"
    a = runs[(runs["version"] == "a") & runs["bad_human"].notna()]
    of_yes = a.loc[a["bad"].astype(bool), "bad_human"].astype(bool).mean()
    assert found.table["predictive_yes"][0] == pytest.approx(of_yes)


@pytest.mark.parametrize("corrected", ["rogan-gladen", "ppi"])
def test_differences_of_corrected_rates(corrected: str) -> None:
    runs, _ = judged(0.8, 0.9, 150)
    found = br.compare(runs, "bad", corrected=corrected, margin=0.5)
    row = found.table.iloc[0]
    each = br.rates(runs, "bad", corrected=corrected).table.set_index("version")
    assert row["estimate"] == pytest.approx(each.loc["b", "estimate"] - each.loc["a", "estimate"])
    down = each.loc["b", "estimate"] - each.loc["b", "conf_low"], each.loc["a", "conf_high"] - each.loc["a", "estimate"]
    assert row["conf_low"] == pytest.approx(row["estimate"] - np.hypot(*down))
    assert (row["p_value"] < 0.05) == (row["conf_low"] > 0)
    at_p = br.compare(runs, "bad", corrected=corrected, level=1 - row["p_value"]).table.iloc[0]
    assert at_p["conf_low"] == pytest.approx(0, abs=1e-6)
    assert row["not_worse"] == "shown"
    assert row["uncorrected"] == pytest.approx(br.compare(runs, "bad").table["estimate"][0])
    other = br.compare(runs, "bad", baseline="b", corrected=corrected).table.iloc[0]  # the lower one first
    assert other["p_value"] == pytest.approx(row["p_value"])
    assert (other["conf_low"], other["conf_high"]) == pytest.approx((-row["conf_high"], -row["conf_low"]))
    assert "corrected" in codes(found.notes)


def test_a_difference_that_the_judge_makes_is_taken_back() -> None:
    rng = np.random.default_rng(5)
    rows = [(v, f"p{i}", e) for v in "ab" for i in range(60) for e in range(10)]
    runs = pd.DataFrame(rows, columns=["version", "prompt", "epoch"])
    truth = rng.random(len(runs)) < 0.5
    miss = np.where(runs["version"] == "a", 0.35, 0.0)  # it overlooks a third of the older version's
    runs["bad"] = truth & (rng.random(len(runs)) > miss)
    runs["bad_human"] = pd.array(truth, dtype="boolean")
    runs.loc[runs["epoch"] > 4, "bad_human"] = pd.NA
    assert br.compare(runs, "bad").table["verdict"][0] == "higher"
    for corrected in ("rogan-gladen", "ppi"):
        row = br.compare(runs, "bad", corrected=corrected).table.iloc[0]
        assert row["conf_low"] < 0 < row["conf_high"]
        assert row["verdict"] == "inconclusive"


def test_what_a_correction_of_differences_does_not_take() -> None:
    runs, _ = judged(0.85, 0.95, 150)
    for options in ({"effect": "ratio"}, {"method": "t"}, {"adjust": "max-z"}, {"looks": [0.5]}):
        with pytest.raises(BaserateError, match="differences of one outcome"):
            br.compare(runs, "bad", corrected="ppi", **options)
    few, _ = judged(0.85, 0.95, 5)
    found = br.compare(few, "bad", corrected="ppi")
    assert "uncorrected" in codes(found.cautions)
    assert found.table["estimate"][0] == br.compare(few, "bad").table["estimate"][0]


def test_a_check_of_corrected_rates(tmp_path: Path) -> None:
    runs, _ = judged(0.8, 0.9, 150)
    runs.astype({"bad": "boolean"}).to_csv(tmp_path / "runs.csv", index=False)
    head = "[data]\npath = 'runs.csv'\noutcomes = ['bad']\n"
    for limit, verdict in ((0.95, "pass"), (0.6, "fail"), (0.85, "inconclusive")):
        check = f"[[check]]\nkind = 'not_above_rate'\noutcome = 'bad'\nrate = {limit}\ncorrected = 'ppi'\n"
        (tmp_path / "p.toml").write_text(f"{head}{check}human = 'bad_human'\n")
        found = br.check(tmp_path / "p.toml")
        assert found.table["verdict"][0] == verdict
        assert "corrected" in found.table["found"][0]
    check = "[[check]]\nkind = 'not_worse_than'\noutcome = 'bad'\nbaseline = 'a'\ncandidate = 'b'\nmargin = 0.3\n"
    (tmp_path / "p.toml").write_text(f"{head}{check}corrected = 'ppi'\nhuman = 'bad_human'\n")
    assert br.check(tmp_path / "p.toml").table["verdict"][0] == "pass"
    (tmp_path / "p.toml").write_text(f"{head}{check}corrected = 'magic'\n")
    with pytest.raises(BaserateError, match="corrected must be"):
        br.check(tmp_path / "p.toml")


def test_what_a_model_judged_says_uncorrected() -> None:
    logs = br.read(Path(__file__).parents[1] / "data" / "example-logs")
    for found in (br.rates(logs, "blackmail"), br.compare(logs, "blackmail")):
        told = [note for note in found.notes if note.startswith("Uncorrected: blackmail is as simulated/judge-1")]
        assert len(told) == 1
    assert "uncorrected" not in codes(br.rates(judged(0.8, 0.9, 150)[0], "bad").notes)


def test_how_wrong_the_judge_would_have_to_be() -> None:
    counts = pd.DataFrame({"version": ["old", "new"], "n": [1000, 1000], "bad": [300, 500]})
    found = br.compare(counts, "bad", baseline="old")
    row = found.judge_error().iloc[0]
    assert row["bias"] == pytest.approx(found.table["adjusted_low"][0])
    # had the judge made so many of the newer version's yes out of its no, the difference would be just short of shown
    true = 0.5 - row["bias"]
    assert true + (1 - true) * row["false_yes"] == pytest.approx(0.5)
    assert (0.3 + row["bias"]) * (1 - row["missed_yes"]) == pytest.approx(0.3)
    same = pd.DataFrame({"version": ["old", "new"], "n": [50, 50], "bad": [30, 31]})
    assert br.compare(same, "bad").judge_error()["bias"].isna().all()
    with pytest.raises(BaserateError, match="of differences"):
        br.compare(counts, "bad", effect="ratio").judge_error()
