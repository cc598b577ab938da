"""Records that are parsed when they are first touched, for readers that do not look into each."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

from src.errors import PackError
from src.export.packing.container.json_lines import decode_strictly, exact_decoder, fast_decoder
from src.export.packing.container.layout import FOUR, OFFSET_BYTES, TWO_OFFSETS
from src.export.packing.container.pack_file import PackFile

_SHOWN = 160


def lazy_records(file: PackFile, frame: int) -> Iterator[LazyRecord]:
    """The records of a verified frame, in order.

    They share the frame's bytes, which is a fraction of the price of a line for each; see LazyRecord.
    """
    raw, entry = file.unpacked(frame)
    count = file.index.first(frame + 1) - entry.first
    shared = (raw, file.index.offsets(entry.first, count))
    return map(_record_class(), repeat(shared), range(count), repeat(entry.exact))


def lazy_lines(lines: Iterable[bytes], exact: bool) -> Iterator[LazyRecord]:
    """A record for each line. `exact` where integers may have more than 18 digits."""
    return map(_record_class(), lines, repeat(0), repeat(exact))


class LazyRecord(Mapping[str, Any]):
    """One record as a mapping that cannot be changed; `lazy_records` and `lazy_lines` make them.

    The first look inside parses the whole line; what comes of it is kept. Values are those of the standard library's
    json, whatever the size of an integer. Equal to any mapping of equal values; has no hash, as dicts have none. May be
    pickled: only the line travels.

    A record that nobody touched may hold on to the bytes of its whole frame; touching it, `raw` included, lets go of
    them. Raises PackError when it is touched and the line is no JSON object.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        # The line alone, or a frame and where its records start.
        _held: bytes | tuple[bytes, bytes]
        _number: int
        _exact: bool
        _value: dict[str, Any] | None

    @property
    def raw(self) -> bytes:
        """The record's line of JSON, byte for byte, without the newline."""
        held = self._held
        if isinstance(held, bytes):
            return held
        # One assignment, so that two threads may touch it at once.
        self._held = alone = _cut(*held, self._number)
        return alone

    def as_dict(self) -> dict[str, Any]:
        """The parsed record. It is the one that is kept: copy it before you change it."""
        value = self._value
        if value is None:
            self._value = value = _parsed(self.raw, self._exact)
        return value

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
        return _restored, (self.raw, self._exact)


@cache
def _record_class() -> Callable[[Any, int, bool], LazyRecord]:
    """The class of all lazy records.

    A struct of msgspec's is made in a third of the time that an __init__ of ours takes, and that is the whole price of
    a record which nobody touches.
    """
    import msgspec

    class Meta(type(msgspec.Struct), ABCMeta):  # type: ignore[misc]
        pass

    # No gc: nothing that a record holds leads back to it. Arguments are needed on purpose: torch copies a Mapping by
    # calling its class with a dict, and makes a plain dict where that raises TypeError.
    class Record(LazyRecord, msgspec.Struct, metaclass=Meta, eq=False, gc=False):
        _held: Any
        _number: int
        _exact: bool
        _value: Any = None

    return Record


def _cut(frame: bytes, starts: bytes, number: int) -> bytes:
    """The line of a record of a frame, without the newline."""
    place = number * OFFSET_BYTES
    if place + OFFSET_BYTES < len(starts):
        start, end = TWO_OFFSETS.unpack_from(starts, place)
        return frame[start:end].rstrip(b"\n")
    return frame[FOUR.unpack_from(starts, place)[0] :].rstrip(b"\n")


def _restored(raw: bytes, exact: bool) -> LazyRecord:
    return next(lazy_lines((raw,), exact))


def _parsed(raw: bytes, exact: bool) -> dict[str, Any]:
    try:
        value = exact_decoder()(raw) if exact else fast_decoder()(raw)
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
