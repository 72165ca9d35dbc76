"""Is a rate like 84 % a real difference?

A map of what is here, in the order in which it is used:

===================  ================================================================================
`read`               graded logs (Inspect, result trees, CSV, JSONL, Parquet, counts) -> one runs table
`audit`              what the runs can and cannot answer
`rates`              the rate of a behavior in each group, with intervals
`compare`            differences between versions, with verdicts
`fit`                a logistic model of the behavior against the scenario's factors
`fit_ordinal`        the same of a rating, such as overtness from 1 to 10
`plot`               pictures of results: `plot.rates`, `plot.forest`, `plot.heatmap`
`report`             one self-contained HTML page
`check`              a policy file, run in CI
`save_baseline`      counts of a version, for later releases to be held against
`self_test`          how often a policy errs on one's own runs
`paths`              how runs go from act to act: pleas first, and blackmail when they fail
`awareness`          a behavior held against whether the model took it for a test
`at_most`            how rare an act is at most, and what a deployment may see of it
`at_k`               how often all of k runs of a prompt show it (pass^k), and how often any does (hit@k)
`graders`            how far graders agree, and how they err against human labels
`label_sample`       which runs to label by hand; `with_labels` reads the labels back
`power`              how likely planned runs are to decide
`runs_needed`        how many runs, or prompts, decide
`plan`               from a pilot: what varies, and how to spend runs between prompts and epochs
`load_example`       runs to try things on
`simulate`           seeded, simulated runs
`count`              the counts per cell that every estimate is computed from
===================  ================================================================================

Results are frozen: `Rates`, `Comparison`, `AtMost`, `AtK`, `Awareness`, `Graders`, `Paths`, `LogisticModel`,
`OrdinalModel`, `Estimates`, `Diagnosis`, `Audit`, `Checks`, `SelfTest`, `PowerResult`, `Plan`; so are `Counts`. Each
result has ``table``, ``method``, ``level``, ``scope``, ``cautions`` and ``notes``, and can ``explain()`` itself. What
cannot be answered raises `BaserateError`; what limits an answer warns with `DesignWarning` or `SeparationWarning`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from baserate._version import __version__ as __version__

if TYPE_CHECKING:
    from baserate import plot as plot
    from baserate.audits import Audit as Audit
    from baserate.audits import audit as audit
    from baserate.awareness_result import Awareness as Awareness
    from baserate.awareness_table import awareness as awareness
    from baserate.checks import Checks as Checks
    from baserate.checks import SelfTest as SelfTest
    from baserate.checks import check as check
    from baserate.checks import save_baseline as save_baseline
    from baserate.checks import self_test as self_test
    from baserate.comparison import Comparison as Comparison
    from baserate.comparison import compare as compare
    from baserate.counts import Counts as Counts
    from baserate.counts import count as count
    from baserate.errors import BaserateError as BaserateError
    from baserate.errors import DesignWarning as DesignWarning
    from baserate.errors import SeparationWarning as SeparationWarning
    from baserate.examples import load_example as load_example
    from baserate.grading import Graders as Graders
    from baserate.grading import graders as graders
    from baserate.grading import label_sample as label_sample
    from baserate.grading import with_labels as with_labels
    from baserate.k_runs import AtK as AtK
    from baserate.k_runs import at_k as at_k
    from baserate.model import Diagnosis as Diagnosis
    from baserate.model import Estimates as Estimates
    from baserate.model import LogisticModel as LogisticModel
    from baserate.model import fit as fit
    from baserate.ordinal import OrdinalModel as OrdinalModel
    from baserate.ordinal import fit_ordinal as fit_ordinal
    from baserate.pathway import Paths as Paths
    from baserate.pathway import paths as paths
    from baserate.planning import Plan as Plan
    from baserate.planning import PowerResult as PowerResult
    from baserate.planning import plan as plan
    from baserate.planning import power as power
    from baserate.planning import runs_needed as runs_needed
    from baserate.rare_acts import AtMost as AtMost
    from baserate.rare_acts import at_most as at_most
    from baserate.rate_table import Rates as Rates
    from baserate.rate_table import rates as rates
    from baserate.readers import read as read
    from baserate.reports import report as report
    from baserate.simulation import simulate as simulate

_HOMES = {
    "audits": ("audit", "Audit"),
    "awareness_result": ("Awareness",),
    "awareness_table": ("awareness",),
    "checks": ("check", "save_baseline", "self_test", "Checks", "SelfTest"),
    "comparison": ("compare", "Comparison"),
    "counts": ("count", "Counts"),
    "errors": ("BaserateError", "DesignWarning", "SeparationWarning"),
    "examples": ("load_example",),
    "grading": ("graders", "Graders", "label_sample", "with_labels"),
    "k_runs": ("at_k", "AtK"),
    "model": ("fit", "LogisticModel", "Estimates", "Diagnosis"),
    "ordinal": ("fit_ordinal", "OrdinalModel"),
    "pathway": ("paths", "Paths"),
    "planning": ("power", "runs_needed", "plan", "PowerResult", "Plan"),
    "plot": ("plot",),
    "rare_acts": ("at_most", "AtMost"),
    "rate_table": ("rates", "Rates"),
    "readers": ("read",),
    "reports": ("report",),
    "simulation": ("simulate",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME)


if not TYPE_CHECKING:  # a type checker reads the imports above, and reports a name that is not there

    def __getattr__(name: str) -> Any:
        """Import a public name when it is first used (PEP 562): ``baserate --help`` need not wait for pandas."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"{__name__}.{_HOME[name]}")
        value = module if name == _HOME[name] else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
