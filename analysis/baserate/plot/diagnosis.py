"""A diagnosis drawn: observed against predicted rates, and the contrasts with each prompt left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from baserate.errors import BaserateError
from baserate.model import Diagnosis
from baserate.plot import canvas
from baserate.plot.canvas import GRID, INK, PAPER, SMALL, SOFT
from baserate.text import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ROWS = 15  # prompts that are drawn: those that move the contrast most


def calibration(result: Diagnosis, ax: Axes | None = None) -> Axes:
    """Draw the observed rate of each combination against the predicted one.

    Parameters
    ----------
    result : Diagnosis
        What `LogisticModel.diagnose` returned.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Both axes in percent; a dot a combination with its interval, runs taken as independent, and the line on which
        both are the same. The title says how far prompts of one combination vary beyond chance.

    Raises
    ------
    BaserateError
        If the result is no diagnosis.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> axes = br.plot.calibration(br.fit(runs, "blackmail ~ version").diagnose())
    """
    table = _require(result, "calibration").table
    with canvas.look():
        ax = canvas.make_axes(ax, 4.2)
        ax.plot([0, 100], [0, 100], color=SOFT, linewidth=1, zorder=1)
        x = 100 * table["predicted"]
        ax.vlines(
            x, 100 * table["conf_low"], 100 * table["conf_high"], color=canvas.colors(1)[0], linewidth=1.5, alpha=0.5
        )
        size = 4 + 6 * np.sqrt(table["n"] / table["n"].max())
        for one, y, s in zip(x, 100 * table["rate"], size, strict=True):
            ax.plot(
                one, y, "o", color=canvas.colors(1)[0], markersize=s, markeredgecolor=PAPER, zorder=3, clip_on=False
            )
        ax.set(xlim=(0, 100), ylim=(0, 100), xlabel="predicted rate, %", ylabel="observed rate, %")
        d = result.dispersion.iloc[0]
        spread = "" if not d["df"] > 0 else f" Prompts vary {d['dispersion']:.1f} times as much as chance."
        runs = f"{len(table)} combinations, {int(table['n'].sum())} graded runs"
        title = f"{canvas.sentence(in_words(result.outcome))}: does the model fit?"
        canvas.heading(ax, title, f"{runs}; intervals take runs as independent.{spread}{_simulated(result)}")
    return ax


def dispersion(result: Diagnosis, ax: Axes | None = None) -> Axes:
    """Draw how far the prompts of each combination lie from its rate, beside what chance alone would do.

    Parameters
    ----------
    result : Diagnosis
        What `LogisticModel.diagnose` returned.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        A row a combination at y = 0, 1, …, a dot a prompt, in standard deviations; within the band lie 95 of 100
        prompts that differ by chance alone.

    Raises
    ------
    BaserateError
        If the result is no diagnosis, or no combination has prompts that could differ.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> axes = br.plot.dispersion(br.fit(runs, "blackmail ~ version").diagnose())
    """
    prompts = _require(result, "dispersion").prompts.dropna(subset="residual")
    names = [name for name in prompts.columns if name not in ("prompt", "n", "events", "residual")]
    groups = prompts[names].astype(str).agg(", ".join, axis=1) if names else prompts["prompt"].map(lambda _: "all runs")
    labels = list(dict.fromkeys(groups))
    if not labels:
        raise BaserateError("All runs of each combination agree, so there is no spread of prompts to draw.")
    with canvas.look():
        ax = canvas.make_axes(ax, 0.36 * len(labels) + 1.2)
        ax.axvspan(-1.96, 1.96, color=GRID, linewidth=0, zorder=0)
        places = groups.map({label: i for i, label in enumerate(labels)}).to_numpy(dtype=float)
        turn = (groups.groupby(groups).cumcount() % 5 - 2) * 0.09
        dots: dict[str, Any] = {"markersize": 4, "markeredgecolor": PAPER, "markeredgewidth": 0.4, "zorder": 3}
        ax.plot(prompts["residual"], places + turn.to_numpy(), "o", color=canvas.colors(1)[0], alpha=0.8, **dots)
        canvas.row_axis(ax, [canvas.wrap(label, 32) for label in labels])
        ax.set_xlabel("standard deviations of chance")
        d = result.dispersion.iloc[0]
        spread = f"Prompts vary {d['dispersion']:.1f} times as much as chance. " if d["df"] > 0 else ""
        said = f"{spread}Band: where 95 of 100 prompts lie by chance alone.{_simulated(result)}"
        canvas.heading(ax, f"{canvas.sentence(in_words(result.outcome))}: do prompts differ?", said)
    return ax


def influence(result: Diagnosis, ax: Axes | None = None) -> Axes:
    """Draw the contrast of two versions with each prompt left out in turn, those first that move it most.

    Parameters
    ----------
    result : Diagnosis
        What `LogisticModel.diagnose` returned; of several contrasts the one that a prompt moves most is drawn.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        In percentage points; one row a prompt, at most 15 of them, in another color where the verdict turns without it.

    Raises
    ------
    BaserateError
        If the result is no diagnosis, or its model contrasts nothing.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> axes = br.plot.influence(br.fit(runs, "blackmail ~ version").diagnose())
    """
    table = _require(result, "influence").influence
    if table.empty or table["estimate"].isna().all():
        raise BaserateError("The model has no factor whose contrast a prompt could carry: there is nothing to draw.")
    size = table["change"].abs()
    hardest = table.loc[size.where(~table["turns"], size + 1).idxmax()]
    rows = table[(table["candidate"] == hardest["candidate"]) & (table["baseline"] == hardest["baseline"])]
    rows = rows.dropna(subset="estimate")
    rows = rows.loc[rows["change"].abs().sort_values(ascending=False).index[:_MOST_ROWS]]
    with canvas.look():
        labels = [canvas.wrap(name, 40) for name in rows["prompt"]]
        ax = canvas.make_axes(ax, 0.24 * sum(1 + label.count("\n") for label in labels) + 1.2)
        for y, row in enumerate(rows.to_dict("records")):
            color = INK if row["turns"] else canvas.colors(1)[0]
            ax.hlines(y, 100 * row["conf_low"], 100 * row["conf_high"], color=color, linewidth=2)
            ax.plot(100 * row["estimate"], y, "o", color=color, markersize=6, markeredgecolor=PAPER)
        ax.axvline(0, color=SOFT, linewidth=1)
        all_prompts = 100 * float(rows["estimate"].iloc[0] - rows["change"].iloc[0])
        ax.axvline(all_prompts, color=SOFT, linewidth=1, linestyle="--")
        canvas.row_axis(ax, labels)
        ax.set_xlabel("points, without the prompt")
        ax.tick_params(axis="y", labelsize=SMALL)
        turning = int(rows["turns"].sum())
        verdict = f"The verdict turns without {turning} of them. " if turning else "No prompt turns the verdict. "
        shown = f"{len(rows)} of {table['prompt'].nunique()} prompts, those that move it most. Dashed: all prompts. "
        title = f"One prompt left out: {hardest['candidate']} − {hardest['baseline']}"
        canvas.heading(ax, title, f"{verdict}{shown}{_simulated(result)}".strip())
    return ax


def _require(result: object, what: str) -> Diagnosis:
    if not isinstance(result, Diagnosis):
        raise BaserateError(f"plot.{what} draws what model.diagnose() returns; got {type(result).__name__}.")
    return result


def _simulated(result: Diagnosis) -> str:
    return " Simulated data." if any("Simulated data" in note for note in result.notes) else ""
