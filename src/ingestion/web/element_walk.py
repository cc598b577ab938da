"""From the elements of an HTML page to Pieces: what a reader of the page sees, in its order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, clean
from src.ingestion.text.plain_text import HeadingPath
from src.ingestion.web.html_tables import Table
from src.records import BlockKind

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "dt": 7, "summary": 7}
# Elements that begin and end a line of their own (HTML Standard, 15.3 "Flow content"); the rest stands in the line.
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "menu", "ol", "optgroup", "option", "p",
    "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "xmp",
))  # fmt: skip
_UNSEEN = frozenset((
    "script", "style", "template", "noscript", "nav", "head", "iframe", "object", "embed", "svg", "math", "canvas",
    "audio", "video", "select", "datalist", "textarea", "noframes", "frameset", "map", "rp",
))  # fmt: skip
_TOLD = {"nav": "navigation", "template": "template", "noscript": "noscript"}
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")  # all but the single spaces, which stay
_BREAK = "\0"  # a line break that is wanted; no parser gives this character
_ROUND_BREAK = re.compile(r" *\0 *")


@dataclass(slots=True)
class ElementWalk:
    """A target for lxml's parsers: takes elements as they come, keeps the finished pieces in `pieces`.

    Nothing is nested in it but tables, so no depth of elements can exhaust the stack. `left_out` counts what a
    reader does not see; `scripts` are the JSON-LD texts of the page.
    """

    root: str = ""  # the place of what stands before the first heading
    pieces: list[Piece] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    scripts: list[str] = field(default_factory=list)
    title: str = ""
    _path: HeadingPath = field(default_factory=HeadingPath)
    _line: list[str] = field(default_factory=list)
    _level: int = 0  # of the heading whose text comes
    _lead: str = ""  # what is set before the first words of a list item
    _skipped: int = 0  # how many open elements nobody sees
    _kept: list[str] | None = None  # the text of a <title> or a JSON-LD script
    _preformatted: int = 0
    _tables: list[Table] = field(default_factory=list)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = _local(tag)
        if self._skipped or (name in _UNSEEN or _is_hidden(name, attributes)):
            self._skip(name, attributes)
        elif name == "br":
            self._line.append(_BREAK)
        elif name in _BLOCKS:
            self._start_block(name, attributes)

    def data(self, text: str) -> None:
        """Text, which a parser may give in parts."""
        if self._kept is not None:
            self._kept.append(text)
        elif not self._skipped:
            self._line.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
            self._keep(_local(tag))
            return
        name = _local(tag)
        if name in _BLOCKS:
            self._end_block(name)

    def comment(self, text: str) -> None:
        """Not text."""

    def pi(self, target: str, text: str | None = None) -> None:
        """Not text."""

    def close(self) -> None:
        """The page ends, whatever is still open."""
        self._flush()
        while self._tables:
            self._end_table()

    def take(self) -> Iterator[Piece]:
        """The pieces finished so far; those of an open table are not."""
        if not self._tables:
            taken, self.pieces = self.pieces, []
            yield from taken

    def _skip(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self._skipped and name not in ("head", "script", "style"):
            told = _TOLD.get(name) or ("hidden element" if name not in _UNSEEN else "")
            self.left_out[told] += bool(told)
        self._skipped += 1
        is_facts = name == "script" and attributes.get("type", "").strip().lower() == "application/ld+json"
        if self._kept is None and (is_facts or (name == "title" and not self.title)):
            self._kept = []

    def _keep(self, name: str) -> None:
        """The end of a skipped element: a title or a script that is wanted for itself."""
        if self._kept is None or name not in ("title", "script"):
            return
        kept = "".join(self._kept)
        self._kept = None
        if name == "script":
            self.scripts.append(kept)
            return
        self.title = " ".join(clean(kept).split())
        if not self._path.root:
            self._path = HeadingPath(self.title)

    def _start_block(self, name: str, attributes: Mapping[str, str]) -> None:
        self._flush()
        if name in _HEADINGS:
            self._level = _HEADINGS[name]
        elif name == "li":
            self._lead = "- "
        elif name in ("pre", "listing", "xmp"):
            self._preformatted += 1
        elif name == "table":
            self._tables.append(Table(len(self.pieces), attributes.get("role", "") in ("presentation", "none")))
        elif self._tables and name == "tr":
            self._tables[-1].start_row(len(self.pieces))
        elif self._tables and name in ("td", "th"):
            self._tables[-1].start_cell(name == "th", attributes, len(self.pieces))

    def _end_block(self, name: str) -> None:
        self._flush()
        if name in ("pre", "listing", "xmp"):
            self._preformatted = max(0, self._preformatted - 1)
        elif name == "li":
            self._lead = ""
        elif self._tables and name in ("td", "th"):
            self._tables[-1].end_cell(len(self.pieces))
        elif self._tables and name == "table":
            self._end_table()
        elif name in _HEADINGS:
            self._level = 0

    def _end_table(self) -> None:
        table = self._tables.pop()
        table.end_cell(len(self.pieces))
        if self._tables:
            self._tables[-1].holds_table = True
        if not table.is_layout(self.pieces):
            place = f"{self._place} table" if self._place else "table"
            inside = self.pieces[table.begin :]
            self.pieces[table.begin :] = table.as_pieces(inside, place)

    @property
    def _place(self) -> str:
        return self._path.place or self.root

    def _flush(self) -> None:
        """The words since the last block began or ended become a piece."""
        if not self._line:
            return
        joined = "".join(self._line)
        self._line = []
        if self._preformatted:
            text = clean(f"|{joined.replace(_BREAK, chr(10))}|")[1:-1].strip("\n").rstrip()
        else:
            text = _SPACES.sub(" ", joined)
            text = clean(_ROUND_BREAK.sub("\n", text) if _BREAK in text else text)
        if not text.strip():
            return
        kind = self._kind_of_line()
        if kind == "heading":
            self._path.enter(self._level, text)
        lead = self._lead if kind == "list_item" else ""
        follows_item = bool(lead and self.pieces) and self.pieces[-1].kind == "list_item"
        self.pieces.append(Piece(lead + text, kind, self._place, (), SAME_TABLE if follows_item else NEW_BLOCK))
        # A heading that is never closed does not make headings of the rest.
        self._lead, self._level = "", 0

    def _kind_of_line(self) -> BlockKind:
        if self._level:
            return "heading"
        if self._preformatted:
            return "code"
        return "list_item" if self._lead else "paragraph"


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    """The name without its XML namespace."""
    return tag.rpartition("}")[2].lower()


def _is_hidden(name: str, attributes: Mapping[str, str]) -> bool:
    # Some pages hide all of themselves until a script has run.
    if not attributes or name in ("html", "body"):
        return False
    if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
        return True
    style = attributes.get("style")
    return bool(style and _HIDING.search(style))
