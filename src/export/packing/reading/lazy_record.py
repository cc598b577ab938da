"""Records that are parsed when they are first touched, for readers that do not look into each."""

from __future__ import annotations

import struct
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from itertools import chain, repeat
from typing import Any

from src.errors import PackError
from src.export.packing.container.json_lines import Decode, decode_strictly, exact_decoder, fast_decoder
from src.export.packing.container.pack_file import PackFile

_SHOWN = 160


def lazy_records(file: PackFile, frame: int) -> Iterator[LazyRecord]:
    """The records of a verified frame, in order.

    They share the frame's bytes, which is half the price of a line for each; see LazyRecord.
    """
    raw = file.raw(frame)
    first = file.index.first(frame)
    count = file.index.first(frame + 1) - first
    starts = struct.unpack(f"<{count}I", file.index.offsets(first, count))
    lines = zip(repeat(raw), starts, chain(starts[1:], (len(raw),)))
    return map(LazyRecord, lines, repeat(file.decoder(frame)))


class LazyRecord(Mapping[str, Any]):
    """One record as a mapping that cannot be changed.

    The first look inside parses the whole line; what comes of it is kept. Values are those of the standard library's
    json, whatever the size of an integer. Equal to any mapping of equal values; has no hash, as dicts have none. May be
    pickled: only the line travels.

    A record that nobody touched may hold on to the bytes of its whole frame; touching it, `raw` included, lets go of
    them. Raises PackError when it is touched and the line is no JSON object.
    """

    __slots__ = ("_decoder", "_line", "_value")

    # Both arguments are needed on purpose: torch copies a Mapping by calling its class with a dict, and makes a plain
    # dict where that raises TypeError.
    def __init__(self, line: bytes | tuple[bytes, int, int], decoder: Decode) -> None:
        # Nothing more: this is the whole price of a record that nobody touches.
        self._line = line
        self._decoder = decoder

    @property
    def raw(self) -> bytes:
        """The record's line of JSON, byte for byte, without the newline."""
        line = self._line
        if isinstance(line, bytes):
            return line
        frame, start, end = line
        # One assignment, so that two threads may touch it at once.
        self._line = alone = frame[start:end].rstrip(b"\n")
        return alone

    def as_dict(self) -> dict[str, Any]:
        """The parsed record. It is the one that is kept: copy it before you change it."""
        try:
            return self._value
        except AttributeError:
            self._value: dict[str, Any] = _parsed(self.raw, self._decoder)
            return self._value

    def __getitem__(self, key: str) -> Any:
        return self.as_dict()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict())

    def __len__(self) -> int:
        return len(self.as_dict())

    def __contains__(self, key: object) -> bool:
        return key in self.as_dict()

    def keys(self) -> KeysView[str]:
        return self.as_dict().keys()

    def values(self) -> ValuesView[Any]:
        return self.as_dict().values()

    def items(self) -> ItemsView[str, Any]:
        return self.as_dict().items()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LazyRecord):
            return self.raw == other.raw or self.as_dict() == other.as_dict()
        return self.as_dict() == dict(other) if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """The start of the line, unparsed: a look in a debugger changes nothing and cannot fail."""
        shown = self.raw[:_SHOWN].decode("utf-8", "replace")
        return f"LazyRecord({shown}{'...' if len(self.raw) > _SHOWN else ''})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.raw, self._decoder is not fast_decoder())


def _restored(raw: bytes, exact: bool) -> LazyRecord:
    return LazyRecord(raw, exact_decoder() if exact else fast_decoder())


def _parsed(raw: bytes, decoder: Decode) -> dict[str, Any]:
    try:
        value = decoder(raw)
    except (ValueError, RecursionError):
        value = _parsed_strictly(raw)
    if not isinstance(value, dict):
        raise PackError(f"A packed record is {type(value).__name__}, not a JSON object; run verify-packed to find it.")
    return value


def _parsed_strictly(raw: bytes) -> Any:
    try:
        return decode_strictly(raw)
    except ValueError as error:
        raise PackError(f"A packed record is not JSON: {error}; run verify-packed to find it.") from error
