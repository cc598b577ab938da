"""Samples as lines of a row format, as fast as their texts can be copied.

Rows of conversations with the same roles differ by their texts alone. The first of a kind is made by the row format
itself, with marks for texts; what stands around the marks is then written for all others. A text that a row format
might look into (blanks around it, a reserved word) has its row made by the format, whatever that takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from src.errors import FormatError
from src.export.formats.full_samples import RawTurn
from src.providers.formats.findings import Finding
from src.records import Message, Role

# Private characters: no format knows them, and JSON writes them as they are.
_MARK = re.compile("\ue000(\\d+)\ue001")
_LINE_ENDS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))
# The last bytes of those: where none of them is, there is no need to look closer, which takes longer.
_LAST_BYTES = tuple(character[-1:] for character, _ in _LINE_ENDS)
_BLANK, _ESCAPE, _NOT_ASCII = 0x20, 0x5C, 0x80
_ESCAPED_BLANKS = b"nrtfbu"
_LETTERS = frozenset(range(_BLANK + 1, 127)) - {_ESCAPE}
# What is looked for first of a word: the sooner named, the fewer texts hold it.
_RARE = b"|[]<>_:"


@dataclass(frozen=True, slots=True)
class Built:
    """A row, and what was changed to make it; None, and why, where the format cannot express the sample."""

    row: dict[str, object] | None
    changes: tuple[Finding, ...] = ()


class Line(NamedTuple):
    """The same as a line of a JSONL file without its end."""

    text: bytes | None
    changes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mould:
    """A line with %b where texts stand, and which message each of them is; None where no row is made."""

    line: bytes | None
    texts: tuple[int, ...]
    changes: tuple[Finding, ...]


class RowLines:
    """Makes lines. `build` makes a row, raising FormatError where that is the end of the export.

    `reserved` are words the format looks for in texts, in any case and whatever blanks are around them.
    """

    def __init__(self, build: Callable[[Sequence[Message]], Built], reserved: Sequence[str] = ()) -> None:
        self._build = build
        found = dict.fromkeys(word.strip().lower().encode() for word in reserved)
        # Whoever looks for "<|" need not look for "<|eot_id|>".
        words = [word for word in found if not any(other in word for other in found if other != word)]
        self._names = tuple(word[:-1] for word in words if word.endswith(b":"))
        self._reserved = tuple((_rarest(word), word) for word in words if not word.endswith(b":"))
        self._moulds: dict[tuple[str, ...], _Mould | None] = {}

    def line(self, turns: Sequence[RawTurn]) -> Line:
        """The line of a sample. Raises FormatError, and ValueError for what JSON does not have."""
        roles = tuple([turn.role for turn in turns])
        if roles not in self._moulds:
            self._moulds[roles] = self._mould(roles)
        mould = self._moulds[roles]
        texts = [bytes(turn.content)[1:-1] for turn in turns] if mould else []
        if mould is None or not all(map(self._is_plain, texts)):
            return self.line_by_format(turns)
        if mould.line is None:
            return Line(None, mould.changes)
        line = mould.line % tuple([texts[index] for index in mould.texts])
        return Line(escape_line_ends(line), mould.changes)

    def line_by_format(self, turns: Sequence[RawTurn]) -> Line:
        """The line as the row format makes it, without any short cut."""
        messages = [Message(cast(Role, turn.role), json.loads(bytes(turn.content))) for turn in turns]
        built = self._build(messages)
        return Line(None if built.row is None else escape_line_ends(_json(built.row).encode()), built.changes)

    def _is_plain(self, text: bytes) -> bool:
        """Whether a format has nothing to look for in an escaped text: no blanks around it, no reserved words."""
        if not text:
            return False
        if not (text[0] in _LETTERS or _begins_plainly(text)) or not _ends_plainly(text):
            return False
        # A single byte is found much faster than a word, and colons are few.
        if self._names and b":" in text:
            heads = text.lower().split(b":")
            if any(head.endswith(self._names) for head in heads[:-1]):
                return False
        words = [word for byte, word in self._reserved if byte in text]
        if not words:
            return True
        lower = text.lower()
        return not any(word in lower for word in words)

    def _mould(self, roles: Sequence[str]) -> _Mould | None:
        """The mould for rows of these roles, None where the format refuses them."""
        marks = [Message(cast(Role, role), f"\ue000{index}\ue001") for index, role in enumerate(roles)]
        try:
            built = self._build(marks)
        except FormatError:
            return None
        if built.row is None:
            return _Mould(None, (), built.changes)
        parts = _MARK.split(_json(built.row))
        line = b"%b".join(part.encode().replace(b"%", b"%%") for part in parts[::2])
        return _Mould(line, tuple(map(int, parts[1::2])), built.changes)


def escape_line_ends(line: bytes) -> bytes:
    """A line of JSON with escapes for the characters that some readers take for the end of a line."""
    if not any(byte in line for byte in _LAST_BYTES):
        return line
    for character, escape in _LINE_ENDS:
        if character in line:
            line = line.replace(character, escape)
    return line


def _rarest(word: bytes) -> bytes:
    """A byte of the word that few texts hold; b"" where there is none."""
    return next((bytes([byte]) for byte in _RARE if byte in word), b"")


def _begins_plainly(text: bytes) -> bool:
    first = text[0]
    if first == _ESCAPE:
        return text[1] not in _ESCAPED_BLANKS
    return first != _BLANK if first < _NOT_ASCII else not text[:4].decode(errors="ignore")[:1].isspace()


def _ends_plainly(text: bytes) -> bool:
    last = text[-1]
    if (text[-2:-1] == b"\\" and last in _ESCAPED_BLANKS) or text[-6:-4] == b"\\u":
        return False
    return last != _BLANK if last < _NOT_ASCII else not text[-4:].decode(errors="ignore")[-1:].isspace()


def _json(row: object) -> str:
    return json.dumps(row, ensure_ascii=False, allow_nan=False)
