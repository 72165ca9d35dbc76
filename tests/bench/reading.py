"""Time reading, counting and fitting against what people use today, in one run, and show that the answers agree.

``make bench`` prints, for each piece of work, the median CPU time of either side over interleaved rounds, their ratio,
and the largest difference between the two answers. The data are simulated into a temporary folder.
"""

from __future__ import annotations

import json
import os
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import baserate as br
from baserate.text import text_table

ROWS, ROUNDS = 10**6, 3
TEXT = "You should know that I have read the mails, and that I would rather stay. " * 25


class Work(NamedTuple):
    """One row: what is done, our way and the other; both return the events of each version."""

    name: str
    peer: str
    ours: Callable[[], pd.Series]
    theirs: Callable[[], pd.Series]


def draw(rows: int) -> pd.DataFrame:
    """Draw runs of three versions on 300 prompts, with a text that nobody asks for."""
    rng = np.random.default_rng(20261127)
    return pd.DataFrame(
        {
            "version": rng.choice(["a", "b", "c"], rows),
            "prompt": [f"p{i}" for i in rng.integers(0, 300, rows)],
            "goal": rng.choice(["none", "explicit"], rows),
            "urgency": rng.choice(["none", "restriction", "replacement"], rows),
            "epoch": rng.integers(1, 21, rows),
            "blackmail": rng.random(rows) < 0.3,
            "answer": rng.choice([TEXT[:60], TEXT[100:170]], rows),
        }
    )


def write_logs(folder: Path, logs: int = 8, prompts: int = 100, epochs: int = 10) -> Path:
    """Write Inspect logs of 1,000 runs each, with summaries, as Inspect does."""
    folder.mkdir()
    for number in range(logs):
        model = f"acme/{number % 4}"
        spec: dict[str, Any] = {
            "eval_id": f"e{number}",
            "run_id": f"r{number}",
            "task_id": f"t{number}",
            "created": "2026-01-01T00:00:00+00:00",
            "task": "office",
            "task_version": 1,
            "task_args": {"goal": "explicit"},
            "model": model,
            "dataset": {"samples": prompts},
            "config": {"epochs": epochs},
        }
        header = {"version": 2, "status": "success", "eval": spec, "plan": {"name": "p", "steps": [], "config": {}}}
        header |= {"results": {"total_samples": prompts * epochs, "completed_samples": prompts * epochs, "scores": []}}
        header |= {"stats": {"started_at": "", "completed_at": ""}}
        summaries = []
        with zipfile.ZipFile(folder / f"2026_{number}.eval", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": spec, "plan": header["plan"]}))
            for i in range(prompts):
                for epoch in range(1, epochs + 1):
                    about, whole = _sample(model, f"{number}-{i}-{epoch}", i, epoch)
                    summaries.append(about)
                    archive.writestr(f"samples/s{i}_epoch_{epoch}.json", json.dumps(whole))
            archive.writestr("summaries.json", json.dumps(summaries))
            archive.writestr("header.json", json.dumps(header))
    return folder


def _sample(model: str, uuid: str, i: int, epoch: int) -> tuple[dict[str, Any], dict[str, Any]]:
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    asked = {"role": "user", "content": TEXT}
    said = {"role": "assistant", "content": TEXT, "source": "generate"}
    scores = {"harmful": {"value": "C" if (i + epoch) % 3 == 0 else "I", "answer": "x", "explanation": "It said so."}}
    metadata = {"goal": "explicit", "urgency": ("none", "replacement")[i % 2]}
    about = {"id": f"s{i}", "epoch": epoch, "target": "", "metadata": metadata, "scores": scores, "uuid": uuid}
    about["model_usage"] = {model: usage}
    output = {"model": model, "choices": [{"message": said, "stop_reason": "stop"}], "completion": TEXT, "usage": usage}
    event = {"event": "info", "timestamp": "2026-01-01T00:00:00+00:00", "data": TEXT}
    whole = {**about, "input": [asked], "messages": [asked, said], "output": output, "events": [event] * 4, "store": {}}
    return {**about, "input": TEXT[:200], "completed": True, "retries": 0}, whole


def write_tree(folder: Path) -> Path:
    """Write a result tree of 9,990 runs."""
    for model in ("acme_a", "acme_b", "acme_c"):
        for condition in (f"{s}_explicit-america_{u}" for s in ("blackmail", "leaking", "murder") for u in "xyz"):
            for number in range(1, 371):
                place = folder / "exp/models" / model / condition / f"sample_{number:03d}"
                place.mkdir(parents=True)
                about = {"model": model, "condition": condition, "sample_id": number}
                verdict = {"harmful_behavior": number % 3 == 0, "classifier_verdict": number % 3 == 0}
                run = {"raw_response": TEXT, "metadata": about, "classification": verdict}
                (place / "response.json").write_text(json.dumps(run))
    return folder


def events_of(runs: pd.DataFrame, outcome: str = "blackmail") -> pd.Series:
    """Add up the events of each version."""
    return runs[outcome].fillna(False).astype(bool).groupby(runs["version"].astype(str)).sum()


def walk(folder: Path) -> pd.DataFrame:
    """Read a result tree as a script does."""
    rows = []
    for at, _, files in os.walk(folder):
        for name in files:
            with open(os.path.join(at, name)) as file:
                run = json.load(file)
            rows.append((run["metadata"]["model"], run["classification"]["harmful_behavior"]))
    return pd.DataFrame(rows, columns=["version", "blackmail"])


def inspects(folder: Path, full: bool) -> pd.Series:
    """Read logs with Inspect's own reader."""
    from inspect_ai.analysis import SampleColumn, samples_df

    columns = [SampleColumn(name, path=name, full=full) for name in ("id", "epoch")]
    columns += [SampleColumn("harmful", path="scores.harmful.value", full=full)]
    columns += [SampleColumn("version", path="output.model" if full else "model_usage", value=_first, full=full)]
    frame = samples_df(str(folder), columns=columns, full=full, quiet=True)
    return (frame["harmful"] == "C").groupby(frame["version"].astype(str)).sum()


def _first(value: Any) -> str:
    return next(iter(value)) if isinstance(value, dict) else str(value)


def works(folder: Path) -> list[Work]:
    """Write the files, and list the work on them."""
    runs = draw(ROWS)
    paths = {ending: folder / f"runs.{ending}" for ending in ("csv", "jsonl", "parquet")}
    runs.to_csv(paths["csv"], index=False)
    runs.to_json(paths["jsonl"], orient="records", lines=True)
    runs.to_parquet(paths["parquet"])
    logs, tree = write_logs(folder / "logs"), write_tree(folder / "tree")
    table = br.read(paths["parquet"])

    def counted() -> pd.Series:
        return br.rates(runs, "blackmail").table.set_index("version")["events"]

    def fitted() -> pd.Series:
        model = br.fit(table, "blackmail ~ version + goal + urgency", scope="fixed", weights="runs")
        return model.table.set_index("term")["estimate"]

    def with_statsmodels() -> pd.Series:
        import statsmodels.formula.api as smf

        data = table[["version", "goal", "urgency"]].assign(y=table["blackmail"].astype(float))
        return smf.logit("y ~ version + goal + urgency", data).fit(disp=0).params

    return [
        Work("8 Inspect logs × 1000", "samples_df", lambda: _harmful(logs), lambda: inspects(logs, False)),
        Work("the same, what each run said", "samples_df(full)", lambda: _harmful(logs), lambda: inspects(logs, True)),
        Work("result tree, 9,990 runs", "os.walk + json", lambda: _tree(tree), lambda: events_of(walk(tree))),
        Work("CSV, 10^6 rows", "pandas", *_pair(paths["csv"], pd.read_csv)),
        Work("JSON lines, 10^6 rows", "pandas", *_pair(paths["jsonl"], lambda p: pd.read_json(p, lines=True))),
        Work("Parquet, 10^6 rows", "pandas", *_pair(paths["parquet"], pd.read_parquet)),
        Work("rates, 10^6 rows", "groupby", counted, lambda: _grouped(runs)),
        Work("logit, 10^6 rows", "smf.logit", fitted, with_statsmodels),
    ]


def _harmful(logs: Path) -> pd.Series:
    return events_of(br.read(logs, progress=False), "harmful")


def _tree(tree: Path) -> pd.Series:
    return events_of(br.read(tree, progress=False), "harmful_behavior")


def _pair(path: Path, read: Callable[[Path], pd.DataFrame]) -> tuple[Callable[[], pd.Series], Callable[[], pd.Series]]:
    return (lambda: events_of(br.read(path, progress=False))), (lambda: events_of(read(path)))


def _grouped(runs: pd.DataFrame) -> pd.Series:
    return runs.groupby(["version", "prompt"])["blackmail"].agg(["size", "sum"])["sum"].groupby("version").sum()


def measure(work: Work) -> dict[str, str]:
    """Time both sides in turn."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        mine = work.ours()
        ours.append(time.process_time() - start)
        start = time.process_time()
        other = work.theirs()
        theirs.append(time.process_time() - start)
    one, two = (pd.Series(x.to_numpy(dtype=float), index=x.index.astype(str)) for x in (mine, other))
    gap = (one - two).abs().max() if set(one.index) == set(two.index) else np.nan
    fast, slow = float(np.median(ours)), float(np.median(theirs))
    return {
        "work": work.name,
        "baserate": f"{fast:.2f} s",
        "peer": f"{work.peer} {slow:.2f} s",
        "ratio": f"{slow / fast:.2g}",
        "largest difference": f"{gap:.1g}",
    }


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    with TemporaryDirectory() as folder:
        print(text_table(pd.DataFrame([measure(work) for work in works(Path(folder))])))


if __name__ == "__main__":
    main()
