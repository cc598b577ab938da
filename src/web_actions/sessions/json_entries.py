"""The entries of JSON Lines and of JSON files of any size, one after the other."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

MOST_ENTRY_BYTES = 256 << 20
_PIECE = 4 << 20
_SPACE = " \t\r\n,"


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and the line it begins in; `problem` says why there is none."""

    line: int
    entry: Any = None
    problem: str = ""


def json_lines(stream: BinaryIO) -> Iterator[Found]:
    """Each line that is not empty. One that is no JSON, or larger than MOST_ENTRY_BYTES, is a problem of its own."""
    number = 0
    while line := stream.readline(MOST_ENTRY_BYTES + 1):
        number += 1
        if len(line) > MOST_ENTRY_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_PIECE)
            yield Found(number, problem=f"it is longer than {MOST_ENTRY_BYTES >> 20} MiB")
            continue
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if line.isspace() or not line:
            continue
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield Found(number, problem=f"it is no JSON ({error})")
            continue
        yield Found(number, entry)


def json_values(stream: BinaryIO) -> Iterator[Found]:
    """Each value of a JSON array, or each of the values that stand one after the other.

    No more than one entry is held at a time. Behind damage nothing can be found again, so that ends it.
    """
    text = _Text(stream)
    text.more()
    in_list = text.skip(_SPACE + "\ufeff") == "["
    if in_list:
        text.take(1)
    while True:
        first = text.skip(_SPACE)
        if first == "" or (first == "]" and in_list):
            return
        line = text.line
        try:
            entry = text.value()
        except (ValueError, RecursionError) as error:
            reason = f"line {text.line + error.lineno - 1}" if isinstance(error, json.JSONDecodeError) else ""
            said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            yield Found(line, problem=f"it is no JSON ({said}{', ' + reason if reason else ''}); the rest is not read")
            return
        yield Found(line, entry)


class _Text:
    """A file's text, as much of it as is needed at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self.line = 1
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text, self._place, self._ended = "", 0, False
        self._scan = json.JSONDecoder().raw_decode

    def more(self, amount: int = _PIECE) -> None:
        """Read on. Raises ValueError for what is no UTF-8."""
        content = self._stream.read(amount)
        self._ended = not content
        self._text = self._text[self._place :] + self._decode(content, final=not content)
        self._place = 0

    def skip(self, characters: str) -> str:
        """The next character that is none of these; "" at the end."""
        while True:
            rest = self._text
            while self._place < len(rest) and rest[self._place] in characters:
                self.line += rest[self._place] == "\n"
                self._place += 1
            if self._place < len(rest) or self._ended:
                return rest[self._place : self._place + 1]
            self.more()

    def take(self, count: int) -> None:
        self._place += count

    def value(self) -> Any:
        """The value that begins here, read on for as long as it may be cut off."""
        while True:
            try:
                entry, end = self._scan(self._text, self._place)
            except json.JSONDecodeError as error:
                held = len(self._text) - self._place
                # Damage is where the scanner stops; a string that is not closed is told by its start
                cut = error.pos >= len(self._text) - 16 or error.msg.startswith("Unterminated string")
                if self._ended or not cut:
                    raise
                if held > MOST_ENTRY_BYTES:
                    raise ValueError(f"it is longer than {MOST_ENTRY_BYTES >> 20} MiB") from error
                self.more(max(_PIECE, held))
                continue
            self.line += self._text.count("\n", self._place, end)
            self._place = end
            return entry
