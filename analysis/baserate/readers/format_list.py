"""All formats, in the order in which they are tried: a new one is a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from baserate.readers import bloom, deepeval, inspect_log, lm_eval, no_log, petri, promptfoo, result_tree
from baserate.readers.counts import holds_counts, read_counts
from baserate.readers.declared import Format, read_declared
from baserate.readers.files import Recognize
from baserate.readers.inspect_sample import read_inspect
from baserate.readers.request import Request
from baserate.readers.result_tree import read_tree
from baserate.readers.rows import read_rows
from baserate.readers.table_file import KINDS, columns_of, kind_of
from baserate.reading import Reading


@dataclass(frozen=True)
class Reader:
    """One format of logs or tables.

    Attributes
    ----------
    name : str
        As in ``format=``.
    recognize : callable
        Tells from a path, and from a function that returns the file's first bytes, whether the file is of this format.
    read : callable
        Makes a table of all files of this format, with notes on all of them.
    is_log : bool
        Whether runs were logged in this format. In a folder that holds logs, tables that lie beside them are not read.
    along : callable
        Tells which other files are read along with those of the format, so that they are not told as left out.
    always : bool
        Whether the format is looked for whatever ``format=`` says: it is one of files that stand for others.
    """

    name: str
    recognize: Recognize
    read: Callable[[Sequence[Path], Request], Reading]
    is_log: bool = False
    along: Callable[[Path], bool] = lambda path: False
    always: bool = False


def declared(format: Format) -> Reader:
    """Make the reader of a declared format."""
    return Reader(format.name, format.recognize, partial(read_declared, format=format), is_log=True, along=format.along)


def _is_table(kind: str) -> Recognize:
    return lambda path, head: kind_of(path, head) == kind


READERS = (
    Reader("result-tree", result_tree.recognize, read_tree, is_log=True, along=result_tree.belongs),
    Reader("git-lfs", no_log.is_pointer, no_log.read_pointers, always=True),
    Reader("inspect-listing", no_log.is_listing, no_log.read_listing, always=True),
    Reader("inspect", inspect_log.recognize, read_inspect, is_log=True),
    *map(declared, (petri.FORMAT, bloom.FORMAT, lm_eval.FORMAT, promptfoo.FORMAT, deepeval.FORMAT)),
    Reader("promptfoo-csv", promptfoo.is_sheet, no_log.read_sheets),
    Reader("counts", lambda path, head: holds_counts(columns_of(path, head)), read_counts),
    *(Reader(kind, _is_table(kind), partial(read_rows, kind=kind)) for kind in KINDS),
)
