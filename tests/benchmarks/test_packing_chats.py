"""The chats of bench-packing: the same ones for a seed, shaped and compressing as the measurements say."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.packing.chats.english import Prose, passages
from benchmarks.packing.chats.languages import LANGUAGES, sentences_of
from benchmarks.packing.chats.ratios import Shape, shape_of
from benchmarks.packing.chats.records import record_lines, write_records

COUNT = 3_000


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return list(record_lines(COUNT))


@pytest.fixture(scope="module")
def shape(lines: list[bytes]) -> Shape:
    return shape_of(lines)


def chats(lines: list[bytes]) -> list[list[dict[str, str]]]:
    return [json.loads(line)["messages"] for line in lines]


def test_the_same_seed_writes_the_same_bytes(lines: list[bytes], tmp_path: Path) -> None:
    digest = write_records(tmp_path / "chat.jsonl", COUNT)
    assert (tmp_path / "chat.jsonl").read_bytes() == b"".join(lines)
    assert digest == hashlib.sha256(b"".join(lines)).hexdigest()


def test_fewer_records_are_the_first_of_more(lines: list[bytes]) -> None:
    assert list(record_lines(50)) == lines[:50]


def test_another_seed_writes_other_records(lines: list[bytes]) -> None:
    assert not set(record_lines(50, seed=1)) & set(lines)


def test_records_have_the_measured_sizes(shape: Shape) -> None:
    assert shape.records == COUNT
    assert 870 < shape.mean < 970
    assert 690 < shape.median < 800
    assert 1_950 < shape.p95 < 2_350
    assert 4_500 < shape.largest < 6_500


def test_records_have_the_measured_messages_escapes_and_scripts(shape: Shape) -> None:
    assert 3.5 < shape.messages < 3.9
    assert 13 < shape.escapes < 19
    assert 0.36 < shape.not_ascii < 0.44


def test_records_compress_as_real_text_does(shape: Shape) -> None:
    # Real documents in the same records: 0.402 to 0.409 and 0.582 to 0.584, without an index.
    assert 0.39 < shape.zstd < 0.42
    assert 0.57 < shape.lz4 < 0.60


def test_every_record_is_a_chat_that_can_be_trained_on(lines: list[bytes]) -> None:
    for chat in chats(lines):
        roles = [message["role"] for message in chat]
        turns = roles[1:] if roles[0] == "system" else roles
        assert turns == ["user", "assistant"] * (len(turns) // 2) and turns
        assert all(message["content"].strip() for message in chat)


def test_passages_are_distinct(lines: list[bytes]) -> None:
    answers = [message["content"] for chat in chats(lines) for message in chat if message["role"] == "assistant"]
    long = [answer for answer in answers if len(answer) > 80]
    assert len(set(long)) == len(long) > COUNT / 2


@pytest.mark.parametrize("signs", ["ß", "ê", "的", "の", "’", "😀"])
def test_all_writings_are_there(lines: list[bytes], signs: str) -> None:
    assert signs.encode() in b"".join(lines)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_sentences_of_a_language_seldom_come_again(language: Any) -> None:
    made = sentences_of(language, 1_000, random.Random(1))
    assert len(set(made)) > 900
    assert not any("{" in sentence for sentence in made)


def test_pythons_own_texts_fill_megabytes() -> None:
    assert sum(map(len, passages())) > 2_000_000


def test_a_cut_begins_a_paragraph_and_keeps_to_the_size() -> None:
    prose = Prose(["First one here.\n\nSecond paragraph of the text."])
    assert prose.cut(0.6, 17) == ["Second", "paragraph"]
    assert prose.cut(0.0, 1) == ["First"]
