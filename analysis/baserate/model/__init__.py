"""Logistic models of a behavior against the scenario's factors."""

from baserate.model.diagnosis import Diagnosis
from baserate.model.estimates import Estimates
from baserate.model.fit import fit
from baserate.model.logistic_model import LogisticModel

__all__ = ["Diagnosis", "Estimates", "LogisticModel", "fit"]
