"""The calibration study: `python tests/calibration/study.py --full` (resumable) or `--quick`."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"
DRAWS = {"full": 2_000, "quick": 1_000}
COLUMNS = (
    *("family", "design", "null", "events", "method"),
    *("coverage", "below", "above", "length", "rejected"),
)


def run(kind: str, families: list[str], to: Path) -> None:
    """Measure every point that the file does not hold yet, and append it."""
    from tqdm import tqdm

    from calibration import designs, prompt_designs
    from calibration.measure import measure
    from calibration.prompt_methods import measure as simulate

    quick = kind == "quick"
    wanted: list[designs.Point | prompt_designs.PromptPoint] = [*designs.points(quick), *prompt_designs.points(quick)]
    done = _done(to)
    todo = [p for p in wanted if (not families or p.family in families) and (p.family, p.key) not in done]
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if file.tell() == 0:
            writer.writerow(COLUMNS)
        for point in tqdm(todo, desc="design points", unit="point", mininterval=1):
            found = measure(point) if isinstance(point, designs.Point) else simulate(point, DRAWS[kind])
            head = (point.family, point.key, int(point.null), f"{point.events:.3g}")
            writer.writerows([*head, m.method, *map(_digits, m[1:])] for m in found)
            file.flush()  # a stopped study goes on where it was


def _done(file: Path) -> set[tuple[str, str]]:
    if not file.is_file():
        return set()
    with file.open(newline="") as lines:
        return {(row[0], row[1]) for row in csv.reader(lines)}


def _digits(value: float) -> str:
    return "" if value != value else f"{value:.5f}"


def main() -> None:
    """Run the study, then draw and describe it."""
    sys.path.insert(0, str(HERE.parent))  # so that the files beside this one are found as `calibration`
    from calibration.picture import FAMILIES, draw_figure, summary

    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--quick", action="store_const", const="quick", dest="kind", help="some of the points, and the hardest"
    )
    which.add_argument("--full", action="store_const", const="full", dest="kind", help="all points")
    parser.add_argument("--family", action="append", default=[], choices=FAMILIES, help="only these families")
    parser.add_argument("--to", type=Path, help="the table of results (docs/calibration.csv, or a build folder)")
    parser.add_argument("--afresh", action="store_true", help="measure again what the table holds already")
    asked = parser.parse_args()
    kind = asked.kind or "full"
    to = asked.to or (DOCS / "calibration.csv" if kind == "full" else HERE.parents[1] / "build" / "calibration.csv")
    if asked.afresh:
        to.unlink(missing_ok=True)
    run(kind, asked.family, to)
    print(summary(to).to_string(index=False))
    draw_figure(to, to.with_suffix(".svg"))


if __name__ == "__main__":
    main()
