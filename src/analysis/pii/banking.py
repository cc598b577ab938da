"""Find payment cards and bank accounts by their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.pii.checksums import luhn, mod_97
from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import Scan, last_end

# (first, last prefix, lengths). Issuer ranges as the networks publish them; written 2026-11-21.
_BRANDS: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (4, 4, (13, 16, 19)),  # Visa
    (51, 55, (16,)),
    (2221, 2720, (16,)),  # Mastercard
    (34, 34, (15,)),
    (37, 37, (15,)),  # American Express
    (300, 305, (14,)),
    (3095, 3095, (14,)),
    (36, 36, (14,)),
    (38, 39, (14,)),  # Diners
    (6011, 6011, (16, 19)),
    (644, 659, (16, 19)),  # Discover
    (3528, 3589, (16,)),
    (2131, 2131, (15,)),
    (1800, 1800, (15,)),  # JCB
    (62, 62, (16, 17, 18, 19)),  # UnionPay
    (2200, 2204, (16,)),  # Mir
    *(
        (iin, iin, tuple(range(12, 20))) for iin in (5018, 5020, 5038, 5893, 6304, 6390, 6759, 6761, 6762, 6763)
    ),  # Maestro
)
_WIDE = ("0604", "50", "56", "57", "58", "6", "35", "30", "81", "82", "1800", "2131", "2", "3", "4", "5")
_CARD = re.compile(r"(?<![\w])(?<!\d[.\-])\d{4}(?:\d{8,15}|(?:[ .\-]\d{1,6}){2,6})(?![\w]|[.\-]\d)")
_CARD_WORD = re.compile(
    r"card|\bcc\b|visa|amex|american express|maestro|discover|diners|\bjcb\b|credit|debit|karte|carte\b"
    r"|carta\b|cartão|cartao"
    r"|tarjeta|kaart|karta|kart[yę]|\bkort|payment|\bpay\b|billing|charge[ds]?\b|\bcvv|\bcvc|expir|\bpan\b",
    re.I,
)
_OTHER_NUMBER = re.compile(
    r"\b(?:order|invoice|tracking|isbn|issn|imei|imsi|iccid|serial|ticket|reference|ref|sku|barcode"
    r"|ean|upc|gtin|timestamp|epoch"
    r"|bestell\w*|rechnung\w*|sendung\w*|commande|facture|pedido|factura|ordine|fattura|shipment|parcel|doi|part)\b",
    re.I,
)
# Lengths from the SWIFT IBAN registry, release 99 (2024)
_IBAN_LENGTHS = {
    "AD": 24,
    "AE": 23,
    "AL": 28,
    "AT": 20,
    "AZ": 28,
    "BA": 20,
    "BE": 16,
    "BG": 22,
    "BH": 22,
    "BI": 27,
    "BR": 29,
    "BY": 28,
    "CH": 21,
    "CR": 22,
    "CY": 28,
    "CZ": 24,
    "DE": 22,
    "DJ": 27,
    "DK": 18,
    "DO": 28,
    "EE": 20,
    "EG": 29,
    "ES": 24,
    "FI": 18,
    "FK": 18,
    "FO": 18,
    "FR": 27,
    "GB": 22,
    "GE": 22,
    "GI": 23,
    "GL": 18,
    "GR": 27,
    "GT": 28,
    "HN": 28,
    "HR": 21,
    "HU": 28,
    "IE": 22,
    "IL": 23,
    "IQ": 23,
    "IS": 26,
    "IT": 27,
    "JO": 30,
    "KW": 30,
    "KZ": 20,
    "LB": 28,
    "LC": 32,
    "LI": 21,
    "LT": 20,
    "LU": 20,
    "LV": 21,
    "LY": 25,
    "MC": 27,
    "MD": 24,
    "ME": 22,
    "MK": 19,
    "MN": 20,
    "MR": 27,
    "MT": 31,
    "MU": 30,
    "NI": 28,
    "NL": 18,
    "NO": 15,
    "OM": 23,
    "PK": 24,
    "PL": 28,
    "PS": 29,
    "PT": 25,
    "QA": 29,
    "RO": 24,
    "RS": 22,
    "RU": 33,
    "SA": 24,
    "SC": 31,
    "SD": 18,
    "SE": 24,
    "SI": 19,
    "SK": 24,
    "SM": 27,
    "SO": 23,
    "ST": 25,
    "SV": 28,
    "TL": 23,
    "TN": 24,
    "TR": 26,
    "UA": 29,
    "VA": 22,
    "VG": 24,
    "XK": 20,
    "YE": 30,
}
_IBAN_HEAD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \-]?[A-Za-z0-9]{2})")


def find_cards(scan: Scan) -> Iterator[PIIFinding]:
    """Numbers of 12 to 19 digits that pass Luhn and begin like a brand's; with a word for cards nearby any issuer's."""
    for start, end in scan.islands:
        for found in _CARD.finditer(scan.text, start, end + 1):
            words = scan.before(found.start(), 60)
            near = last_end(_CARD_WORD, words)
            if last_end(_OTHER_NUMBER, words) > near:
                continue
            cued = near >= 0 or _CARD_WORD.search(scan.after(found.end(), 30)) is not None
            if length := _card_length(found.group(), cued):
                yield PIIFinding("CARD", found.start(), found.start() + length, 0.99 if cued else 0.93, "card-luhn")


def find_ibans(scan: Scan) -> Iterator[PIIFinding]:
    """Accounts of the countries in the IBAN registry, with spaces or without, whose check digits are right."""
    for found in _IBAN_HEAD.finditer(scan.text):
        length = _IBAN_LENGTHS.get(found.group()[:2].upper())
        end = _after_characters(scan.text, found.start(), length) if length else None
        if end is not None and mod_97(re.sub(r"[ \-]", "", scan.text[found.start() : end]).upper()):
            yield PIIFinding("IBAN", found.start(), end, 0.99, "iban-mod97")


def _card_length(run: str, cued: bool) -> int:
    """How many characters of `run` are a card number: all, or all but groups like 12.27 or a CVV behind it."""
    ends = [group.end() for group in re.finditer(r"\d+", run)]
    for end in reversed(ends[-3:] if len(ends) > 1 else ends):
        digits = re.sub(r"\D", "", run[:end])
        if 12 <= len(digits) <= 19 and _is_card(digits, cued):
            return end
    return 0


def _is_card(digits: str, cued: bool) -> bool:
    if not luhn(digits) or len(set(digits)) < 2:
        return False
    if any(len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high for low, high, lengths in _BRANDS):
        return True
    return cued and digits.startswith(_WIDE)


def _after_characters(text: str, start: int, count: int) -> int | None:
    """Where `count` letters and digits from `start` on end, single spaces or dashes between; None if a word goes on."""
    place, seen = start, 0
    while place < len(text) and seen < count:
        if text[place].isascii() and text[place].isalnum():
            seen += 1
        elif text[place] not in " -" or not text[place - 1].isalnum():
            return None
        place += 1
    whole = seen == count and not (place < len(text) and text[place].isalnum())
    return place if whole else None
