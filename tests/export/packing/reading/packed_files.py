"""Real packed files for the tests of their readers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from src.export.packing.dataset_packer import DatasetPacker

CODECS = ("none", "lz4", "zstd")


def pack_lines(
    folder: Path, lines: Iterable[str], compression: str = "lz4", name: str = "packed", **choices: Any
) -> Path:
    """A packed dataset of these lines of JSON."""
    source = folder / f"{name}.source.jsonl"
    source.write_bytes("".join(line + "\n" for line in lines).encode())
    return DatasetPacker().pack(source, folder / name, compression, **choices).path


def numbered(folder: Path, records: int, compression: str = "lz4", **choices: Any) -> Path:
    """A packed dataset of the records {"n": 0}, {"n": 1}, ..."""
    return pack_lines(folder, (json.dumps({"n": number}) for number in range(records)), compression, **choices)


def uneven(folder: Path) -> Path:
    """An uncompressed packed dataset of 64 records whose frames differ in length: one record is longer than a frame."""
    lines = (json.dumps({"n": number, "text": "x" * (1 << 20) if number == 20 else ""}) for number in range(64))
    return pack_lines(folder, lines, "none", frame_records=16)


def numbers(records: Iterable[Any]) -> list[int]:
    return [record["n"] for record in records]


def awkward_lines() -> list[str]:
    """Lines that a fast decoder gets wrong or refuses, first, last and side by side, among lines that are plain."""
    odd = [
        f'{{"n": {2**70}}}',
        '{"lone": "\\ud800", "pair": "\\ud83d\\ude00"}',
        '{"lone": "\\udc00"}',
        '{"n": -18446744073709551617, "lone": "\\ud800"}',
        '{"floats": [1.0, 1, -0.0, 1e400, 1e-7, 0.1], "": null, "k\\u0000": {"a": [[], {}]}}',
        '{"spaced" :   [ 1 ,2 ] , "umlaut":"\u00e4\u6f22\U0001f600", "digits": "12345678901234567890"}',
        '{"same": 1, "same": 2}',
        "{}",
    ]
    plain = [json.dumps({"n": number, "text": "x" * (number % 7)}) for number in range(60)]
    return [odd[1], *plain[:5], *odd, *plain[5:40], odd[0], *plain[40:], odd[3], odd[2]]
