"""The questions that a fitted logistic model answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from baserate.annotations import checked
from baserate.arguments import require_margin
from baserate.errors import BaserateError, require_known
from baserate.model.averages import never_run, rates_table
from baserate.model.contrasts import SCALES, contrasts_table
from baserate.model.design import Design
from baserate.model.diagnosis import Diagnosis, diagnose
from baserate.model.effects import interaction_table, slopes_table
from baserate.model.estimates import Estimates
from baserate.model.estimation import for_averages, full_precision, rarer
from baserate.model.fitted import Estimation
from baserate.model.inference import agreement, uses_profile
from baserate.model.terms import term_test
from baserate.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class Questions(Result):
    """A fitted model, asked.

    Attributes
    ----------
    design : Design
        Design matrix and counts.
    estimation : Estimation
        Coefficients, covariances and likelihood.
    """

    design: Design = field(kw_only=True)
    estimation: Estimation = field(kw_only=True)

    @checked
    def rates(
        self, by: str | Sequence[str] | None = None, at: Mapping[str, Sequence[float]] | None = None
    ) -> Estimates:
        """Predict the rate at each level of a factor, averaged over the same mix of graded runs.

        Parameters
        ----------
        by : str or sequence of str, optional
            Factors of the model; of several, each combination of their levels. Left out, one rate over all.
        at : mapping of str to sequence of float, optional
            Values of numbers of the model: ``{"temperature": [0, 0.5, 1]}``.

        Returns
        -------
        Estimates
            `by`, ``estimate, std_error, conf_low, conf_high``, and ``n, events, missing`` of the runs that really had
            these levels. With random intercepts also ``new_low, new_high``, between which the rate of a new prompt (a
            new level of every grouping) lies: a prediction interval.

        Raises
        ------
        BaserateError
            If the model has no such factor, or no such number.
        """
        with full_precision():
            table = rates_table(self.design, for_averages(self.design, self.estimation), _names(by), self.level, at)
        names = (*(name for name in _names(by) if name not in (at or {})), *(at or {}))
        levels = [" / ".join(map(str, row)) or "overall" for row in table[list(names)].to_numpy(dtype=object)]
        notes = (
            *agreement(table.pop("agreed"), levels, "rates"),
            *self._filled_in([n for n in names if n not in (at or {})]),
        )
        return self._estimates(table, "rate", self._averaging("the logit"), by=names, notes=notes)

    @checked
    def contrasts(
        self,
        across: str,
        by: str | Sequence[str] | None = None,
        baseline: str | None = None,
        scale: str = "difference",
        margin: float | None = None,
    ) -> Estimates:
        """Contrast the average rates of the levels of a factor, on one mix of graded runs.

        Parameters
        ----------
        across : str
            The factor, such as ``"version"``.
        by : str or sequence of str, optional
            Contrast at each level of these factors, which is how an interaction shows.
        baseline : str, optional
            The level that the others are compared with; left out, all pairs, each later level minus each earlier.
        scale : {"difference", "ratio", "odds-ratio"}
            What the contrast is of two rates.
        margin : float, optional
            The largest effect that counts as equivalent: a difference of rates, or a factor above 1.

        Returns
        -------
        Estimates
            ``candidate, baseline, estimate, p_value, p_adjusted`` (Holm), ``conf_low, conf_high``, and the rates and
            counts of both sides. With a margin ``equivalent`` and ``not_worse`` (shown, refuted or inconclusive, by the
            interval of level 1 - 2 alpha, alpha over the number of contrasts) and ``verdict``, as of `compare`.

        Raises
        ------
        BaserateError
            If a factor, level or scale is unknown.
        """
        require_known(scale, SCALES, "scale")
        require_margin(margin, scale)
        names = _names(by)
        if across in names:
            raise BaserateError(f"{across!r} cannot be contrasted at its own levels. Name another factor in by=.")
        with full_precision():
            fit = for_averages(self.design, self.estimation)
            table = contrasts_table(self.design, fit, across, baseline, names, scale, self.level, margin)
        on = {"difference": "the probability scale", "ratio": "the log", "odds-ratio": "the logit"}[scale]
        pairs = [f"{one} − {two}" for one, two in zip(table["candidate"], table["baseline"], strict=True)]
        notes = (*agreement(table.pop("agreed"), pairs, "contrasts"), *self._filled_in((*names, across)))
        return self._estimates(
            table, scale, self._averaging(on), across=across, baseline=baseline, by=names, notes=notes, margin=margin
        )

    @checked
    def slopes(self, number: str, by: str | Sequence[str] | None = None) -> Estimates:
        """Estimate how much the rate rises for a unit more of a number, on average over the same mix of graded runs.

        Parameters
        ----------
        number : str
            A number of the model, such as ``"temperature"``.
        by : str or sequence of str, optional
            Ask at each level of these factors.

        Returns
        -------
        Estimates
            `by`, ``term, estimate, p_value, conf_low, conf_high``: rate per unit.

        Raises
        ------
        BaserateError
            If the model has no such number.
        """
        names = _names(by)
        with full_precision():
            table = slopes_table(self.design, for_averages(self.design, self.estimation), number, names, self.level)
        table = table.drop(columns="agreed")
        return self._estimates(table, "slope", self._averaging("the probability scale"), by=names)

    @checked
    def curve(self, number: str, by: str | Sequence[str] | None = None, points: int = 41) -> Estimates:
        """Predict the rate along a number, from its least to its greatest value.

        Parameters
        ----------
        number : str
            A number of the model.
        by : str or sequence of str, optional
            A curve for each level of these factors.
        points : int
            How many values.

        Returns
        -------
        Estimates
            As of `rates`, with a column of the number's values; `baserate.plot.curve` draws it.

        Raises
        ------
        BaserateError
            If the model has no such number.
        """
        if not self.design.is_number(number):
            slopes_table(self.design, self.estimation, number, (), self.level)  # which says so
        seen = self.design.patterns[number].to_numpy(dtype=float)
        values = np.linspace(seen.min(), seen.max(), max(2, points))
        return self.rates(by, {number: values.tolist()})

    @checked
    def interaction(self, one: str, two: str) -> Estimates:
        """Ask whether a factor's effect differs between the levels of another, of rates and of odds.

        No interaction on one scale is often one on the other: rates near 0 or 1 leave less room for a difference.

        Parameters
        ----------
        one, two : str
            Factors, with their interaction in the model.

        Returns
        -------
        Estimates
            ``scale`` ("difference of differences" of average rates, "ratio of odds ratios" of them), ``candidate,
            baseline`` (levels of `one`), ``within, against`` (of `two`), ``estimate, p_value, p_adjusted`` (Holm, each
            scale by itself), ``conf_low, conf_high``.

        Raises
        ------
        BaserateError
            If the model has no such factors, or not their interaction.

        References
        ----------
        Ai, C. & Norton, E. C. (2003). Economics Letters 80, 123–129.
        """
        with full_precision():
            fit = for_averages(self.design, self.estimation)
            table = interaction_table(self.design, fit, one, two, self.level).drop(columns="agreed")
        return self._estimates(table, "interaction", self._averaging("both scales"), across=one, by=(two,))

    def diagnose(self) -> Diagnosis:
        """Ask whether the model fits, how far prompts vary, and whether one prompt carries its answer.

        Returns
        -------
        Diagnosis
            Observed and predicted rates by combination; ``dispersion``; and ``influence``, the contrasts of the
            version (or the first factor) with each prompt left out in turn.

        Raises
        ------
        BaserateError
            If the model could not be evaluated.
        """
        names = ("outcome", "level", "scope", "scope_reason", "notes", "cautions")
        with full_precision():
            return diagnose(self.design, self.estimation, {name: getattr(self, name) for name in names})

    @checked
    def test(self, term: str) -> Estimates:
        """Test whether a factor matters: all coefficients of its terms at once.

        Parameters
        ----------
        term : str
            A factor (all terms that contain it are tested together), an interaction such as ``"version:urgency"``, or
            one coefficient such as ``"version[T.opus-4]"``.

        Returns
        -------
        Estimates
            One row: ``term, df, statistic, p_value``; with sampled prompts ``df_denominator``, and with fewer than 10
            prompts ``p_wild``, the wild score bootstrap beside the F test.

        Raises
        ------
        BaserateError
            If the model has no such term.
        """
        with full_precision():
            table, method, notes = term_test(self.design, self.estimation, term)
        return self._estimates(table, "test", method, notes=notes)

    def _averaging(self, scale: str) -> str:
        base = f"g-computation from {self.method.split(',')[0]}"
        if uses_profile(self.estimation):
            return f"{base}{' with added covariate (FLAC)' if rarer(self.design) else ''}, profile intervals"
        corrected = " with intercept correction (FLIC)" if self.estimation.kind == "firth" else ""
        kind = "CR2 cluster-robust" if self.estimation.clusters is not None else "model-based"
        if self.estimation.method == "wild":
            return f"{base}{corrected}, wild score bootstrap over prompts"
        wild = ", or the wild score bootstrap where it is wider" if self.estimation.wild else ""
        return f"{base}{corrected}, delta method on {scale} with {kind} covariance{wild}"

    def _estimates(self, table: pd.DataFrame, quantity: str, method: str, **more: Any) -> Estimates:
        notes = (*more.pop("notes", ()), *self.notes)
        shared = {name: getattr(self, name) for name in ("outcome", "level", "scope", "scope_reason")}
        return Estimates(
            table=table, quantity=quantity, method=method, notes=notes, cautions=self.cautions, **shared, **more
        )

    def _filled_in(self, names: Sequence[str]) -> tuple[str, ...]:
        filled = never_run(self.design, names)
        said = "combinations averaged over were never run: there the rate is the model's word alone."
        return (f"{filled} of the {said}",) if filled else ()


def _names(by: str | Sequence[str] | None) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by or ())
