"""Find personal data and keys in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from src.analysis.pii.addresses.finding import find_addresses
from src.analysis.pii.banking import find_cards, find_ibans
from src.analysis.pii.findings import KINDS, Kind, PIIFinding
from src.analysis.pii.identities.national import find_national_ids
from src.analysis.pii.identities.ssn import find_ssns
from src.analysis.pii.names.model import find_model_names
from src.analysis.pii.names.rules import find_names
from src.analysis.pii.network import find_emails, find_ip_addresses, find_mac_addresses
from src.analysis.pii.phones.finding import find_phones
from src.analysis.pii.scan import LOCALES, Scan
from src.analysis.pii.secrets.bare import find_bare_keys, find_passwords
from src.analysis.pii.secrets.connections import find_connection_strings
from src.analysis.pii.secrets.vendors import find_vendor_keys

Detector = Callable[[Scan], Iterator[PIIFinding]]

_DETECTORS: tuple[tuple[Kind, Detector], ...] = (
    ("API_KEY", find_connection_strings),
    ("API_KEY", find_vendor_keys),
    ("API_KEY", find_bare_keys),
    ("API_KEY", find_passwords),
    ("EMAIL", find_emails),
    ("CARD", find_cards),
    ("IBAN", find_ibans),
    ("SSN", find_ssns),
    ("IP", find_ip_addresses),
    ("NATIONAL_ID", find_national_ids),
    ("MAC", find_mac_addresses),
    ("PHONE", find_phones),
    ("ADDRESS", find_addresses),
    ("NAME", find_names),
)
_LEAST_ADDRESS = 8
_SHAPE_ONLY = ("phone-trunk", "phone-run", "phone-mobile", "phone-regional")
# Who stays when two findings overlap: what a check digit or a vendor vouches for, then the wider.
_RANK: dict[Kind, int] = {
    "API_KEY": 0,
    "EMAIL": 1,
    "IBAN": 2,
    "CARD": 3,
    "NATIONAL_ID": 4,
    "SSN": 4,
    "IP": 5,
    "MAC": 5,
    "PHONE": 7,
    "ADDRESS": 8,
    "NAME": 9,
}


def find_pii(
    text: str, *, locales: Iterable[str] = LOCALES, use_nlp: bool = False, kinds: Iterable[Kind] = KINDS
) -> list[PIIFinding]:
    """Personal data and keys of `text`, in its order, none overlapping.

    `locales` (two letters: us, gb, de ...) say whose national numbers and numbering plans are tried. `use_nlp` asks a
    language model for names as well (extra [qa-nlp]; without it nothing is added). The time is linear in the text.
    """
    scan = Scan(text, frozenset(locales))
    wanted = frozenset(kinds)
    found = [finding for kind, find in _DETECTORS if kind in wanted for finding in find(scan)]
    if use_nlp and "NAME" in wanted:
        found.extend(find_model_names(scan.text))
    return without_overlaps(found)


def without_overlaps(findings: Iterable[PIIFinding]) -> list[PIIFinding]:
    """The findings by place; of two that overlap the one of the surer kind stays, or the wider one of the same kind."""
    kept: list[PIIFinding] = []
    for one in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        while kept and kept[-1].end > one.start and _stronger(one, kept[-1]):
            weaker = kept.pop()
            if weaker.kind == "ADDRESS" and one.start - weaker.start >= _LEAST_ADDRESS:
                kept.append(replace(weaker, end=one.start))
        if not kept or kept[-1].end <= one.start:
            kept.append(one)
    return kept


def _stronger(left: PIIFinding, right: PIIFinding) -> bool:
    if right.kind == "ADDRESS" and left.kind == "PHONE" and left.end <= right.end and left.rule in _SHAPE_ONLY:
        return False  # a postcode
    ranks = _RANK[left.kind], _RANK[right.kind]
    if ranks[0] != ranks[1]:
        return ranks[0] < ranks[1]
    return (left.end - left.start, left.confidence) > (right.end - right.start, right.confidence)
