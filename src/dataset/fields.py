"""What a sample can be divided, grouped and organised by: its metadata under the names that users write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol

from src.analysis.complexity import complexity_of
from src.config.settings import SplitField
from src.records import Sample

NO_KEYWORD = "(no keyword)"


@dataclass(frozen=True)
class Fields:
    """The metadata of one sample. `contents` are the texts of its user and assistant messages; `more` are further
    values by the names that the rule was parsed with."""

    token_length: int
    method: str
    source_file: str
    keywords: tuple[str, ...]
    split: str
    model: str
    contents: Sequence[str]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def turns(self) -> int:
        return len(self.contents)

    @property
    def topic(self) -> str:
        return first_keyword(self.keywords)

    @property
    def folder(self) -> str:
        return folder_of(self.source_file)

    @cached_property
    def complexity(self) -> str:
        return complexity_of(self.contents).level


class StoredSample(Protocol):
    """A row of the database, as far as it is needed here."""

    @property
    def token_length(self) -> int: ...
    @property
    def topic_keywords(self) -> str: ...
    @property
    def source_file(self) -> str: ...
    @property
    def split(self) -> str | None: ...


def fields_of_row(row: StoredSample, messages: Iterable[Mapping[str, str]], origin: Mapping[str, Any]) -> Fields:
    """The fields of a stored sample, its messages as {"role", "content"} and its origin as stored."""
    keywords = origin.get("keywords")
    if keywords is None:
        keywords = row.topic_keywords.split(",") if row.topic_keywords else ()
    return Fields(
        row.token_length or 0,
        origin.get("method", ""),
        origin.get("source_file", row.source_file) or "",
        tuple(keywords),
        row.split or "train",
        origin.get("model", ""),
        [message["content"] for message in messages if message["role"] != "system"],
    )


def fields_of(sample: Sample, more: Mapping[str, Any] = MappingProxyType({})) -> Fields:
    return Fields(
        sample.token_length,
        sample.origin.method,
        sample.origin.source_file,
        sample.topic_keywords,
        sample.split or "train",
        sample.origin.model,
        [message.content for message in sample.turns],
        more,
    )


def first_keyword(keywords: Sequence[str]) -> str:
    """The keyword a sample is grouped by: its first."""
    return keywords[0] if keywords else NO_KEYWORD


def folder_of(source_file: str) -> str:
    """The folder of a source file below the input folder, "." for the input folder itself."""
    return source_file.replace("\\", "/").rpartition("/")[0] or "."


def length_class(token_length: int) -> str:
    """Token lengths by powers of two: "256-511". It depends on nothing but the sample, so later ones move none."""
    if token_length < 1:
        return "0"
    least = 1 << (token_length.bit_length() - 1)
    return f"{least}-{2 * least - 1}"


# The values a sample can be divided or grouped by; "" where a sample has none.
SPLIT_FIELDS: Mapping[SplitField, Callable[[Sample], str]] = {
    "source": lambda sample: sample.origin.source_file,
    "folder": lambda sample: folder_of(sample.origin.source_file),
    "document": lambda sample: sample.origin.document_id.partition(".")[0],
    "place": lambda sample: f"{sample.origin.source_file}: {sample.origin.place}" if sample.origin.place else "",
    "topic": lambda sample: sample.topic_keywords[0] if sample.topic_keywords else "",
    "method": lambda sample: sample.origin.method,
    "model": lambda sample: sample.origin.model,
    "prompt": lambda sample: sample.origin.prompt_id,
    "length": lambda sample: length_class(sample.token_length),
    "turns": lambda sample: str(len(sample.turns)),
    "complexity": lambda sample: fields_of(sample).complexity,
}
