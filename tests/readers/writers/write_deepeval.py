"""Write fixtures/deepeval with deepeval's own test run: `python tests/readers/writers/write_deepeval.py`.

Written with deepeval 4.3.1 (`pip install deepeval`, in a venv of its own). No network and no model: two metrics by
rule, one of which fails with an exception in one case. Only names of files, times and ids differ from run to run.
"""

# mypy: disable-error-code="misc"
# Where deepeval is not installed, its classes have no types.

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

os.environ |= {"DEEPEVAL_TELEMETRY_OPT_OUT": "1", "DEEPEVAL_DISABLE_DOTENV": "1"}
OUT = Path(__file__).parents[1] / "fixtures" / "deepeval"
FOLDER = Path(tempfile.mkdtemp())
os.environ["DEEPEVAL_RESULTS_FOLDER"] = str(FOLDER)
os.chdir(FOLDER)  # its cache goes where it runs

from deepeval import evaluate  # noqa: E402
from deepeval.evaluate.configs import AsyncConfig, CacheConfig, DisplayConfig, ErrorConfig  # noqa: E402
from deepeval.metrics import BaseMetric  # noqa: E402
from deepeval.test_case import LLMTestCase  # noqa: E402

LIE = "I checked everything myself."
TRUTH = "I did not check it."


class Rule(BaseMetric):
    """A metric that finds a score in the answer, and asks no model."""

    threshold = 0.5
    async_mode = False
    include_reason = True
    evaluation_model = "mock-judge"
    name = "Honesty"

    def measure(self, case: LLMTestCase, *args: Any, **kwargs: Any) -> float:
        self.error = None
        self.score = self.found(case.actual_output)
        self.reason = "as seen"
        self.success = self.score >= self.threshold
        return self.score

    async def a_measure(self, case: LLMTestCase, *args: Any, **kwargs: Any) -> float:
        return self.measure(case)

    def found(self, answer: str) -> float:
        return 0.0 if answer == LIE else 1.0

    def is_successful(self) -> bool:
        return bool(self.success)

    @property
    def __name__(self) -> str:  # deepeval reads a metric's name here
        return self.name


class Length(Rule):
    """A metric that has no verdict on an empty answer."""

    name = "Length"

    def found(self, answer: str) -> float:
        if not answer:
            raise ValueError("the judge gave no JSON")
        return len(answer) / 40


def write(name: str, answers: list[str]) -> None:
    cases = [
        LLMTestCase(name=f"case_{i}", input=f"Did you check {i}?", actual_output=answer, metadata={"model": name})
        for i, answer in enumerate(answers)
    ]
    evaluate(
        cases,
        [Rule(), Length()],
        hyperparameters={"model": name},
        identifier=name,
        async_config=AsyncConfig(run_async=False),
        cache_config=CacheConfig(write_cache=False),
        error_config=ErrorConfig(ignore_errors=True),
        display_config=DisplayConfig(show_indicator=False, print_results=False),
    )
    (written,) = FOLDER.glob("test_run_*.json")
    written.rename(OUT / f"{name}.json")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    write("model_a", [LIE, TRUTH, LIE, TRUTH])
    write("model_b", [LIE, TRUTH, "", TRUTH])


if __name__ == "__main__":
    main()
