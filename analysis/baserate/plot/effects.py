"""A comparison, or a model's estimates, as the labelled rows of a forest plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from baserate.comparison import Comparison
from baserate.comparison.sentences import ADJUSTED
from baserate.errors import BaserateError
from baserate.estimate import EFFECTS
from baserate.model import Estimates
from baserate.model.answers import RATIO, split_term
from baserate.plot import canvas
from baserate.plot.captions import method_line
from baserate.result import Result
from baserate.text import in_words, points
from baserate.text import ratio as ratio_text


@dataclass(frozen=True, eq=False)
class Effects:
    """What a forest plot shows.

    Attributes
    ----------
    rows : DataFrame
        One row an effect, in axis units: ``group`` (heading), ``label``, ``counts``, ``estimate``, ``low``, ``high``,
        ``worst_low``, ``worst_high`` (NaN where all runs are graded), ``words`` (verdict), ``numbers``, ``decided``.
    title, caption, axis : str
        The words around it.
    reference : float
        Where there is no effect: 0, or 1 for ratios; nan where that has no meaning.
    log : bool
        Whether the axis is logarithmic.
    margin : float or None
        Half the width of the band of equivalence, in axis units; of ratios, its upper end.
    signed : bool
        Whether numbers on the axis carry a sign, as differences do.
    """

    rows: pd.DataFrame
    title: str
    caption: str
    axis: str
    reference: float
    log: bool
    margin: float | None = None
    signed: bool = True


def effects(result: Any) -> Effects:
    """Find what a forest plot of a result shows.

    Parameters
    ----------
    result : Comparison or Estimates
        Differences or ratios.

    Returns
    -------
    Effects

    Raises
    ------
    BaserateError
        If the result holds neither.
    """
    if isinstance(result, Comparison):
        return _comparison(result)
    if isinstance(result, Estimates) and "term" in result.table and result.quantity != "test":
        return _terms(result)
    if isinstance(result, Estimates) and result.quantity == "interaction":
        return _interactions(result)
    if isinstance(result, Estimates) and "candidate" in result.table:
        return _contrasts(result)
    what = f"{type(result).__name__} of quantity {result.quantity!r}" if isinstance(result, Estimates) else type(result)
    raise BaserateError(
        "plot.forest draws differences and ratios: what compare(), model.contrasts() or model.odds_ratios() returns; "
        f"got {getattr(what, '__name__', what)}. For rates use plot.rates."
    )


def _comparison(result: Comparison) -> Effects:
    """Show differences in points, or ratios on a log axis, with the doubt that ungraded runs add."""
    t, ratio = result.table, result.effect != "difference"
    effect = EFFECTS[result.effect]
    one = _one_baseline(t)
    scale = 1.0 if ratio else 100.0
    rows = _sided_rows(t, result.by, one, scale, ratio_text if ratio else points)
    rows["words"] = t["verdict"]
    rows["decided"] = t["verdict"] != "inconclusive"
    ungraded = (t["missing_candidate"] + t["missing_baseline"]) > 0
    rows["worst_low"] = (scale * t["both_low"]).where(ungraded)
    rows["worst_high"] = (scale * t["both_high"]).where(ungraded)
    said = method_line(result) + (f"; p values: {ADJUSTED[result.adjust]}" if len(t) > 1 else "")
    if result.margin:
        within = f"a factor of {result.margin:g}" if ratio else f"±{100 * result.margin:g} points"
        said += f". Band: equivalent within {within}"
    said += ". Thin line: sampling and ungraded runs together" if ungraded.any() else ""
    between = f"{'against' if ratio else 'from'} {one}" if one else f"between {in_words(result.across)}s"
    axis = f"{effect.name}, log scale" if ratio else "difference in percentage points"
    margin = None if result.margin is None else scale * result.margin
    title = f"{_behavior(result)}: {effect.name} {between}"
    return Effects(rows, title, said, axis, effect.null, log=ratio, margin=margin)


def _contrasts(result: Estimates) -> Effects:
    """Show the contrasts of a model: differences, or ratios on a log axis."""
    ratio = result.quantity != "difference"
    one = _one_baseline(result.table)
    rows = _sided_rows(result.table, result.by, one, 1.0 if ratio else 100.0, ratio_text if ratio else points)
    name = {"difference": "difference", "ratio": "ratio of rates", "odds-ratio": "odds ratio"}[result.quantity]
    against = f"against {one}" if one else f"between {in_words(result.across)}s"
    axis = f"{name}, log scale" if ratio else "difference in percentage points"
    title = f"{_behavior(result)}: {name} {against}"
    return Effects(_judged(rows, result.null), title, method_line(result), axis, result.null, log=ratio)


def _interactions(result: Estimates) -> Effects:
    """Show the ratios of odds ratios, one row a pair of pairs."""
    t = result.table[result.table["scale"] == RATIO]
    pairs = t[["candidate", "baseline", "within", "against"]].itertuples(index=False)
    labels = [f"{_pair(a, b)}\n{canvas.wrap(f'{c} against {d}')}" for a, b, c, d in pairs]
    rows = pd.DataFrame({"group": "", "label": labels, "counts": "", **_scaled(t, 1.0, ratio_text)})
    title = f"{_behavior(result)}: {in_words(result.across)} × {in_words(result.by[0])}"
    axis = "ratio of odds ratios, log scale"
    return Effects(_judged(rows, 1.0), title, method_line(result), axis, 1.0, log=True)


def _terms(result: Estimates) -> Effects:
    """Show the odds ratios of a model's terms, under the names of their factors."""
    named = [_term(str(term)) for term in result.table["term"]]
    against = result.table["reference"] if "reference" in result.table else [""] * len(named)
    heads = [
        f"{factor}, against {level}" if level else factor for (factor, _), level in zip(named, against, strict=True)
    ]
    rows = pd.DataFrame(
        {
            "group": [head if level else "" for head, (_, level) in zip(heads, named, strict=True)],
            "label": [canvas.wrap(level or factor) for factor, level in named],
            "counts": "",
            **_scaled(result.table, 1.0, ratio_text),
        }
    )
    caption = method_line(result)
    title = f"{_behavior(result)}: odds ratios"
    return Effects(_judged(rows, 1.0), title, caption, "odds ratio, log scale", 1.0, log=True)


def _behavior(result: Result) -> str:
    return canvas.sentence(in_words(result.outcome))


def _one_baseline(table: pd.DataFrame) -> str | None:
    against = sorted(set(table["baseline"].astype(str)))
    return against[0] if len(against) == 1 else None


def _sided_rows(
    table: pd.DataFrame, by: tuple[str, ...], one: str | None, scale: float, write: Callable[[float, float, float], str]
) -> pd.DataFrame:
    """Make rows of what has a candidate and a baseline."""
    pairs = zip(table["candidate"].astype(str), table["baseline"].astype(str), strict=True)
    return pd.DataFrame(
        {
            "group": _groups(table, by),
            "label": [canvas.wrap(candidate) if one else _pair(candidate, baseline) for candidate, baseline in pairs],
            "counts": [_two_counts(row) for row in table.to_dict("records")],
            **_scaled(table, scale, write),
        }
    )


def _judged(rows: pd.DataFrame, null: float) -> pd.DataFrame:
    """Mark the rows whose interval leaves out no effect; a model gives no verdicts."""
    unknown = float("nan")
    decided = (rows["low"] > null) | (rows["high"] < null)
    return rows.assign(words="", decided=decided, worst_low=unknown, worst_high=unknown)


def _term(term: str) -> tuple[str, str]:
    """Split a model's term into plain words: ``version[T.b]:goal[T.x]`` is ("version × goal", "b × x")."""
    parts = split_term(term)
    return " × ".join(in_words(name) for name, _ in parts), " × ".join(level for _, level in parts if level)


def _pair(candidate: str, baseline: str) -> str:
    short = f"{candidate} − {baseline}"
    return short if len(short) <= canvas.MOST_LABEL else f"{canvas.wrap(candidate)}\n− {canvas.wrap(baseline)}"


def _groups(table: pd.DataFrame, by: tuple[str, ...]) -> list[str]:
    """Name the group of each row, for a heading."""
    levels = [[f"{in_words(c)}: {level}" for level in table[c]] for c in by]
    return [", ".join(parts) for parts in zip(*levels, strict=True)] if by else [""] * len(table)


def _scaled(table: pd.DataFrame, scale: float, write: Callable[[float, float, float], str]) -> dict[str, Any]:
    columns = [table[name].astype(float) for name in ("estimate", "conf_low", "conf_high")]
    numbers = [write(*limits) for limits in zip(*columns, strict=True)]
    estimate, low, high = (scale * column for column in columns)
    return {"estimate": estimate, "low": low, "high": high, "numbers": numbers}


def _two_counts(row: Mapping[Any, Any]) -> str:
    counts = f"{row['events_candidate']}/{row['n_candidate']} vs {row['events_baseline']}/{row['n_baseline']}"
    missing = row["missing_candidate"] + row["missing_baseline"]
    return counts + (f", {missing} ungraded" if missing else "")
