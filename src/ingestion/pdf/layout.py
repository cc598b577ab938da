"""Turn the lines of PDF pages into paragraphs and headings: wrapped lines are joined, meant breaks stay."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import sub
from statistics import median
from typing import NamedTuple

from src.ingestion.pdf.hyphens import HYPHENS, HyphenatedWords
from src.ingestion.pieces import Piece, clean
from src.records import BlockKind

# Only the Latin ligatures: NFKC would also turn "²" into "2" and full-width letters into narrow ones.
LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
# "1. How", "- item", "Q:", "**Answer**:", "Agent (Marta):" begin a line of their own.
_STARTS_LINE = re.compile(
    r"(\(?\d{1,3}[.)]|[-•*–▪◦●‣o]|\(?[A-Za-z][.)])\s|[*_#>\s]*[A-Z]\w{0,20}( ?[\w()]+){0,2}[*_]{0,2}:"
)
WIDE = 0.62  # mean width of a character over the line height; prose has about 0.4, typewriter faces 0.52
_SAME_COLUMN = 40  # points between the left ends of a column's lines: indents and lists


class Line(NamedTuple):
    """One printed line. Coordinates in points, y growing upwards; `first_word` is the width of its first word.

    `parts` are its cells where gaps as between columns stand in it, else empty. A tuple, as documents have so many.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    first_word: float = 0.0
    parts: tuple[Line, ...] = ()

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def is_spread(self) -> bool:
        """Whether gaps wider than spaces stand in it, as between a table's columns; even capitals are narrower."""
        return self.right - self.left > WIDE * (self.top - self.bottom) * len(self.text)


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows as printed, all of one length, and where it stands; `columns` are the columns' left ends."""

    rows: tuple[tuple[str, ...], ...]
    bottom: float
    top: float
    columns: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page in reading order, and the tables between them; `number` counts from 1."""

    number: int
    height: float
    lines: Sequence[Line]
    tables: Sequence[tuple[int, Table]] = ()  # each with the number of lines before it


class BodyHeight:
    """The line height most characters of a document are set in, as far as it has been read."""

    def __init__(self) -> None:
        self._characters: defaultdict[int, int] = defaultdict(int)

    def learn(self, page: Page) -> None:
        characters = self._characters
        for text, _, _, bottom, top, _, _ in page.lines[
            :: 2 if len(page.lines) > 30 else 1
        ]:  # every second tells as much
            characters[int(10 * (top - bottom))] += len(text)

    @property
    def points(self) -> float:
        characters = self._characters
        return max(characters, key=lambda height: characters[height], default=0) / 10


def paragraphs(lines: Sequence[Line], body: float, place: str, hyphenated: HyphenatedWords) -> Iterator[Piece]:
    """The paragraphs the lines make, in their order; short ones set larger than the body are headings."""
    for text, heights in _texts(lines, hyphenated):
        if not text.isprintable():  # has breaks at least; asking is quicker than cleaning
            text = clean(text)
        yield Piece(text, _kind(text, heights, body), place)


def _texts(lines: Sequence[Line], hyphenated: HyphenatedWords) -> Iterator[tuple[str, list[float]]]:
    """Each paragraph's text and the heights of its lines.

    A line break stays where the line had room for the next word: it was meant. All in one loop without calls, for it
    runs for every line of a document; the first condition holds for most lines.
    """
    if not lines:
        return
    most_step = 1.3 * _usual_pitch(lines)
    edges = _column_edges(lines)
    heights: list[float] = []
    done: list[str] = []  # printed lines whose breaks stay
    run: list[str] = []  # lines that are wrapped text
    above, above_left, above_right, _, above_top, _, _ = lines[0]
    above_height = edge = 0.0
    for text, left, right, bottom, top, first_word, _ in lines:
        height, step = top - bottom, above_top - top
        if 0.5 * height < step <= most_step and left < above_right and height == above_height:
            beside, goes_on = False, True
        else:
            smaller, larger = (height, above_height) if height < above_height else (above_height, height)
            beside = -0.5 * smaller < step < 0.5 * smaller  # the same printed line: a cell beside a cell
            if beside:
                goes_on = True
            elif larger - smaller > 0.12 * larger:
                goes_on = False
            elif step > 0:
                goes_on = left < above_right and (step <= most_step or step <= 1.05 * height)
            else:  # the top of the next column: only a paragraph that visibly goes on does so there
                goes_on = left > above_right and text[:1].islower() and above[-1] not in ".!?:"
        if goes_on and run:
            if above[-1] in HYPHENS:
                run[-1] = hyphenated.join(run[-1], text)
            elif beside:
                run.append(text)
            elif (
                step > 0
                and (
                    above_right + first_word + 0.25 * height <= edge
                    or above_right - above_left > WIDE * above_height * len(above)
                )
            ) or (not text[:2].islower() and _STARTS_LINE.match(text)):
                done.append(" ".join(run))
                run = [text]
            elif above[-1] == "-" and above[-2:-1].isalnum() and text[0].isalnum():
                run[-1] += text  # a hyphen that is none to PDFium, as in "10-" and "20"
            else:
                run.append(text)
            heights.append(height)
        else:
            if run:
                yield _closed(done, run), heights
            done, run, heights = [], [text], [height]
            edge = _nearest(edges, left, height)[2]
        above, above_left, above_right, above_top, above_height = text, left, right, top, height
    yield _closed(done, run), heights


def _closed(done: list[str], run: list[str]) -> str:
    text = " ".join(run)
    if text[-1] in HYPHENS:
        text = text.rstrip(HYPHENS) + "-"
    return "\n".join([*done, text]) if done else text


def _usual_pitch(lines: Sequence[Line]) -> float:
    """The distance from line to line within paragraphs: the lower quartile, as gaps between paragraphs are larger."""
    tops = [line[4] for line in lines]
    most = 3 * lines[len(lines) // 2].height
    steps = sorted([step for step in map(sub, tops, tops[1:]) if 0 < step < most])
    return steps[len(steps) // 4] if steps else 0.0


def _column_edges(lines: Sequence[Line]) -> list[list[float]]:
    """For each column and size of type: its left end, the height of its lines and where they end."""
    edges: list[list[float]] = []
    at, size, end = -1e9, 0.0, 0.0
    edge = [at, size, end]
    for _, left, right, bottom, top, _, _ in lines:
        height = top - bottom
        if not (-_SAME_COLUMN < at - left < _SAME_COLUMN and -0.08 * height <= size - height <= 0.08 * height):
            edge = _nearest(edges, left, height)
            at, size, end = edge
        if right > end:
            edge[2] = end = right
    return edges


def _nearest(edges: list[list[float]], left: float, height: float) -> list[float]:
    """The entry of the column a line belongs to, made where there is none."""
    for edge in edges:
        if abs(edge[0] - left) < _SAME_COLUMN and abs(edge[1] - height) <= 0.08 * height:
            return edge
    edges.append([left, height, left])
    return edges[-1]


def _kind(text: str, heights: Sequence[float], body: float) -> BlockKind:
    if len(heights) > 3 or len(text) > 160:
        return "paragraph"
    return "heading" if median(heights) > 1.1 * body and any(map(str.isalpha, text)) else "paragraph"
