"""Samples as lines of a row format, as fast as their texts can be copied.

Rows of conversations with the same roles differ by their texts alone. The first of a kind is made by the row format
itself, with marks for texts; what stands around the marks is then written for all others. A text that a row format
might look into (blanks around it, a reserved word) has its row made by the format, whatever that takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, cast

from src.errors import FormatError
from src.export.formats.full_samples import RawTurn
from src.providers.formats.findings import Finding
from src.records import Message, Role

# Private characters: no format knows them, and JSON writes them as they are.
_MARK = re.compile("\ue000(\\d+)\ue001")
_LINE_ENDS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))
_QUOTE, _BLANK, _ESCAPE, _NOT_ASCII = 0x22, 0x20, 0x5C, 0x80
_ESCAPED_BLANKS = b"nrtfbu"
_LETTERS = frozenset(range(_BLANK + 1, 127)) - {_QUOTE, _ESCAPE}
# No escape ends with one of these.
_LAST_LETTERS = _LETTERS - frozenset(b"nrtfb" + b"0123456789abcdefABCDEF")
# What is looked for first of a word: the sooner named, the fewer texts hold it.
_RARE = b"|[]<>_:"
# Words that end with one of these are looked for where it stands, which takes less than looking for the word.
_RARE_ENDS = (b":", b"|")


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


@dataclass(frozen=True, slots=True)
class _WordEnds:
    """Words that end with the same byte: what stands before it, and the last bytes of that."""

    byte: bytes
    before: tuple[bytes, ...]
    last: slice
    tails: frozenset[bytes]

    @classmethod
    def of(cls, byte: bytes, words: Sequence[bytes]) -> _WordEnds:
        before = tuple(word[:-1] for word in words if word.endswith(byte))
        shortest = min(4, *map(len, before))
        last = slice(-shortest, None) if shortest else slice(0)
        return cls(byte, before, last, frozenset(text[last] for text in before))

    def are_in(self, text: bytes) -> bool:
        """Whether one of the words stands in the text."""
        pieces = text.split(self.byte)
        # Few of the pieces get past this, which takes half the time of endswith().
        if self.tails.isdisjoint(map(itemgetter(self.last), pieces)):
            return False
        return any(piece.endswith(self.before) for piece in pieces[:-1])


class RowLines:
    """Makes lines. `build` makes a row, raising FormatError where that is the end of the export.

    `reserved` are words the format looks for in texts, in any case and whatever blanks are around them.
    """

    def __init__(self, build: Callable[[Sequence[Message]], Built], reserved: Sequence[str] = ()) -> None:
        self._build = build
        found = dict.fromkeys(word.strip().lower().encode() for word in reserved)
        # Whoever looks for "<|" need not look for "<|eot_id|>".
        words = [word for word in found if not any(other in word for other in found if other != word)]
        self._ends = tuple(
            _WordEnds.of(byte, words) for byte in _RARE_ENDS if any(word.endswith(byte) for word in words)
        )
        self._reserved = tuple((_rarest(word), word) for word in words if word[-1:] not in _RARE_ENDS)
        self._moulds: dict[tuple[str, ...], _Mould | None] = {}

    def line(self, turns: Sequence[RawTurn]) -> Line:
        """The line of a sample. Raises FormatError, and ValueError for what JSON does not have."""
        return next(self.lines([turns]))

    def lines(self, conversations: Sequence[Sequence[RawTurn]]) -> Iterator[Line]:
        """The line of each sample, raising as line() does where it is that sample's turn."""
        moulds, has_reserved = self._moulds, self._seen_in(conversations)
        for turns in conversations:
            roles = tuple([turn.role for turn in turns])
            if roles not in moulds:
                moulds[roles] = self._mould(roles)
            mould = moulds[roles]
            texts = _plain_texts(turns) if mould else None
            if mould is None or texts is None or (has_reserved and self._is_reserved(texts)):
                yield self.line_by_format(turns)
            elif mould.line is None:
                yield Line(None, mould.changes)
            else:
                yield Line(escape_line_ends(mould.line % tuple([texts[index] for index in mould.texts])), mould.changes)

    def line_by_format(self, turns: Sequence[RawTurn]) -> Line:
        """The line as the row format makes it, without any short cut."""
        messages = [Message(cast(Role, turn.role), json.loads(bytes(turn.content))) for turn in turns]
        built = self._build(messages)
        return Line(None if built.row is None else escape_line_ends(_json(built.row).encode()), built.changes)

    def _seen_in(self, conversations: Sequence[Sequence[RawTurn]]) -> bool:
        """Whether any text may hold a reserved word. All at once takes less than one by one."""
        if not self._ends and not self._reserved:
            return False
        return self._is_reserved([b"\n".join([turn.content for turns in conversations for turn in turns])])

    def _is_reserved(self, texts: Sequence[bytes]) -> bool:
        """Whether one of some escaped texts holds a reserved word."""
        for text in texts:
            # A single byte is found much faster than a word.
            words = [word for byte, word in self._reserved if byte in text]
            ends = [one for one in self._ends if one.byte in text]
            lower = text.lower() if words or ends else b""
            if any(word in lower for word in words) or any(one.are_in(lower) for one in ends):
                return True
        return False

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
    # Single bytes of theirs: where those are not together, there is no need to look closer, which takes longer.
    if (b"\xe2" in line and (b"\xa8" in line or b"\xa9" in line)) or (b"\xc2" in line and b"\x85" in line):
        for character, escape in _LINE_ENDS:
            line = line.replace(character, escape)
    return line


def _plain_texts(turns: Sequence[RawTurn]) -> list[bytes] | None:
    """The escaped texts; None where a format may look into one, since it is empty or has blanks around it."""
    quoted = [bytes(turn.content) for turn in turns]
    for text in quoted:
        if len(text) < 3:
            return None
        if text[1] in _LETTERS and text[-2] in _LAST_LETTERS:
            continue
        if not (_begins_plainly(text[1:-1]) and _ends_plainly(text[1:-1])):
            return None
    return [text[1:-1] for text in quoted]


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
