"""What the path of acts is shown as."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from baserate.frames import own_frames
from baserate.model import LogisticModel
from baserate.result import Result
from baserate.text import in_words, interval, percent


@own_frames("table", "first", "patterns", "differences")
@dataclass(frozen=True, eq=False, repr=False)
class Paths(Result):
    """How runs go from act to act, one row a step and version.

    ``table`` has ``step``, the column of versions, ``estimate, conf_low, conf_high, n`` (runs that came so far),
    ``events`` (that went on), ``missing`` (of which it is not known) and ``prompts``. Steps are the first act of all
    runs; each act given the one before it, and without it; and how often the one before came first.

    Attributes
    ----------
    acts : tuple of str
        In their order.
    across : str
        The column of versions.
    first : DataFrame
        Which act came first, and in how many runs none did: ``first`` and the columns of `table`. A copy each time.
    patterns : DataFrame
        Runs by all that they did: a column an act, the version, ``n`` and ``share``. A copy each time.
    differences : DataFrame
        Each step between versions: ``step, candidate, baseline, estimate, conf_low, conf_high, p_value`` and
        ``p_adjusted``, Holm's over all steps and pairs. A copy each time.
    model : LogisticModel or None
        The sequential logistic model ``went_on ~ stage * version``: each act among the runs that showed all before it.
        None where it cannot be fitted.
    """

    acts: tuple[str, ...] = ()
    across: str = ""
    first: pd.DataFrame = field(default_factory=pd.DataFrame)
    patterns: pd.DataFrame = field(default_factory=pd.DataFrame)
    differences: pd.DataFrame = field(default_factory=pd.DataFrame)
    model: LogisticModel | None = None

    def pretty(self) -> pd.DataFrame:
        """Return the table as text for people: a row a step, a column a version.

        Returns
        -------
        DataFrame
            Of strings.
        """
        rows: dict[str, dict[str, str]] = {}
        for row in self.table.to_dict("records"):
            told = (
                f"{percent(row['estimate'])} {interval(row['conf_low'], row['conf_high'])}, {row['events']}/{row['n']}"
            )
            rows.setdefault(str(row["step"]), {})[str(row[self.across])] = told if row["n"] else "no run came so far"
        return pd.DataFrame([{"step": step, **cells} for step, cells in rows.items()]).fillna("no run came so far")

    @property
    def answer(self) -> str:
        """The step at which versions differ most, or that none does."""
        found = self._apart()
        return found or f"The share of runs that go on along {' → '.join(map(in_words, self.acts))}, by {self.across}."

    def described(self) -> str:
        """Say how runs go on, and where versions differ.

        Returns
        -------
        str
        """
        found = self._apart()
        told = f"The path {' → '.join(self.acts)}: of the runs that came to each step, the share that went on."
        return " ".join(filter(None, (told, found, f"{self.confidence} intervals ({self.method}).")))

    def _apart(self) -> str:
        """Say where versions differ most; nothing where there is one version."""
        apart = self.differences.to_dict("records")
        worst = min(apart, key=lambda row: float(row["p_adjusted"]), default=None)
        if worst is not None and worst["p_adjusted"] < 1 - self.level:
            return (
                f"Versions differ most at {worst['step']!r}: {worst['candidate']} {100 * worst['estimate']:+.1f} "
                f"points against {worst['baseline']} (p {worst['p_adjusted']:.2g} over all steps)."
            )
        return "No step differs between versions beyond chance." if apart else ""
