"""Columns and keywords of datasets that do not fit into memory."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest

from src.dataset.statistics.columns import PIECE, Column
from src.dataset.statistics.keywords import Keywords
from src.dataset.statistics.results import Part


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_a_column_gives_back_what_was_added(length: int) -> None:
    column, expected = Column(), [number * 7919 % (1 << 31) for number in range(length)]
    for number in expected:
        column.append(number)
    assert (len(column), column.all().tolist()) == (length, expected)
    pieces = list(column.pieces())
    assert [number for piece in pieces for number in piece.tolist()] == expected
    assert {len(piece) for piece in pieces[:-1]} <= {PIECE}


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(OverflowError):
        Column().append(1 << 31)


def test_keywords_are_counted_as_a_dictionary_counts_them() -> None:
    chance, keywords = random.Random(3), Keywords()
    names = [f"word {number} ÿ\ud800\0" for number in range(60_000)]
    samples, tokens = Counter[str](), Counter[str]()
    lengths: dict[str, list[int]] = defaultdict(list)
    for number in range(90_000):
        own = [names[int(chance.paretovariate(0.3)) % len(names)] for _ in range(number % 5)]
        keywords.add(own, number, number % 9)
        for name in set(own):
            samples[name] += 1
            tokens[name] += number
            lengths[name].append(number)
    expected = sorted(samples, key=lambda name: (-samples[name], name))

    everything, none_left, different = keywords.counted(len(names))
    assert list(everything) == expected
    assert everything == {name: Part(samples[name], tokens[name]) for name in expected}
    assert (none_left, different) == (Part(0, 0), len(samples))

    listed, rest, different = keywords.counted(1_000)
    assert [part.samples for part in listed.values()] == [samples[name] for name in expected[:1_000]]
    sure = [name for name in expected if samples[name] > samples[expected[999]]]
    assert list(listed)[: len(sure)] == sure
    assert all(part == everything[name] for name, part in listed.items())
    assert rest.samples + sum(part.samples for part in listed.values()) == samples.total()
    assert rest.tokens + sum(part.tokens for part in listed.values()) == tokens.total()
    assert different == len(samples)

    found = keywords.samples_of(expected[:3])
    for name in expected[:3]:
        assert found[name][0].tolist() == lengths[name]
        assert found[name][1].tolist() == [number % 9 for number in lengths[name]]


def test_without_keywords_nothing_is_listed() -> None:
    assert Keywords().counted(10) == ({}, Part(0, 0), 0)
