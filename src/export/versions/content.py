"""What an export holds, sample by sample, small enough to compare millions: digests read from its lineage.jsonl."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TypedDict

from src.errors import ExportError
from src.records import SPLITS, Split

LINEAGE_NAME = "lineage.jsonl"
ID_BYTES, DIGEST_BYTES, SHA256_BYTES = 16, 8, 32
_SPLIT_CODES = {name: code for code, name in enumerate(SPLITS)}


@dataclass(frozen=True, slots=True)
class VersionContent:
    """The samples of an export in export order, 41 bytes each.

    `ids`, `places` and `contents` hold one digest after the other; `splits` are indexes of SPLITS; `lines` are the
    offsets of the samples' lines in the lineage file.
    """

    lineage: Path
    ids: bytearray = field(default_factory=bytearray)
    places: bytearray = field(default_factory=bytearray)
    contents: bytearray = field(default_factory=bytearray)
    splits: bytearray = field(default_factory=bytearray)
    lines: array[int] = field(default_factory=lambda: array("Q"))

    def __len__(self) -> int:
        return len(self.splits)

    def names_of(self, indexes: Sequence[int]) -> list[str]:
        """The ids of some samples, read from the lineage file again."""
        return list(self._names_of(indexes))

    def _names_of(self, indexes: Sequence[int]) -> Iterator[str]:
        from msgspec.json import decode

        with self.lineage.open("rb") as stream:
            for index in indexes:
                stream.seek(self.lines[index])
                yield decode(stream.readline(), type=_Line)["id"]


class _Line(TypedDict):
    """What is needed of a line of lineage.jsonl."""

    id: str
    split: Split
    sha256: str
    document: str
    span: list[int] | None
    chunk: str
    method: str
    prompt: str


def read_content(lineage: Path) -> VersionContent:
    """The content of the export whose lineage file this is. Raises ExportError, naming the line that is none."""
    from msgspec import DecodeError
    from msgspec.json import Decoder

    content, decode, offset = VersionContent(lineage), Decoder(_Line).decode, 0
    try:
        with lineage.open("rb") as stream:
            for line in stream:
                content.lines.append(offset)
                _add(content, decode(line))
                offset += len(line)
    except OSError as error:
        raise ExportError(f"{lineage}: cannot be read ({error.strerror or error}).") from error
    except (DecodeError, ValueError, KeyError) as error:
        raise ExportError(f"{lineage}: line {len(content.lines)} is not a sample's lineage ({error}).") from error
    return content


def _add(content: VersionContent, line: _Line) -> None:
    content.splits.append(_SPLIT_CODES[line["split"]])
    content.ids.extend(blake2b(line["id"].encode(), digest_size=ID_BYTES).digest())
    content.places.extend(blake2b(_place_of(line), digest_size=DIGEST_BYTES).digest())
    digest = bytes.fromhex(line["sha256"])
    if len(digest) != SHA256_BYTES:
        raise ValueError("its sha256 is none")
    content.contents.extend(digest[:DIGEST_BYTES])


def _place_of(line: _Line) -> bytes:
    """Where a sample was made: two samples of one place are the same sample, made anew."""
    if not line["document"]:
        return line["id"].encode()  # from nowhere known, so only from its own place
    # A created sample's span is its quote, which changes with the answer; its chunk is what was asked about.
    within = str(line["span"]) if line["method"] == "identified" or not line["chunk"] else ""
    return "\0".join((line["document"], line["chunk"], within, line["method"], line["prompt"])).encode()
