"""The records that travel between stages: Block, Document, Message, Origin, Sample, Dataset, Issue, RunReport.

Read this file first. Every stage takes these records and gives these records; none hands over
a file or a dict of guessed shape.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple, overload

Role = Literal["system", "user", "assistant"]
Split = Literal["train", "validation", "test"]
Severity = Literal["error", "warning", "note"]
# edited: a user or an LLM changed a sample after it was made; added: a user wrote it; recorded: a step of a recorded
# browser session.
Method = Literal["created", "identified", "free", "edited", "added", "recorded"]
BlockKind = Literal["title", "heading", "paragraph", "list_item", "table", "row", "note", "code"]

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range [start, end) of characters in a Document's text."""

    start: int
    end: int


class Cell(NamedTuple):
    """One named value of a row block; start and end are offsets in that block's text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document as its author made it: a paragraph, a heading, a table row, a slide title.

    `place` is what a person would look up ("page 3", "slide 2", "Sheet1!A4", a heading path);
    `start` is the block's offset in Document.text; `cells` name the values of a row.
    """

    text: str
    kind: BlockKind
    place: str
    start: int
    cells: tuple[Cell, ...] = ()

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Document:
    """One ingested file, or one part of a very large one.

    `id` is the SHA-256 of the file's bytes, from the second part on followed by ".2", ".3" and so on;
    `source_file` is the path below the input folder.

    `text` is the blocks set at their starts, the gaps between them filled with newlines, so
    `document.text[block.start : block.end] == block.text` holds for every block.
    Raises ValueError when the blocks are out of order or overlap.
    """

    id: str
    source_file: str
    blocks: tuple[Block, ...]
    text: str = field(init=False, repr=False, compare=False)
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _join_blocks(self.blocks))
        object.__setattr__(self, "starts", tuple(block.start for block in self.blocks))

    @property
    def short_id(self) -> str:
        """The start of the id, with the number of the part: what chunks are named after."""
        digest, _, part = self.id.partition(".")
        return f"{digest[:12]}.{part}" if part else digest[:12]

    def block_at(self, offset: int) -> Block:
        """The block that holds the character at `offset`, or the last one before it."""
        return self.blocks[max(0, bisect_right(self.starts, offset) - 1)]

    def place_of(self, span: Span) -> str:
        """The place of a span, as "page 2" or, where it crosses blocks of two places, "page 2 to page 3"."""
        first, last = self.block_at(span.start).place, self.block_at(max(span.start, span.end - 1)).place
        return first if first == last else f"{first} to {last}"

    def text_of(self, span: Span) -> str:
        return self.text[span.start : span.end]


def _join_blocks(blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    position = 0
    for block in blocks:
        if block.start < position:
            raise ValueError(f"block at {block.start} starts before the one before it ends ({position})")
        parts.append("\n" * (block.start - position))
        parts.append(block.text)
        position = block.end
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


# A passage is named after its document and its place in it (src/ingestion/chunker.py).
_CHUNK = re.compile(r"[0-9a-f]{12}(?:\.\d+)?:(\d{1,12})-(\d{1,12})")


def chunk_span(chunk_id: str) -> Span | None:
    """The characters of the document that a passage of this name is; None for a name that does not tell."""
    named = _CHUNK.fullmatch(chunk_id)
    return Span(int(named[1]), int(named[2])) if named else None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sample comes from: the lineage born with it.

    `span` covers the whole exchange (identified) or the supporting quote (created) in the document's text.
    `turn_spans` is filled for identified samples only: one entry for each user and assistant message, in
    order, each a tuple of the pieces whose texts, joined by a newline, are exactly that message's content.
    `chunk_id` names the passage; samples with the same one are never torn apart by the splitter.
    `prompt_id` changes with the prompt's text; `call_id` is the journal's key of the answer it was made from. These
    and `model` are "" where no LLM was asked.
    `edited_from` is the id of the sample that an edited one was before; what that one claims of its source (turns word
    for word, the call it was made from) stands in the history alone.
    """

    source_file: str
    method: Method
    document_id: str
    place: str
    span: Span | None = None
    turn_spans: tuple[tuple[Span, ...], ...] = ()
    chunk_id: str = ""
    prompt_id: str = ""
    model: str = ""
    call_id: str = ""
    edited_from: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One training example. `token_length` counts the messages as the dataset's provider counts them.

    `split` is None until the splitter ran.
    """

    id: str
    messages: tuple[Message, ...]
    origin: Origin
    topic_keywords: tuple[str, ...] = ()
    token_length: int = 0
    split: Split | None = None

    @property
    def turns(self) -> tuple[Message, ...]:
        """The messages without the system message."""
        return tuple(message for message in self.messages if message.role != "system")


def make_sample(messages: Sequence[Message], origin: Origin, topic_keywords: Sequence[str] = ()) -> Sample:
    """A Sample whose id is made from its content and origin, so the same run gives the same ids."""
    identity = [
        [[message.role, message.content] for message in messages],
        origin.document_id,
        origin.chunk_id,
        origin.method,
        [origin.span.start, origin.span.end] if origin.span else None,
        *([origin.edited_from] if origin.edited_from else []),
    ]
    digest = hashlib.sha256(json.dumps(identity, ensure_ascii=True).encode()).hexdigest()
    return Sample("s" + digest[:20], tuple(messages), origin, tuple(topic_keywords))


@dataclass(frozen=True, slots=True)
class Dataset(Sequence[Sample]):
    """Samples that belong together, and the provider and model they are meant for."""

    name: str
    provider: str
    model: str
    mode: str
    samples: Sequence[Sample] = ()

    def __len__(self) -> int:
        return len(self.samples)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | Sequence[Sample]:
        return self.samples[index]

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def with_samples(self, samples: Sequence[Sample]) -> Dataset:
        return replace(self, samples=samples)

    def in_split(self, split: Split) -> list[Sample]:
        return [sample for sample in self.samples if sample.split == split]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something the user should know: how bad, where, and a message that says what to do."""

    severity: Severity
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.message}" if self.where else f"{self.severity}: {self.message}"


@dataclass(slots=True)
class RunReport:
    """What happened in a run: the one record that is filled in along the way.

    `counts` are figures by name ("files", "samples"); `dropped` counts what was left out, by reason,
    so that nothing vanishes; `files` are the paths written.
    """

    counts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    issues: list[Issue] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def count(self, what: str, n: int = 1) -> None:
        self.counts[what] += n

    def drop(self, reason: str, n: int = 1) -> None:
        self.dropped[reason] += n

    def error(self, where: str, message: str) -> None:
        self.issues.append(Issue("error", where, message))

    def warn(self, where: str, message: str) -> None:
        self.issues.append(Issue("warning", where, message))

    def note(self, where: str, message: str) -> None:
        self.issues.append(Issue("note", where, message))
