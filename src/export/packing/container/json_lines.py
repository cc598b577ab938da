"""Lines of JSON: which are records, and what a record's values are, exactly as the standard library reads them.

Three decoders, the fastest that is right: orjson turns integers beyond 64 bits into floats and refuses lone surrogates;
msgspec keeps such integers and refuses lone surrogates; the standard library takes both (measured 2026-11-21, orjson
3.13, msgspec 0.22, Python 3.11).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from src.export.packing.container.layout import MAX_RECORD_BYTES

Decode = Callable[[bytes], Any]
# Fewer digits always fit 64 bits.
_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_DIGITS = bytes(1 if 48 <= byte <= 57 else 0 for byte in range(256))
# int() refuses more digits unless told otherwise (Python 3.11, sys.int_info.default_max_str_digits).
_MOST_DIGITS = 4300
_BRACE = ord("{")


@cache
def fast_decoder() -> Decode:
    """For lines without long runs of digits."""
    try:
        import orjson
    except ImportError:
        return exact_decoder()
    return orjson.loads


@cache
def exact_decoder() -> Decode:
    """For lines whose integers may have any size."""
    import msgspec

    return msgspec.json.Decoder().decode


def decode_strictly(line: bytes) -> Any:
    """What the standard library reads. Raises ValueError when it is not JSON; NaN and Infinity are not."""
    try:
        return exact_decoder()(line)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def has_long_numbers(lines: bytes) -> bool:
    """Whether 19 digits or more stand in a row anywhere."""
    # Every ninth byte is looked at first: 19 digits cover at least two of them side by side.
    return b"\1\1" in lines[::9].translate(_DIGITS) and _LONG_NUMBER.search(lines) is not None


@cache
def _skim() -> Decode:
    import msgspec

    return msgspec.json.Decoder(msgspec.Raw).decode


def faults_in(lines: Sequence[bytes], together: bytes) -> list[tuple[int, str]]:
    """The places of lines that are no records, with the reasons. `together` holds all lines, joined by anything."""
    if not together.isascii() and not _is_utf8(together):
        return _found(range(len(lines)), lines)
    suspects, place = [], -1
    while place < len(lines) - 1:
        place = _next_suspect(lines, place + 1)
        suspects.append(place)
    return _found(suspects, lines)


def _next_suspect(lines: Sequence[bytes], start: int) -> int:
    """The place of the next line that a quick look does not find to be a JSON object; their number when all are.

    The look takes lone surrogates for a fault and numbers of any length for right: `fault_of` has the last word.
    """
    skim, place = _skim(), start
    try:
        for place in range(start, len(lines)):
            line = lines[place]
            skim(line)
            if line[0] != _BRACE or len(line) > _MOST_DIGITS:
                return place
    except (ValueError, RecursionError):
        return place
    return len(lines)


def _found(places: Iterable[int], lines: Sequence[bytes]) -> list[tuple[int, str]]:
    faults = ((place, fault_of(lines[place])) for place in places if place < len(lines))
    return [(place, fault) for place, fault in faults if fault is not None]


def _is_utf8(lines: bytes) -> bool:
    try:
        lines.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def fault_of(line: bytes) -> str | None:
    """Why a line is no record; None when it is one."""
    if len(line) > MAX_RECORD_BYTES:
        return f"is longer than {MAX_RECORD_BYTES >> 20} MiB"
    if not line.strip(b" \t\r"):
        return "is empty"
    if line.startswith(b"\xef\xbb\xbf"):
        return "begins with a byte order mark; save the file as UTF-8 without one"
    try:
        value = decode_strictly(line)
    except UnicodeDecodeError as error:
        return f"is not UTF-8 (byte {error.start + 1})"
    except ValueError as error:
        return f"is not JSON: {error}"
    if not isinstance(value, dict):
        return f"is not a JSON object but {type(value).__name__}"
    return None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
