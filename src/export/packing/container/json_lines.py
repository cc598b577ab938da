"""Lines of JSON: which are records, and what a record's values are, exactly as the standard library reads them.

Three decoders, the fastest that is right: orjson turns integers beyond 64 bits into floats and refuses lone surrogates;
msgspec keeps such integers and refuses lone surrogates; the standard library takes both (measured 2026-11-21, orjson
3.13, msgspec 0.22, Python 3.11).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from src.export.packing.container.layout import MAX_RECORD_BYTES

Decode = Callable[[bytes], Any]
# Fewer digits always fit 64 bits.
_LONG_NUMBER = b"9" * 19
_ALL_NINES = bytes(57 if 48 <= byte <= 57 else 0 for byte in range(256))
# A text of a MiB that is not ASCII would be decoded to several, which the system has to find pages for.
_TOGETHER = 64
# int() refuses more digits unless told otherwise (Python 3.11, sys.int_info.default_max_str_digits).
_MOST_DIGITS = 4300


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
    # Every sixth byte is looked at first: 19 digits cover at least three of those, side by side.
    sampled = lines[::6].translate(_ALL_NINES)
    found = sampled.find(b"999")
    while found >= 0:
        around = lines[max(6 * found - 18, 0) : 6 * found + 31]
        if _LONG_NUMBER in around.translate(_ALL_NINES):
            return True
        found = sampled.find(b"999", found + 1)
    return False


@cache
def _skim() -> Decode:
    """Reads an object of any keys and keeps none of them; ValueError for all else."""
    import msgspec

    return msgspec.json.Decoder(msgspec.defstruct("Skimmed", [], gc=False)).decode


def faults_in(lines: Sequence[bytes]) -> list[tuple[int, str]]:
    """The places of lines that are no records, with the reasons. Lines may have their newlines."""
    faults: list[tuple[int, str]] = []
    for start in range(0, len(lines), _TOGETHER):
        some = lines[start : start + _TOGETHER]
        if look_well(b"\n".join(some), some, max(map(len, some))):
            continue
        for place, line in enumerate(some, start):
            fault = fault_of(line.removesuffix(b"\n"))
            if fault is not None:
                faults.append((place, fault))
    return faults


def look_well(together: bytes, lines: Sequence[bytes], longest: int) -> bool:
    """Whether a quick look finds that all lines are records. True is right; False may not be.

    `together` are the lines with newlines between them, `longest` is the length of the longest.
    """
    try:
        if not together.isascii():
            together.decode("utf-8")
        deque(map(_skim(), lines), 0)
    except (ValueError, RecursionError):
        return False
    return longest <= _MOST_DIGITS or not has_long_numbers(together)


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
