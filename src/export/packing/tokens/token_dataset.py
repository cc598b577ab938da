"""Read a token file: examples and batches as views of the file, and batches padded for a trainer."""

from __future__ import annotations

import mmap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat
from operator import index as as_index
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex

from src.errors import PackError, UsageError
from src.export.packing.tokens.arrow_file.arrow_layout import ArrowLayout
from src.export.packing.tokens.arrow_file.flat_tables import LayoutError
from src.export.packing.tokens.arrow_file.token_batches import TokenArrays, columns, read_batch
from src.export.packing.tokens.batching import Memory, gathered, padded_batches, shuffled_order
from src.export.packing.tokens.token_metadata import read_metadata

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Shuffled batches are put together so many at a time.
_GATHERED_BATCHES = 8


class TokenExample(NamedTuple):
    """One record: its token ids and, as long, 1 for each token that counts in the loss. Read-only views."""

    input_ids: npt.NDArray[np.unsignedinteger]
    loss_mask: npt.NDArray[np.uint8]


class TokenBatch(Sequence[TokenExample]):
    """Records that follow each other in memory: each on its own, and all of them as one array."""

    __slots__ = ("_arrays", "_first", "_last", "_tokens")

    def __init__(self, arrays: TokenArrays, first: int, last: int) -> None:
        self._arrays, self._first, self._last = arrays, first, last
        self._tokens = slice(arrays.bounds[first], arrays.bounds[last])

    def __len__(self) -> int:
        return self._last - self._first

    def __getitem__(self, index: SupportsIndex) -> TokenExample:  # type: ignore[override]
        return _example(self._arrays, self._first + _checked(index, len(self)))

    @property
    def input_ids(self) -> npt.NDArray[np.unsignedinteger]:
        """The ids of all records, one after the other."""
        return self._arrays.input_ids[self._tokens]

    @property
    def loss_mask(self) -> npt.NDArray[np.uint8]:
        """The masks of all records, one after the other."""
        return self._arrays.loss_mask[self._tokens]

    @property
    def offsets(self) -> npt.NDArray[np.int32]:
        """Where each record begins in these, and where the last one ends: the cu_seqlens of attention kernels."""
        offsets: npt.NDArray[np.int32] = self._arrays.offsets[self._first : self._last + 1]
        relative: npt.NDArray[np.int32] = offsets - offsets[0]
        return relative


class TokenDataset(Sequence[TokenExample]):
    """A token file as a map-style dataset: len(), [i], several at once, batches.

    Opening reads the file's ends alone. A record batch is verified, checksum and structure, when it is first touched.
    Can be pickled (the file is opened again), forked and used from several threads; torch's DataLoader takes it with
    `collate_fn=dataset.collate`. Raises PackError for a file that is damaged, cut off or no token file, when it is
    opened or when the damage is come upon.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            self._content = _mapped(self.path)
            self._layout = ArrowLayout(self._content)
            self.metadata = read_metadata(self._layout.schema.metadata, self._layout.batches)
            if self._layout.schema.fields != columns(self.metadata.bytes_per_id):
                raise LayoutError("its columns are not those of a token file")
        except LayoutError as error:
            raise PackError(f"{self.path.name}: {error}.") from error
        except PackError as error:
            raise PackError(f"{self.path.name}: {error}.") from error
        except OSError as error:
            raise PackError(f"{self.path}: cannot be read: {error.strerror or error}.") from error
        self._counts = self.metadata.batch_records()
        self._ends = list(accumulate(self._counts))
        self._parts: dict[int, TokenArrays] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self.path, self.metadata)

    def __len__(self) -> int:
        return self.metadata.records

    def __getitem__(self, index: SupportsIndex) -> TokenExample:  # type: ignore[override]
        arrays, row = self._located(_checked(index, len(self)))
        return _example(arrays, row)

    def __getitems__(self, indices: Sequence[SupportsIndex]) -> list[TokenExample]:
        """Several records at once."""
        return [self[index] for index in indices]

    def __iter__(self) -> Iterator[TokenExample]:
        for number in range(len(self._counts)):
            arrays = self.record_batch(number)
            for row in range(len(arrays.lines)):
                yield _example(arrays, row)

    def line(self, index: SupportsIndex) -> int:
        """The line of the source that a record was made from, from 1."""
        arrays, row = self._located(_checked(index, len(self)))
        return int(arrays.lines[row])

    def record_batch(self, number: int) -> TokenArrays:
        """All records of a record batch of the file. Raises PackError."""
        arrays = self._parts.get(number)
        if arrays is None:
            try:
                arrays = read_batch(
                    self._content, self._layout, number, self._counts[number], self.metadata.bytes_per_id
                )
            except LayoutError as error:
                last = self._ends[number]
                place = f"record batch {number} (records {last - self._counts[number]} to {last - 1})"
                raise PackError(f"{self.path.name}: {place} is damaged: {error}.") from error
            self._parts[number] = arrays
        return arrays

    @property
    def record_batches(self) -> int:
        return len(self._counts)

    def batches(self, size: int, seed: int | None = None, epoch: int = 0) -> Iterator[TokenBatch]:
        """All records, `size` at a time, the last batch perhaps smaller; with a seed in an order of that epoch's own.

        In the file's order they are views of the file, but for a few that cross record batches; in another order each
        is put together.
        """
        _check_size(size)
        for arrays, first, last in self._stretches(size, seed, epoch):
            whole = last - (last - first) % size
            yield from map(TokenBatch, repeat(arrays), range(first, whole, size), range(first + size, whole + 1, size))
            if whole < last:
                yield TokenBatch(arrays, whole, last)

    def padded_batches(
        self,
        size: int,
        pad_id: int | None = None,
        max_length: int | None = None,
        seed: int | None = None,
        epoch: int = 0,
    ) -> Iterator[dict[str, npt.NDArray[np.int64]]]:
        """The same as {"input_ids", "attention_mask", "labels"}, each int64 of (records, longest of them).

        Records are filled up on the right: with `pad_id` (None: the tokenizer's own), 0 and -100. Labels are -100, too,
        where a token does not count in the loss; they stand at their tokens, as transformers expects them. Records
        longer than `max_length` lose their ends.
        """
        _check_size(size, max_length)
        pad = self.metadata.pad_id if pad_id is None else pad_id
        memory = Memory()
        for arrays, first, last in self._stretches(size, seed, epoch):
            yield from padded_batches(arrays, first, last, size, pad, max_length, memory)

    def collate(self, examples: Sequence[TokenExample]) -> dict[str, npt.NDArray[np.int64]]:
        """These records as one padded batch."""
        count = len(examples)
        return next(padded_batches(gathered(examples), 0, count, count, self.metadata.pad_id, None, Memory()))

    def _stretches(self, size: int, seed: int | None, epoch: int) -> Iterator[tuple[TokenArrays, int, int]]:
        """Records in order as (arrays, first, last), all but the last a multiple of `size`."""
        return self._in_order(size) if seed is None else self._shuffled(size, seed, epoch)

    def _in_order(self, size: int) -> Iterator[tuple[TokenArrays, int, int]]:
        waiting: list[TokenExample] = []
        for number in range(len(self._counts)):
            arrays, first = self.record_batch(number), 0
            last = len(arrays.lines)
            if waiting:
                first = min(size - len(waiting), last)
                waiting += [_example(arrays, row) for row in range(first)]
                if len(waiting) < size:
                    continue
                yield gathered(waiting), 0, size
                waiting = []
            whole = first + (last - first) // size * size
            if whole > first:
                yield arrays, first, whole
            waiting = [_example(arrays, row) for row in range(whole, last)]
        if waiting:
            yield gathered(waiting), 0, len(waiting)

    def _shuffled(self, size: int, seed: int, epoch: int) -> Iterator[tuple[TokenArrays, int, int]]:
        order = shuffled_order(len(self), seed, epoch)
        for start in range(0, len(order), _GATHERED_BATCHES * size):
            examples = self.__getitems__(order[start : start + _GATHERED_BATCHES * size].tolist())
            yield gathered(examples), 0, len(examples)

    def _located(self, index: int) -> tuple[TokenArrays, int]:
        number = bisect_right(self._ends, index)
        return self.record_batch(number), index - self._ends[number] + self._counts[number]


def _example(arrays: TokenArrays, row: int) -> TokenExample:
    start, end = arrays.bounds[row], arrays.bounds[row + 1]
    return TokenExample(arrays.input_ids[start:end], arrays.loss_mask[start:end])


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as stream:
        try:
            return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError as error:
            raise LayoutError("it is empty") from error


def _reopened(path: Path, metadata: object) -> TokenDataset:
    dataset = TokenDataset(path)
    if dataset.metadata != metadata:
        raise PackError(f"{path.name}: it is not the file any more that was opened at first.")
    return dataset


def _checked(index: SupportsIndex, length: int) -> int:
    place = as_index(index)
    if not -length <= place < length:
        raise IndexError(f"record {place} of {length}")
    return place + length if place < 0 else place


def _check_size(size: int, max_length: int | None = None) -> None:
    if size < 1 or (max_length is not None and max_length < 1):
        raise UsageError("a batch has at least one record, and a record at least one token.")
