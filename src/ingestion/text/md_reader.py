"""Read a Markdown file: its own source text, cut into headings, paragraphs, list items, code and table rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.tables import column_names
from src.ingestion.text.plain_text import HeadingPath, cleaned, paragraphs
from src.ingestion.text.text_decoding import text_blocks
from src.records import BlockKind, Cell

# Nobody writes so much Markdown; what is longer is read as plain text, which streams.
MAX_BYTES = 64 << 20

_FENCE = re.compile(r"\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|(\d{1,9})[.)])(?:[ \t]|$)")
_SEPARATOR = re.compile(r"\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?")  # of a line stripped of outer spaces
_PIPE = re.compile(r"\\.|\|")
_INDENT = ("    ", "\t", " \t", "  \t", "   \t")


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """The source text, nothing added or taken away; place is the path of headings, before the first "line N".

    A table's header and separator are a "table" piece; each row is a "row" piece whose cells are named by the
    header. Fenced and indented code and the front matter are pieces of kind "code", one each.
    """
    with damage_refused(path, "Markdown"):
        blocks = cleaned(text_blocks(path, remarks), remarks)
        if path.stat().st_size > MAX_BYTES:
            remarks.note(f"larger than {MAX_BYTES >> 20} MB; read as plain text, without tables and lists")
            yield from paragraphs(blocks, marked_up=True)
        else:
            yield from markdown_pieces("".join(blocks))


def markdown_pieces(text: str) -> Iterator[Piece]:
    """The pieces of a Markdown text; laid out they are the text without the blank lines at its ends."""
    parser = _Parser()
    for number, line in enumerate(text.rstrip().split("\n"), start=1):
        yield from parser.pieces_before(line, number)
    yield from parser.finish()


class _Parser:
    """The block being read, and the blank lines that may follow it."""

    def __init__(self) -> None:
        self._kind: BlockKind | None = None
        self._lines: list[str] = []
        self._blanks: list[str] = []
        self._first = 1
        self._gap = NEW_BLOCK
        self._fence = ""  # how the open code block ends; "    " for an indented one
        self._quoted = self._in_list = self._whole = False
        self._columns: list[str] = []
        self._headings = HeadingPath()

    def pieces_before(self, line: str, number: int) -> Iterator[Piece]:
        """Take in a line; gives the blocks that it shows to be complete."""
        if self._fence:
            if self._goes_on_with_code(line):
                return
        elif not line or line.isspace():
            if self._kind is not None:
                self._blanks.append(line)
            return
        kind = self._kind_of(line, number)
        if kind is None:
            self._lines.append(line)
        elif kind == "heading" and self._is_underline(line):
            self._lines.append(line)
            self._kind, self._whole = "heading", True
            self._headings.enter(1 if "=" in line else 2, self._lines[0])
        elif kind == "table":
            yield from self._begin_table(line, number)
        else:
            yield from self._begin(kind, line, number)

    def finish(self) -> Iterator[Piece]:
        """The last block."""
        self._blanks = []
        if self._kind is not None:
            yield self._piece()

    def _goes_on_with_code(self, line: str) -> bool:
        """Whether the line belongs to the open code block; closes that block where it ends."""
        if self._fence.isspace():
            if line.startswith(_INDENT):
                self._lines += [*self._blanks, line]
                self._blanks = []
                return True
            if not line or line.isspace():
                self._blanks.append(line)
                return True
            self._fence = ""
            return False
        self._lines.append(line)
        bare = line.strip()
        if bare.startswith(self._fence) and not bare.strip(self._fence[0]):
            self._fence, self._whole = "", True
        return True

    def _kind_of(self, line: str, number: int) -> BlockKind | None:
        """The kind of block that the line begins, None when it goes on with the open one."""
        open_text = self._kind in ("paragraph", "list_item") and not self._blanks and not self._whole
        if open_text and line[0].isalpha() and not self._quoted:
            return None
        if number == 1 and line.rstrip() == "---":
            return "code"
        if line.startswith(_INDENT) and not open_text and not self._in_list:
            return "code"
        if _FENCE.match(line):
            return "code"
        if _HEADING.match(line) or self._is_underline(line):
            return "heading"
        if self._is_separator(line):
            return "table"
        if self._kind in ("table", "row") and not self._blanks and "|" in line:
            return "row"
        return self._kind_of_text(line, open_text)

    def _kind_of_text(self, line: str, open_text: bool) -> BlockKind | None:
        if _RULE.fullmatch(line):
            return "paragraph"
        item = _ITEM.match(line)
        # In the middle of a paragraph a line that begins with a year or a number is no list.
        if item and (not open_text or self._in_list or item[1] in (None, "1")):
            return "list_item"
        begins_quote = line.lstrip().startswith(">") and not (self._quoted and open_text)
        return None if open_text and not begins_quote else "paragraph"

    def _is_underline(self, line: str) -> bool:
        alone = self._kind == "paragraph" and len(self._lines) == 1 and not self._blanks
        return alone and not self._whole and not self._quoted and _UNDERLINE.fullmatch(line) is not None

    def _is_separator(self, line: str) -> bool:
        if self._kind != "paragraph" or self._blanks or "|" not in line or not _SEPARATOR.fullmatch(line.strip()):
            return False
        return "|" in self._lines[-1] and len(_values(self._lines[-1])) == len(_values(line))

    def _begin(self, kind: BlockKind, line: str, number: int) -> Iterator[Piece]:
        yield from self._close()
        self._kind, self._lines, self._first = kind, [line], number
        self._quoted = line.lstrip().startswith(">")
        self._whole = kind == "heading" or (kind == "paragraph" and _RULE.fullmatch(line) is not None)
        self._in_list = kind == "list_item" or (self._in_list and kind != "heading" and line[0] in " \t")
        if kind == "code":
            self._open_code(line, number)
        elif kind == "heading" and (marks := _HEADING.match(line)):
            self._headings.enter(len(marks[1]), line)

    def _open_code(self, line: str, number: int) -> None:
        fence = _FENCE.match(line)
        indented = line.startswith(_INDENT) and not self._in_list
        if number == 1 and line.rstrip() == "---":
            self._fence = "---"
        else:
            self._fence = fence[1] if fence and not indented else "    "

    def _begin_table(self, line: str, number: int) -> Iterator[Piece]:
        header = self._lines.pop()
        if self._lines:
            yield self._piece()
            self._gap = SAME_TABLE
        self._kind, self._lines, self._first, self._in_list = "table", [header, line], number - 1, False
        names = [re.sub(r"[*`]|^_+|_+$", "", header[start:end]) for start, end in _values(header)]
        self._columns = column_names(names)

    def _close(self) -> Iterator[Piece]:
        if self._kind is None:
            return
        # The spaces of blank lines stay before the gap, which is newlines only.
        kept = max((n for n, blank in enumerate(self._blanks, start=1) if blank), default=0)
        self._lines += self._blanks[:kept]
        yield self._piece()
        self._gap = len(self._blanks) - kept + 1
        self._blanks, self._kind = [], None

    def _piece(self) -> Piece:
        assert self._kind is not None
        cells = tuple(self._cells(self._lines[0])) if self._kind == "row" else ()
        place = self._headings.place or f"line {self._first}"
        return Piece("\n".join(self._lines), self._kind, place, cells, self._gap)

    def _cells(self, line: str) -> Iterator[Cell]:
        for number, (start, end) in enumerate(_values(line)):
            if start < end:
                name = self._columns[number] if number < len(self._columns) else f"column {number + 1}"
                yield Cell(name, start, end)


def _values(line: str) -> Sequence[tuple[int, int]]:
    """Where the cells of a table line stand, without the spaces around them."""
    pipes = [match.start() for match in _PIPE.finditer(line) if match[0] == "|"]
    begins = [0, *(pipe + 1 for pipe in pipes)]
    found = [_trimmed(line, begin, end) for begin, end in zip(begins, [*pipes, len(line)], strict=True)]
    if len(found) > 1 and line.lstrip().startswith("|"):
        del found[0]
    if len(found) > 1 and pipes and not line[pipes[-1] + 1 :].strip():
        del found[-1]
    return found


def _trimmed(line: str, start: int, end: int) -> tuple[int, int]:
    part = line[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
