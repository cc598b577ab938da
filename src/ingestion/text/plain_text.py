"""What readers of text share: control characters out of a stream of blocks, and its paragraphs as Pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from src.ingestion.pieces import Piece, Remarks
from src.records import BlockKind

# Longer stretches without a blank line are handed over in parts.
LONGEST_PIECE = 1 << 20

_LONGEST_NAME = 100
# Number signs around a Markdown heading, and signs of emphasis within.
_MARKS = re.compile(r"^\s*#{1,6}(?=\s|$)|\s#+\s*$|[*`]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Colours and titles of terminals (ECMA-48): CSI, OSC and two-character sequences.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[@-Z\\^_])")
_UNFINISHED = re.compile(r"(?:\x1b[^\n]{0,256}|\r|\f)\Z")
_PAGE_BREAK = re.compile(r"(?<=[^\n])\f(?=[^\n])")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_HEADING = re.compile(r"#{1,6} +\S[^\n]*|[^\n]+\n(?:={3,}|-{3,})")
_HEADING_LINE = re.compile(r"^#{1,6} +\S[^\n]*(?:\n|\Z)", re.MULTILINE)


def cleaned(blocks: Iterable[str], remarks: Remarks) -> Iterator[str]:
    """The text with LF line ends and no control characters but tab; what goes is counted in a note.

    A vertical tab and a page break between two words are line breaks. Escape sequences of terminals go as a whole.
    """
    rest, escapes, controls = "", 0, 0
    before = "\n"  # the last character given
    for block in blocks:
        text = rest + block
        rest = ""
        if not _CONTROL.search(text):
            before = text[-1:] or before
            yield text
            continue
        if unfinished := _UNFINISHED.search(text, max(0, len(text) - 258)):
            rest, text = text[unfinished.start() :], text[: unfinished.start()]
        text, sequences, characters = _without_controls(text, before)
        escapes, controls = escapes + sequences, controls + characters
        before = text[-1:] or before
        yield text
    text, sequences, characters = _without_controls(rest, before)
    yield text
    _tell(escapes + sequences, controls + characters, remarks)


def _without_controls(text: str, before: str) -> tuple[str, int, int]:
    """The text, and how many escape sequences and control characters it lost."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")
    escapes = 0
    if "\x1b" in text:
        text, escapes = _ANSI.subn("", text)
    if "\f" in text:
        text = _PAGE_BREAK.sub("\n", before + text)[len(before) :]
    text, controls = _CONTROL.subn("", text)
    return text, escapes, controls


def _tell(escapes: int, controls: int, remarks: Remarks) -> None:
    if escapes:
        remarks.note(f"{escapes:,} terminal escape sequence{'s' * (escapes > 1)} left out")
    if controls:
        remarks.note(f"{controls:,} control character{'s' * (controls > 1)} left out")


def paragraphs(blocks: Iterable[str], marked_up: bool) -> Iterator[Piece]:
    """Cleaned text as paragraphs with place "line N" and the text's own gaps, holding little more than a block.

    With `marked_up`, `# headings` and underlined lines are headings. Blank lines at the ends are left out; a
    paragraph longer than LONGEST_PIECE comes in parts that follow each other without a gap, or with the line
    break between them.
    """
    text, line, gap, begun = "", 1, 0, False
    for block, final in _with_end(blocks):
        text += block
        start = used = 0 if begun else _first_line_with_text(text)
        line += text.count("\n", 0, start)
        for begin, end in _ranges(text, start, marked_up, final):
            used = end
            while begin < end and text[begin] == "\n":
                begin, line, gap = begin + 1, line + 1, gap + 1
            stop = _end_before_newlines(text, begin, end)
            lines = text.count("\n", begin, end)
            if stop > begin and not text[begin:stop].isspace():
                yield Piece(text[begin:stop], _kind(text, begin, stop, marked_up), f"line {line}", gap=gap)
                gap, begun = end - stop, True
            else:
                gap += lines
            line += lines
        text = text[used:]


def _with_end(blocks: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for block in blocks:
        yield block, False
    yield "", True


def _ranges(text: str, start: int, marked_up: bool, final: bool) -> Iterator[tuple[int, int]]:
    """Where whole paragraphs stand, each with the newlines behind it; so a blank line's spaces stay before it."""
    last = len(text.rstrip())
    for blank in _BLANK_LINES.finditer(text, start, last):
        if text[start].isspace() and not text[start : blank.start()].strip():
            continue  # the blank lines behind a part of a long paragraph stay with the next part
        yield from _without_headings(text, start, blank.end(), marked_up)
        start = blank.end()
    while len(text) - start > LONGEST_PIECE:
        cut = _cut(text, start)
        yield start, cut
        start = cut
    if final and start < last:
        yield from _without_headings(text, start, last, marked_up)


def _cut(text: str, start: int) -> int:
    """Where to part a paragraph that is too long: behind a line, else a word, else anywhere."""
    end = start + LONGEST_PIECE
    behind_line, behind_word = text.rfind("\n", start, end), text.rfind(" ", start, end)
    found = behind_line if behind_line - start > LONGEST_PIECE // 2 else max(behind_line, behind_word)
    return found + 1 if text[start : found + 1].strip() else end


def _without_headings(text: str, start: int, stop: int, marked_up: bool) -> Iterator[tuple[int, int]]:
    if not marked_up or text.find("#", start, stop) < 0:
        yield start, stop
        return
    cuts = {start, stop}
    for heading in _HEADING_LINE.finditer(text, start, stop):
        # What follows may be only the spaces of a blank line: they stay with the heading.
        cuts |= {heading.end() if text[heading.end() : stop].strip() else stop}
        if text[start : heading.start()].strip():
            cuts.add(heading.start())
    yield from pairwise(sorted(cuts))


def _end_before_newlines(text: str, begin: int, end: int) -> int:
    while end > begin and text[end - 1] == "\n":
        end -= 1
    return end


def _first_line_with_text(text: str) -> int:
    indented = len(text) - len(text.lstrip())
    return text.rfind("\n", 0, indented) + 1


def _kind(text: str, begin: int, stop: int, marked_up: bool) -> BlockKind:
    may_be_heading = marked_up and (text[begin] == "#" or text[stop - 1] in "=-")
    return "heading" if may_be_heading and _HEADING.fullmatch(text, begin, stop) else "paragraph"


def lines_of(blocks: Iterable[str], longest: int) -> Iterator[str]:
    """The lines of a text, without their line breaks. One that is longer than `longest` comes in parts that are too."""
    parts: list[str] = []
    length = 0
    for block in blocks:
        first, *others = block.split("\n")
        parts.append(first)
        length += len(first)
        if others:
            yield "".join(parts)
            yield from others[:-1]
            parts, length = others[-1:], len(others[-1])
        if length > longest:
            yield "".join(parts)
            parts, length = [], 0
    if length:
        yield "".join(parts)


class HeadingPath:
    """The headings above a place, as "Setup > Water"."""

    def __init__(self, root: str = "") -> None:
        self.root = root
        self.place = root
        self._above: list[tuple[int, str]] = []

    def enter(self, level: int, heading: str) -> None:
        """A heading begins; those of its level and below end."""
        name = " ".join(_MARKS.sub("", heading).split())[:_LONGEST_NAME]
        self._above = [(above, text) for above, text in self._above if above < level]
        self._above.append((level, name))
        self.place = " > ".join(text for _, text in self._above if text) or self.root
