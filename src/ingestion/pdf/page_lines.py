"""The lines of a page in PDFium's order, each with its box; those with gaps between columns cut into parts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice, pairwise, repeat
from operator import sub
from typing import NamedTuple

from src.ingestion.pdf.hyphens import HYPHENS
from src.ingestion.pdf.layout import LIGATURES, WIDE, Line
from src.ingestion.pdf.pdfium import OpenPage

_MARKED = re.compile(f"(?<=[{HYPHENS}])")
_GAP = 1.0  # in line heights; the spaces of justified text stay below
_ALL_PROBED = 250  # up to so many text objects are all looked at for gaps, of more only some pairs
_MARKER = re.compile(r"[-–—•*·▪◦●‣>→✓■□○o]|\(?(\d{1,3}|[A-Za-z]|[ivxIVX]{2,4})[.)]|\[\d{1,3}\]|\d{1,2}(\.\d{1,2})*")


class Word(NamedTuple):
    """A word, where it stands, and the offset of its first character in the page's text."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    start: int


class PageText:
    """The text of an open page. `starts` holds the offset in it at which each of the `lines` begins."""

    def __init__(self, page: OpenPage) -> None:
        self.page = page
        self.text = page.text()
        self.starts: list[int] = []
        self._numbers = self._character_numbers() if len(self.text) != page.characters else None
        self._plain = self.text.isascii() or not any(mark in self.text for mark in (*HYPHENS, *map(chr, LIGATURES)))
        self.lines = self._read_lines()

    def box(self, offset: int) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of the character at an offset of `text`."""
        (left,), (bottom,), (right,), (top,) = self._boxes([offset])
        return left, bottom, right, top

    def _boxes(self, offsets: Sequence[int]) -> tuple[list[float], list[float], list[float], list[float]]:
        """Lefts, bottoms, rights and tops of the characters at some offsets."""
        numbers = offsets if self._numbers is None else [self._numbers[offset] for offset in offsets]
        return self.page.character_boxes(numbers)

    def words(self, numbers: Iterable[int]) -> dict[int, list[Word]]:
        """The words of lines, by the lines' numbers."""
        counts: dict[int, int] = {}
        texts: list[str] = []
        offsets: list[int] = []
        for number in numbers:
            position, before = self.starts[number], len(texts)
            for word in self.source(number).split(" "):
                if text := word.strip(" \r\t\xa0"):
                    texts.append(text)
                    offsets += (position, position + len(text) - 1)
                position += len(word) + 1
            counts[number] = len(texts) - before
        lefts, bottoms, rights, tops = self._boxes(offsets)
        shown = texts if self._plain else [mended(text) for text in texts]
        values = zip(shown, lefts[::2], rights[1::2], bottoms[::2], tops[::2], offsets[::2], strict=True)
        words: Iterator[Word] = map(tuple.__new__, repeat(Word), values)
        return {number: list(islice(words, count)) for number, count in counts.items()}

    def source(self, number: int) -> str:
        """A line's text as it stands in the page's."""
        start = self.starts[number]
        stop = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
        return self.text[start:stop].rstrip()

    def with_parts(self, wanted: Sequence[Line], most_gaps: float) -> dict[int, Line]:
        """Those of the wanted lines in which text stands side by side, as in a table, with `parts`; by their id.

        A page whose rows have more gaps than `most_gaps` is passed over.
        """
        heights = self._gap_heights()
        rows = len({round(height / 4) for height in heights})
        if len(heights) > most_gaps * rows:
            return {}
        wide = [
            line
            for line in wanted
            if line[2] - line[1] > WIDE * (line[4] - line[3]) * len(line[0])
            or (heights and bisect_right(heights, line[3]) < bisect_left(heights, line[4]))
        ]
        if not wide:
            return {}
        numbers = {id(line): number for number, line in enumerate(self.lines)}
        chosen = {numbers[id(line)]: id(line) for line in wide if id(line) in numbers}
        found = self.words(chosen)
        return {
            chosen[number]: self.lines[number]._replace(parts=parts)
            for number, words in found.items()
            if (parts := _parts(words, _GAP * self.lines[number].height))
        }

    def _read_lines(self) -> list[Line]:
        """Runs for every line of a document: the loops are maps wherever that is possible."""
        texts, firsts = self._even_lines() if self._plain else self._any_lines()
        self.starts = firsts
        sizes = list(map(len, texts))
        lasts = [first + size - 1 for first, size in zip(firsts, sizes, strict=True)]
        words = map(str.find, texts, repeat(" "))
        ends = [first + word - 1 if word > 0 else last for first, word, last in zip(firsts, words, lasts, strict=True)]
        if not texts:
            return []
        lefts, bottoms, _, tops = self._boxes(firsts)
        _, _, rights, _ = self._boxes([*lasts, *ends])
        first_words = map(sub, rights[len(texts) :], lefts)
        shown = texts if self._plain else map(mended, texts)
        values = zip(shown, lefts, rights, bottoms, tops, first_words, repeat(()))
        return list(map(tuple.__new__, repeat(Line), values))  # what Line(...) does, without a call in Python

    def _even_lines(self) -> tuple[list[str], list[int]]:
        """The lines' texts and where they begin, the quick way for pages on which no line has outer spaces."""
        text = self.text
        if "\r\n " in text or " \r\n" in text or "\r\n\r\n" in text or text != text.strip():
            return self._any_lines()
        texts = text.split("\r\n") if text else []
        if text.count("\n") != len(texts) - 1 or "\t" in text:
            return self._any_lines()
        steps = accumulate(map(len, texts[:-1]), lambda at, size: at + size + 2, initial=0)
        return texts, list(steps) if texts else []

    def _any_lines(self) -> tuple[list[str], list[int]]:
        chunks = self.text.split("\n")
        if not self._plain:  # PDFium ends a line with the mark of a hyphen instead of a line end
            chunks = [part for chunk in chunks for part in _MARKED.split(chunk + "\n")]
        end = len("\n") if self._plain else 0
        texts: list[str] = []
        firsts: list[int] = []
        position = 0
        for chunk in chunks:
            if text := chunk.strip():
                firsts.append(position if chunk[0] == text[0] else position + len(chunk) - len(chunk.lstrip()))
                texts.append(text)
            position += len(chunk) + end
        return texts, firsts

    def _gap_heights(self) -> list[float]:
        """How high on the page text objects follow each other with a gap between columns, from below."""
        page = self.page
        least = len(self.lines) + 2
        if page.objects < least or (count := page.rectangles) < least:
            return []
        if count > _ALL_PROBED:
            step = count // (_ALL_PROBED // 2)
            if not any(_gaps(page.text_boxes(first, first + 2)) for first in range(0, count - 1, step)):
                return []
        return sorted(_gaps(page.text_boxes(0, count)))

    def _character_numbers(self) -> list[int]:
        """PDFium's number for each character: it counts UTF-16 units, and some characters that have no text."""
        page = self.page
        numbers: list[int] = []
        unit = 0
        for character in self.text:
            numbers.append(max(0, page.call.character_at(page.text_page, unit)))
            unit += 2 if ord(character) > 0xFFFF else 1
        return numbers


def mended(text: str) -> str:
    """Without NULs, ligatures written as letters."""
    return text if text.isascii() and "\0" not in text else text.translate(LIGATURES).replace("\0", "")


def _gaps(boxes: tuple[list[float], list[float], list[float], list[float]]) -> list[float]:
    """The middle heights of neighbouring boxes on one row that have a gap between."""
    found: list[float] = []
    before_right, before_bottom, before_top = 0.0, 0.0, 0.0
    for left, bottom, right, top in zip(*boxes, strict=True):
        low = bottom if bottom > before_bottom else before_bottom
        high = top if top < before_top else before_top
        if high > low:
            height = max(top - bottom, before_top - before_bottom)
            if high - low > 0.3 * height and not -height < left - before_right < height:
                found.append((low + high) / 2)
        before_right, before_bottom, before_top = right, bottom, top
    return found


def _parts(words: Sequence[Word], least: float) -> tuple[Line, ...]:
    cuts = [n for n, (a, b) in enumerate(pairwise(words), start=1) if not -least < b.left - a.right < least]
    if not cuts or (cuts == [1] and _MARKER.fullmatch(words[0].text)):
        return ()  # a bullet or a number before its text is no column
    return tuple(_part(words[a:b]) for a, b in pairwise((0, *cuts, len(words))))


def _part(words: Sequence[Word]) -> Line:
    text = " ".join(word.text for word in words)
    first = words[0]
    return Line(text, first.left, words[-1].right, first.bottom, first.top, first.right - first.left)
