"""The record batches of a token file as arrays: hashed when they are written, checked when they are read."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from src.export.packing.tokens.arrow_file.arrow_layout import ArrowLayout, Field
from src.export.packing.tokens.arrow_file.flat_tables import LayoutError
from src.export.packing.tokens.token_metadata import BATCH_CHECKSUM_KEY

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_NODES, _BUFFERS = 5, 10
_HEAD = struct.Struct("<qq")


@dataclass(frozen=True, slots=True)
class TokenArrays:
    """The records of a batch: record i has `input_ids[offsets[i]:offsets[i + 1]]`, and its mask in the same place.

    `lines` are the lines of the source they come from; `loss_mask` is 1 where a token counts in the loss. `bounds` are
    the offsets as Python's own numbers, which slice four times as fast.
    """

    lines: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int32]
    input_ids: npt.NDArray[np.unsignedinteger]
    loss_mask: npt.NDArray[np.uint8]
    bounds: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", self.offsets.tolist())


def columns(bytes_per_id: int) -> tuple[Field, ...]:
    """The columns of a token file."""
    ids = f"list<uint{8 * bytes_per_id}>"
    return Field("input_ids", ids), Field("loss_mask", "list<uint8>"), Field("line", "int64")


def batch_checksum(number: int, arrays: TokenArrays) -> str:
    """xxh3-64 of a batch's buffers, in hexadecimal, and of its place, so that batches cannot change places."""
    from xxhash import xxh3_64

    total = xxh3_64(_HEAD.pack(len(arrays.lines), len(arrays.input_ids)), seed=number)
    for array in (arrays.offsets, arrays.input_ids, arrays.loss_mask, arrays.lines):
        total.update(array.data if len(array) else b"")
    return str(total.hexdigest())


def read_batch(content: memoryview, layout: ArrowLayout, number: int, records: int, bytes_per_id: int) -> TokenArrays:
    """A batch as views of the file, its checksum and structure verified. Raises LayoutError."""
    import numpy as np

    batch = layout.batch(number)
    if batch.rows != records or len(batch.nodes) != _NODES or len(batch.buffers) != _BUFFERS:
        raise LayoutError("it does not have the records and columns that the metadata names")
    tokens = batch.nodes[1][0]
    if batch.nodes != [(records, 0), (tokens, 0), (records, 0), (tokens, 0), (records, 0)] or tokens < 0:
        raise LayoutError("its columns do not have the same lengths, or hold nulls")

    def view(place: int, kind: str, count: int) -> npt.NDArray[Any]:
        start, length = batch.buffers[place]
        if length != count * np.dtype(kind).itemsize:
            raise LayoutError("a buffer does not have the length of its column")
        return np.frombuffer(content[start : start + length], kind)

    # Each column: where its nulls are (nowhere), then offsets; a list's items likewise.
    offsets, mask_offsets = view(1, "<i4", records + 1), view(5, "<i4", records + 1)
    arrays = TokenArrays(
        view(9, "<i8", records),
        offsets,
        view(3, f"<u{bytes_per_id}", tokens),
        view(7, "u1", tokens),
    )
    stored = batch.metadata.get(BATCH_CHECKSUM_KEY.encode(), b"").decode("ascii", "replace")
    if stored != batch_checksum(number, arrays) or not np.array_equal(offsets, mask_offsets):
        raise LayoutError("its checksum differs")
    if offsets[0] != 0 or offsets[-1] != tokens or (offsets[1:] < offsets[:-1]).any():
        raise LayoutError("its records do not follow each other")
    return arrays
