"""The side of a sample that is compared: the whole conversation, what the user says, or what the assistant says."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from src.errors import PersistenceError
from src.records import Sample

What = Literal["conversation", "user", "assistant"]
WHATS: tuple[What, ...] = ("conversation", "user", "assistant")

# Stands between two messages: white space, and a character that tells them from one message.
BETWEEN = "\n\0"
_MOST_TEXTS, _MOST_CHARACTERS = 1 << 12, 1 << 22
# The number of a message in its sample, from 1, its role and its text.
Turn = tuple[int, str, str]


class StoredRow(Protocol):
    """A row of the database, as far as it is needed here; `content` is JSON: [{"role", "content"}]."""

    @property
    def id(self) -> str: ...
    @property
    def content(self) -> str: ...
    @property
    def split(self) -> str | None: ...


@runtime_checkable
class StoredRows(Protocol):
    """Samples that lie in a database and come as rows, in order, without being held in memory together."""

    def row_batches(self, size: int) -> Iterator[Sequence[StoredRow]]: ...


Samples = Iterable[Sample] | StoredRows


class Side(NamedTuple):
    """What is compared of a sample, without its system message. `other` is what is left, "" for the conversation."""

    sample_id: str
    text: str
    other: str
    answer_length: int


def sides_of(samples: Samples, what: What = "conversation") -> Iterator[Side]:
    """The side of each sample. Raises PersistenceError for a row whose messages cannot be read."""
    for sample_id, _, turns in turns_of(samples):
        said = {"user": [text for _, role, text in turns if role == "user"]}
        said["assistant"] = [text for _, role, text in turns if role != "user"]
        length = sum(map(len, said["assistant"]))
        if what == "conversation":
            yield Side(sample_id, BETWEEN.join([text for _, _, text in turns]), "", length)
        else:
            left = said["assistant" if what == "user" else "user"]
            yield Side(sample_id, BETWEEN.join(said[what]), BETWEEN.join(left), length)


def turns_of(samples: Samples) -> Iterator[tuple[str, str, list[Turn]]]:
    """The id, the split and the turns of each sample; system messages are left out. Without a split it is "train"."""
    turns: list[Turn]
    if not isinstance(samples, StoredRows):
        for sample in samples:
            messages = enumerate(sample.messages, 1)
            turns = [(number, said.role, said.content) for number, said in messages if said.role != "system"]
            yield sample.id, sample.split or "train", turns
        return
    from msgspec import DecodeError
    from msgspec.json import Decoder

    decode = Decoder(list[dict[str, str]]).decode
    for rows in samples.row_batches(1000):
        for row in rows:
            try:
                stored = enumerate(decode(row.content), 1)
                turns = [(number, turn["role"], turn["content"]) for number, turn in stored if turn["role"] != "system"]
            except (DecodeError, UnicodeEncodeError, KeyError) as error:
                raise PersistenceError(f"sample {row.id}: its messages cannot be read ({error}).") from error
            yield row.id, row.split or "train", turns


def normalised(text: str) -> str:
    """The text without case, ways of writing (NFKC) and differences of white space: equal for exact duplicates."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def in_batches(sides: Iterable[Side]) -> Iterator[list[Side]]:
    """The sides some thousand at a time, fewer where they are long."""
    batch: list[Side] = []
    characters = 0
    for side in sides:
        batch.append(side)
        characters += len(side.text)
        if len(batch) == _MOST_TEXTS or characters >= _MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
