"""A figure as files: pictures, the numbers in them, and where the numbers come from."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baserate.arguments import writing
from baserate.escape import xml_text
from baserate.figures.provenance import NO_SOURCES, Sources, provenance, without_place
from baserate.plot.canvas import FONTS, whole_figure, without_advice
from baserate.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 220
_LAYOUTS = 2  # the second settles what the first moved
_TEXT: Any = {"font.sans-serif": FONTS, "text.parse_math": False}
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # signs that no XML may hold
_NOTHING = {"Date": None, "Creator": None, "Format": None, "Type": None}


def save(
    ax: Axes,
    result: Result,
    stem: str | Path,
    logs: Sources | None = None,
    counts: tuple[int, int] | None = None,
) -> list[Path]:
    """Write a figure as SVG and PNG, with its numbers (CSV) and their provenance (JSON) beside it.

    The same data give the same bytes of SVG and CSV: no time, no random names, no paths of this machine. The CSV keeps
    names as they are, so that they can be read again: a spreadsheet takes one that begins with ``=`` for a formula.

    Parameters
    ----------
    ax : Axes
        What a function of `baserate.plot` returned.
    result : Result
        What was drawn.
    stem : str or Path
        Folder and name of the files, without an extension.
    logs : Sources, optional
        What `baserate.figures.sources` returns for the runs; the logs are listed in the provenance.
    counts : tuple of int, optional
        Graded and ungraded runs, where the table of the result does not tell (a model's coefficients).

    Returns
    -------
    list of Path
        ``stem.svg``, ``stem.png``, ``stem.csv``, ``stem.json``.
    """
    with writing(stem):
        return _save(ax, result, Path(stem), NO_SOURCES if logs is None else logs, counts)


def _save(ax: Axes, result: Result, stem: Path, known: Sources, counts: tuple[int, int] | None) -> list[Path]:
    stem.parent.mkdir(parents=True, exist_ok=True)
    svg, png, csv, about = (stem.parent / f"{stem.name}.{end}" for end in ("svg", "png", "csv", "json"))
    svg.write_text(to_svg(ax, stem.name), encoding="utf-8", newline="\n")
    _write_png(ax, png)
    numbers = result.to_frame().to_csv(index=False, float_format="%.10g", lineterminator="\n")
    csv.write_text(numbers, encoding="utf-8", newline="\n")
    said = {"figure": stem.name, **provenance(result, known, counts)}
    text = without_place(json.dumps(said, indent=2, ensure_ascii=False), known)
    about.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return [svg, png, csv, about]


def to_svg(ax: Axes, name: str) -> str:
    """Write a figure as SVG, the same for the same data.

    Type stays text, which can be searched and read aloud; its fonts have the same widths on all systems.

    Parameters
    ----------
    ax : Axes
        What to write.
    name : str
        Makes the names inside this SVG differ from those in others.

    Returns
    -------
    str
    """
    import matplotlib as mpl

    written = io.StringIO()
    fonts: Any = {"svg.hashsalt": f"baserate {name}", "svg.fonttype": "none", "font.sans-serif": FONTS}
    with mpl.rc_context(fonts), without_advice():
        figure = whole_figure(ax)
        _settle(figure)
        figure.savefig(written, format="svg", metadata=_NOTHING)
    return "\n".join(line.rstrip() for line in xml_text(written.getvalue()).split("\n"))


def _settle(figure: Figure) -> None:
    """Lay a figure out once and for all: laid out again, places differ in their last digits, and so do the bytes."""
    if figure.get_layout_engine() is None:
        return
    for _ in range(_LAYOUTS):
        figure.draw_without_rendering()
    figure.set_layout_engine("none")


def _write_png(ax: Axes, path: Path) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"font.sans-serif": FONTS}), without_advice():
        whole_figure(ax).savefig(path, dpi=_DPI, metadata={"Software": None})
