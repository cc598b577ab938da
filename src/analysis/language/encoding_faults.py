"""Characters that speak of a broken way through some program: mojibake, lost, control and unseen characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["mojibake", "replacement character", "control character", "unseen character", "private use"]

# Texts in plain ASCII are judged by this alone.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]+")
_LOST = re.compile("\ufffd+")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff]+")
# Zero width joiners belong into some scripts and into emoji, marks of direction into texts written from right to left.
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u180e]+")
_JOINERS = frozenset("\u200c\u200d")
_MARKS = frozenset("\u200e\u200f")
_NEEDS_JOINERS = re.compile(
    r"[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\u200d\ufe0f\U0001f000-\U0001ffff\u2600-\u27bf]"
)
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# UTF-8 read as Windows-1252 (or Latin-1, whose 80 to 9F are control characters): a lead byte and what follows it.
_CP1252 = "".join(bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xC0)) + "".join(
    map(chr, range(0x80, 0xA0))
)
_MOJIBAKE = re.compile(f"[\u00c2-\u00f4][{re.escape(_CP1252)}]{{1,3}}")


@dataclass(frozen=True, slots=True)
class EncodingFault:
    """What is wrong with the characters [start, end)."""

    kind: FaultKind
    start: int
    end: int


def find_encoding_faults(text: str, limit: int = 20) -> list[EncodingFault]:
    """The first `limit` faults of each kind, in order of their kinds; runs count once.

    White space of every kind, U+0085 among it, is no fault.
    """
    found = _matches("control character", _CONTROL, text, limit)
    if text.isascii():
        return found
    found += _matches("replacement character", _LOST, text, limit)
    found += _matches("private use", _PRIVATE, text, limit)
    found += [fault for fault in _matches("unseen character", _UNSEEN, text, limit) if not _is_in_place(text, fault)]
    mojibake = _matches("mojibake", _MOJIBAKE, text, limit)
    return found + [fault for fault in mojibake if _is_utf8(text, fault.start, fault.end)]


def _matches(kind: FaultKind, pattern: re.Pattern[str], text: str, limit: int) -> list[EncodingFault]:
    found: list[EncodingFault] = []
    for match in pattern.finditer(text):
        if len(found) == limit:
            break
        found.append(EncodingFault(kind, match.start(), match.end()))
    return found


def _is_in_place(text: str, fault: EncodingFault) -> bool:
    unseen = set(text[fault.start : fault.end])
    around = text[max(0, fault.start - 1) : fault.start] + text[fault.end : fault.end + 1]
    if fault.end - fault.start == 1 and unseen <= _JOINERS:
        return bool(_NEEDS_JOINERS.search(around))
    return unseen <= _MARKS and bool(_RIGHT_TO_LEFT.search(text))


def _is_utf8(text: str, start: int, end: int) -> bool:
    """Whether the characters are the bytes of a usual one in UTF-8: "Ã©" is, "É»" at the end of a quotation is not."""
    values = b"".join(_byte(character) for character in text[start:end])
    # "IRMÃ" in capitals before a closing quotation mark.
    if text[start - 1 : start].isupper() and text[start + 1] in "”’»":
        return False
    for length in range(len(values), 1, -1):
        try:
            decoded = values[:length].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return len(decoded) == 1 and not "\u0180" <= decoded < "\u0300"
    return False


def _byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1", "replace")
