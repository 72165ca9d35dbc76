"""How far the graders of a behavior can be trusted: their agreement, and their errors against human labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import Table, checked
from baserate.arguments import require_level
from baserate.errors import BaserateError, require_known
from baserate.grading.errors import errors_of
from baserate.grading.labels import label_sample, with_labels
from baserate.grading.result import ALL, Graders
from baserate.layout import PROMPT, VERSION
from baserate.note import Note
from baserate.rate_table import rates
from baserate.run_table import LABELS, labels_of, run_table
from baserate.runs import as_outcome
from baserate.stats.agreement import MEASURES, agreement

__all__ = ["Graders", "graders", "label_sample", "with_labels"]


@checked
def graders(
    runs: Table,
    outcome: str,
    others: Sequence[str] | None = None,
    human: str | None = None,
    level: float = 0.95,
) -> Graders:
    """Tell how far graders of one behavior agree, and how they err against human labels, by version.

    A judge that errs differently by version makes a difference between versions of its own: this is looked for, too.

    Parameters
    ----------
    runs : DataFrame
        Runs, one row each.
    outcome : str
        The graded behavior: a column of yes and no.
    others : sequence of str, optional
        Columns in which others graded the same behavior. Left out: those of yes and no that are called
        ``<outcome>_<grader>``, such as ``blackmail_keywords``.
    human : str, optional
        The column of human labels, which may hold few. Left out: the one called ``<outcome>_human``, ``_label``,
        ``_gold`` or the like.
    level : float
        The level of the intervals.

    Returns
    -------
    Graders
        Raw agreement, Cohen's kappa, Gwet's AC1 and Krippendorff's alpha of each pair of graders, with jackknife limits
        over prompts; and ``errors``, sensitivity and specificity against human labels, as rates on the design.

    Raises
    ------
    BaserateError
        If a column is not there or holds no yes and no, or no run was graded by two of them.

    References
    ----------
    Cohen (1960) Educ. Psychol. Meas. 20:37. Gwet (2008) Br. J. Math. Stat. Psychol. 61:29. Krippendorff (2004) Content
    Analysis. Efron & Tibshirani (1993) An Introduction to the Bootstrap, chapter 11.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"version": "a", "prompt": list("pqrs") * 5, "bad": [1, 0, 0, 1] * 5})
    >>> runs["bad_human"] = [1, 0, 0, 0] + [1, 0, 0, 1] * 4
    >>> found = graders(runs, "bad")
    >>> found.table.query("measure == 'raw' and version == 'all versions'")["estimate"].tolist()
    [0.95]
    >>> found.errors[["sensitivity", "specificity"]].round(3).values.tolist()[0]
    [1.0, 0.909]
    """
    require_level(level)
    table, counts = run_table(runs, outcome)
    named, human = _columns(table, outcome, others, human)
    read = {name: labels_of(table[name], name) if name == human else as_outcome(table[name]) for name in named}
    grades = pd.DataFrame({name: column.astype("Float64") for name, column in read.items()}).astype(float)
    version = table[VERSION]
    unit = pd.factorize(table[PROMPT])[0] if counts.prompts_known else np.arange(len(table))
    rows = []
    for grader, other in combinations(named, 2):
        for one in (ALL, *version.cat.categories):
            chosen = np.ones(len(table), dtype=bool) if one == ALL else (version == one).to_numpy()
            rows += _pair(grades, grader, other, str(one), chosen, unit, level)
    found = pd.DataFrame(rows)
    if not len(found):
        raise BaserateError(f"No run was graded by two of {', '.join(named)}.")
    errors, cautions = (
        errors_of(table, [n for n in named if n != human], human, level) if human else (pd.DataFrame(), [])
    )
    return Graders(
        table=found,
        outcome=outcome,
        method="jackknife over prompts" if counts.prompts_known else "jackknife over runs",
        level=level,
        scope="sampled",
        scope_reason="agreement is that on prompts like these",
        notes=(*counts.notes, *_notes(found, human)),
        cautions=tuple(cautions),
        graders=tuple(named),
        human=human or "",
        errors=errors,
    )


def _columns(
    table: pd.DataFrame, outcome: str, others: Sequence[str] | None, human: str | None
) -> tuple[list[str], str | None]:
    """Find the columns of the other graders, and which of them holds the human labels."""
    for name in [*(others or ()), *([human] if human else [])]:
        require_known(name, table.columns, "column of grades")
    if others is None:
        own = [
            c for c in map(str, table.columns) if c.startswith(f"{outcome}_") and not c.endswith(("_logged", "_asked"))
        ]
        others = [name for name in own if pd.api.types.is_bool_dtype(table[name]) or name.rpartition("_")[2] in LABELS]
        others = [name for name in others if table[name].notna().any()]
    if human is None:
        human = next((name for name in others if name.rpartition("_")[2].lower() in LABELS), None)
    named = list(dict.fromkeys([outcome, *others, *([human] if human else [])]))
    if len(named) < 2:
        raise BaserateError(
            f"Only one column grades {outcome!r}. Name another, as in others=['{outcome}_keywords'], or label some "
            f"runs by hand in a column '{outcome}_human'."
        )
    return named, human


def _pair(
    grades: pd.DataFrame, grader: str, other: str, version: str, chosen: Any, unit: Any, level: float
) -> list[dict[str, Any]]:
    pair = grades.loc[chosen, [grader, other]]
    both = pair.notna().all(axis=1)
    if not both.any():
        return []
    values, units = pair[both].to_numpy(float), pd.factorize(unit[chosen][both])[0]
    a, b = values.T
    agreed = pd.DataFrame({"version": "a", "prompt": units.astype(str), "agreed": a == b})
    least = float(rates(agreed, "agreed", level=level).table["conf_low"].iloc[0])
    tally = {
        "both_yes": int((a * b).sum()),
        "only_grader": int((a * (1 - b)).sum()),
        "only_other": int(((1 - a) * b).sum()),
        "both_no": int(((1 - a) * (1 - b)).sum()),
    }
    rows = []
    for measure in MEASURES:
        found = agreement(measure, values, units, level, least)
        rows.append(
            {
                "grader": grader,
                "other": other,
                "version": version,
                "measure": measure,
                "estimate": found.estimate,
                "std_error": found.std_error,
                "conf_low": found.low,
                "conf_high": found.high,
                "n": len(values),
                "prompts": int(units.max()) + 1,
                **tally,
            }
        )
    return rows


def _notes(found: pd.DataFrame, human: str | None) -> list[Note]:
    told = []
    whole = found[found["version"] == ALL]
    agree = (whole["both_yes"] + whole["both_no"]) / whole["n"]
    kappas = whole[whole["measure"] == "kappa"]
    if ((agree[kappas.index] > 0.85) & (kappas["estimate"] < 0.6)).any():
        told.append(
            Note(
                "kappa-prevalence",
                "Cohen's kappa and Krippendorff's alpha are low where nearly all grades are alike, "
                "however well graders agree; AC1 is not.",
            )
        )
    if human is None:
        told.append(
            Note(
                "no-labels",
                "No human labels: agreement does not tell which grader is right. Draw runs to label with "
                "br.label_sample, and read the labels back with br.with_labels.",
            )
        )
    return told
