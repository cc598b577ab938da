"""The numbers that stand for a batch of texts: made here or in another process, they are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from src.dataset.duplicates.near.shingles import Shingles, shingle_texts
from src.dataset.duplicates.sample_keys import KeyBytes, keys_of
from src.dataset.duplicates.sides import Samples, Side


@dataclass(frozen=True, slots=True)
class Coded:
    """The keys of a batch and its shingles, None where near-duplicates are not looked for."""

    keys: KeyBytes
    shingles: Shingles | None

    def to_bytes(self) -> bytes:
        from msgspec.msgpack import encode

        made = self.shingles
        parts = [made.values, made.counts.astype("<i8"), made.numbers] if made is not None else []
        return encode((self.keys, [part.astype(part.dtype.newbyteorder("<")).tobytes() for part in parts]))

    @classmethod
    def from_bytes(cls, content: bytes) -> Coded:
        import numpy as np
        from msgspec.msgpack import decode

        keys, parts = decode(content, type=tuple[KeyBytes, list[bytes]])
        if not parts:
            return cls(keys, None)
        kinds = ("<u8", "<i8", "<u8")
        return cls(keys, Shingles(*(np.frombuffer(part, kind) for part, kind in zip(parts, kinds, strict=True))))


# Gives the numbers of all samples, a batch at a time and in order.
Code = Callable[[Samples], Iterator[Coded]]


def code_sides(sides: Sequence[Side], *, near: bool) -> Coded:
    """The numbers of a batch as in_batches() makes them."""
    return Coded(keys_of(sides), shingle_texts([side.text for side in sides]) if near else None)
