"""One file's extracted text on disk: Pieces in parts that are read one at a time, and what there is to know of them.

Layout: MAGIC, then the parts (MessagePack, each a list of Pieces), then the contents, their length and their check
sum. A part holds about two million characters, so that a document of any size is handled in bounded memory.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from src.errors import IngestionError
from src.ingestion.pieces import Piece, lay_out
from src.records import Document

MAGIC = b"FTDBX\x01"
PART_CHARACTERS = 2_000_000
_TAIL = struct.Struct(">QI")  # length and CRC-32 of the contents
_HEADINGS = ("heading", "title")


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part stands in the file (bytes), how much text it holds, and its CRC-32."""

    offset: int
    length: int
    characters: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known of a document without reading its text."""

    document_id: str
    kind: str
    parts: tuple[Part, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def characters(self) -> int:
        """Characters of text, without the line breaks between blocks."""
        return sum(part.characters for part in self.parts)


class PartWriter:
    """Writes Pieces as they come. Call finish() to make the file valid, close() in any case."""

    def __init__(self, path: Path, most_characters: int, name: str) -> None:
        """`name` is the document's, for the message when it holds more than `most_characters`."""
        from msgspec.msgpack import Encoder

        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o600)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._encoder = Encoder()
        self._most, self._name = most_characters, name
        self._pieces: list[Piece] = []
        self._characters = self._total = 0
        self._parts: list[Part] = []
        self._file.write(MAGIC)

    def write(self, pieces: Iterable[Piece]) -> None:
        """Append the pieces. Raises IngestionError when the document holds more text than it may."""
        for piece in pieces:
            if self._characters > PART_CHARACTERS * 0.8 and self._is_seam(piece):
                self._end_part()
            self._pieces.append(piece)
            self._characters += len(piece.text)
            if self._total + self._characters > self._most:
                raise IngestionError(
                    f"{self._name} holds more than {self._most:,} characters, far more than its size allows; "
                    "split it into smaller files.",
                    "refused",
                )

    def _is_seam(self, piece: Piece) -> bool:
        """Whether a part may end before this piece: best at a heading, then at an empty line, at last anywhere."""
        if piece.kind in _HEADINGS:
            return True
        if self._characters > PART_CHARACTERS:
            return piece.gap > 1 or piece.kind == "row"
        return self._characters > PART_CHARACTERS * 0.9 and piece.gap > 2

    def _end_part(self) -> None:
        content = self._encoder.encode(self._pieces)
        self._parts.append(Part(self._file.tell(), len(content), self._characters, zlib.crc32(content)))
        self._file.write(content)
        self._total += self._characters
        self._characters = 0
        self._pieces = []

    def finish(self, document_id: str, kind: str, warnings: Iterable[str], notes: Iterable[str]) -> Contents:
        """Write what is left and the contents; the file is on disk when this returns."""
        if self._pieces:
            self._end_part()
        contents = Contents(document_id, kind, tuple(self._parts), tuple(warnings), tuple(notes))
        encoded = self._encoder.encode(contents)
        self._file.write(encoded + _TAIL.pack(len(encoded), zlib.crc32(encoded)))
        self._file.flush()
        return contents

    def close(self) -> None:
        with suppress(OSError):  # a full disk was told when writing
            self._file.close()


def read_contents(path: Path) -> Contents | None:
    """The contents of an extract; None when the file is missing, cut off or damaged."""
    from msgspec import ValidationError
    from msgspec.msgpack import decode

    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size < len(MAGIC) + _TAIL.size:
                return None
            file.seek(size - _TAIL.size)
            length, checksum = _TAIL.unpack(file.read(_TAIL.size))
            if length > size:
                return None
            file.seek(size - _TAIL.size - length)
            encoded = file.read(length)
            file.seek(0)
            if file.read(len(MAGIC)) != MAGIC or zlib.crc32(encoded) != checksum:
                return None
        return decode(encoded, type=Contents)
    except (OSError, ValidationError):
        return None


def load_part(path: Path, part: Part) -> list[Piece]:
    """The pieces of one part. Raises IngestionError when the file was damaged since it was written."""
    from msgspec import DecodeError
    from msgspec.msgpack import decode

    try:
        with path.open("rb") as file:
            file.seek(part.offset)
            content = file.read(part.length)
        if zlib.crc32(content) != part.checksum:
            raise IngestionError(f"{path.name}: kept text is damaged; delete the folder {path.parent} and run again.")
        return decode(content, type=list[Piece])
    except (OSError, DecodeError) as error:
        raise IngestionError(
            f"{path.name}: kept text cannot be read ({error}); delete the folder {path.parent} and run again."
        ) from error


def part_ids(contents: Contents) -> Iterator[str]:
    """The ids of the Documents: the file's SHA-256, from the second part on followed by ".2", ".3", ..."""
    for number in range(1, len(contents.parts) + 1):
        yield contents.document_id if number == 1 else f"{contents.document_id}.{number}"


def load_document(path: Path, document_id: str, part: Part, source_file: str) -> Document:
    """One part as a Document. Raises IngestionError when the file was damaged since it was written."""
    return Document(document_id, source_file, lay_out(load_part(path, part)))
