"""Which acts runs went through, as parts of a bar for each version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baserate.errors import BaserateError
from baserate.pathway import Paths
from baserate.plot import canvas
from baserate.plot.canvas import ON_DARK, ON_LIGHT, PAPER, SMALL
from baserate.text import in_words, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHADES = "blend:#dfe6ec,#8fc1e0,#0272b2,#06283d"  # evenly darker, so that it reads the same in grey
_ROW = 0.55  # inches
_LINE = 0.26
_NARROW = 0.05  # of all runs: a part too narrow for a number


def paths(result: Paths, ax: Axes | None = None) -> Axes:
    """Draw for each version which acts its runs went through.

    Parameters
    ----------
    result : Paths
        What `baserate.paths` returned.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        A bar a version, at y = 0, 1, …; its parts are the shares of graded runs by all the acts that they showed, the
        fewest acts first. The darker, the further along the path.

    Raises
    ------
    BaserateError
        If the result is not of paths.

    Examples
    --------
    >>> import baserate as br
    >>> runs = br.simulate({"old": 0.7, "new": 0.84})
    >>> runs["plea"] = runs["epoch"] % 2 == 0
    >>> axes = br.plot.paths(br.paths(runs, ["plea", "blackmail"]))
    """
    if not isinstance(result, Paths):
        raise BaserateError(f"plot.paths draws what baserate.paths returns; got {type(result).__name__}.")
    import seaborn as sns

    patterns = result.patterns
    kinds = sorted({tuple(row) for row in patterns[list(result.acts)].astype(bool).to_numpy()}, key=_how_far)
    versions = [str(name) for name in dict.fromkeys(patterns[result.across])]
    with canvas.look():
        own = ax is None
        ax = canvas.make_axes(ax, _ROW * len(versions) + 1.3 + _LINE * (len(kinds) + 1) // 2)
        shades = sns.color_palette(_SHADES, n_colors=len(kinds))
        left = dict.fromkeys(versions, 0.0)
        for kind, shade in zip(kinds, shades, strict=True):
            for y, version in enumerate(versions):
                share = _share(patterns, result, kind, version)
                label = _label(result.acts, kind) if y == 0 else "_"
                ax.barh(y, share, 0.7, left[version], color=shade, edgecolor=PAPER, linewidth=1, label=label)
                if share >= _NARROW:
                    color = ON_DARK if sum(shade) < 1.6 else ON_LIGHT
                    middle = left[version] + share / 2
                    ax.text(middle, y, percent(share), ha="center", va="center", color=color, fontsize=SMALL)
                left[version] += share
        canvas.row_axis(ax, versions)
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        ax.set_xlabel("share of graded runs")
        if own:
            canvas.whole_figure(ax).legend(loc="outside lower left", ncols=2, fontsize=SMALL, frameon=False)
        else:
            ax.legend(loc="upper left", bbox_to_anchor=(0, -0.3), ncols=2, fontsize=SMALL, frameon=False)
        title = f"What runs went through: {' → '.join(map(in_words, result.acts))}"
        canvas.heading(ax, title, _caption(result, versions))
    return ax


def _how_far(kind: tuple[bool, ...]) -> tuple[int, ...]:
    """Sort by the last act, then by those before it."""
    return tuple(int(done) for done in reversed(kind))


def _label(acts: tuple[str, ...], kind: tuple[bool, ...]) -> str:
    done = [in_words(act) for act, there in zip(acts, kind, strict=True) if there]
    return " and ".join(done) if done else "none of them"


def _share(patterns: Any, result: Paths, kind: tuple[bool, ...], version: str) -> float:
    hit = patterns[result.across].astype(str) == version
    for act, there in zip(result.acts, kind, strict=True):
        hit &= patterns[act].astype(bool) == there
    return float(patterns.loc[hit, "share"].sum())


def _caption(result: Paths, versions: list[str]) -> str:
    runs = [int(result.patterns.loc[result.patterns[result.across].astype(str) == v, "n"].sum()) for v in versions]
    simulated = " Simulated data." if any("Simulated data" in note for note in result.notes) else ""
    told = ", ".join(f"{version} {n}" for version, n in zip(versions, runs, strict=True))
    return f"Graded runs: {told}. Runs that end without an act are counted.{simulated}"
