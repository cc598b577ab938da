"""Numbers that stand for samples: by them exact duplicates are found without holding a text."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, NamedTuple

from src.dataset.duplicates.sides import Side, normalised
from src.dataset.spools.spool import Spool
from src.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]


# Of each kind of number, and bytes of ids, so many are held.
_IN_MEMORY, _IDS_IN_MEMORY = 1 << 16, 1 << 20


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
    """Of each sample its id, keys of its text and the length of its answer: 40 bytes and the id's in temporary files.

    Raises UsageError when the disk is full.
    """

    def __init__(self) -> None:
        self._ids: IO[bytes] = tempfile.SpooledTemporaryFile(_IDS_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._ids.close)
        self._id_ends, self._lengths = Spool(_IN_MEMORY), Spool(_IN_MEMORY)
        self._texts, self._bytes, self._others = Spool(_IN_MEMORY), Spool(_IN_MEMORY), Spool(_IN_MEMORY)
        self._empty = bytearray()
        self._last_end = 0

    def __len__(self) -> int:
        return len(self._empty)

    def add(self, sides: Sequence[Side]) -> None:
        self.take(keys_of(sides))

    def take(self, keys: KeyBytes) -> None:
        """Add what keys_of() made of some sides, maybe in another process."""
        import numpy as np

        ends = np.array(keys.id_ends, np.uint64) + np.uint64(self._last_end)
        self._write_ids(keys.ids)
        self._id_ends.add(ends)
        self._lengths.add(np.array(keys.lengths, np.uint64))
        for spool, contents in ((self._texts, keys.texts), (self._bytes, keys.raw), (self._others, keys.others)):
            spool.add(np.frombuffer(contents, np.uint64))
        self._empty += keys.empty

    def id_of(self, number: int) -> str:
        start = int(self._id_ends.read(number - 1, number)[0]) if number else 0
        return self._id_bytes(start, int(self._id_ends.read(number, number + 1)[0])).decode("utf-8", "surrogatepass")

    @property
    def bytes_keys(self) -> Codes:
        """The same for texts that are the same byte by byte."""
        return _all(self._bytes)

    @property
    def other_keys(self) -> Codes:
        """The same for samples whose other side is an exact duplicate."""
        return _all(self._others)

    @property
    def answer_lengths(self) -> Numbers:
        import numpy as np

        return _all(self._lengths).astype(np.int64)

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Which samples have nothing to compare."""
        import numpy as np

        return np.frombuffer(bytes(self._empty), np.uint8).astype(bool)

    def firsts(self) -> Numbers:
        """For each sample the first with the same normalised text; empty ones have no duplicate."""
        import numpy as np

        high, low = _all(self._texts).reshape(-1, 2).T
        order = np.lexsort((low, high))
        high, low = high[order], low[order]
        new = np.append(True, (high[1:] != high[:-1]) | (low[1:] != low[:-1]))[: len(order)]
        firsts = np.empty(len(order), np.int64)
        firsts[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1] if len(order) else order
        return np.where(self.empty, np.arange(len(order)), firsts)

    def _id_bytes(self, start: int, end: int) -> bytes:
        self._ids.seek(start)
        return self._ids.read(end - start)

    def _write_ids(self, ids: bytes) -> None:
        try:
            self._ids.seek(self._last_end)
            self._ids.write(ids)
        except OSError as error:
            raise UsageError(
                f"the ids of so many samples need a temporary file in {tempfile.gettempdir()}: {error.strerror}. "
                "Free some space, or set TMPDIR to another folder."
            ) from error
        self._last_end += len(ids)


def keys_of(sides: Sequence[Side]) -> KeyBytes:
    """The numbers of some sides."""
    from xxhash import xxh3_64_digest, xxh3_128_digest

    ids, ends, lengths = bytearray(), list[int](), list[int]()
    texts, raw, others, empty = bytearray(), bytearray(), bytearray(), bytearray()
    for side in sides:
        ids += side.sample_id.encode("utf-8", "surrogatepass")
        ends.append(len(ids))
        plain = normalised(side.text)
        texts += xxh3_128_digest(plain.encode("utf-8", "surrogatepass"))
        raw += xxh3_64_digest(side.text.encode("utf-8", "surrogatepass"))
        if side.other:
            others += xxh3_64_digest(normalised(side.other).encode("utf-8", "surrogatepass"))
        else:
            others += bytes(8)
        lengths.append(side.answer_length)
        empty.append(not plain.strip("\0 "))
    return KeyBytes(bytes(ids), ends, bytes(texts), bytes(raw), bytes(others), lengths, bytes(empty))


def _all(spool: Spool) -> Codes:
    return spool.read(0, len(spool))
