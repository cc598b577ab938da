"""Read a PowerPoint file slide by slide: title, text, tables, groups, charts, SmartArt, notes and comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from src.errors import IngestionError
from src.ingestion.office.office_texts import (
    CX,
    DGM,
    A,
    C,
    R,
    chart_pieces,
    diagram_pieces,
    drawn_lines,
    drawn_text,
    whole_table,
)
from src.ingestion.office.package import Package, open_package
from src.ingestion.office.pptx_shapes import (
    FURNITURE,
    TITLES,
    Layout,
    P,
    is_hidden,
    placeholder_type,
    shapes_of,
    table_rows,
    text_pieces,
)  # fmt: skip
from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, ReadOptions, Remarks, clean, damage_refused

if TYPE_CHECKING:
    from lxml.etree import _Element

_FAMILY = "presentationml|ms-powerpoint"
_WORDS = {"dt": "date", "hdr": "header"}
_TOLD = 10
_P188 = "{http://schemas.microsoft.com/office/powerpoint/2018/8/main}"


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Blocks in slide order, on a slide from top to bottom, place "slide N"; the title is a heading and comes first.

    Paragraphs of one shape stand on consecutive lines, bullets as "- " with two blanks per level. Speaker notes
    follow their slide as notes, then its comments when they are asked for ("slide 2, comment by Ann"). Dates and
    footers are read with headers and footers only, slide numbers never. Hidden slides are read and told; what is
    left out is counted in a note.
    """
    with damage_refused(path, "a PowerPoint file"), open_package(path) as package:
        slides = _Slides(package, options, remarks)
        holds_text = False
        for piece in slides.pieces():
            holds_text = holds_text or bool(piece.text)
            yield piece
        slides.tell()
        if not holds_text and slides.left_out["picture"]:
            raise IngestionError(f"{path.name} holds pictures and no text; run OCR on it first.", "needs_ocr")


@dataclass
class _Slides:
    """The walk through the slides. Layouts are read once, however many slides use them."""

    package: Package
    options: ReadOptions
    remarks: Remarks
    left_out: Counter[str] = field(default_factory=Counter)
    layouts: dict[str, Layout] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    hidden: list[int] = field(default_factory=list)

    def pieces(self) -> Iterator[Piece]:
        main = self.package.main_part(_FAMILY)
        self.authors = _authors(self.package, main) if self.options.comments else {}
        identities = [slide.get(R + "id", "") for slide in self.package.root(main).iterfind(f"{P}sldIdLst/{P}sldId")]
        for number, identity in enumerate(identities, start=1):
            name = self.package.target(main, identity)
            if name:
                yield from self._slide(name, number)

    def tell(self) -> None:
        if self.hidden:
            self.remarks.note(_hidden_slides(self.hidden))
        parts = [f"{n:,} {what}{'s' * (n > 1)}" for what, n in sorted(self.left_out.items()) if n]
        if parts:
            self.remarks.note(f"{', '.join(parts)} left out")
        if self.package.missing:
            names = ", ".join(sorted(self.package.missing)[:5])
            self.remarks.warn(f"the file refers to parts it does not hold: {names}")

    def _slide(self, name: str, number: int) -> Iterator[Piece]:
        place = f"slide {number}"
        root = self.package.root(name)
        if root.get("show") in ("0", "false"):
            self.hidden.append(number)
        tree = root.find(f"{P}cSld/{P}spTree")
        shapes = [] if tree is None else list(shapes_of(tree))
        self.left_out["picture"] += sum(1 for _ in root.iter(P + "pic"))
        title = next((shape for shape in shapes if placeholder_type(shape) in TITLES and not is_hidden(shape)), None)
        if title is not None:
            text = " ".join(" ".join(drawn_lines(title)).split())
            if text:
                yield Piece(text, "title" if number == 1 else "heading", place)
        others = (shape for shape in shapes if shape is not title)
        yield from self._shapes(others, name, place, self._layout(name))
        for notes in self.package.related(name, "notesSlide"):
            yield from self._notes(notes, place)
        for comments in self.package.related(name, "comments"):
            yield from self._comments(comments, place)

    def _layout(self, slide: str) -> Layout:
        names = self.package.related(slide, "slideLayout")
        key = names[0] if names else ""
        if key not in self.layouts:
            masters = self.package.related(key, "slideMaster") if key else []
            self.layouts[key] = Layout(
                self.package.root(key) if key else None, self.package.root(masters[0]) if masters else None
            )
        return self.layouts[key]

    def _shapes(self, shapes: Iterable[_Element], part: str, place: str, layout: Layout) -> Iterator[Piece]:
        for shape in layout.reading_order(shapes):
            if is_hidden(shape):
                self.left_out["hidden shape"] += 1
            elif shape.tag == P + "grpSp":
                yield from self._shapes(shapes_of(shape), part, place, layout)
            elif shape.tag == P + "graphicFrame":
                yield from self._frame(shape, part, place)
            elif self._is_wanted(shape):
                styles = layout.list_styles(shape)
                for body in shape.iterchildren(P + "txBody"):
                    yield from text_pieces(body, place, styles)

    def _is_wanted(self, shape: _Element) -> bool:
        kind = placeholder_type(shape)
        if kind not in FURNITURE or (self.options.headers_footers and kind != "sldNum"):
            return True
        if any(drawn_lines(shape)) and kind != "sldNum":
            self.left_out[_WORDS.get(kind or "", "footer")] += 1
        return False

    def _frame(self, frame: _Element, part: str, place: str) -> Iterator[Piece]:
        """A table, chart or SmartArt; other objects (sheets, sounds) are counted."""
        known = False
        for table in frame.iter(A + "tbl"):
            known = True
            yield from whole_table(table_rows(table), f"{place}, table")
        for chart in frame.iter(C + "chart", CX + "chart"):
            known = True
            name = self.package.target(part, str(chart.get(R + "id")))
            yield from chart_pieces(self.package, name, place) if name else ()
        for diagram in frame.iter(DGM + "relIds"):
            known = True
            name = self.package.target(part, str(diagram.get(R + "dm")))
            yield from diagram_pieces(self.package, name, place) if name else ()
        if not known:
            self.left_out["embedded object"] += 1

    def _notes(self, name: str, place: str) -> Iterator[Piece]:
        tree = self.package.root(name).find(f"{P}cSld/{P}spTree")
        gap = NEW_BLOCK
        for shape in shapes_of(tree) if tree is not None else ():
            if placeholder_type(shape) in FURNITURE or is_hidden(shape):
                continue
            for line in drawn_lines(shape):
                yield Piece(line, "note", place, gap=gap)
                gap = SAME_TABLE

    def _comments(self, name: str, place: str) -> Iterator[Piece]:
        for comment in self.package.root(name).iter(P + "cm", _P188 + "cm", _P188 + "reply"):
            text = _comment_text(comment)
            if not self.options.comments:
                self.left_out["comment"] += 1
                continue
            author = self.authors.get(str(comment.get("authorId")), "")
            yield Piece(text, "note", f"{place}, comment by {author}" if author else f"{place}, comment")


def _hidden_slides(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"slide {numbers[0]} is hidden in the show; it was read"
    more = f" and {len(numbers) - _TOLD:,} more" if len(numbers) > _TOLD else ""
    return f"slides {', '.join(map(str, numbers[:_TOLD]))}{more} are hidden in the show; they were read"


def _comment_text(comment: _Element) -> str:
    """Of an old comment its text element, of a threaded one the paragraphs of its own body, not of its replies."""
    old = "\n".join(text.text or "" for text in comment.iterchildren(P + "text"))
    bodies = comment.iterchildren(_P188 + "txBody")
    return clean(old) or "\n".join(clean(drawn_text(line)) for body in bodies for line in body.iter(A + "p"))


def _authors(package: Package, main: str) -> dict[str, str]:
    """The names of those who commented, by the id their comments carry."""
    names = [*package.related(main, "commentAuthors"), *package.related(main, "authors")]
    rows = (row for name in names for row in package.root(name).iter(P + "cmAuthor", _P188 + "author"))
    return {str(row.get("id")): clean(str(row.get("name") or "")) for row in rows}
