"""What the styles and lists of a Word document say: which paragraphs are headings, hidden or marked, and how."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from src.ingestion.office.office_texts import spelled, whole
from src.ingestion.office.package import Package

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = W + "val"
NUM_PR, OUTLINE, P_PR, P_STYLE, R_PR, VANISH = (
    W + name for name in ("numPr", "outlineLvl", "pPr", "pStyle", "rPr", "vanish")
)

_TOP = re.compile(rb"<((?:\w+:)?)styles\b[^>]{0,20000}>")
_STYLE = re.compile(rb"""<(?:\w+:)?style\s[^>]*?styleId\s*=\s*["']([^"'>]*)""")

TITLE = 0
_BODY_LEVEL = 9  # outline level "body text", counted from 0
_LEVELS = 9
_ANCESTORS = 20  # no template goes deeper; a file may claim a circle, or a line of a hundred thousand
# Word stores the English name of a built-in style whatever its language; other programs store their own, and a
# document may use a style it does not define, of which only the id is known ("berschrift1" in German Word).
_HEADING = re.compile(
    r"(?:heading|ü?berschrift|titre|t[ií]?tulo|titolo|kop|rubrik|overskrift|otsikko|nag[łl]?[oó]?wek|заголовок"
    r"|見出し|标题|標題|제목)\s*([1-9])",
    re.IGNORECASE,
)


class Style(NamedTuple):
    """What a style says, with what it inherits.

    `level` is 0 for a title, 1 to 9 for a heading, None for text. `number` is the list its paragraphs belong to
    ("" for none) and `number_level` their level there, None where it says none.
    """

    level: int | None = None
    hidden: bool = False
    number: str = ""
    number_level: int | None = None


PLAIN = Style()


class Styles:
    """The styles of a document by id.

    Each is parsed when it is asked for: a file made with python-docx defines 164 in 350 kB and uses five, and
    parsing them all took three quarters of the time of reading it.
    """

    def __init__(self, package: Package, xml: bytes) -> None:
        self._package = package
        self._xml = xml.decode("utf-16").encode() if xml[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else xml
        top = _TOP.search(self._xml)
        self._top, self._prefix = (top[0], top[1]) if top else (b"", b"")
        found = [(match[1], match.start()) for match in _STYLE.finditer(self._xml)]
        ends = [*(start for _, start in found[1:]), len(self._xml)]
        self._places = {identity: (start, end) for (identity, start), end in zip(found, ends, strict=False)}
        self._known = {"": PLAIN}

    def of(self, identity: str) -> Style:
        style = self._known.get(identity)
        if style is None:
            style = self._known[identity] = self._inherited(identity)
        return style

    def _inherited(self, identity: str) -> Style:
        line = list(self._line(identity))
        levels = [_own_level(row) for row in line] or [_named_level(identity)]
        level = next((found for found in levels if found is not None), None)
        hidden = (switch(row.find(f"{R_PR}/{VANISH}")) for row in line)
        number = next((found for row in line if (found := row.find(f"{P_PR}/{NUM_PR}")) is not None), None)
        return Style(
            level if level is None or level <= _LEVELS else None,
            next((said for said in hidden if said is not None), False),
            "" if number is None else _value(number.find(W + "numId")),
            None if number is None else whole(_value(number.find(W + "ilvl")), None),
        )

    def _line(self, identity: str) -> Iterator[_Element]:
        """The style and those it is based on; a circle ends."""
        for _ in range(_ANCESTORS):
            row = self._row(identity)
            if row is None:
                return
            yield row
            identity = _value(row.find(W + "basedOn"))

    def _row(self, identity: str) -> _Element | None:
        start, limit = self._places.get(_as_written(identity), (0, 0))
        end_tag = b"</" + self._prefix + b"style>"
        end = self._xml.find(end_tag, start, limit)
        if end < 0:
            return None
        style = self._xml[start : end + len(end_tag)]
        root = self._package.parsed(self._top + style + b"</" + self._prefix + b"styles>")
        return next(root.iterchildren(W + "style"), None)


def _own_level(row: _Element) -> int | None:
    outline = _value(row.find(f"{P_PR}/{OUTLINE}"))
    return outline_level(outline) if outline else _named_level(_value(row.find(W + "name")))


def _named_level(name: str) -> int | None:
    if name.lower() == "title":
        return TITLE
    match = _HEADING.fullmatch(name)
    return int(match[1]) if match else None


def outline_level(outline: str) -> int | None:
    """The heading level of an outline level as stored (counted from 0; 9 is text and gives 10)."""
    level = whole(outline, None)
    return None if level is None else min(level, _BODY_LEVEL) + 1


def switch(element: _Element | None) -> bool | None:
    """The value of an on/off property, None when it is not there."""
    return None if element is None else element.get(VAL, "true") not in ("0", "false", "off", "none")


class Level(NamedTuple):
    """How one level of a list is numbered. `restart` is the level (counted from 1) that starts it again."""

    form: str
    text: str
    start: int
    restart: int
    legal: bool
    style: str


@dataclass(slots=True)
class _List:
    levels: dict[int, Level]
    counters: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)


@dataclass(slots=True)
class _Number:
    """An instance of a list: its own levels, and the levels it starts anew when it is first used."""

    definition: _List
    levels: dict[int, Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class Lists:
    """The lists of a document, and how far each has counted. Each is worked out when it is first used."""

    def __init__(self, root: _Element | None, styles: Styles) -> None:
        self._styles = styles
        self._definition_rows = _by_id(root, "abstractNum", "abstractNumId")
        self._rows = _by_id(root, "num", "numId")
        self._definitions: dict[str, _List] = {}
        self._numbers: dict[str, _Number] = {}

    def _number(self, identity: str) -> _Number | None:
        number = self._numbers.get(identity)
        row = self._rows.get(identity)
        if number is None and row is not None:
            number = self._numbers[identity] = _Number(self._definition(_value(row.find(W + "abstractNumId"))))
            _override(number, row)
        return number

    def _definition(self, identity: str) -> _List:
        if identity not in self._definitions:
            row = self._definition_rows.get(identity)
            levels = {} if row is None else dict(_levels(row))
            link = "" if row is None else _value(row.find(W + "numStyleLink"))
            if link and not levels:  # only a name for the list of a style
                other = self._rows.get(self._styles.of(link).number)
                row = None if other is None else self._definition_rows.get(_value(other.find(W + "abstractNumId")))
                levels = {} if row is None else dict(_levels(row))
            self._definitions[identity] = _List(levels)
        return self._definitions[identity]

    def level_of(self, number: str, style: str) -> int:
        """The level a list keeps for a paragraph style; 0 when it names none."""
        known = self._number(number)
        levels = known.definition.levels if known else {}
        return next((level for level, how in levels.items() if style and how.style == style), 0)

    def mark(self, number: str, level: int) -> str:
        """The next mark of a list at a level, with a blank after it: "- ", "3. ", "1.2. "; "" without a mark.

        Lists that share a definition count on together, as in Word.
        """
        known = self._number(number)
        level = min(max(level, 0), _LEVELS - 1)
        if known is None or _how(known, level) is None:
            return ""
        how = _how(known, level)
        assert how is not None
        self._count(known, level, how)
        if how.form == "bullet":
            return "- "
        text = re.sub("%([1-9])", lambda match: _spelled(known, int(match[1]) - 1, how), how.text).strip()
        return f"{text} " if text else ""

    def _count(self, known: _Number, level: int, how: Level) -> None:
        counters = known.definition.counters
        if level in known.starts:
            counters[level] = known.starts.pop(level) - 1
        before = counters[level]
        counters[level] = how.start if before is None else before + 1
        for deeper in range(level + 1, _LEVELS):
            below = _how(known, deeper)
            if level < (deeper if below is None else below.restart):
                counters[deeper] = None


def _how(known: _Number, level: int) -> Level | None:
    return known.levels.get(level) or known.definition.levels.get(level)


def _spelled(known: _Number, level: int, shown: Level) -> str:
    how = _how(known, level)
    counters = known.definition.counters
    if how is None:
        return ""
    if counters[level] is None:
        counters[level] = how.start  # Word counts a level that was skipped as begun
    form = "decimal" if shown.legal and how.form != "decimalZero" else how.form
    return spelled(form, counters[level] or 0)


def _by_id(root: _Element | None, name: str, key: str) -> dict[str, _Element]:
    return {} if root is None else {str(row.get(W + key)): row for row in root.iterchildren(W + name)}


def _override(number: _Number, row: _Element) -> None:
    for override in row.iterchildren(W + "lvlOverride"):
        number.levels.update(_levels(override))
        start = whole(_value(override.find(W + "startOverride")), None)
        if start is not None:
            number.starts[whole(str(override.get(W + "ilvl")), 0) or 0] = start


def _levels(parent: _Element) -> Iterator[tuple[int, Level]]:
    for row in parent.iterchildren(W + "lvl"):
        level = whole(str(row.get(W + "ilvl")), None)
        if level is None or level >= _LEVELS:
            continue
        forms = [_value(form) for form in row.iter(W + "numFmt")]  # the last one is for programs of all ages
        restart = whole(_value(row.find(W + "lvlRestart")), level)
        yield (
            level,
            Level(
                forms[-1] if forms else "decimal",
                _value(row.find(W + "lvlText")),
                whole(_value(row.find(W + "start")), 0) or 0,
                level if restart is None else restart,
                bool(switch(row.find(W + "isLgl"))),
                _value(row.find(W + "pStyle")),
            ),
        )


def _value(element: _Element | None) -> str:
    return "" if element is None else str(element.get(VAL) or "")


def _as_written(identity: str) -> bytes:
    """An id as it stands between quotation marks in XML. (xml.sax.saxutils would import a web client.)"""
    escaped = identity.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped.encode()
