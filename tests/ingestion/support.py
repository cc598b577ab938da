"""What the tests of readers share: a whole reading at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from src.ingestion.pieces import Piece, Reader, ReadOptions, Remarks


@dataclass(frozen=True)
class Reading:
    """All that a reader gave for one file."""

    pieces: tuple[Piece, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(piece.text for piece in self.pieces)


def reading(read: Reader, path: Path, options: ReadOptions | None = None) -> Reading:
    """Run a reader to its end."""
    remarks = Remarks()
    pieces = tuple(read(path, options or ReadOptions(), remarks))
    return Reading(pieces, tuple(remarks.warnings), tuple(remarks.notes))
