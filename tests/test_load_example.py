"""Examples from the installed package are what the repository's data are."""

from __future__ import annotations

from pathlib import Path

import pytest

import baserate as br
from baserate.errors import BaserateError

DATA = Path(__file__).parents[1] / "data"


def test_blackmail_is_what_reading_the_example_logs_gives() -> None:
    shipped, read = br.load_example("blackmail"), br.read(DATA / "example-logs", progress=False)
    for outcome in ("blackmail", "ethical_plea", "exfiltrated_weights"):
        one, two = (br.compare(runs, outcome) for runs in (shipped, read))
        assert one.table.equals(two.table)
        assert one.cautions == two.cautions
    assert "simulated" in {note.code for note in br.rates(shipped, "blackmail").notes if hasattr(note, "code")}


def test_awareness_is_the_counts_in_data() -> None:
    shipped = br.load_example("awareness")
    assert int(shipped["n"].sum() + shipped["missing"].sum()) == 19_914
    copy = Path(br.__file__).parent / "example_data" / "awareness.csv"
    assert copy.read_bytes() == (DATA / "eval_awareness_counts.csv").read_bytes()


def test_an_unknown_example() -> None:
    with pytest.raises(BaserateError, match="Did you mean 'blackmail'"):
        br.load_example("blackmial")
