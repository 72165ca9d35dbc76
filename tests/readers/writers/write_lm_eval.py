"""Write fixtures/lm_eval with lm-evaluation-harness's own command: `python tests/readers/writers/write_lm_eval.py`.

Written with lm-eval 0.4.13 (`pip install lm-eval`, no extra, in a venv of its own). No network: two models that say
what ANSWERS has, a task of four documents, and the two filters of gsm8k. Only times and the machine's description
differ from run to run.
"""

# mypy: disable-error-code="misc, untyped-decorator"
# Where lm-eval is not installed, its classes and decorators have no types.

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

from lm_eval.__main__ import cli_evaluate
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model

OUT = Path(__file__).parents[1] / "fixtures" / "lm_eval"

# Document to its answer; strict-match wants `#### n`, flexible-extract takes the last number.
DOCS = {"2 + 3?": "5", "4 * 4?": "16", "9 - 2?": "7", "8 / 2?": "4"}
ANSWERS = {
    "org/A": ["It is #### 5", "so 16", "#### 8", "no idea"],
    "org/B": ["#### 5", "#### 16", "then 7", "maybe 9"],
}
TASK = """task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: DOCS}}
test_split: test
output_type: generate_until
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["Question:"], do_sample: false}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true, ignore_case: true}
filter_list:
  - name: strict-match
    filter: [{function: regex, regex_pattern: "#### (-?[0-9]+)"}, {function: take_first}]
  - name: flexible-extract
    filter: [{function: regex, group_select: -1, regex_pattern: "(-?[0-9]+)"}, {function: take_first}]
metadata: {version: 1.0}
"""


@register_model("played")
class Played(LM):
    """A model that says what ANSWERS has for its name."""

    def __init__(self, pretrained: str, **kwargs: Any) -> None:
        super().__init__()
        self.answers = dict(zip(DOCS, ANSWERS[pretrained], strict=True))

    def generate_until(self, requests: list[Any], disable_tqdm: bool = False) -> list[str]:
        return [self.answers[request.doc["question"]] for request in requests]

    def loglikelihood(self, requests: list[Any], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        raise NotImplementedError

    def loglikelihood_rolling(self, requests: list[Any], disable_tqdm: bool = False) -> list[float]:
        raise NotImplementedError


def main() -> None:
    for model in ANSWERS:
        shutil.rmtree(OUT / model.replace("/", "__"), ignore_errors=True)
    OUT.mkdir(parents=True, exist_ok=True)
    os.chdir(tempfile.mkdtemp())  # outside of a repository, and no path of ours in what is written
    os.environ["HF_HOME"] = str(Path("cache").resolve())
    Path("docs.jsonl").write_text("".join(json.dumps({"question": q, "answer": a}) + "\n" for q, a in DOCS.items()))
    Path("sums.yaml").write_text(TASK.replace("DOCS", "docs.jsonl"))
    for model in ANSWERS:
        command = ["lm_eval", "run", "--model", "played", "--model_args", f"pretrained={model}", "--tasks", "sums"]
        sys.argv = [*command, "--include_path", ".", "--output_path", str(OUT), "--log_samples"]
        cli_evaluate()


if __name__ == "__main__":
    main()
