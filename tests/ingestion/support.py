"""What the tests of readers share: a whole reading at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.shelf import Shelf
from src.ingestion.file_processor import ReadingPlan, find_files, read_files
from src.ingestion.pieces import Piece, Reader, ReadOptions, Remarks
from src.records import Document, RunReport


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


def read_folder(folder: Path, cache: Path, report: RunReport, plan: ReadingPlan | None = None) -> list[Document | None]:
    """Every file found below the folder, read by processes of their own: its first Document, or None."""
    paths = find_files(folder, report)
    extracts = read_files(paths, folder, report, ExtractCache.open(cache), plan)
    return [next(extract.documents()) if extract else None for extract in extracts]


def shelf_of(folder: Path, cache: Path, report: RunReport | None = None) -> Shelf:
    """The documents of a folder as a run has them."""
    report = report or RunReport()
    shelf = Shelf()
    for extract in read_files(find_files(folder, report), folder, report, ExtractCache.open(cache)):
        if extract is not None:
            shelf.add(extract)
    return shelf
