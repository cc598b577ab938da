"""The samples of a stored dataset as a sequence that is read when it is used, not held in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import TypeVar, overload

from src.errors import PersistenceError
from src.persistence.models import (
    SampleColumns,
    SampleRow,
    StoredDataset,
    columns_of_rows,
    row_to_sample,
    sample_to_row,
)
from src.records import Sample

Item = TypeVar("Item")

BATCH_ROWS = 1000
# The rows of the dataset from one position up to another, in order, in lists of at most so many.
ReadRows = Callable[[StoredDataset, int, int, int], Iterator[list[SampleRow]]]
ReadColumns = Callable[[StoredDataset, int, int, int], Iterator[SampleColumns]]


class StoredSamples(Sequence[Sample]):
    """Samples in their order. They may be gone through several times, also after their store was closed.

    Reading raises PersistenceError when a row is not what was saved, and when the dataset was saved anew or
    removed since. `place` is that of the store; `read_columns` gives them by columns, where a store can.
    """

    def __init__(
        self, stored: StoredDataset, read: ReadRows, place: str = "", read_columns: ReadColumns | None = None
    ) -> None:
        self.place = place
        self._stored = stored
        self._read = read
        self._read_columns = read_columns

    def __len__(self) -> int:
        return self._stored.total_samples

    def __iter__(self) -> Iterator[Sample]:
        for rows in self.row_batches():
            for row in rows:
                yield row_to_sample(row, self._stored.mode)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._between(places, places + 1)[0]
        if not places:
            return []
        first, last = min(places[0], places[-1]), max(places[0], places[-1])
        return self._between(first, last + 1)[:: places.step]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str | bytes) or not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip_longest(self, other))

    __hash__ = None  # type: ignore[assignment]  # like a list

    def row_batches(self, size: int = BATCH_ROWS) -> Iterator[list[SampleRow]]:
        """The rows in order, at most `size` at a time, each checked against its digest."""
        return self._rows(0, len(self), size)

    def column_batches(self, size: int = BATCH_ROWS) -> Iterator[SampleColumns]:
        """The same by columns, with JSON as bytes."""
        if self._read_columns is None:
            yield from map(columns_of_rows, self.row_batches(size))
            return
        found = 0
        for columns in self._read_columns(self._stored, 0, len(self), size):
            found += len(columns.id)
            yield columns
        self._refuse_fewer(found, len(self))

    def _between(self, start: int, stop: int) -> list[Sample]:
        return [row_to_sample(row, self._stored.mode) for rows in self._rows(start, stop, BATCH_ROWS) for row in rows]

    def _rows(self, start: int, stop: int, size: int) -> Iterator[list[SampleRow]]:
        found = 0
        for rows in self._read(self._stored, start, stop, size):
            found += len(rows)
            yield rows
        self._refuse_fewer(found, stop - start)

    def _refuse_fewer(self, found: int, expected: int) -> None:
        if found != expected:
            raise PersistenceError(
                f"dataset '{self._stored.name}' ({self._stored.id}): {expected - found} of its "
                f"{len(self)} samples are not there; it was saved anew or removed while it was read. Start again."
            )


def rows_of(samples: Iterable[Sample]) -> Iterator[SampleRow]:
    """The row of each sample, gone through once; stored ones are taken as they are."""
    if isinstance(samples, StoredSamples):
        for rows in samples.row_batches():
            yield from rows
    else:
        yield from map(sample_to_row, samples)


def in_lists(rows: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The rows in lists of `size`, the last one shorter."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch
