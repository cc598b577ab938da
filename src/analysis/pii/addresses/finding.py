"""Find postal addresses: the street first, then what belongs to it on either side."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.pii.addresses.announced import ANNOUNCED, ANNOUNCED_SMALL, STEMS
from src.analysis.pii.addresses.english import ENGLISH
from src.analysis.pii.addresses.northern import NORTHERN
from src.analysis.pii.addresses.parts import UNIT, Street
from src.analysis.pii.addresses.southern import SOUTHERN
from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.names.words import UPPER
from src.analysis.pii.scan import Scan

# Streets of our own fakes, and of every form to be filled in
FAKE_STREET = re.compile(r"\b(?:Example|Sample|Exemple|Ejemplo|Esempio|Exemplo|Muster\w*|Voorbeeld\w*)\b", re.I)
_STREETS = (*ENGLISH, *NORTHERN, *SOUTHERN)
_NUMBER = re.compile(r"(?<![\w$€£#.,/:\-])(?<!\d )\d")
_UNIT = re.compile(rf",?\s+(?:{UNIT})", re.I)
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{2}\.? +\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}-\d{3}|\d{2}-\d{3}"
    r"|\d{4} ?[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|(?:[A-Z]{1,2}-)?\d{3} \d\d"
    r"|(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{4})?)\b(?![.\-/]\d)"
)
_BETWEEN = re.compile(
    rf"[\s,]*(?:(?:[{UPPER}#][\w.'()&/-]*|de|la|del|di|upon|under|on|sur|en|am|an|der|do|da|nan"
    rf"|\d{{1,4}}[a-z]?)[\s,.]+){{0,9}}"
)
_TOWN = re.compile(
    rf"[ ,]+(?:[{UPPER}][\w'.-]*(?:[ ](?:am|an der|de|la|sur|del|di|bei|im|upon)(?= [{UPPER}]))?(?: "
    rf"|\b(?!\w))){{1,3}}(?:[ ]?\([A-Z]{{2}}\)| ?/ ?[A-Z]{{2}}\b)?"
)
_TOWN_AFTER_COMMA = re.compile(rf",\s+[{UPPER}][\w'-]+(?: [{UPPER}][\w'-]+){{0,2}}(?:, [A-Z]{{2}}\b)?(?=[.,;\n]|\Z)")
_SENTENCE = re.compile(r"[a-zà-ÿ]{3,}\. +[A-Z]|[!?]|\n\s*\n")


def find_addresses(scan: Scan) -> Iterator[PIIFinding]:
    """Streets with house numbers as a dozen countries write them, post boxes, and what "lives at" announces."""
    numbers = [found.start() for found in _NUMBER.finditer(scan.text)]
    for street in _STREETS if numbers else ():
        if not street.stems or scan.has_any(street.stems):
            for start, end in _places(scan, street, numbers):
                yield from _finding(scan, start, end, 0.8, street.rule)
    for pattern in (ANNOUNCED, ANNOUNCED_SMALL) if numbers and scan.has_any(STEMS) else ():
        for found in pattern.finditer(scan.text):
            yield from _finding(scan, *found.span("address"), 0.6, "announced")


def _places(scan: Scan, street: Street, numbers: list[int]) -> Iterator[tuple[int, int]]:
    if not street.number_first:
        yield from (found.span() for found in street.pattern.finditer(scan.text))
        return
    for number in numbers:
        if found := street.pattern.match(scan.text, number):
            yield found.span()


def _finding(scan: Scan, start: int, end: int, confidence: float, rule: str) -> Iterator[PIIFinding]:
    start += len(scan.text[start:end]) - len(scan.text[start:end].lstrip())
    end -= len(scan.text[start:end]) - len(scan.text[start:end].rstrip(" ,"))
    if FAKE_STREET.search(scan.text, start, end) is None:
        yield PIIFinding("ADDRESS", start, _extended(scan.text, end), confidence, f"address-{rule}")


def _extended(text: str, end: int) -> int:
    """Past flat, town and postcode, as far as they follow within eighty characters and no sentence ends between."""
    if unit := _UNIT.match(text, end):
        end = unit.end()
    window = min(len(text), end + 80)
    for postcode in _POSTCODE.finditer(text, end, window):
        between = text[end : postcode.start()]
        if _SENTENCE.search(between) or _BETWEEN.fullmatch(between) is None:
            break
        town = _TOWN.match(text, postcode.end(), min(len(text), postcode.end() + 50))
        first = between.rstrip(" ")[-1:] in ("\n", ",") and not re.search(r"[A-Z]", postcode.group())
        named = (re.search(r"[^\W\d_]{3,}", between) and not first) or re.search(r"[A-Z]", postcode.group())
        return (
            town.end() - (len(town.group()) - len(town.group().rstrip(" ."))) if town and not named else postcode.end()
        )
    town_only = _TOWN_AFTER_COMMA.match(text, end, min(len(text), end + 70))
    return town_only.end() if town_only else end
