"""What must hold of a read whatever was done to one file: no traceback, no lost, invented or flipped run."""

from __future__ import annotations

import random
import tempfile
import warnings
from pathlib import Path

import pandas as pd

import baserate as br
from baserate.account import account_of
from baserate.errors import BaserateError
from fuzz.mutate import damage
from fuzz.seeds import OUTCOME, SEEDS, VERDICTS

ONE_FILE_A_RUN = ("result-tree", "petri")
ONE_FILE_A_VERSION = ("inspect-archive", "inspect-json")


def outcome_of(kind: str) -> dict[str, object]:
    return {OUTCOME: (OUTCOME, 7)} if kind == "petri" else {OUTCOME: OUTCOME}


def attempt(kind: str, mutation: str, seed: int) -> str:
    """Damage a file of a seed, read it, and hold what comes out against what was there.

    Parameters
    ----------
    kind, mutation : str
        Of `SEEDS` and `MUTATIONS`.
    seed : int

    Returns
    -------
    str
        ``"read"`` or ``"refused"``.

    Raises
    ------
    AssertionError
        If a property does not hold.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        SEEDS[kind](folder)
        hurt = damage(folder, mutation, random.Random(f"{kind} {mutation} {seed}"))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                runs = br.read(folder, outcomes=outcome_of(kind))
            except BaserateError as refusal:
                return "refused" if "\n" not in str(refusal) else "a refusal of several lines"
            accounted(runs)
            intact(runs, kind, hurt, folder)
            str(br.audit(runs))
    return "read"


def accounted(runs: pd.DataFrame) -> None:
    """Hold the account: every run that was seen is a row, a copy or left out with a cause."""
    account = account_of(runs)
    assert account is not None
    assert account.balances
    assert account.rows == len(runs)
    assert account.files_found == account.files_read + sum(account.files_left.values())


def intact(runs: pd.DataFrame, kind: str, hurt: Path, folder: Path) -> None:
    """Hold the runs of files that were not touched: each is there once, with its verdict."""
    untouched = {}
    for (version, prompt), verdict in VERDICTS.items():
        if kind in ONE_FILE_A_VERSION:
            hit, name = hurt.stem == version, prompt
        elif kind == "petri":
            hit, name = hurt.stem == f"transcript_{version}{prompt}", prompt
        elif kind == "result-tree":
            name = f"blackmail_explicit-{prompt}_replacement"
            hit = f"/{version}/{name}/" in str(hurt)
        else:
            continue
        if not hit:
            untouched[version, name] = verdict
    clean = runs[~runs["source"].astype(str).str.startswith(str(hurt))]
    for (version, prompt), verdict in untouched.items():
        row = clean[(clean["version"].astype(str) == version) & (clean["prompt"].astype(str).str.contains(prompt))]
        assert len(row) == 1, f"{version} {prompt}: {len(row)} rows"
        found = row[OUTCOME].iloc[0]
        assert pd.isna(found) or bool(found) is verdict, f"{version} {prompt} flipped"
        asks = "needs a cut" in str(row["status_reason"].iloc[0])  # another run's score goes beyond yes and no
        assert asks or not pd.isna(found), f"{version} {prompt} lost its verdict"
