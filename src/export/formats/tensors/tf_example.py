"""tf.train.Example, written and read without TensorFlow.

Wire format: tensorflow/core/example/example.proto and feature.proto, protobuf.dev "Encoding", read 2026-11-21. Keys are
written in order and numbers packed, so that the same sample gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

Values = Sequence[bytes] | Sequence[int]
_BYTES, _INTS = 1, 3  # fields of a Feature
_LENGTH_DELIMITED = 2
_DELIMITED = 1 << 3 | _LENGTH_DELIMITED  # the tag of field 1
_REMEMBERED = 1_000  # bytes
_SHORT = [bytes([n]) if n < 128 else bytes([n & 127 | 128, n >> 7]) for n in range(16_384)]


def write_example(features: Mapping[str, Values | bytes], integers: Collection[str] = ()) -> bytes:
    """The Example that holds these features, each a list of bytes or of integers; bytes alone are a list of one.

    `integers` names features that hold integers even when they are empty: readers want to know of what a list is.
    """
    pieces: list[bytes] = []
    for key in sorted(features):
        value = features[key]
        if type(value) is bytes:
            pieces += (_before(key, len(value)), value)
        else:
            feature = _integers(value) if key in integers else _feature(value)
            pieces.append(_field(1, _field(1, key.encode()) + _field(2, feature)))
    return _field(1, b"".join(pieces))


def read_example(content: bytes) -> dict[str, Values]:
    """The features of an Example. Raises ValueError for what is none; features of floats are not known here."""
    found: dict[str, Values] = {}
    for _, features in _fields(content):
        for _, entry in _fields(features):
            parts = dict(_fields(entry))
            found[parts[1].decode()] = _values(parts.get(2, b""))
    return found


def _before(key: str, length: int) -> bytes:
    """All of an entry that stands before its one value of that length."""
    return _short_before(key, length) if length <= _REMEMBERED else _make_before(key, length)


def _make_before(key: str, length: int) -> bytes:
    one = _SHORT[_DELIMITED] + _varint(length)
    several = _SHORT[_DELIMITED] + _varint(len(one) + length)
    feature = _SHORT[2 << 3 | _LENGTH_DELIMITED] + _varint(len(several) + len(one) + length)
    name = _field(1, key.encode())
    entry = _SHORT[_DELIMITED] + _varint(len(name) + len(feature) + len(several) + len(one) + length)
    return entry + name + feature + several + one


_short_before = lru_cache(maxsize=20_000)(_make_before)


def _feature(values: Values) -> bytes:
    if values and isinstance(values[0], int):
        return _integers(values)
    return _field(_BYTES, b"".join([_field(1, value) for value in values if isinstance(value, bytes)]))


def _integers(values: Values) -> bytes:
    packed = b"".join([_varint(value) for value in values if isinstance(value, int)])
    return _field(_INTS, _field(1, packed) if packed else b"")


def _field(number: int, content: bytes) -> bytes:
    return b"".join((_SHORT[number << 3 | _LENGTH_DELIMITED], _varint(len(content)), content))


def _varint(number: int) -> bytes:
    if 0 <= number < len(_SHORT):
        return _SHORT[number]
    number &= (1 << 64) - 1
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    written.append(number)
    return bytes(written)


def _values(feature: bytes) -> Values:
    for number, content in _fields(feature):
        if number == _BYTES:
            return [value for _, value in _fields(content)]
        if number == _INTS:
            return [value for _, packed in _fields(content) for value in _ints(packed)]
        raise ValueError("a feature holds neither bytes nor integers")
    return []


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message: their numbers and contents."""
    place = 0
    while place < len(content):
        tag, place = _read_varint(content, place)
        if tag & 7 != _LENGTH_DELIMITED:
            raise ValueError(f"wire type {tag & 7} is not used in an Example")
        length, place = _read_varint(content, place)
        if place + length > len(content):
            raise ValueError("a field is longer than what holds it")
        yield tag >> 3, content[place : place + length]
        place += length


def _ints(packed: bytes) -> Iterator[int]:
    place = 0
    while place < len(packed):
        number, place = _read_varint(packed, place)
        yield number - (1 << 64) if number >> 63 else number


def _read_varint(content: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while place < len(content) and shift < 70:
        byte = content[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return number, place
    raise ValueError("a number does not end")
