"""Put each fault into a copy of the package and run the tests that must notice: `make mutants`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def survives(fault: dict[str, Any]) -> bool:
    """Tell whether no test notices a fault.

    Raises
    ------
    ValueError
        If what should stand in the file is not there once.
    """
    file, right, wrong = (str(fault[name]) for name in ("file", "right", "wrong"))
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "baserate"
        shutil.copytree(ROOT / "analysis" / "baserate", package, ignore=shutil.ignore_patterns("__pycache__"))
        path = package / file
        text = path.read_text(encoding="utf-8")
        if text.count(right) != 1:
            raise ValueError(f"{file} holds {text.count(right)} times: {right}")
        path.write_text(text.replace(right, wrong), encoding="utf-8")
        found = [name for name in fault["tests"] if (ROOT / name).exists()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *dict.fromkeys(found)]
        place = os.pathsep.join([folder, str(ROOT / "tests")])
        environment = os.environ | {"PYTHONPATH": place, "PYTHONDONTWRITEBYTECODE": "1"}
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return ended.returncode == 0


def main() -> int:
    """Run all faults, and name those that nobody noticed."""
    from tqdm import tqdm

    faults = tomllib.loads((Path(__file__).parent / "faults.toml").read_text(encoding="utf-8"))["fault"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="faults in files whose name holds this")
    chosen = [fault for fault in faults if parser.parse_args().only in fault["file"]]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        noticed = list(tqdm(pool.map(survives, chosen), total=len(chosen), desc="faults", unit="fault"))
    left = [fault for fault, lives in zip(chosen, noticed, strict=True) if lives]
    for fault in left:
        print(f"survives: {fault['file']}: {fault['right']!r} -> {fault['wrong']!r}")
    print(f"{len(chosen) - len(left)} of {len(chosen)} faults noticed")
    return bool(left)


if __name__ == "__main__":
    raise SystemExit(main())
