"""What may be asked of a comparison, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baserate.arguments import require_level, require_margin, require_method
from baserate.comparison.adjustment import ADJUSTMENTS
from baserate.comparison.interim import ANYTIME, Looks
from baserate.corrected_rates import CORRECTIONS
from baserate.errors import BaserateError, require_known
from baserate.estimate import DIFFERENCE_METHODS, EFFECTS, TESTS


@dataclass(frozen=True)
class Options:
    """The options of `baserate.comparison.compare` that choose how pairs are judged.

    Attributes
    ----------
    level : float
    effect : str
    margin : float or None
    method, test : str or None
    stratified : bool
        Whether strata were named.
    adjust : str
    looks : sequence of float, "anytime" or None
    spending : str
    """

    level: float = 0.95
    effect: str = "difference"
    margin: float | None = None
    method: str | None = None
    test: str | None = None
    stratified: bool = False
    adjust: str = "holm"
    looks: Looks | None = None
    spending: str = "obrien-fleming"

    @property
    def anytime(self) -> bool:
        """Whether the looks were not planned."""
        return isinstance(self.looks, str) and self.looks == ANYTIME


def require_askable(options: Options) -> None:
    """Raise unless the options are known and go together.

    Parameters
    ----------
    options : Options

    Raises
    ------
    BaserateError
        Naming the option that is wrong.
    """
    require_level(options.level)
    require_known(options.effect, EFFECTS, "effect")
    if options.method is not None:
        require_method(options.method, DIFFERENCE_METHODS)
    if options.test is not None:
        require_known(options.test, TESTS, "test")
    require_known(options.adjust, ADJUSTMENTS, "adjustment")
    require_margin(options.margin, options.effect)
    if options.margin is not None and options.level <= 0.5:
        raise BaserateError(
            f"A margin is held against the interval of level 1 - 2 alpha; level={options.level!r} leaves none. "
            "Ask for a level above 0.5, such as 0.95."
        )
    _require_together(options)


def _require_together(options: Options) -> None:
    ratio = options.effect != "difference"
    if ratio and (options.method not in (None, "miettinen-nurminen", "mover") or options.stratified):
        raise BaserateError(
            f"effect={options.effect!r} has Miettinen and Nurminen's interval of independent runs, MOVER of others. "
            "Leave method and strata out (name strata as conditions), or ask for the difference."
        )
    if options.anytime and (options.method or options.test or options.stratified or ratio):
        raise BaserateError("looks='anytime' has its own method. Leave method, test, strata and effect out.")
    if options.stratified and (options.method or options.test):
        raise BaserateError("With strata the method follows from the design. Leave method and test out, or strata.")


def require_correctable(corrected: str, options: Options, outcomes: Sequence[str]) -> None:
    """Raise unless differences of corrected rates can be given with these options.

    Parameters
    ----------
    corrected : str
    options : Options
    outcomes : sequence of str

    Raises
    ------
    BaserateError
    """
    require_known(corrected, CORRECTIONS, "correction")
    asked = {
        "effect": options.effect != "difference",
        "method": options.method is not None,
        "test": options.test is not None,
        "strata": options.stratified,
        "looks": options.looks is not None,
        f"adjust={options.adjust!r}": options.adjust not in ("holm", "none"),
        "several outcomes": len(outcomes) > 1,
    }
    if named := [name for name, is_asked in asked.items() if is_asked]:
        raise BaserateError(
            f"corrected={corrected!r} gives differences of one outcome, with limits and tests of its own. "
            f"Leave {', '.join(named)} out."
        )
