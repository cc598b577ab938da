"""What find_pii finds, and what it leaves alone. All values are made up or documented test numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from src.analysis.pii import PIIFinding, find_pii, without_overlaps

FOUND = [
    ("EMAIL", "Reach me: jane_doe99@mail-server.co.uk.", "jane_doe99@mail-server.co.uk"),
    ("EMAIL", "<user.name+tag@sub.domain.org>", "user.name+tag@sub.domain.org"),
    ("EMAIL", "anna@müller-söhne.de", "anna@müller-söhne.de"),
    ("EMAIL", "write to max [at] firma [dot] de", "max [at] firma [dot] de"),
    ("PHONE", "My cell is 555-867-5309", "555-867-5309"),
    ("PHONE", "Phone: +1 (555) 123-4567", "+1 (555) 123-4567"),
    ("PHONE", "Tel: 089/1234567", "089/1234567"),
    ("PHONE", "call me back at 4500840", "4500840"),
    ("PHONE", "(898)666-3621x0135", "(898)666-3621x0135"),
    ("PHONE", "+33 6 12 34 56 78", "+33 6 12 34 56 78"),
    ("CARD", "paid with 4111-1111-1111-1111", "4111-1111-1111-1111"),
    ("CARD", "card 5500 0000 0000 0004, exp 09/27", "5500 0000 0000 0004"),
    ("CARD", "3782 822463 10005", "3782 822463 10005"),
    ("CARD", "my Maestro card 0604 1234 5676", None),
    ("IBAN", "IBAN: GB29 NWBK 6016 1331 9268 19 please", "GB29 NWBK 6016 1331 9268 19"),
    ("IBAN", "fr1420041010050500013m02606", "fr1420041010050500013m02606"),
    ("SSN", "her SSN is 536-90-4399.", "536-90-4399"),
    ("SSN", "social security number 536904399", "536904399"),
    ("IP", "login from 203.0.113.195 port 22", "203.0.113.195"),
    ("IP", "[2a00:1450:4001:81b::200e]:443", "2a00:1450:4001:81b::200e"),
    ("IP", "version 2.1 runs on host 45.33.32.156", "45.33.32.156"),
    ("MAC", "device 52:54:00:9d:0e:67 joined", "52:54:00:9d:0e:67"),
    ("ADDRESS", "I live at 221B Baker Street, London NW1 6XE.", "221B Baker Street, London NW1 6XE"),
    ("ADDRESS", "Ship to: 350 Fifth Avenue, New York, NY 10118", "350 Fifth Avenue, New York, NY 10118"),
    ("ADDRESS", "Kaiserstr. 12\n76133 Karlsruhe", "Kaiserstr. 12\n76133 Karlsruhe"),
    ("ADDRESS", "10 rue de Rivoli, 75001 Paris", "10 rue de Rivoli, 75001 Paris"),
    ("ADDRESS", "Calle de Alcalá 45, 28014 Madrid", "Calle de Alcalá 45, 28014 Madrid"),
    ("ADDRESS", "Via Garibaldi 7, 20121 Milano", "Via Garibaldi 7, 20121 Milano"),
    ("NAME", "Dear Ms. Thompson, thank you", "Thompson"),
    ("NAME", "The patient, Michael O'Brien, was admitted.", "Michael O'Brien"),
    ("NAME", "mein Name ist Zqawira Lindholt", "Zqawira Lindholt"),
    ("NAME", "hi, my name is maria lopez", "maria lopez"),
    ("NAME", "They invited Anna, Tim and Josef.", "Anna"),
]
LEFT_ALONE = [
    "Order #4111-1111-1111-1112",
    "The number 4111 1111 1111 1112 was refused",
    "A BSN has nine digits and a check. Somewhere much further down in this text one reads 111222333 without a reason.",
    "ISBN 978-3-16-148410-0",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "550e8400-e29b-41d4-a716-446655440000",
    "Upgrade to version 10.0.19.33 first",
    "Firefox/118.0.1.2",
    "tool==1.2.3.4",
    "40.7128° N, 74.0060° W",
    "Part no. 123-45-6789",
    "order 000-12-3456 or 666-12-3456",
    "2024-03-15 14:30:00",
    "1,234,567.89 USD",
    "git@github.com:team/project.git",
    "icon@2x.png",
    "ping 127.0.0.1 or ::1",
    "std::vector<int> a::b",
    "1.2.3.4 Installation",
    "mask 255.255.240.0",
    "Jack Daniels on ice",
    "We moved from Jenkins to GitHub Actions.",
    "Ford Focus 2019",
    "The Victoria Falls are wide.",
    "Grace period ends in May",
    "Dear Customer,",
    "Chapter 12.3.4.5 covers routing",
    "DE00 1234 5678 9012 3456 78",
    "expected 50331648 bytes",
    "doi:10.1234/0069202.1117875",
    "Table 4: 0.91 0.83 0.77 / 12 14 19 22",
]


@pytest.mark.parametrize(("kind", "text", "value"), [case for case in FOUND if case[2]], ids=lambda v: str(v)[:24])
def test_it_finds_what_a_person_would(kind: str, text: str, value: str) -> None:
    found = {(one.kind, text[one.start : one.end]) for one in find_pii(text)}
    assert (kind, value) in found


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_it_leaves_alone_what_only_looks_so(text: str) -> None:
    assert find_pii(text) == []


def test_findings_are_in_order_and_do_not_overlap() -> None:
    text = "Anna Schmidt, 12 Main Street, Springfield, IL 62704, anna@schmidt.de, +49 30 901820, 192.168.0.7"
    found = find_pii(text)
    assert [one.kind for one in found] == ["NAME", "ADDRESS", "EMAIL", "PHONE", "IP"]
    assert all(left.end <= right.start for left, right in pairwise(found))


def test_of_two_that_overlap_the_surer_kind_stays() -> None:
    card, phone = PIIFinding("CARD", 5, 20, 0.9, "c"), PIIFinding("PHONE", 0, 12, 0.9, "p")
    assert without_overlaps([phone, card]) == [card]


def test_places_hold_in_text_with_escapes_and_odd_spaces() -> None:
    text = '{"note": "ring\\n+49 30\u00a0901820 or\\tanna@schmidt.de"}'
    found = {text[one.start : one.end] for one in find_pii(text)}
    assert found == {"+49 30\u00a0901820", "anna@schmidt.de"}


def test_locales_bind_national_numbers() -> None:
    text = "Her BSN is 111222333."
    assert [one.rule for one in find_pii(text, locales=["nl"])] == ["nl-bsn"]
    assert find_pii(text, locales=["us"]) == []


def test_kinds_narrow_the_search() -> None:
    assert [one.kind for one in find_pii("anna@schmidt.de, 192.168.0.7", kinds=["IP"])] == ["IP"]


def test_empty_and_strange_texts_are_searched_without_a_fault() -> None:
    for text in ("", " ", "\0", "\ud800 lone", "ß" * 100, "\u202e@\u202e.\u202e", "()" * 50):
        assert find_pii(text) == []
