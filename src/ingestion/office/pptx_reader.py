"""Read a PowerPoint file slide by slide: title, text, tables, groups, diagrams and speaker notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, ReadOptions, Remarks, clean, damage_refused
from src.ingestion.tables import table_pieces
from src.records import BlockKind

if TYPE_CHECKING:
    from pptx.presentation import Presentation as Deck
    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide
    from pptx.text.text import TextFrame

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Blocks in slide order, top to bottom, place "slide N"; the title is a heading, speaker notes are notes.

    Paragraphs of one shape stand on consecutive lines. Slide numbers, dates and footers are left out; charts
    and hidden slides are told in notes (hidden slides are read).
    """
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    with damage_refused(path, "a PowerPoint file", PythonPptxError), path.open("rb") as file:
        yield from _slides(Presentation(file), remarks.notes)


def _slides(deck: Deck, notes: list[str]) -> Iterator[Piece]:
    for number, slide in enumerate(deck.slides, start=1):
        place = f"slide {number}"
        if slide.element.get("show") in ("0", "false"):
            notes.append(f"{place} is hidden in the show; it was read")
        title = slide.shapes.title
        if title is not None and title.has_text_frame:
            kind: BlockKind = "title" if number == 1 else "heading"
            yield Piece(clean(" ".join(title.text_frame.text.split())), kind, place)
        yield from _shapes((shape for shape in slide.shapes if shape != title), place, notes)
        yield from _diagrams(slide, place)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield from _frame(slide.notes_slide.notes_text_frame, "note", place)


def _shapes(shapes: Iterable[BaseShape], place: str, notes: list[str]) -> Iterator[Piece]:
    from pptx.shapes.autoshape import Shape
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.shapes.group import GroupShape

    for shape in sorted(shapes, key=_position):
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes, place, notes)
        elif isinstance(shape, GraphicFrame) and shape.has_table:
            rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
            yield from table_pieces(rows, f"{place}, table")
        elif shape.has_chart:
            notes.append(f"the chart on {place} was left out")
        elif isinstance(shape, Shape) and not _is_furniture(shape):
            yield from _frame(shape.text_frame, _kind(shape), place)


def _position(shape: BaseShape) -> tuple[int, int]:
    return shape.top or 0, shape.left or 0


def _is_furniture(shape: BaseShape) -> bool:
    from pptx.enum.shapes import PP_PLACEHOLDER

    running = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER)
    return bool(shape.is_placeholder and shape.placeholder_format.type in running)


def _kind(shape: BaseShape) -> BlockKind:
    from pptx.enum.shapes import PP_PLACEHOLDER

    listed = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
    return "list_item" if shape.is_placeholder and shape.placeholder_format.type in listed else "paragraph"


def _frame(frame: TextFrame, kind: BlockKind, place: str) -> Iterator[Piece]:
    gap = NEW_BLOCK
    for paragraph in frame.paragraphs:
        text = clean(paragraph.text)
        if text:
            yield Piece(text, kind, place, gap=gap)
            gap = SAME_TABLE


def _diagrams(slide: Slide, place: str) -> Iterator[Piece]:
    """The texts of SmartArt, which python-pptx shows as an empty frame."""
    from lxml import etree

    for relation in slide.part.rels.values():
        if relation.reltype.endswith("/diagramData") and not relation.is_external:
            root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
            lines = ("".join(run.text or "" for run in p.iter(f"{A}t")) for p in root.iter(f"{A}p"))
            yield Piece("\n".join(filter(None, map(clean, lines))), "paragraph", place)
