"""What a policy says at each true change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baserate.checks.self_test import CAUGHT, SelfTest
from baserate.errors import BaserateError
from baserate.plot import canvas
from baserate.plot.canvas import SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def power_curve(result: SelfTest, ax: Axes | None = None) -> Axes:
    """Draw how often each check fails, by how much worse the candidate truly is.

    Parameters
    ----------
    result : SelfTest
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Both axes in percent.

    Raises
    ------
    BaserateError
        If no check was dealt.
    """
    if result.table.empty:
        raise BaserateError("No check was dealt, so there is nothing to draw.")
    with canvas.look():
        ax = canvas.make_axes(ax, 3.0)
        names = list(result.table["check"])
        ends = []
        for color, name in zip(canvas.colors(len(names)), names, strict=True):
            curve = result.curves[result.curves["check"] == name]
            ax.plot(100 * curve["change"], 100 * curve["fail"], color=color, linewidth=2.0, label=name)
            reached = curve.loc[curve["fail"] >= 0.99, "change"]
            ends.append(float(reached.min() if len(reached) else curve["change"].max()))
        ax.axhline(100 * CAUGHT, color=SOFT, linewidth=1.0, linestyle=":", label="_caught")
        ax.set(xlim=(0, 100 * max(ends)), ylim=(-2, 102), xlabel="true change for the worse, points")
        ax.set_ylabel("deals in which the check fails, %")
        if len(names) > 1:
            ax.legend(frameon=False, loc="lower right")
        repeats = int(result.table["repeats"].iloc[0])
        caption = f"One's own runs, dealt at random {repeats:,} times. Dotted: {100 * CAUGHT:.0f}%"
        canvas.heading(
            ax, f"What the policy catches: {names[0]}" if len(names) == 1 else "What the policy catches", caption
        )
    return ax
