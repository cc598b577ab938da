"""Texts made to make a search slow: were a rule not linear, these tests would not end in minutes."""

from __future__ import annotations

import pytest

from src.analysis.pii import find_pii, redact

PIECES = [
    "aaaa@",
    "1",
    "1234 ",
    "((((0",
    "+1",
    "1.2.3.",
    "ab:",
    "A",
    "Aa ",
    "Via A",
    "1 Aa ",
    "M. ",
    "token=abc1",
    "-----BEGIN PRIVATE KEY-----",
    "eyJ-",
    "a://b:ccc@",
    "Password=x;",
    " ",
    "1 ",
    "DE89 ",
    "Aa\n",
    "Aa, ",
    "rue de la ",
    "my name is ",
    "\\n",
    '"',
    "00 1 ",
    "call 1 ",
    "1 Main St ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_a_text_of_one_piece_is_searched_to_its_end(piece: str) -> None:
    text = piece * (60_000 // len(piece)) + " anna@schmidt.de"
    found = find_pii(text)
    assert any(one.kind == "EMAIL" for one in found)


def test_a_million_characters_are_redacted_in_one_go() -> None:
    text = "Write to anna@schmidt.de or 192.168.0.7. " * 2_000
    done = redact(text, find_pii(text), "mask")
    assert done.replaced == {"EMAIL": 2_000, "IP": 2_000}
