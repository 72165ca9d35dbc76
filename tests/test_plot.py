"""What the plots draw: positions, labels and words, not pixels."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import baserate as br
from baserate.errors import BaserateError
from baserate.model import Estimates
from baserate.plot import forest, heatmap, rates
from baserate.plot.effects import effects
from baserate.text import points, ratio

COUNTS = pd.DataFrame(
    {
        "version": ["old", "old", "new", "new"],
        "threat": ["none", "replacement", "none", "replacement"],
        "n": [50, 50, 50, 50],
        "blackmail": [30, 40, 36, 48],
        "missing": [0, 0, 6, 10],
    }
).astype({"version": pd.CategoricalDtype(["old", "new"]), "threat": "category"})


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    mpl.use("agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def segments(ax: Axes, label: str) -> list[tuple[float, float, float]]:
    """List the horizontal lines of a label as (y, from, to)."""
    found = []
    for lines in ax.collections:
        if lines.get_label() == label:
            for path in lines.get_paths():
                (left, y), (right, _) = np.asarray(path.vertices)
                found.append((float(y), float(left), float(right)))
    return sorted(found)


def dots(ax: Axes, label: str) -> list[tuple[float, float]]:
    """List the markers of a label as (x, y)."""
    return [
        (float(x), float(y))
        for line in ax.lines
        if line.get_label() == label
        for x, y in zip(np.asarray(line.get_xdata()), np.asarray(line.get_ydata()), strict=True)
    ]


def close(found: Sequence[tuple[float, ...]], expected: Sequence[tuple[float, ...]]) -> None:
    np.testing.assert_allclose(np.array(found), np.array(expected), atol=1e-9)


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def row_labels(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def odds(**limits: tuple[float, float, float]) -> Estimates:
    """Make odds ratios by term: estimate, low, high."""
    table = pd.DataFrame([(term, *values) for term, values in limits.items()])
    table.columns = pd.Index(["term", "estimate", "conf_low", "conf_high"])
    return Estimates(table, "leak", "Firth's", 0.95, "fixed", "one prompt", quantity="coefficient odds ratio")


def test_rates_draw_the_table() -> None:
    result = br.rates(COUNTS, "blackmail", by="version")
    ax = rates(result)
    table = result.table
    assert row_labels(ax) == ["old", "new"]
    assert ax.yaxis_inverted()
    expected = [
        (i, 100 * low, 100 * high) for i, low, high in zip(range(2), table.conf_low, table.conf_high, strict=True)
    ]
    close(segments(ax, "_interval"), expected)
    close(dots(ax, "_estimate"), [(100 * rate, i) for i, rate in enumerate(table.estimate)])
    assert ax.get_xlim()[0] < 0 < 100 < ax.get_xlim()[1] < 105


def test_rates_show_counts_ungraded_runs_and_their_bounds() -> None:
    result = br.rates(COUNTS, "blackmail", by="version")
    ax = rates(result)
    assert "70/100" in words(ax)
    assert "84/100, 16 ungraded" in words(ax)
    row = result.table.iloc[1]
    close(segments(ax, "_worst"), [(1, 100 * row.both_low, 100 * row.both_high)])


def test_rates_say_how_they_were_made() -> None:
    ax = rates(br.rates(COUNTS, "blackmail", by="version", scope="fixed", level=0.9))
    text = " ".join(words(ax))
    assert "Blackmail by version" in text
    assert "90% interval for these very prompts" in text
    assert ax.get_xlabel() == "graded runs with blackmail"


def test_rates_dodge_a_second_column() -> None:
    ax = rates(br.rates(COUNTS, "blackmail", by=["threat", "version"]))
    assert row_labels(ax) == ["none", "replacement"]
    close(dots(ax, "old"), [(60, -0.2), (80, 0.8)])
    close(dots(ax, "new"), [(72, 0.2), (96, 1.2)])
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["old", "new"]
    markers = {line.get_marker() for line in ax.lines if line.get_label() in ("old", "new")}
    assert len(markers) == 2, "grey print needs the shapes"
    assert {"events / graded", "ungraded", "48/50", "10"} <= set(words(ax))


def test_rates_without_graded_runs_have_no_dot() -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n": [0, 9], "blackmail": [0, 3], "missing": [4, 0]})
    ax = rates(br.rates(table, "blackmail", by="version"))
    assert [y for _, y in dots(ax, "_estimate")] == [1]
    assert "no graded runs" in words(ax)
    assert segments(ax, "_worst") == [(0, 0, 100)]


def test_rates_at_the_ends_stay_within_the_axes() -> None:
    table = pd.DataFrame({"version": ["a", "b"], "n": [100, 100], "blackmail": [0, 100]})
    ax = rates(br.rates(table, "blackmail", by="version"))
    assert dots(ax, "_estimate") == [(0, 0), (100, 1)]
    assert "0.0% [0.0, 3.7]" in words(ax)


def test_rates_of_a_model_are_drawn_too() -> None:
    model = br.fit(COUNTS, "blackmail ~ version + threat", scope="fixed")
    ax = rates(model.rates("version"))
    assert ax.get_xlabel() == "modeled rate of blackmail"
    assert len(segments(ax, "_interval")) == 2


def test_forest_draws_differences_with_verdicts() -> None:
    result = br.compare(COUNTS, "blackmail", across="version", baseline="old", margin=0.05, scope="fixed")
    ax = forest(result)
    row = result.table.iloc[0]
    close(segments(ax, "_interval"), [(0, 100 * row.conf_low, 100 * row.conf_high)])
    close(dots(ax, "_estimate"), [(100 * row.estimate, 0)])
    close(segments(ax, "_worst"), [(0, 100 * row.both_low, 100 * row.both_high)])
    assert {row.verdict, points(row.estimate, row.conf_low, row.conf_high)} <= set(words(ax))
    assert [label.get_text() for label in ax.get_yticklabels(minor=True)] == ["84/100 vs 70/100, 16 ungraded"]
    assert [x for x, _ in dots(ax, "_reference")] == [0, 0]
    (band,) = (patch for patch in ax.patches if patch.get_label() == "_margin")
    assert band.get_extents().transformed(ax.transData.inverted()).intervalx == pytest.approx([-5, 5])


def test_forest_puts_groups_under_headings() -> None:
    ax = forest(br.compare(COUNTS, "blackmail", across="version", by="threat", scope="fixed"))
    assert row_labels(ax) == ["threat: none", "new", "threat: replacement", "new"]
    assert [y for _, y in dots(ax, "_estimate")] == [1, 3]
    assert ax.get_yticklabels()[0].get_fontweight() == "bold"


def test_forest_names_both_sides_of_all_pairs() -> None:
    table = pd.DataFrame({"version": list("abc"), "n": [100] * 3, "blackmail": [10, 50, 90]})
    ax = forest(br.compare(table, "blackmail"))
    assert row_labels(ax) == ["b − a", "c − a", "c − b"]


def test_forest_ends_infinite_limits_in_arrows() -> None:
    ax = forest(odds(**{"version[T.b]": (2.0, 1.0, np.inf), "version[T.c]": (0.0, 0.0, 3.0), "x": (np.inf, 1e-6, 1e9)}))
    left, right = ax.get_xlim()
    assert ax.get_xscale() == "log"
    assert dots(ax, "_beyond") == [(left, 2), (left, 3), (right, 1), (right, 3)]
    assert segments(ax, "_interval") == [(1, 1, right), (2, left, 3), (3, left, right)]
    assert [(x, y) for x, y in dots(ax, "_estimate")] == [(2, 1)]
    assert {"2.00 [1.00, ∞]", "0 [0, 3.00]"} <= set(words(ax))
    assert row_labels(ax) == ["version", "b", "c", "x"]


def test_forest_fills_only_what_leaves_out_no_effect() -> None:
    ax = forest(odds(**{"a[T.1]": (2.0, 1.2, 3.0), "a[T.2]": (2.0, 0.8, 3.0)}))
    faces = {line.get_markerfacecolor() for line in ax.lines if line.get_label() == "_estimate"}
    assert len(faces) == 2


def test_forest_draws_contrasts_of_a_model() -> None:
    model = br.fit(COUNTS, "blackmail ~ version + threat", scope="fixed")
    difference = forest(model.contrasts("version", baseline="old"))
    assert difference.get_xlabel() == "difference in percentage points"
    ratio = forest(model.contrasts("version", baseline="old", scale="odds-ratio"))
    assert ratio.get_xscale() == "log"


def test_terms_are_put_into_plain_words() -> None:
    rows = effects(
        odds(**{"goal_type[T.x]": (1, 1, 1), "version[T.org/m:b]:goal_type[T.x]": (1, 1, 1), "n_tools": (1, 1, 1)})
    )
    assert list(rows.rows["group"]) == ["goal type", "version × goal type", ""]
    assert list(rows.rows["label"]) == ["x", "org/m:b × x", "n tools"]


def test_numbers_are_written_for_people() -> None:
    assert points(0.14, -0.023, 0.255) == "+14.0 [−2.3, 25.5]"
    assert points(-0.0001, -0.1, 0.1) == "+0.0 [−10.0, 10.0]"
    assert ratio(2.234, 0.0001, np.inf) == "2.23 [1.0e−4, ∞]"


def test_heatmap_writes_each_cell() -> None:
    ax = heatmap(br.rates(COUNTS, "blackmail", by=["version", "threat"], scope="fixed"))
    assert row_labels(ax) == ["old", "new"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["none", "replacement"]
    found = {(text.get_text(), *text.get_position()) for text in ax.texts}
    assert ("96%", 1.5, 1.27) in found
    assert ("48/50", 1.5, 1.78) in found
    assert "16 ungraded runs left out" in " ".join(words(ax)).replace("\n", " ")


def test_heatmap_darkens_with_the_rate_in_grey_too() -> None:
    import seaborn as sns

    from baserate.plot.cells import _SHADES

    shades = np.asarray(sns.color_palette(_SHADES, as_cmap=True)(np.linspace(0, 1, 50)))[:, :3]
    luminance = shades @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(luminance) < 0)


def test_heatmap_hatches_what_was_never_run() -> None:
    ax = heatmap(br.rates(COUNTS.drop(index=1), "blackmail", by=["version", "threat"], scope="fixed"))
    (empty,) = (patch for patch in ax.patches if patch.get_label() == "_empty")
    assert empty.get_hatch()
    assert empty.get_extents().transformed(ax.transData.inverted()).min == pytest.approx([1, 0])
    assert "no runs" in words(ax)


def test_plots_take_axes() -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3)
    result = br.rates(COUNTS, "blackmail", by=["version", "threat"])
    assert rates(br.rates(COUNTS, "blackmail"), ax=axes[0]) is axes[0]
    assert forest(br.compare(COUNTS, "blackmail"), ax=axes[1]) is axes[1]
    assert heatmap(result, ax=axes[2]) is axes[2]
    assert plt.get_fignums() == [figure.number]


def test_plots_leave_the_settings_of_the_user_alone() -> None:
    before = dict(mpl.rcParams)
    rates(br.rates(COUNTS, "blackmail"))
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("draw", "result", "said"),
    [
        (rates, lambda: br.compare(COUNTS, "blackmail"), "plot.forest"),
        (rates, lambda: br.rates(COUNTS.assign(x="y"), "blackmail", by=["version", "threat", "x"]), "by 3"),
        (heatmap, lambda: br.rates(COUNTS, "blackmail"), "by 2 columns; these are by 1 "),
        (forest, lambda: br.rates(COUNTS, "blackmail"), "plot.rates"),
        (forest, lambda: br.fit(COUNTS, "blackmail ~ version").test("version"), "'test'"),
        (rates, lambda: COUNTS, "got DataFrame"),
    ],
)
def test_the_wrong_kind_of_result_is_refused(draw: Any, result: Any, said: str) -> None:
    with pytest.raises(BaserateError, match=said):
        draw(result())


def test_importing_the_plots_imports_no_matplotlib() -> None:
    program = "import sys, baserate.plot; print([m for m in ('matplotlib', 'seaborn') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


def test_a_diagnosis_is_drawn() -> None:
    runs = br.simulate({"old": 0.4, "new": 0.84}, prompts=20, epochs=5, seed=1)
    found = br.fit(runs, "blackmail ~ version").diagnose()
    ax = br.plot.calibration(found)
    assert len(ax.lines) == 1 + len(found.table)
    xs = np.array([float(np.asarray(line.get_xdata())[0]) for line in ax.lines[1:]])
    np.testing.assert_allclose(xs, 100 * found.table["predicted"])
    ax = br.plot.dispersion(found)
    xs = np.asarray(ax.lines[0].get_xdata(), dtype=float)
    np.testing.assert_allclose(np.sum(xs**2), found.dispersion["chi2"].item())
    ax = br.plot.influence(found)
    first = found.influence.loc[found.influence["change"].abs().idxmax()]
    assert row_labels(ax)[0] == first["prompt"]
    assert len(row_labels(ax)) == 15
    with pytest.raises(BaserateError, match="diagnose"):
        br.plot.calibration(br.rates(runs, "blackmail"))  # type: ignore[arg-type]
    with pytest.raises(BaserateError, match="no factor"):
        br.plot.influence(br.fit(runs, "blackmail ~ 1").diagnose())


def test_a_curve_is_drawn() -> None:
    runs = br.simulate({"old": 0.4, "new": 0.84}, prompts=20, epochs=5, seed=1)
    runs["temperature"] = runs["epoch"] / 5
    model = br.fit(runs, "blackmail ~ version + temperature")
    ax = br.plot.curve(model.curve("temperature", "version", points=7))
    assert [len(np.asarray(line.get_xdata())) for line in ax.lines] == [7, 7]
    assert len(ax.collections) == 2
    with pytest.raises(BaserateError, match="curve"):
        br.plot.curve(model.rates("version"))


def everything() -> dict[str, Any]:
    runs = br.simulate({"old": 0.3, "new": 0.6}, prompts=12, epochs=4, seed=4)
    runs["rare"] = False
    runs["aware"] = runs.index % 3 == 0
    runs["blackmail_human"] = runs["blackmail"].where(runs.index % 2 == 0)
    runs["rating"] = 1 + runs.index % 4 + 3 * runs["blackmail"].astype(int)
    model = br.fit(runs, "blackmail ~ version")
    return {
        "rates": br.rates(runs, "blackmail"),
        "compare": br.compare(runs, "blackmail"),
        "ratio": br.compare(runs, "blackmail", effect="ratio"),
        "many": br.compare(runs, ["blackmail", "aware"], adjust="benjamini-hochberg"),
        "model": model,
        "modeled rates": model.rates("version"),
        "contrasts": model.contrasts("version"),
        "diagnosis": model.diagnose(),
        "at most": br.at_most(runs, "rare"),
        "at k": br.at_k(runs, "blackmail", 2),
        "awareness": br.awareness(runs, "blackmail", aware="aware"),
        "graders": br.graders(runs, "blackmail"),
        "power": br.power([0.7, 0.84], runs=[50, 100]),
        "plan": br.plan(runs, "blackmail"),
        "audit": br.audit(runs),
        "ordinal": br.fit_ordinal(runs, "rating ~ version"),
        "paths": br.paths(runs, acts=["aware", "blackmail"]),
    }


@pytest.mark.parametrize("name", sorted(everything()))
def test_every_result_has_a_figure_and_takes_words_of_ones_own(name: str) -> None:
    result = everything()[name]
    ax = result.plot(title="My own title", caption="my caption")
    said = words(ax)
    assert "My own title" in said
    assert "my caption" in said


def test_order_labels_and_palette() -> None:
    result = everything()["rates"]
    ax = result.plot(order=["new"], labels={"new": "The new one"}, palette=["#ff0000"])
    assert row_labels(ax) == ["The new one", "old"]
    assert any(line.get_color() in ("#ff0000", (1.0, 0.0, 0.0)) for line in ax.lines)
    with pytest.raises(BaserateError, match="Did you mean 'new'"):
        result.plot(order=["nwe"])
    with pytest.raises(BaserateError, match="no palette"):
        result.plot(palette="no such palette")
    with pytest.raises(BaserateError, match="labels must be a dictionary"):
        result.plot(labels=["a"])
    with pytest.raises(BaserateError, match="title must be"):
        result.plot(title=3)
    assert row_labels(result.plot(order="new"))[0] == "new"


def test_a_figure_says_what_it_depends_on() -> None:
    runs = br.simulate({"old": 0.3, "new": 0.6}, prompts=12, epochs=4, seed=4)
    runs["blackmail"] = runs["blackmail"].astype("boolean")
    runs.loc[:20, "blackmail"] = pd.NA
    said = " ".join(" ".join(words(br.rates(runs, "blackmail").plot())).split())
    assert "Caution: few prompts with rarer outcome, ungraded runs" in said
