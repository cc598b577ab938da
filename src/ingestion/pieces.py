"""What every reader hands over: Pieces in a Reading, laid out into Blocks that know their offset."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from src.errors import IngestionError
from src.records import Block, BlockKind, Cell

NEW_BLOCK = 2  # newlines before a block
SAME_TABLE = 1  # newlines between rows of one table, or lines of one shape
# About 25 million tokens: a shared-string workbook of 1 MB can otherwise unfold to gigabytes.
MAX_CHARACTERS = 100_000_000

# What the parsers of zip, XML and OOXML packages let through on damaged files: lxml's XMLSyntaxError is a
# SyntaxError, PdfiumError and an encrypted zip member are RuntimeErrors, wrong references give the rest.
DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, SyntaxError, LookupError, ValueError,
    TypeError, AttributeError, AssertionError, ArithmeticError, RuntimeError, MemoryError,
)  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ROLE_WORDS = {"user", "assistant", "system", "customer", "agent", "human", "ai", "bot", "q", "a", "client", "support"}
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[-+]?[\d.,:/%$€£ -]*\d[\d.,:/%$€£ -]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A Block without its start. `gap` is the number of newlines between it and the piece before."""

    text: str
    kind: BlockKind
    place: str
    cells: tuple[Cell, ...] = ()
    gap: int = NEW_BLOCK


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found: the pieces, what went wrong on the way, and what the user may like to know."""

    pieces: tuple[Piece, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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


def collect(pieces: Iterable[Piece], name: str) -> tuple[Piece, ...]:
    """All pieces; raises IngestionError when together they exceed MAX_CHARACTERS."""
    kept: list[Piece] = []
    total = 0
    for piece in pieces:
        total += len(piece.text)
        if total > MAX_CHARACTERS:
            raise IngestionError(f"{name} holds more than {MAX_CHARACTERS:,} characters; split it into smaller files.")
        kept.append(piece)
    return tuple(kept)


def clean(text: str) -> str:
    """The text with LF line ends, without control characters (tab and LF stay) and outer white space."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")).strip()


def row_piece(names: Sequence[str], values: Sequence[str], place: str, gap: int = SAME_TABLE) -> Piece:
    """One table row as "name: value" lines with a Cell for each value; empty values are left out."""
    lines: list[str] = []
    cells: list[Cell] = []
    position = 0
    for number, value in enumerate(map(clean, values)):
        if not value:
            continue
        name = names[number] if number < len(names) else f"column {number + 1}"
        start = position + len(name) + 2
        lines.append(f"{name}: {value}")
        cells.append(Cell(name, start, start + len(value)))
        position = start + len(value) + 1
    return Piece("\n".join(lines), "row", place, tuple(cells), gap)


def column_names(header: Sequence[str]) -> list[str]:
    """The header cells as names on one line; an empty one becomes "column 3"."""
    return [" ".join(clean(cell).split()) or f"column {number}" for number, cell in enumerate(header, start=1)]


def is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a table's first row names its columns: short, distinct words, and not the first turn of a chat."""
    names = [clean(cell).lower() for cell in first]
    while names and not names[-1]:
        names.pop()
    filled = [name for name in names if name]
    if len(filled) < 2 or len(filled) < len(names) - 1 or len(set(filled)) < len(filled):
        return False
    if not all(map(_is_name, filled)):
        return False
    below = {clean(row[0]).lower() for row in others if row}
    return names[0] not in below and not (names[0] in _ROLE_WORDS and below & _ROLE_WORDS)


def _is_name(cell: str) -> bool:
    if len(cell) > 60 or "\n" in cell or (cell[-1] in ".?!" and len(cell.split()) > 3):
        return False
    return not _NUMBER.fullmatch(cell) or bool(_YEAR.fullmatch(cell))


def table_pieces(rows: Sequence[Sequence[str]], place: str) -> Iterator[Piece]:
    """A table's rows: named cells when its first row is a header, else one block of "a: b" or "a | b" lines."""
    if len(rows) > 1 and is_header(rows[0], rows[1:]):
        names = column_names(rows[0])
        gap = NEW_BLOCK
        for number, row in enumerate(rows[1:], start=2):
            yield row_piece(names, row, f"{place} row {number}", gap)
            gap = SAME_TABLE
    else:
        lines = (_plain_row(row) for row in rows)
        yield Piece("\n".join(line for line in lines if line), "table", place)


def _plain_row(row: Sequence[str]) -> str:
    filled = [clean(cell) for cell in row if clean(cell)]
    return (": " if len(row) == 2 and len(filled[0]) <= 40 else " | ").join(filled) if filled else ""


@contextmanager
def damage_refused(path: Path, kind: str, *library_errors: type[Exception]) -> Iterator[None]:
    """Turn what a parser raises on a damaged file into an IngestionError that names the file."""
    try:
        yield
    except (*DAMAGE, *library_errors) as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise IngestionError(
            f"{path.name} is damaged and cannot be read as {kind} ({reason}); open it in its program and save it again."
        ) from error
    except OSError as error:
        raise IngestionError(f"{path.name} cannot be opened ({error.strerror or error}); check the file.") from error
