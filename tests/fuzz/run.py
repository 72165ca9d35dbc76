"""Read twenty thousand damaged logs, and count what came of them: ``make fuzz``."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.mutate import MUTATIONS
from fuzz.properties import attempt
from fuzz.seeds import SEEDS

LIMIT = 2 * 2**30  # of memory


def one(case: tuple[str, str, int]) -> tuple[str, str]:
    """Try one case; what came of it, and why where it is a fault."""
    try:
        return attempt(*case), ""
    except AssertionError as error:
        return "broken", f"{case}: {error}"
    except BaseException as error:  # whatever it is, it is a fault
        last = traceback.extract_tb(error.__traceback__)[-1]
        return "traceback", f"{case}: {type(error).__name__} {str(error)[:80]} {Path(last.filename).name}:{last.lineno}"


def limit_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (LIMIT * 4, LIMIT * 4))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kinds = [(kind, mutation) for kind in SEEDS for mutation in MUTATIONS]
    each = -(-options.files // len(kinds))
    cases = [(k, m, options.seed * 10**6 + i) for k, m in kinds for i in range(each)]
    counts: Counter[tuple[str, str]] = Counter()
    faults: list[str] = []
    with ProcessPoolExecutor(initializer=limit_memory) as pool:
        for (kind, _, _), (came, why) in zip(cases, pool.map(one, cases, chunksize=50), strict=True):
            counts[kind, came] += 1
            faults += [why] if why else []
    print(f"{'format':<18}{'read':>8}{'refused':>9}{'broken':>8}{'traceback':>11}")
    for kind in SEEDS:
        print(f"{kind:<18}" + "".join(f"{counts[kind, c]:>9}" for c in ("read", "refused", "broken", "traceback")))
    for why in faults[:40]:
        print(why)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
