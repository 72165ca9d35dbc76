"""JUnit's XML, as CI systems read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

# What XML 1.0 cannot hold (section 2.2 of the specification), not even escaped.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(cases: Sequence[Mapping[str, str]], suite: str) -> str:
    """Write test cases as JUnit's XML.

    Parameters
    ----------
    cases : sequence of mapping
        Each with ``name``, ``kind``, ``mark`` (``"failure"``, ``"skipped"`` or empty), ``verdict``, ``message`` and
        ``detail``.
    suite : str
        Name of the suite.

    Returns
    -------
    str
        A document with a declaration; no times, so that the same verdicts give the same bytes.
    """
    marks = [case["mark"] for case in cases]
    counts = {
        "tests": str(len(cases)),
        "failures": str(marks.count("failure")),
        "errors": "0",
        "skipped": str(marks.count("skipped")),
    }
    root = ElementTree.Element("testsuites", counts)
    parent = ElementTree.SubElement(root, "testsuite", {"name": _clean(suite), **counts})
    for case in cases:
        named = {"classname": f"baserate.{case['kind']}", "name": _clean(case["name"])}
        element = ElementTree.SubElement(parent, "testcase", named)
        if case["mark"]:
            told = {"message": _clean(f"{case['verdict']}: {case['message']}")}
            typed = {"type": case["verdict"].split(" ")[0]} if case["mark"] == "failure" else {}
            ElementTree.SubElement(element, case["mark"], {**told, **typed}).text = _clean(case["detail"])
        else:
            ElementTree.SubElement(element, "system-out").text = _clean(case["detail"])
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
