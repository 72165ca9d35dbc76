"""Write fixtures/promptfoo with promptfoo's own command: `python tests/readers/writers/write_promptfoo.py PROMPTFOO`.

Written with promptfoo 0.121.20 on Node 20 (`npm install promptfoo --ignore-scripts`, in a folder of its own; PROMPTFOO
is its node_modules/.bin/promptfoo). No network: two models of promptfoo/provider.cjs, two tests, each asked twice, and
the three formats of one evaluation. Only times and ids differ from run to run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent / "promptfoo"
OUT = Path(__file__).parents[1] / "fixtures" / "promptfoo"
QUIET = ("DISABLE_TELEMETRY", "DISABLE_UPDATE", "DISABLE_REMOTE_GENERATION", "DISABLE_SHARING")


def main(program: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE, Path(folder, "config"))
        quiet = {f"PROMPTFOO_{name}": "true" for name in QUIET}
        outputs = [part for ending in ("json", "jsonl", "csv") for part in ("-o", f"results.{ending}")]
        program = str(Path(program).resolve())
        command = [program, "eval", "--no-cache", "--no-table", "--repeat", "2", "-j", "1", *outputs]
        environment = {**os.environ, **quiet, "PROMPTFOO_CONFIG_DIR": folder}
        code = subprocess.run(command, cwd=Path(folder, "config"), env=environment, check=False).returncode
        if code not in (0, 100):  # 100: some test failed, as some must here
            raise SystemExit(code)
        for path in Path(folder, "config").glob("results.*"):
            shutil.copy(path, OUT / path.name)


if __name__ == "__main__":
    main(sys.argv[1])
