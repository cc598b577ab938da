"""How telephone numbers are written: places in a text that could be one, by form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from src.analysis.pii.scan import Scan

_LEFT = r"(?<![\w$€£¥.\-/+])(?<!\d[, ])"
_RIGHT = r"(?=x\d|[^\w]|\Z)(?![.\-/,:]\d|[ ]\d{3})"
_NORTH_AMERICAN = re.compile(
    _LEFT + r"(?:\+?1[ .\-]{0,2})?(?:\(\d{3}\)[ .\-]{0,2}|\d{3}(?P<gap>[ .\-]|/|\) ?))\d{3}[ .\-]\d{4}" + _RIGHT
)
_INTERNATIONAL = re.compile(r"(?<![\w+])(?<![\d/][ \-./])(?<!/)\(?(?:\+|00(?=[1-9]))[ ]?\(?[1-9][\d ().\-/]{6,24}")
_TRUNK = re.compile(_LEFT + r"(?:\(0\d{1,5}\)|0\d{1,5})(?:[ .\-/]{1,3}\d{1,8}){1,5}" + r"(?=x\d|[^\w]|\Z)(?![.\-/:]\d)")
_BRACKETED = re.compile(_LEFT + r"\(\d{2,3}\)[ ]?9?\d{3,4}[ .\-]\d{3,4}" + _RIGHT)
_REGIONAL = re.compile(
    _LEFT + r"(?:[679]\d\d(?: \d\d){3}|[6-9]\d{4} \d{5}|[1-9]\d 9\d{4}-\d{4})" + _RIGHT
)  # Spain, India, Brazil
_MOBILE = re.compile(_LEFT + r"(?:07\d{9}|0[67]\d{8})(?![\w]|[.\-/,:]\d|[ ]\d)")  # United Kingdom, France, Netherlands
_RUN = re.compile(r"(?:\+ ?)?\(?\d{1,15}(?:\)?[ .\-/]{0,3}\(?\d{1,12}){0,8}")
_EXTENSION = re.compile(r"[ ,;]{0,2}(?:x|ext\.?|extension|durchwahl|dw\.?|poste|#)[ .:]{0,2}\d{1,6}(?!\w)", re.I)
_DATE = re.compile(r"\(?(?:[0-3]?\d([./\-])[0-3]?\d\1(?:(?:19|20)\d\d|\d\d)\b|(?:19|20)\d\d([./\-])[01]?\d\2[0-3]?\d)")
_NOT_A_RUN = re.compile(r"\d{1,3}\.\d{3,}|\d{1,3}(?:\.\d{3})+|(?:19|20)\d\d ?[-/] ?(?:19|20)?\d\d|0+\d?", re.I)


@dataclass(frozen=True)
class Candidate:
    """A place that is written like a telephone number. `form` says how."""

    start: int
    end: int
    form: str
    digits: str


def candidates(scan: Scan) -> Iterator[Candidate]:
    """Places written in a form that telephone numbers have, the tellings first; they may overlap."""
    for start, end in scan.islands:
        for form, pattern in (
            ("north-american", _NORTH_AMERICAN), ("international", _INTERNATIONAL), ("trunk", _TRUNK),
            ("regional", _REGIONAL), ("mobile", _MOBILE), ("bracketed", _BRACKETED),
        ):  # fmt: skip
            for found in pattern.finditer(scan.text, start, end + 2):
                yield from _candidate(scan, *found.span(), form)
        yield from _runs(scan, start, end)


def _runs(scan: Scan, start: int, end: int) -> Iterator[Candidate]:
    for found in _RUN.finditer(scan.text, start, end + 2):
        left, right = scan.text[max(0, found.start() - 2) : found.start()], scan.after(found.end(), 2)
        chained = left[-1:] in (".", "-", "/", ",", "$", "€", "£", "+") or left[-1:].isalnum() or left[-1:] == "_"
        goes_on = (right[:1].isalnum() and not (right[:1] == "x" and right[1:].isdigit())) or right[:1] == "_"
        goes_on = goes_on or (right[:1] in (".", "-", "/", ",", ":") and right[1:].isdigit()) or right[:1] == "%"
        if not chained and not goes_on and _NOT_A_RUN.fullmatch(found.group()) is None:
            yield from _candidate(scan, *found.span(), "run")


def _candidate(scan: Scan, start: int, end: int, form: str) -> Iterator[Candidate]:
    value = scan.text[start:end].rstrip(" .-/(")
    if value.count("(") < value.count(")"):
        value = value.rstrip(")")
    if value.startswith("(") and ")" not in value:
        value, start = value[1:], start + 1
    digits = re.sub(r"\D", "", value)
    if 7 <= len(digits) <= 15 and _DATE.match(value) is None and len(set(digits)) > 1:
        end = start + len(value)
        extension = _EXTENSION.match(scan.text, end)
        yield Candidate(start, extension.end() if extension else end, form, digits)
