"""An SVG made part of a page: its names made unique, its colors those of the page."""

from __future__ import annotations

import html
import re

from baserate.plot import canvas

_COLORS = {
    canvas.INK: "var(--ink)",
    canvas.SOFT: "var(--soft)",
    canvas.FAINT: "var(--faint)",
    canvas.EDGE: "var(--faint)",
    canvas.GRID: "var(--rule)",
    canvas.ACCENT: "var(--accent)",
    canvas.PAPER: "var(--paper)",
}


def inline(svg: str, name: str, title: str) -> str:
    """Make an SVG file an element of a page.

    Parameters
    ----------
    svg : str
        What `baserate.figures.saving.to_svg` returns.
    name : str
        Put before each id, so that the figures of a page do not refer to parts of each other.
    title : str
        What it shows, for those who do not see it.

    Returns
    -------
    str
        One ``<svg>`` element that follows the light or dark colors of the page.
    """
    element = svg[svg.index("<svg") :]
    element = re.sub(r"\bid=\"([^\"]+)\"", rf'id="{name}-\1"', element)
    element = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", element)
    element = re.sub(r"href=\"#([^\"]+)\"", rf'href="#{name}-\1"', element)
    element = re.sub(r"<style\b.*?</style>", "", element, flags=re.DOTALL)  # it would style the whole page
    for color, variable in _COLORS.items():
        element = element.replace(color, variable)
    width = re.search(r"viewBox=\"0 0 ([\d.]+) ", element)
    size = f"max-width:{float(width[1]) * 1.2 / 12:.1f}rem" if width else ""
    tag, inside = element.split(">", 1)
    tag = re.sub(r" (?:width|height)=\"[^\"]*\"", "", tag)
    return tag.replace("<svg", f'<svg role="img" aria-label="{html.escape(title)}" style="{size}"', 1) + ">" + inside
