"""Numbers that stand for samples: by them exact duplicates are found without holding a text."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from src.dataset.duplicates.sides import Side, normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]


class KeyBytes(NamedTuple):
    """SampleKeys on their way between processes; 64-bit numbers as bytes, the lowest first."""

    ids: bytes
    id_ends: list[int]
    texts: bytes
    raw: bytes
    others: bytes
    lengths: list[int]
    empty: bytes


class SampleKeys:
    """Of each sample its id, keys of its text and the length of its answer: 44 bytes and the id's characters."""

    def __init__(self) -> None:
        self._ids = bytearray()
        self._id_ends = array("q")
        self._texts = bytearray()
        self._bytes = bytearray()
        self._others = bytearray()
        self._lengths = array("q")
        self._empty = bytearray()

    def __len__(self) -> int:
        return len(self._id_ends)

    def add(self, sides: Sequence[Side]) -> None:
        from xxhash import xxh3_64_digest, xxh3_128_digest

        for side in sides:
            self._ids += side.sample_id.encode("utf-8", "surrogatepass")
            self._id_ends.append(len(self._ids))
            plain = normalised(side.text)
            self._texts += xxh3_128_digest(plain.encode("utf-8", "surrogatepass"))
            self._bytes += xxh3_64_digest(side.text.encode("utf-8", "surrogatepass"))
            if side.other:
                self._others += xxh3_64_digest(normalised(side.other).encode("utf-8", "surrogatepass"))
            else:
                self._others += bytes(8)
            self._lengths.append(side.answer_length)
            self._empty.append(not plain.strip("\0 "))

    def to_bytes(self) -> KeyBytes:
        contents = bytes(self._texts), bytes(self._bytes), bytes(self._others)
        return KeyBytes(bytes(self._ids), self._id_ends.tolist(), *contents, self._lengths.tolist(), bytes(self._empty))

    def take(self, keys: KeyBytes) -> None:
        """Add what another process made of some sides."""
        before = len(self._ids)
        self._ids += keys.ids
        self._id_ends.extend([before + end for end in keys.id_ends])
        self._texts += keys.texts
        self._bytes += keys.raw
        self._others += keys.others
        self._lengths.extend(keys.lengths)
        self._empty += keys.empty

    def id_of(self, number: int) -> str:
        start = self._id_ends[number - 1] if number else 0
        return self._ids[start : self._id_ends[number]].decode("utf-8", "surrogatepass")

    @property
    def bytes_keys(self) -> Codes:
        """The same for texts that are the same byte by byte."""
        import numpy as np

        return np.frombuffer(bytes(self._bytes), np.uint64)

    @property
    def other_keys(self) -> Codes:
        """The same for samples whose other side is an exact duplicate."""
        import numpy as np

        return np.frombuffer(bytes(self._others), np.uint64)

    @property
    def answer_lengths(self) -> Numbers:
        import numpy as np

        return np.array(self._lengths, np.int64)

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Which samples have nothing to compare."""
        import numpy as np

        return np.frombuffer(bytes(self._empty), np.uint8).astype(bool)

    def firsts(self) -> Numbers:
        """For each sample the first with the same normalised text; empty ones have no duplicate."""
        import numpy as np

        high, low = np.frombuffer(bytes(self._texts), np.uint64).reshape(-1, 2).T
        order = np.lexsort((low, high))
        high, low = high[order], low[order]
        new = np.append(True, (high[1:] != high[:-1]) | (low[1:] != low[:-1]))[: len(order)]
        firsts = np.empty(len(order), np.int64)
        firsts[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1] if len(order) else order
        return np.where(self.empty, np.arange(len(order)), firsts)
