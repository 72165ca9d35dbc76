"""A log format declared as a table of fields: where each stands in the file, and what it becomes.

A `Format` says which files are of it, where their records lie, and which field of a record is the version, the prompt,
the epoch, the answer, an error, a setting of the scenario or a grade. Everything else is shared by all formats.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from baserate.readers.files import Recognize
from baserate.readers.json_text import decode
from baserate.readers.logs import each_file, to_table
from baserate.readers.lookup import ABSENT, look_up, nested
from baserate.readers.named import find_named
from baserate.readers.prompt import digest
from baserate.readers.record import Grade, Run, mapping, one_line, unreadable
from baserate.readers.record_cache import FileRead
from baserate.readers.request import Request
from baserate.readers.status import NO_ANSWER, status_of_stop
from baserate.reading import Reading

# What a field may become; any other name is a setting of the scenario, with "provenance." before it a column only.
JSON_LINES = (".jsonl", ".ndjson")
ROLES = ("run_id", "version", "prompt", "epoch", "answer", "error", "stop_reason", "ungraded", "content")


class Field(NamedTuple):
    """One field of a format.

    Attributes
    ----------
    name : str
        What it becomes: one of `ROLES`, ``provenance.<column>``, or the name of a setting.
    source : str
        Where it stands: keys with dots between them, in the record, else in the file's document; ``file``, ``folder``
        and ``folder2`` are parts of the path. Several, with ``|`` between them, are tried in order.
    type : callable
        Makes the value of it; None stays None.
    """

    name: str
    source: str
    type: Callable[[Any], Any] = str


class Score(NamedTuple):
    """One grade, or a mapping of grades, of a format.

    Attributes
    ----------
    scorer : str
        Who graded.
    source : str
        Where the value stands, as in `Field`. Of a mapping each key is an outcome.
    grader : str
        Where the judge's name stands; empty for none.
    """

    scorer: str
    source: str
    grader: str = ""


@dataclass(frozen=True)
class Format:
    """A format of graded runs, declared.

    Attributes
    ----------
    name : str
        As in ``format=``.
    recognize : callable
        Tells from a path, and from a function that returns the file's first bytes, whether the file is of this format.
    records : str
        Where the list of runs stands in the document, keys with dots between them; empty where a document is one run.
        In a file of JSON lines each line is a run.
    fields : tuple of Field
    scores : tuple of Score
    document : callable, optional
        Completes a document from what lies beside its file.
    refine : callable, optional
        Changes a run as read, given its record and document, where fields alone do not tell; text leaves it out, and
        is the cause.
    one_of : str
        A field of which a run has a record for each value, such as the filters of an answer: the records of one value
        are read, which ``where <field> == <value>`` of an outcome asks for, else the first that the file has.
    along : callable, optional
        Tells which other files are read along with those of the format.
    """

    name: str
    recognize: Recognize
    records: str
    fields: tuple[Field, ...]
    scores: tuple[Score, ...] = ()
    document: Callable[[Path, Any], Any] = lambda path, document: document
    refine: Callable[[Run, dict[str, Any], Any], Run | str] = lambda run, record, document: run
    one_of: str = ""
    along: Callable[[Path], bool] = lambda path: False


def read_declared(paths: Sequence[Path], request: Request, format: Format) -> Reading:
    """Read files of a declared format.

    Parameters
    ----------
    paths : sequence of Path
    request : Request
        The options of `read`.
    format : Format

    Returns
    -------
    Reading
        The table of runs.
    """
    read_one = partial(_read_file, format=format, columns=request.columns, wanted=_wanted(format, request))
    read = each_file(paths, read_one, lambda path, reason: unreadable(str(path), reason), request)
    return to_table(read._replace(runs=_numbered(read.runs)), request)


def _wanted(format: Format, request: Request) -> str | None:
    """Find the value of `one_of` that the outcomes ask for."""
    tests = [test for source in (request.outcomes or {}).values() for test in source.where]
    return next(
        (str(t.value) for t in tests if format.one_of and t.column == format.one_of and t.operator == "=="), None
    )


def _numbered(runs: Iterable[Run]) -> list[Run]:
    """Give the runs of a prompt their epoch, in their order, where the format does not."""
    seen: dict[tuple[Any, ...], int] = defaultdict(int)
    numbered = []
    for run in runs:
        if run.epoch is None and run.status != "unreadable":
            key = (run.version, run.prompt, run.origin, *sorted(map(str, run.settings.items())))
            seen[key] += 1
            run = replace(run, epoch=seen[key])
        numbered.append(run)
    return numbered


def _read_file(path: Path, format: Format, columns: Mapping[str, str], wanted: str | None) -> FileRead:
    runs: list[Run] = []
    notes: list[str] = []
    left: Counter[str] = Counter()
    for place, document in documents(path):
        if isinstance(document, ValueError):
            runs.append(unreadable(f"{path}::{place}", str(document)))
            continue
        whole = format.document(path, document)
        where = "" if place else format.records
        for i, record in enumerate(_records(whole, where)):
            source = "::".join(filter(None, (str(path), place, f"{where}[{i}]" if where else "")))
            if not isinstance(record, dict):
                runs.append(unreadable(source, "not an object"))
                continue
            if format.one_of and record.get(format.one_of) is not None:
                value = str(record[format.one_of])
                wanted = wanted or value
                if value != wanted:
                    left[f"{format.one_of} {value}, where {wanted} is read"] += 1
                    continue
            run = format.refine(_run(format, record, whole, path, source, columns), record, whole)
            if isinstance(run, str):
                left[run] += 1
            else:
                runs.append(run)
    if left and format.one_of:
        others = sorted({cause.split(",")[0].removeprefix(f"{format.one_of} ") for cause in left})
        notes.append(
            f"Each run has a record for each {format.one_of}; those of {wanted!r} are read. Ask for another with "
            f"outcomes={{'name': 'column where {format.one_of} == {others[0]}'}}."
        )
    return FileRead(runs, notes, left)


def is_json(path: Path, start: bytes) -> bool:
    """Tell a JSON object by how its file begins."""
    return path.suffix.lower() == ".json" and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def documents(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each document of a file with its place in it: the whole file, or a line of a file of JSON lines.

    Parameters
    ----------
    path : Path

    Yields
    ------
    place : str
        Empty for the whole file.
    document : object
        A `ValueError` that says what is wrong, for a line that cannot be read.

    Raises
    ------
    ValueError, OSError
        If the file cannot be read.
    """
    if path.suffix.lower() not in JSON_LINES:
        yield "", decode(path.read_bytes())
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield f"line {number}", decode(line)
                except ValueError as error:
                    yield f"line {number}", error


def _records(document: Any, where: str) -> Iterable[Any]:
    if not where:
        return [document]
    found = nested(document, where)
    if not isinstance(found, list):
        raise ValueError(f"it has no list {where!r}")
    return found


def _run(
    format: Format, record: dict[str, Any], document: Any, path: Path, source: str, columns: Mapping[str, str]
) -> Run:
    layers = (record, mapping(document))
    found = {field.name: _value(field, layers, path) for field in format.fields}
    told = {name: found.pop(name) for name in ROLES if name in found}
    status, reason = _status(told)
    settings = {name: value for name, value in found.items() if not name.startswith("provenance.")}
    provenance = {n.removeprefix("provenance."): v for n, v in found.items() if n.startswith("provenance.")}
    if "stop_reason" in told:
        provenance["stop_reason"] = told["stop_reason"]
    run_id = told.get("run_id")
    grades = tuple(_grades(format.scores, layers, path, told.get("ungraded")))
    return Run(
        run_id=run_id or source,
        version=told.get("version"),
        prompt=told.get("prompt"),
        epoch=told.get("epoch"),
        source=source,
        status=status,
        reason=reason,
        settings=settings,
        grades=grades,
        provenance=provenance,
        slots=((format.name, provenance.get("log_id") or str(path), run_id),) if run_id else (source,),
        name=told.get("prompt") or "",
        origin=str(path.parent),
        digest=digest(told["content"]) if told.get("content") is not None else "",
        named=find_named(columns, layers, path) if columns else {},
    )


def _value(field: Field, layers: Sequence[Mapping[str, Any]], path: Path) -> Any:
    sources = field.source.split("|")
    for source in sources:
        value = look_up(source, layers, path)
        if value is not ABSENT and value is not None and (value != "" or source == sources[-1]):
            return field.type(value)
    return None


def _status(told: Mapping[str, Any]) -> tuple[str, str]:
    """Say why there is nothing to grade: an error, a stop reason, an empty answer."""
    if told.get("error"):
        return "error", one_line(told["error"])
    stopped = status_of_stop(told.get("stop_reason"))
    if stopped:
        return stopped, f"stop reason {told['stop_reason']}"
    if "answer" in told and told["answer"] is not None and not str(told["answer"]).strip():
        return "empty", NO_ANSWER
    return "", ""


def _grades(
    scores: Sequence[Score], layers: Sequence[Mapping[str, Any]], path: Path, failed: str | None
) -> Iterator[Grade]:
    for score in scores:
        value = look_up(score.source, layers, path)
        if value is ABSENT:
            continue
        judge = look_up(score.grader, layers, path) if score.grader else None
        grader = judge if isinstance(judge, str) and judge else score.scorer
        values = value if isinstance(value, dict) else {"": value}
        for key, part in values.items():
            if not isinstance(part, (list, dict)):
                yield Grade(score.scorer, str(key), part, failed or "", grader)
