"""DOCX and PPTX: how much of the text is found, by category, and how fast beside python-docx and python-pptx.

python -m benchmarks.ingestion.office
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.generation.figures import TROUBLES_TOLD, Figure, say_where, show
from benchmarks.ingestion.office_documents import write_deck, write_report, write_word
from benchmarks.ingestion.office_oracle import Needle, docx_needles, pptx_needles, squeezed
from src.errors import IngestionError
from src.ingestion.office.docx_reader import read as read_docx
from src.ingestion.office.pptx_reader import read as read_pptx
from src.ingestion.pieces import Reader, ReadOptions, Remarks

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "context_files" / "samples"
SHARED = ROOT.parent / "shared" / "corpus" / "documents"
MADE = 12
ROUNDS = 7
EVERYTHING = ReadOptions(headers_footers=True, comments=True)
# Each must stand in the corpus, so that a bar is not met by measuring nothing.
DOCX_CATEGORIES = ("plain", "table cell", "nested table", "note", "header or footer", "text box", "content control",
                   "tracked insertion", "comment", "inline control")  # fmt: skip
PPTX_CATEGORIES = ("slide text", "table cell", "grouped shape", "chart label", "chart title", "SmartArt", "notes",
                   "comment")  # fmt: skip


def main() -> int:
    say_where()
    if not SHARED.is_dir():
        print(f"{SHARED} is not there: measured on the samples and on made documents only\n")
    with tempfile.TemporaryDirectory() as base:
        words = _real(".docx") + _made(Path(base), "word", ".docx", write_word)
        decks = _real(".pptx") + _made(Path(base), "deck", ".pptx", write_deck)
        reports = _real(".docx") + _made(Path(base), "report", ".docx", write_report)
        met = [
            _recall("DOCX paragraphs missed", words, read_docx, docx_needles, DOCX_CATEGORIES, 0.995),
            _recall("PPTX paragraphs missed", decks, read_pptx, pptx_needles, PPTX_CATEGORIES, 0.98),
            show("Speed, CPU", [
                _speed("DOCX over python-docx", reports, read_docx, _python_docx),
                _speed("PPTX over python-pptx", decks, read_pptx, _python_pptx),
            ]),
        ]  # fmt: skip
    return 0 if all(met) else 1


def _real(suffix: str) -> list[Path]:
    return sorted(path for folder in (SAMPLES, SHARED) if folder.is_dir() for path in folder.glob(f"*{suffix}"))


def _made(folder: Path, name: str, suffix: str, write: Callable[[Path, int], Path]) -> list[Path]:
    return [write(folder / f"{name}{number}{suffix}", number) for number in range(MADE)]


def _recall(
    title: str,
    paths: Sequence[Path],
    read: Reader,
    needles: Callable[[Path], list[Needle]],
    categories: Sequence[str],
    bar: float,
) -> bool:
    """Whether at most 1 - `bar` of the paragraphs of each category are missed."""
    total: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    troubles: list[str] = []
    for path in paths:
        try:
            wanted = needles(path)
        except (zipfile.BadZipFile, ElementTree.ParseError, StopIteration):
            continue  # the oracle itself cannot open it
        text = squeezed("\n".join(_texts(read, path, EVERYTHING)))
        for needle in wanted:
            total[needle.category] += 1
            if not needle.is_in(text):
                missed[needle.category] += 1
                troubles.append(f"{path.name}, {needle.category}: {' ... '.join(needle.parts)[:80]}")
    figures = [_missed(category, missed[category], total[category], 1 - bar) for category in categories]
    return show(f"{title}, {len(paths)} files", figures, troubles[:TROUBLES_TOLD])


def _missed(category: str, missed: int, total: int, bar: float) -> Figure:
    if not total:
        return Figure(category, float("inf"), bar, note="nothing of this category was measured")
    return Figure(category, missed / total, bar, note=f"recall {1 - missed / total:.4f} of n = {total:,}")


def _texts(read: Reader, path: Path, options: ReadOptions) -> list[str]:
    try:
        return [piece.text for piece in read(path, options, Remarks())]
    except IngestionError as error:
        return [] if error.status == "needs_ocr" else [f"not read: {error}"]


def _speed(name: str, paths: Sequence[Path], read: Reader, peer: Callable[[Path], int]) -> Figure:
    """Our CPU time over the peer's on the same files, in alternating rounds."""

    def ours() -> None:
        for path in paths:
            _texts(read, path, ReadOptions())

    def theirs() -> None:
        for path in paths:
            peer(path)

    ours(), theirs()  # imports and caches
    pairs = [(_cpu(ours), _cpu(theirs)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / other for mine, other in pairs)
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    note = f"{1 / ratio:.2f} x as fast: {mine:.3f} against {other:.3f} CPU-s, {len(paths)} files, {ROUNDS} rounds"
    return Figure(name, ratio, 1.0, "x", note=note)


def _cpu(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _python_docx(path: Path) -> int:
    """The characters of paragraphs and tables, all that python-docx gives without walking its tree."""
    from docx import Document

    document = Document(str(path))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return sum(len(paragraph.text) for paragraph in document.paragraphs) + sum(map(len, cells))


def _python_pptx(path: Path) -> int:
    """The characters of shapes, tables and notes."""
    from pptx import Presentation

    size = 0
    for slide in Presentation(str(path)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                size += len(shape.text_frame.text)
            elif shape.has_table:
                size += sum(len(cell.text) for row in shape.table.rows for cell in row.cells)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            size += len(slide.notes_slide.notes_text_frame.text)
    return size


if __name__ == "__main__":
    sys.exit(main())
