"""Where all prompts agree, as at temperature 0, the variance between them is 0: never a point, nor tested rounding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from baserate.model import LogisticModel, fit
from baserate.note import codes


def agreeing(prompts: int, epochs: int, versions: int, seed: int) -> pd.DataFrame:
    """Make runs in which each prompt has one verdict, whatever the version and the epoch."""
    verdict = np.arange(prompts) % 2 == 0
    np.random.default_rng(seed).shuffle(verdict)
    rows = [
        (f"v{v}", f"p{i}", e, f"g{i % 2}", bool(verdict[i]))
        for v in range(versions)
        for i in range(prompts)
        for e in range(epochs)
    ]
    return pd.DataFrame(rows, columns=["version", "prompt", "epoch", "goal", "blackmail"])


@pytest.mark.parametrize("design", [(12, 1, 2), (12, 5, 2), (20, 2, 3), (30, 3, 3)])
@pytest.mark.parametrize("formula", ["blackmail ~ version", "blackmail ~ version * goal"])
def test_intervals_have_width_and_a_note(design: tuple[int, int, int], formula: str) -> None:
    model = fit(agreeing(*design, seed=1), formula)
    assert model.estimation.clusters is not None
    answers = [
        model,
        model.contrasts("version"),
        model.contrasts("version", scale="odds-ratio"),
        model.rates("version"),
    ]
    for answer in answers:
        assert (answer.table["conf_high"] - answer.table["conf_low"] > 0.01).all()
        assert "agreed" not in answer.table
        assert "prompts-agree" in codes(answer.notes)
    versions = model.contrasts("version").table
    assert (versions["p_value"] > 0.99).all()
    assert model.test("version").table["p_value"].item() > 0.99


def test_equal_prompts_leave_the_intercept_without_spread() -> None:
    rows = [("a", f"p{i}", e, e % 2 == 0) for i in range(12) for e in range(4)]
    model = fit_two(rows + [("b", f"p{i}", e, e == 0) for i in range(12) for e in range(4)])
    assert (model.table["std_error"] > 0.1).all()
    rates = model.rates("version").table
    assert (rates["conf_high"] - rates["conf_low"] > 0.1).all()


def fit_two(rows: list[tuple[str, str, int, bool]]) -> LogisticModel:
    return fit(pd.DataFrame(rows, columns=["version", "prompt", "epoch", "blackmail"]), "blackmail ~ version")


def test_no_note_where_prompts_differ() -> None:
    rows = [(v, f"p{i}", 1, (i + (v == "b")) % 3 == 0) for v in "ab" for i in range(60)]
    assert "prompts-agree" not in codes(fit_two(rows).notes)
