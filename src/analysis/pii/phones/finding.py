"""Decide which of the places written like a telephone number are one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.phones.cues import cued, directly_cued, is_something_else
from src.analysis.pii.phones.library import is_possible
from src.analysis.pii.phones.shapes import Candidate, candidates
from src.analysis.pii.scan import Scan

# Area codes with a 9 in the middle are kept free in the North American plan, 555-01xx is kept for fiction: our fakes.
_UNSURE = ("international", "bracketed", "regional")
_FAKE = re.compile(r"1?[2-8]9\d55501\d\d")


def find_phones(scan: Scan) -> Iterator[PIIFinding]:
    """Numbers in a form of their own (+49 ..., (0171) ..., 555-123-4567), and any row of 7 to 15 digits that a word
    such as "call" or "Tel." stands by."""
    taken = -1
    for candidate in sorted(candidates(scan), key=lambda one: (one.start, -one.end, one.form == "run")):
        if candidate.start < taken or _FAKE.fullmatch(candidate.digits):
            continue
        confidence = _confidence(scan, candidate)
        if confidence and not is_something_else(scan, candidate.start):
            taken = candidate.end
            yield PIIFinding("PHONE", candidate.start, candidate.end, confidence, f"phone-{candidate.form}")


def _confidence(scan: Scan, one: Candidate) -> float:
    """0 when it is none."""
    told = cued(scan, one.start, one.end)
    if one.form == "run":
        bare = len(one.digits) == one.end - one.start and len(one.digits) < 9
        return 0.8 if told and (not bare or directly_cued(scan, one.start)) else 0.0
    if one.digits.startswith("000"):
        return 0.8 if told else 0.0
    if told:
        return 0.95
    # Twenty plans are slow to try: only where the form alone does not decide
    possible = is_possible(scan.text[one.start : one.end], scan.locales) if one.form in _UNSURE else None
    return 0.9 if possible else _by_shape(one, possible)


def _by_shape(one: Candidate, possible: bool | None) -> float:
    """How telling the form is when neither a word nor a numbering plan speaks for it."""
    if one.form == "international":
        return 0.75 if 9 <= len(one.digits) <= 15 and not one.digits.startswith("00") else 0.0
    if one.form == "north-american":
        return 0.7 if one.digits.lstrip("1")[:1] not in ("0", "") else 0.0
    if one.form == "mobile":
        return 0.6
    if one.form == "trunk":
        fours = len(one.digits) == 12 and one.end - one.start == 14  # 0294 2021 2904 is cut from something longer
        return 0.65 if not fours and not one.digits.startswith("00") and 9 <= len(one.digits) <= 12 else 0.0
    return 0.6 if possible is None and one.form == "regional" else 0.0
