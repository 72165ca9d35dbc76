"""Findings about the design: what the combinations of version, factors and prompts can and cannot tell apart.

Each function takes the evidence and yields what it finds, which is nothing where all is well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from baserate.audits.evidence import NOT_RECORDED, Evidence, condition_label, with_factors
from baserate.audits.finding import Finding, listed
from baserate.defaults import prompts_filled_in
from baserate.design import build_design


def blocks(a: pd.Series, b: pd.Series) -> list[tuple[list[str], list[str]]]:
    """Split the levels of two factors into blocks that never occur together.

    The main effects of two factors make a design of rank levels(a) + levels(b) - blocks, so that more than one block
    means that the runs cannot tell part of one from part of the other.

    Parameters
    ----------
    a, b : Series
        One row a run, or a combination that occurs.

    Returns
    -------
    list of (list of str, list of str)
        For each block, the levels of `a` and the levels of `b` in it.
    """
    return _blocks(_met(_coded(a), _coded(b)))


Coded = tuple[npt.NDArray[np.intp], list[str]]


class _Met(NamedTuple):
    """Which levels of two factors occur together, in the rows that have both."""

    levels_a: list[str]
    levels_b: list[str]
    together: npt.NDArray[np.bool_]


def _coded(column: pd.Series) -> Coded:
    """Give each level of a column a number, in the order in which they come; -1 where none was recorded."""
    text = column.astype(str)
    codes, levels = pd.factorize(text.mask(text == NOT_RECORDED))
    return codes, [str(level) for level in levels]


def _met(a: Coded, b: Coded) -> _Met:
    (codes_a, levels_a), (codes_b, levels_b) = a, b
    both = (codes_a >= 0) & (codes_b >= 0)
    together = np.zeros((len(levels_a), len(levels_b)), dtype=bool)
    together[codes_a[both], codes_b[both]] = True
    rows, columns = np.atleast_1d(together.any(axis=1)), np.atleast_1d(together.any(axis=0))
    kept_a = [level for level, met in zip(levels_a, rows, strict=True) if met]
    kept_b = [level for level, met in zip(levels_b, columns, strict=True) if met]
    return _Met(kept_a, kept_b, together[np.ix_(rows, columns)])


def _blocks(met: _Met) -> list[tuple[list[str], list[str]]]:
    if met.together.all():
        return [(met.levels_a, met.levels_b)] if met.together.size else []
    one, two = np.nonzero(met.together)
    a, b = (np.array(levels, dtype=object) for levels in met[:2])
    edges = coo_array((np.ones(len(one)), (one, two + len(a))), (len(a) + len(b),) * 2)
    found, block = connected_components(edges, directed=False)
    of_a, of_b = block[: len(a)], block[len(a) :]
    return [(list(a[of_a == i]), list(b[of_b == i])) for i in range(found)]


def entangled(evidence: Evidence) -> Iterator[Finding]:
    """Find pairs, of the version or a factor with a factor, that the runs cannot tell apart."""
    names = [*(["version"] if evidence.design["version"].nunique() > 1 else []), *evidence.factors]
    coded = {name: _coded(evidence.design[name]) for name in names}
    for a, b in combinations(names, 2):
        split = _blocks(_met(coded[a], coded[b]))
        if len(split) > 1:
            yield _entangled(a, b, split)


def _entangled(a: str, b: str, split: list[tuple[list[str], list[str]]]) -> Finding:
    one_a = all(len(levels) == 1 for levels, _ in split)
    one_b = all(len(levels) == 1 for _, levels in split)
    with_version = a == "version"
    told = "; ".join([f"{listed(x, 3)} with {listed(y, 3)}" for x, y in split[:4]])
    if one_a and one_b:
        what, do = f"{a} and {b} are aliased", "They carry the same information: use only one of them."
    elif one_a or one_b:
        inner, outer = (b, a) if one_a else (a, b)
        what = f"{inner} is nested in {outer}"
        do = f"Use one of them in a formula, not both: each level of {inner} goes with one level of {outer}."
    else:
        what = f"{a} and {b} are partly confounded"
        do = "Their main effects together are not determined: leave one out, or merge levels."
    if with_version:
        do = f"A difference between versions cannot be told from an effect of {b}: run each version at the same levels."
    severity = "problem" if with_version else "note" if one_a != one_b else "warning"
    return Finding(severity, what, f"Only these occur together: {told}.", do)


def never_together(evidence: Evidence) -> Iterator[Finding]:
    """Find pairs of factors whose interaction cannot be estimated in full, as some of their levels never meet."""
    told = []
    coded = {name: _coded(evidence.design[name]) for name in evidence.factors}
    for a, b in combinations(evidence.factors, 2):
        met = _met(coded[a], coded[b])
        holes = int((~met.together).sum())
        if holes and len(_blocks(met)) == 1:
            told.append(f"{a} and {b} ({holes} of {met.together.size} combinations)")
    if told:
        yield Finding(
            "note",
            "levels that never occur together",
            f"{listed(told)}.",
            "The interaction of such a pair cannot be estimated in full; main effects can.",
        )


def lone_levels(evidence: Evidence) -> Iterator[Finding]:
    """Find levels of a factor, or prompts, that only some of the versions were run on."""
    versions = evidence.design["version"].nunique()
    if versions < 2:
        return
    for name in evidence.factors:
        met = _met(_coded(evidence.design["version"]), _coded(evidence.design[name]))
        if len(_blocks(met)) > 1:
            continue  # told by entangled()
        seen = sorted(zip(met.levels_b, met.together.T, strict=True), key=lambda one: one[0])
        alone = [f"{level} ({met.levels_a[where.argmax()]})" for level, where in seen if where.sum() == 1]
        if alone:
            yield Finding(
                "warning",
                f"levels of {name} that one version alone has",
                f"{listed(alone)}.",
                "Compare the versions on the levels that they share.",
            )


def unshared_prompts(evidence: Evidence) -> Iterator[Finding]:
    """Find prompts that not every version was run on."""
    if evidence.rows is not None and prompts_filled_in(evidence.rows):
        return  # each row was made its own prompt
    versions = evidence.design["version"].nunique()
    met = evidence.design.groupby("prompt", observed=True)["version"].nunique()
    if versions < 2 or (met == versions).all():
        return
    shared = int((met == versions).sum())
    yield Finding(
        "warning",
        "prompts differ between versions",
        f"{shared} of {len(met)} prompts were run on all {versions} versions.",
        "A difference between versions holds the difference between their prompts: run all on the same prompts.",
    )


def empty_cells(evidence: Evidence) -> Iterator[Finding]:
    """Find conditions that some version was not run on."""
    conditions = evidence.design[["version", *evidence.factors]].drop_duplicates()
    versions = list(conditions["version"].astype(str).unique())
    if len(versions) < 2 or not evidence.factors:
        return
    met = conditions.astype(str).groupby(evidence.factors, sort=False)["version"].agg(set).reset_index()
    holes = [
        f"{version} at {condition_label(row, evidence.factors)}"
        for _, row in met.iterrows()
        for version in versions
        if version not in row["version"]
    ]
    if holes:
        yield Finding(
            "warning",
            "conditions without runs",
            f"{len(holes)} of {len(met) * len(versions)} cells (version × condition): {listed(holes, 2)}.",
            "Interactions that need these cells cannot be estimated: compare on conditions that all versions share.",
        )


def one_sided_levels(evidence: Evidence) -> Iterator[Finding]:
    """Find versions and levels where every run, or none, showed the behavior: their main effect separates."""
    for outcome, cells in evidence.cells.items():
        told = []
        for name in ("version", *evidence.factors):
            sums = cells.groupby(name, observed=True)[["n", "events"]].sum()
            sums = sums[(sums["n"] > 0) & ((sums["events"] == 0) | (sums["events"] == sums["n"]))]
            told += [f"{name}={level} ({row.events}/{row.n})" for level, row in sums.iterrows()]
        if told:
            yield Finding(
                "warning",
                f"levels with no events or only events of {outcome}",
                f"{listed(told)}.",
                "Their logistic coefficients have no finite estimate; fit() finds it and uses Firth's method.",
                outcome,
            )


def one_sided_cells(evidence: Evidence) -> Iterator[Finding]:
    """Find cells where every run, or none, showed the behavior, or none could be graded."""
    for outcome, cells in evidence.cells.items():
        keys = ["version", *evidence.factors]
        known = with_factors(cells, evidence.factors)
        sums = known.groupby(keys, observed=True)[["n", "events"]].sum().reset_index()
        label = {
            i: f"{row['version']} at {condition_label(row, evidence.factors)} ({row['events']}/{row['n']})"
            for i, row in sums.iterrows()
        }
        kinds = {
            "no graded run": sums["n"] == 0,
            "no events": (sums["n"] > 0) & (sums["events"] == 0),
            "only events": (sums["n"] > 0) & (sums["events"] == sums["n"]),
        }
        for what, hit in kinds.items():
            told = [label[i] for i in sums.index[hit]]
            if told:
                yield _one_sided(outcome, what, told, len(sums))


def _one_sided(outcome: str, what: str, told: list[str], cells: int) -> Finding:
    found = f"{len(told)} of {cells} cells: {listed(told, 2)}."
    if what == "no graded run":
        return Finding(
            "warning", f"cells with no run graded on {outcome}", found, "Nothing can be said of them.", outcome
        )
    do = "An interaction of these factors has no finite logistic estimate; fit() then uses Firth's method."
    return Finding("note", f"cells with {what} of {outcome}", found, do, outcome)


def scope(evidence: Evidence) -> Iterator[Finding]:
    """Say which question the prompts allow: about these, or about prompts like these."""
    if evidence.counts is None:
        return
    design = build_design(evidence.counts, ["version"])
    do = {
        "fixed": "Intervals hold for these prompts: to speak of prompts like these, run several in each condition.",
        "sampled": "Intervals hold for prompts like these; scope='fixed' narrows the question to these prompts.",
    }
    reason = design.scope_reason
    yield Finding("note", f"scope {design.scope}", f"{reason[0].upper()}{reason[1:]}.", do[design.scope])
