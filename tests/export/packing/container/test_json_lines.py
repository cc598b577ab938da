"""What counts as a record, against the standard library."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from src.export.packing.container.json_lines import decode_strictly, fault_of, faults_in, has_long_numbers
from tests.export.packing.records import AWKWARD, chat_lines

PIECES = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b'"',
        b"\\",
        b"\\u",
        b"d800",
        b"dc00",
        b"00e9",
        b"\xc3\xa9",
        b"\xf0\x9f\x98\x80",
    ),
    *(
        b"\xff",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xf5\x80\x80\x80",
        b"0",
        b"-",
        b"+",
        b".",
        b"e",
        b"E",
        b"1",
        b"99999999999999999999",
    ),
    *(
        b"true",
        b"null",
        b"NaN",
        b"Infinity",
        b"//",
        b"\t",
        b" ",
        b"\r",
        b"\x00",
        b"\x1f",
        b"\x7f",
        b"\xe2\x80\xa8",
        b"'",
    ),
)


def expected(line: bytes) -> Any:
    """What the standard library reads of a line, without its own extensions."""

    def refuse(constant: str) -> Any:
        raise ValueError(constant)

    return json.loads(line.decode("utf-8"), parse_constant=refuse)


def is_record(line: bytes) -> bool:
    try:
        return isinstance(expected(line), dict)
    except (ValueError, RecursionError):
        return False


def test_mutated_lines_are_judged_as_the_standard_library_judges_them() -> None:
    chance, judged = random.Random(5), {True: 0, False: 0}
    pool = [*AWKWARD, *chat_lines(5), b"{}", b'{"a":1}']
    for _ in range(6000):
        line = bytearray(chance.choice(pool))
        for _ in range(chance.randrange(3)):
            place = chance.randrange(len(line) + 1)
            line[place : place + chance.randrange(3)] = chance.choice(PIECES)
        whole = bytes(line).replace(b"\n", b"")
        right = is_record(whole)
        judged[right] += 1
        assert (faults_in([b"{}", whole, b'{"b": 2}']) == []) == right, whole
        assert (fault_of(whole) is None) == right, whole
        if right:
            assert repr(decode_strictly(whole)) == repr(expected(whole))
    assert min(judged.values()) > 1000


@pytest.mark.parametrize("line", AWKWARD)
def test_awkward_records_are_records_with_the_values_of_the_standard_library(line: bytes) -> None:
    assert fault_of(line) is None
    assert repr(decode_strictly(line)) == repr(json.loads(line))


def test_long_numbers_are_found_wherever_they_stand() -> None:
    for digits in range(15, 30):
        for before in range(20):
            text = b"x" * before + b"1" * digits + b"y" * 7
            assert has_long_numbers(text) == (digits >= 19), (digits, before)
