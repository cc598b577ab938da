"""What is noted about the records of a packed dataset: their sizes, and their schema from a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from src.export.packing.container.json_lines import decode_strictly

JSON_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}
# Longer records are counted by the KiB, so that the table stays small whatever comes.
_EXACT_BYTES = 1 << 16
_MOST_KEYS, _LONGEST_KEY = 200, 100


class RecordStatistics:
    """Sizes of all records, and the top-level keys of the first record of each frame."""

    def __init__(self) -> None:
        self._lengths: Counter[int] = Counter()  # newlines included
        self._keys: dict[str, Counter[str]] = {}
        self._sampled = 0
        self._longest = 0

    def add(self, lengths: Sequence[int], first: bytes, ended: bool = True) -> None:
        """Take note of a frame: the bytes of its records with their newlines, which the last has if `ended`."""
        if not ended:
            lengths = [*lengths[:-1], lengths[-1] + 1]
        longest = max(lengths) - 1
        self._longest = max(self._longest, longest)
        if longest >= _EXACT_BYTES:
            lengths = [length if length <= _EXACT_BYTES else (length - 1 >> 10 << 10) + 1 for length in lengths]
        self._lengths.update(lengths)
        self._add_keys(decode_strictly(first))

    def as_dict(self) -> dict[str, Any]:
        """Bytes of a record without its newline (percentiles above 64 KiB to the KiB), and the sampled schema."""
        return {"record_bytes": self._percentiles(), "schema": self._schema()}

    def _add_keys(self, record: dict[str, Any]) -> None:
        self._sampled += 1
        for key, value in record.items():
            key = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}..."
            if key in self._keys or len(self._keys) < _MOST_KEYS:
                self._keys.setdefault(key, Counter())[JSON_TYPES[type(value)]] += 1

    def _schema(self) -> dict[str, Any]:
        return {
            "sampled_records": self._sampled,
            "keys": {key: dict(sorted(types.items())) for key, types in sorted(self._keys.items())},
        }

    def _percentiles(self) -> dict[str, float]:
        count = sum(self._lengths.values())
        if not count:
            return {}
        ordered = sorted((length - 1, times) for length, times in self._lengths.items())
        return {
            "min": ordered[0][0],
            "mean": round(sum(size * times for size, times in ordered) / count, 1),
            **{f"p{share}": _at(ordered, count * share / 100) for share in (50, 95, 99)},
            "max": self._longest,
        }


def _at(ordered: Iterable[tuple[int, int]], rank: float) -> int:
    seen, found = 0, 0
    for size, times in ordered:
        found = size
        seen += times
        if seen >= rank:
            break
    return found
