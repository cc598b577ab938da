"""What divides a document's text: headings, rulers, code, page furniture. Read once, asked by every recogniser."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal

from src.agents.recognisers.conversation import looks_like_title
from src.records import Block, Document, Span

BreakKind = Literal["heading", "ruler", "title", "note"]

_FENCE = re.compile(r"\n[ \t]{0,12}(?:>[ \t]?)?(```+|~~~+)([^\n`]{0,60})(?=\n|\Z)")
_HASH = re.compile(r"\n[ \t]{0,3}(#{1,6})[ \t]+(?=[^\n])")
# A line drawn with characters; "%" parts the entries of fortune files.
# All first characters in one class: most lines are dismissed by it alone.
_RULER = re.compile(
    r"\n[ \t]{0,60}[-=*_~+#•%⁂─━═—]"
    r"(?:(?<=([-=*_~+#•]))(?:[ \t]?\1){2,200}|(?<=[%⁂])|(?<=[─━═—])[─━═—]{1,199})[ \t]*(?=\n|\Z)"
)
_NEXT_BLANK = re.compile(r"[ \t]*(?:\Z|\n[ \t]*(?:\n|\Z))")
_THIN = re.compile(r"[-*_]{3}|[-*_] [-*_] [-*_]")
_UNDERLINE = re.compile(r"\n(={3,104}|-{3,104})[ \t]*\Z")
_CLOSING = 24  # characters: emphasis behind the last word of a conversation
_LONGEST_UNDERLINED = 101
_SETEXT = re.compile(r"[=-]{3,200}[ \t]*\Z")
_ALONE = re.compile(r"\n[ \t]*\n([^\n]{2,80})(?=\n[ \t]*\n)")
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}[.)]?[ \t]+")
_PAGE_NUMBER = re.compile(
    r"[-–—\[( ]{0,4}(?:(?:page|seite|página|pagina|p\.)[ \t]*)?\d{1,5}(?:"
    r"[ \t]*(?:of|/|von|de|di|sur)[ \t]*\d{1,5})?[-–—\]) .]{0,4}",
    re.IGNORECASE,
)  # fmt: skip
_CONTINUED = re.compile(
    r"[ \t]*\((?:cont(?:inued|['’.]?d|\.)?|\d{1,2}[ \t]?(?:/|of)[ \t]?\d{1,2})\.?\)[ \t]*\Z", re.IGNORECASE
)
# What may follow a question mark at the end of a line, white space of every kind among it.
_AFTER_QUESTION = (
    r"['\"”’»)\]*_# \t\x0b\x0c\r\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*(?=\n|\Z)"
)
_QUESTION_ENDS = [(sign, re.compile(re.escape(sign) + _AFTER_QUESTION)) for sign in "?？؟"]
_MASKED = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Break:
    """Something that may end what stands above it. `level` 1 is the highest; 0 where it has none.

    `styled`: the document itself says that it is a heading, not only the look of the line.
    """

    start: int
    end: int
    kind: BreakKind
    level: int = 0
    styled: bool = False


class Layout:
    """The divisions of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.scan = "\n" + document.text  # so that every line begins with a newline; a line's offset is that one's
        self._taken: list[Span] = []
        self._taken_starts: list[int] = []
        self._free = [(0, len(self.text))]

    def take(self, spans: Iterable[Span]) -> None:
        """Parts in which conversations were found: later recognisers look elsewhere."""
        self._taken = sorted([*self._taken, *spans], key=lambda span: span.start)
        self._taken_starts = [span.start for span in self._taken]
        ends = [0, *(span.end for span in self._taken)]
        self._free = list(zip(ends, [*self._taken_starts, len(self.text)], strict=True))

    def has_room(self) -> bool:
        """Whether two lines stand side by side outside all conversations found so far."""
        return not self._taken or any("\n" in self.text[start:end].strip() for start, end in self._free)

    def asks(self, signs: str) -> bool:
        """Whether one of the question marks stands outside all conversations, or just before where one ends."""
        parts = [(max(0, start - _CLOSING), end) for start, end in self._free]
        return any(self.text.find(sign, start, end) >= 0 for sign in signs for start, end in parts)

    def is_free(self, offset: int) -> bool:
        """Whether the character stands outside all conversations found so far, and outside code."""
        place = bisect_right(self._taken_starts, offset) - 1 if self._taken else -1
        return (place < 0 or offset >= self._taken[place].end) and not self.is_code(offset)

    @cached_property
    def _skips(self) -> list[tuple[int, int]]:
        return _merged([*_coded_blocks(self.document), *_fenced(self.scan)])

    @cached_property
    def _skip_starts(self) -> list[int]:
        return [start for start, _ in self._skips]

    @cached_property
    def breaks(self) -> list[Break]:
        """Headings, rulers and the borders of notes, in order."""
        return self._all_breaks()

    @cached_property
    def _break_starts(self) -> list[int]:
        return [one.start for one in self.breaks]

    @cached_property
    def _headings(self) -> list[Break]:
        return [one for one in self.breaks if one.kind == "heading"]

    @cached_property
    def _heading_starts(self) -> list[int]:
        return [one.start for one in self._headings]

    @cached_property
    def _furniture(self) -> list[Span]:
        return _furniture(self.document)

    @cached_property
    def _furniture_starts(self) -> list[int]:
        return [span.start for span in self._furniture]

    @cached_property
    def _alone(self) -> list[tuple[int, int]]:
        """Short lines between blank lines."""
        return [match.span(1) for match in _ALONE.finditer(self.text)]

    @cached_property
    def _alone_starts(self) -> list[int]:
        return [start for start, _ in self._alone]

    @cached_property
    def question_ends(self) -> list[int]:
        """Where the question marks stand with which lines end, quotation marks, emphasis and the like aside."""
        found = [m.start() for sign, mark in _QUESTION_ENDS if sign in self.text for m in mark.finditer(self.text)]
        return sorted(found)

    @cached_property
    def note_borders(self) -> frozenset[int]:
        """Where notes begin and where the text goes on after them."""
        return frozenset(one.start for one in self.breaks if one.kind == "note")

    def is_code(self, offset: int) -> bool:
        """Whether the character stands in code, in a fence or in a table row with named cells."""
        if not self._skips:
            return False
        place = bisect_right(self._skip_starts, offset) - 1
        return place >= 0 and offset < self._skips[place][1]

    def between(self, start: int, end: int) -> list[Break]:
        """The breaks that begin in [start, end), short lines that stand alone among them."""
        sure = self.breaks[bisect_left(self._break_starts, start) : bisect_left(self._break_starts, end)]
        first, last = bisect_left(self._alone_starts, start), bisect_left(self._alone_starts, end)
        if first == last:
            return sure
        return sorted([*sure, *self._titles(self._alone[first:last], end, sure)], key=lambda one: one.start)

    def heading_above(self, offset: int) -> Break | None:
        """The last heading before `offset`."""
        place = bisect_left(self._heading_starts, offset) - 1
        return self._headings[place] if place >= 0 else None

    def same_heading(self, one: Break, other: Break | None) -> bool:
        """Whether a heading repeats another one on the next page or slide."""
        if other is None:
            return False
        mine, theirs = (_CONTINUED.sub("", self.text[b.start : b.end].strip()) for b in (one, other))
        return mine.lower() == theirs.lower()

    def pieces(self, start: int, end: int) -> tuple[Span, ...]:
        """What a turn says between two offsets: without white space around it and without page furniture."""
        if not self._furniture:
            return _trimmed(self.text, start, end)
        found: list[Span] = []
        place = bisect_left(self._furniture_starts, start)
        while place < len(self._furniture) and self._furniture[place].start < end:
            found += _trimmed(self.text, start, self._furniture[place].start)
            start = min(end, self._furniture[place].end)
            place += 1
        return (*found, *_trimmed(self.text, start, end))

    def is_furniture(self, offset: int) -> bool:
        place = bisect_right(self._furniture_starts, offset) - 1
        return place >= 0 and offset < self._furniture[place].end

    def blank_lines_before(self, offset: int) -> int:
        """How many blank lines stand above the line that begins at `offset`; 99 at the start of the text."""
        start = max(0, offset - 200)
        before = self.text[start:offset]
        kept = before.rstrip(" \t\n\u00a0\u3000")
        return before.count("\n", len(kept)) - 1 if kept or start else 99

    def _all_breaks(self) -> list[Break]:
        found: dict[int, Break] = {}
        rulers = list(_RULER.finditer(self.scan))
        for match in rulers:
            found[match.start()] = Break(
                match.start(), match.end() - 1, "ruler", int(_THIN.fullmatch(match[0].strip()) is not None)
            )
        found |= {one.start: one for match in rulers if (one := self._underlined(match)) is not None}
        comments: set[int] = set()
        for match in _HASH.finditer(self.scan):
            end = self.text.find("\n", match.end() - 1)
            end = end if end >= 0 else len(self.text)
            if self._is_comment(match.start(), end, len(match[1])):
                comments.add(match.start())
            else:
                found[match.start()] = Break(match.start(), end, "heading", len(match[1]))
        noted = False
        for block in self.document.blocks:
            if block.kind in ("heading", "title"):
                if block.start in comments:
                    continue
                found.setdefault(block.start, _heading_of(block))
            elif (block.kind == "note") != noted:
                noted = not noted
                found.setdefault(block.start, Break(block.start, block.start, "note"))
        return [found[start] for start in sorted(found) if not self.is_code(start)]

    def _underlined(self, ruler: re.Match[str]) -> Break | None:
        """The heading that a ruler underlines: a line about as long, with a blank line above it."""
        line = _UNDERLINE.match(ruler[0])
        if line is None:
            return None
        end = ruler.start()
        start = self.scan.rfind("\n", max(0, end - _LONGEST_UNDERLINED - 1), end)
        length = end - start - 1
        if start < 0 or not 1 < length <= _LONGEST_UNDERLINED or abs(length - len(line[1])) > 3:
            return None
        if self.scan[start + 1].isspace() or (start and self.scan[start - 1] != "\n"):
            return None
        return Break(start, ruler.end() - 1, "heading", 1 if line[1][0] == "=" else 2)

    def _is_comment(self, start: int, end: int, level: int) -> bool:
        """Whether "# so" is a line of a program and no heading: text follows at once (or comes just before)."""
        below = _NEXT_BLANK.match(self.text, end) is None
        return below and (level == 1 or self.blank_lines_before(start) == 0)

    def _titles(self, alone: Sequence[tuple[int, int]], end: int, sure: Sequence[Break]) -> Iterator[Break]:
        """Short lines that stand alone between blank lines and do not end like a sentence.

        Several in a row are a list, and none starts in the first paragraph.
        """
        covered = {one.start for one in sure}
        lines: list[tuple[int, int, bool]] = []
        for begin, stop in alone:
            if begin not in covered and not self.is_code(begin) and stop < end:
                text = self.text[begin:stop]
                bare = text[number.end() :] if (number := _NUMBERED.match(text)) else text
                lines.append((begin, stop, text[0] not in " \t" and looks_like_title(bare)))
        for place, (begin, stop, short) in enumerate(lines):
            near = [lines[i] for i in (place - 1, place + 1) if 0 <= i < len(lines)]
            listed = any(s and not self.text[min(stop, e) : max(begin, b)].strip() for b, e, s in near)
            led = self.text[max(0, begin - 80) : begin].rstrip().endswith((":", "：", ","))
            if short and not listed and not led and not self.is_furniture(begin):
                yield Break(begin, stop, "title")


def _heading_of(block: Block) -> Break:
    underline = _SETEXT.search(block.text) if "\n" in block.text else None
    hashes = len(block.text) - len(block.text.lstrip("#"))
    level = hashes or (1 if underline and "=" in underline[0] else 2 if underline else block.place.count(" > ") + 1)
    return Break(block.start, block.end, "heading", level, styled=not hashes and underline is None)


def _coded_blocks(document: Document) -> Iterator[tuple[int, int]]:
    for block in document.blocks:
        if block.kind == "code" or block.cells:
            yield block.start, block.end


def _fenced(scan: str) -> Iterator[tuple[int, int]]:
    """From each opening fence to its closing one; a fence that is never closed is none."""
    if "```" not in scan and "~~~" not in scan:
        return
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(scan):
        if opened is None:
            opened = match
        elif match[1].startswith(opened[1]) and not match[2].strip():
            yield opened.start(), match.end() - 1
            opened = None


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _furniture(document: Document) -> list[Span]:
    """Page numbers and running lines at the edges of pages, where blocks name their page.

    A running line stands first or last on a page and, its digits aside, on another page too.
    """
    if not document.blocks or not document.blocks[-1].place.startswith("page "):
        return []
    edges: list[tuple[Span, str]] = []
    for _, group in groupby(document.blocks, key=lambda block: block.place):
        page = list(group)
        edges += [(span, mask) for block in {page[0].start: page[0], page[-1].start: page[-1]}.values()
                  for span, mask in _edge_lines(block)]  # fmt: skip
    seen = Counter(mask for _, mask in edges)
    return sorted(
        {span for span, mask in edges if _PAGE_NUMBER.fullmatch(document.text_of(span).strip()) or _runs(mask, seen)},
        key=lambda span: span.start,
    )


def _runs(mask: str, seen: Counter[str]) -> bool:
    """Whether a line comes back at the edge of other pages; labels and sentences are said there by chance."""
    return seen[mask] > 1 and ": " not in mask and not mask.endswith((":", "：", "?", ".", "!"))


def _edge_lines(block: Block) -> Iterator[tuple[Span, str]]:
    if "\n" not in block.text and len(block.text) <= 120:
        yield Span(block.start, block.end), _MASKED.sub("#", block.text.strip())


def _trimmed(text: str, start: int, end: int) -> tuple[Span, ...]:
    said = text[start:end].lstrip()
    if not said:
        return ()
    begin = max(start, end) - len(said)
    return (Span(begin, begin + len(said.rstrip())),)
