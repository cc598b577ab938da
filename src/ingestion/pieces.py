"""What every reader is given and hands over: options and remarks in, Pieces out, laid out into Blocks."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from src.errors import IngestionError
from src.records import Block, BlockKind, Cell

NEW_BLOCK = 2  # newlines before a block
SAME_TABLE = 1  # newlines between rows of one table, or lines of one shape

# What the parsers of zip, XML and OOXML packages let through on damaged files: lxml's XMLSyntaxError is a
# SyntaxError, PdfiumError and an encrypted zip member are RuntimeErrors, wrong references give the rest.
DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, SyntaxError, LookupError, ValueError,
    TypeError, AttributeError, AssertionError, ArithmeticError, RuntimeError, MemoryError,
)  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Piece(NamedTuple):
    """A Block without its start. `gap` is the number of newlines between it and the piece before.

    A tuple, not a dataclass: a sheet of a million rows makes a million of them.
    """

    text: str
    kind: BlockKind
    place: str
    cells: tuple[Cell, ...] = ()
    gap: int = NEW_BLOCK


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user may decide about reading. Every field is part of the key under which extracted text is kept.

    `password` opens this file. `safe` asks for the cautious way: a fast native parser died on the file.
    """

    headers_footers: bool = False
    comments: bool = False
    hidden_sheets: bool = False
    ocr: bool = False
    ocr_languages: str = "eng"
    password: str = field(default="", repr=False)
    safe: bool = False


@dataclass(slots=True)
class Remarks:
    """What a reader tells on the way: warnings (text may be missing or wrong) and notes (good to know)."""

    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)


# Gives the pieces one after the other, so that a file of any size streams; remarks are complete when it is exhausted.
# Raises IngestionError, also in the middle.
Reader = Callable[[Path, ReadOptions, Remarks], Iterator[Piece]]


def lay_out(pieces: Iterable[Piece]) -> tuple[Block, ...]:
    """The pieces as Blocks, each at its offset in Document.text; pieces without text are left out."""
    blocks: list[Block] = []
    position = 0
    for piece in pieces:
        if piece.text.strip():
            start = position + piece.gap if blocks else 0
            blocks.append(Block(piece.text, piece.kind, piece.place, start, piece.cells))
            position = start + len(piece.text)
    return tuple(blocks)


def clean(text: str) -> str:
    """The text with LF line ends, without control characters (tab and LF stay) and outer white space."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")).strip()


@contextmanager
def damage_refused(path: Path, kind: str, *library_errors: type[Exception]) -> Iterator[None]:
    """Turn what a parser raises on a damaged file into an IngestionError that names the file."""
    try:
        yield
    except (*DAMAGE, *library_errors) as error:
        if isinstance(error, MemoryError):
            raise
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise IngestionError(
            f"{path.name} is damaged and cannot be read as {kind} ({reason}); open it in its program and save it again."
        ) from error
    except OSError as error:
        raise IngestionError(f"{path.name} cannot be opened ({error.strerror or error}); check the file.") from error
