"""Turn the lines of PDF pages into paragraphs and headings: wrapped lines are joined, meant breaks stay."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from src.ingestion.pieces import Piece, clean
from src.records import BlockKind

# PDFium 5.15's mark of a hyphen at a line's end, and what get_text_range makes of it (older versions always).
HYPHENS = "\x02\ufffe"
# Only the Latin ligatures: NFKC would also turn "²" into "2" and full-width letters into narrow ones.
LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
# "1. How", "- item", "Q:", "**Answer**:", "Agent (Marta):" begin a line of their own.
_STARTS_LINE = re.compile(
    r"(\(?\d{1,3}[.)]|[-•*–▪◦●‣o]|\(?[A-Za-z][.)])\s|[*_#>\s]*[A-Z]\w{0,20}( ?[\w()]+){0,2}[*_]{0,2}:"
)
_WIDE = 0.62  # mean width of a character over the line height; prose has about 0.4, typewriter faces 0.52
_FURNITURE_BAND = 0.08  # header and footer lines stand in the outer 8 % of a page
_FURNITURE_SHARE = 0.6  # and come back on at least 60 % of the pages


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line. Coordinates in points, y growing upwards; `first_word` is the width of its first word."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    first_word: float = 0.0

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def is_spread(self) -> bool:
        """Whether gaps wider than spaces stand in it, as between a table's columns; even capitals are narrower."""
        return self.right - self.left > _WIDE * self.height * len(self.text)


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page; `number` counts from 1."""

    number: int
    height: float
    lines: tuple[Line, ...]


def drop_furniture(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """The pages without their running headers and footers, and how many lines that took.

    A line is furniture when it stands in the outer band of the page and, its digits aside, comes back on most pages.
    """
    seen = Counter(mask for page in pages for mask in {_mask(line) for line in page.lines if _is_outer(line, page)})
    repeated = {mask for mask, count in seen.items() if count >= max(3, _FURNITURE_SHARE * len(pages))}
    kept = [
        Page(
            page.number, page.height, tuple(x for x in page.lines if not (_is_outer(x, page) and _mask(x) in repeated))
        )
        for page in pages
    ]
    return kept, sum(len(page.lines) for page in pages) - sum(len(page.lines) for page in kept)


def body_height(pages: Iterable[Page]) -> float:
    """The line height most characters of the document are set in."""
    characters: defaultdict[float, int] = defaultdict(int)
    for page in pages:
        for line in page.lines:
            characters[round(line.height, 1)] += len(line.text)
    return max(characters, key=lambda height: characters[height], default=0.0)


def paragraphs(page: Page, body: float) -> Iterator[Piece]:
    """The page's paragraphs in reading order; short ones set larger than the body are headings."""
    for group in _groups(page.lines):
        text = clean(_join(group, _right_edge(group[0], page.lines)))
        yield Piece(text, _kind(group, text, body), f"page {page.number}")


def _mask(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text.strip())


def _is_outer(line: Line, page: Page) -> bool:
    band = _FURNITURE_BAND * page.height
    return line.bottom > page.height - band or line.top < band


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    pitch = _usual_pitch(lines)
    group: list[Line] = []
    for line in lines:
        if group and not _continues(group[-1], line, pitch):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _usual_pitch(lines: Sequence[Line]) -> float:
    """The distance from line to line within paragraphs: the lower quartile, as gaps between paragraphs are larger."""
    steps = sorted(a.top - b.top for a, b in pairwise(lines) if 0 < a.top - b.top < 3 * a.height)
    return steps[len(steps) // 4] if steps else 0.0


def _continues(above: Line, line: Line, pitch: float) -> bool:
    step = above.top - line.top
    if abs(step) < 0.5 * min(above.height, line.height):
        return True  # same printed line: a cell beside a cell
    same_size = abs(above.height - line.height) <= 0.12 * max(above.height, line.height)
    return same_size and 0 < step <= max(1.3 * pitch, 1.05 * line.height) and line.left < above.right


def _right_edge(line: Line, lines: Sequence[Line]) -> float:
    """Where the column that this line begins in ends."""
    return max(
        other.right
        for other in lines
        if abs(other.left - line.left) < 40 and abs(other.height - line.height) <= 0.08 * line.height
    )


def _join(group: Sequence[Line], edge: float) -> str:
    text = group[0].text
    for above, line in pairwise(group):
        if text.endswith(tuple(HYPHENS)):
            text = text[:-1] + ("" if line.text[:1].islower() else "-") + line.text
        else:
            text += _joint(above, line, edge) + line.text
    return text.rstrip(HYPHENS) + "-" * text.endswith(tuple(HYPHENS))


def _joint(above: Line, line: Line, edge: float) -> str:
    """A space where the line above was full, so its text was wrapped; else the break was meant."""
    if above.top - line.top < 0.5 * line.height:
        return " "
    was_full = above.right + line.first_word + 0.25 * line.height > edge
    return " " if was_full and not above.is_spread and not _STARTS_LINE.match(line.text) else "\n"


def _kind(group: Sequence[Line], text: str, body: float) -> BlockKind:
    larger = median(line.height for line in group) > 1.1 * body
    if larger and len(group) <= 3 and len(text) <= 160 and any(map(str.isalpha, text)):
        return "heading"
    return "paragraph"
