"""Find US social security numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import Scan, last_end

_WRITTEN = re.compile(r"(?<![\w$])(?<![\d][.\-/])(\d{3})([- .])(\d{2})\2(\d{4})(?![\w]|[.\-/]\d)")
_BARE = re.compile(r"(?<![\w$])(?<![\d][.\-/])(\d{3})()(\d{2})(\d{4})(?![\w]|[.\-/]\d)")
_WORD = re.compile(r"\bssns?\b|social[ -]security|\bsocial\b|\bsoc\.? ?sec|\btin\b|taxpayer", re.I)
_OTHER = re.compile(
    r"\b(?:order|invoice|isbn|sku|serial|ref|reference|ticket|tracking|part|model|batch|lot|case|item"
    r"|product|version|catalog(?:ue)?|room|phone|tel|fax|"
    r"commande|facture|pedido|factura|ordine|fattura|zamówieni\w*|bestell\w*|rechnung\w*|artikel\w*"
    r"|policy|booking|confirmation|code|id|form|docket|aktenzeichen)\b(?:[^.!?\n]|n[or]\.){0,14}\Z|#\Z",
    re.I,
)
# Printed on wallets and in advertisements: https://www.ssa.gov/history/ssn/misused.html
_MISUSED = frozenset(("078051120", "219099999"))


def find_ssns(scan: Scan) -> Iterator[PIIFinding]:
    """Numbers as 123-45-6789, and nine bare digits where the words say what they are; never from a range that the
    Social Security Administration does not give out (000, 666, 9xx; group 00; serial 0000)."""
    if "us" not in scan.locales:
        return
    for start, end in scan.islands:
        for pattern in (_WRITTEN, _BARE):
            for found in pattern.finditer(scan.text, start, end + 1):
                if confidence := _confidence(scan, found):
                    yield PIIFinding("SSN", *found.span(), confidence, "us-ssn")


def _confidence(scan: Scan, found: re.Match[str]) -> float:
    area, gap, group, serial = found.groups()
    if (
        area in ("000", "666")
        or area[0] == "9"
        or group == "00"
        or serial == "0000"
        or area + group + serial in _MISUSED
    ):
        return 0.0
    words = scan.before(found.start(), 60)
    told = last_end(_WORD, words)
    other = _OTHER.search(words)
    if told < 0 and (gap != "-" or other is not None):
        return 0.0
    if other is not None and other.start() > told:
        return 0.0
    return 0.99 if told >= 0 else 0.9
