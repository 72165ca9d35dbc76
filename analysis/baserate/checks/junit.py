"""JUnit's XML, as CI systems read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from baserate.escape import xml_text


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
    parent = ElementTree.SubElement(root, "testsuite", {"name": xml_text(suite), **counts})
    for case in cases:
        named = {"classname": f"baserate.{case['kind']}", "name": xml_text(case["name"])}
        element = ElementTree.SubElement(parent, "testcase", named)
        if case["mark"]:
            told = {"message": xml_text(f"{case['verdict']}: {case['message']}")}
            typed = {"type": case["verdict"].split(" ")[0]} if case["mark"] == "failure" else {}
            ElementTree.SubElement(element, case["mark"], {**told, **typed}).text = xml_text(case["detail"])
        else:
            ElementTree.SubElement(element, "system-out").text = xml_text(case["detail"])
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'
