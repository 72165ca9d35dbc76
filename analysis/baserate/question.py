"""What is asked of a comparison, checked before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass

from baserate.arguments import require_level, require_method
from baserate.effects import EFFECTS, infer_ratio
from baserate.errors import BaserateError, require_known
from baserate.infer import METHODS, TESTS, infer
from baserate.looks import infer_anytime
from baserate.pairs import Inference, Pair
from baserate.strata import Strata, infer_standardized, infer_stratified
from baserate.verdict import Region


@dataclass(frozen=True)
class Question:
    """What is asked of each pair.

    Attributes
    ----------
    scope : str
        "fixed" or "sampled".
    level : float
        Of the intervals.
    effect : str
        One of `baserate.effects.EFFECTS`.
    margin : float or None
        A difference, or a ratio above 1.
    method, test : str or None
        Of the interval and the test; None where the design decides.
    stratified : bool
        Whether strata were named.
    anytime : bool
        Whether the answer must hold however often one looks.
    """

    scope: str
    level: float = 0.95
    effect: str = "difference"
    margin: float | None = None
    method: str | None = None
    test: str | None = None
    stratified: bool = False
    anytime: bool = False

    @property
    def alpha(self) -> float:
        """The error that is allowed."""
        return 1 - self.level

    @property
    def region(self) -> Region | None:
        """The effects that count as equivalent."""
        if self.margin is None:
            return None
        return (
            Region(-self.margin, self.margin) if self.effect == "difference" else Region(1 / self.margin, self.margin)
        )

    def infer(self, pair: Pair, strata: Strata | None = None) -> Inference:
        """Choose and compute interval and test of a pair.

        Parameters
        ----------
        pair : Pair
        strata : Strata, optional
            The pair stratum by stratum.

        Returns
        -------
        Inference
        """
        if self.anytime:
            return infer_anytime(pair, self.scope)
        if self.stratified and strata is not None:
            return infer_stratified(strata, self.scope)
        if self.effect != "difference":
            return infer_ratio(pair, self.scope, self.effect, self.test)
        return infer(pair, self.scope, self.method, self.test)

    def standardize(self, strata: Strata) -> Inference:
        """Compute the difference standardized to the same mix of conditions.

        Parameters
        ----------
        strata : Strata

        Returns
        -------
        Inference
        """
        return infer_standardized(strata, self.scope)


def require_askable(
    level: float,
    margin: float | None,
    effect: str,
    method: str | None,
    test: str | None,
    stratified: bool,
    anytime: bool = False,
) -> None:
    """Raise unless the options are known and go together.

    Parameters
    ----------
    level, margin, effect, method, test
        As in `Question`.
    stratified : bool
        Whether strata were named.
    anytime : bool
        Whether looks were not planned.

    Raises
    ------
    BaserateError
        Naming the option that is wrong.
    """
    require_level(level)
    require_known(effect, EFFECTS, "effect")
    if method is not None:
        require_method(method, METHODS)
    if test is not None:
        require_known(test, TESTS, "test")
    _require_margin(margin, effect)
    if effect != "difference" and (method not in (None, "miettinen-nurminen") or stratified):
        raise BaserateError(
            f"effect={effect!r} has Miettinen and Nurminen's interval, without strata. Leave method and strata out, or "
            "ask for the difference."
        )
    if anytime and (method or test or stratified or effect != "difference"):
        raise BaserateError("looks='anytime' has its own method. Leave method, test, strata and effect out.")
    if stratified and (method or test):
        raise BaserateError("With strata the method follows from the design. Leave method and test out, or strata.")


def _require_margin(margin: float | None, effect: str) -> None:
    if margin is None:
        return
    if not isinstance(margin, (int, float)) or isinstance(margin, bool):
        raise BaserateError(f"margin must be a number, such as 0.05 for five percentage points; got {margin!r}.")
    if effect == "difference" and not 0 < margin < 1:
        hint = f" Did you mean {margin / 100:g}?" if 1 < margin < 100 else ""
        raise BaserateError(f"margin is a difference of rates between 0 and 1, such as 0.05; got {margin!r}.{hint}")
    if effect != "difference" and not margin > 1:
        hint = f" Did you mean {1 / margin:.4g}?" if 0.5 < margin < 1 else ""
        named = effect.replace("-", " ")
        raise BaserateError(f"The margin of the {named} is a factor above 1, such as 1.25; got {margin!r}.{hint}")
