"""A packed dataset by index, as torch's map-style datasets are, and from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from operator import index as as_integer
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, overload

from src.errors import UsageError
from src.export.packing.reading.lazy_record import LazyRecord, lazy_lines, lazy_records
from src.export.packing.reading.pack import open_pack

Made = TypeVar("Made")


class PackedDataset:
    """The records of a packed dataset: `len`, `[i]`, slices, iteration, batches.

    Records are dicts, or with `lazy` LazyRecords; `transform` is given each and its result takes the record's place.
    Opens in constant time. torch is not needed; in its DataLoader a PackedDataset is a map-style dataset, with any
    number of workers. May be pickled (the path travels, the copy opens it again, and so must `transform`), used by
    several threads and after a fork. Raises PackError for whatever is damaged, when it is touched.
    """

    def __init__(self, path: Path | str, *, lazy: bool = False, transform: Callable[[Any], Any] | None = None) -> None:
        self.pack = open_pack(path)
        self._count = len(self.pack)
        self.lazy = lazy
        self.transform = transform

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    @overload
    def __getitem__(self, place: int) -> Any: ...
    def __getitem__(self, place: int | slice) -> Any:
        """One record, or the records of a slice as a list. Negative places count from the end."""
        if isinstance(place, slice):
            return self.__getitems__(range(len(self))[place])
        record = self._record(self._checked(place))
        return record if self.transform is None else self.transform(record)

    def __getitems__(self, places: Iterable[int]) -> list[Any]:
        """The records at these places, in this order. Each frame is unpacked once; torch fetches its batches so."""
        wanted = [self._checked(place) for place in places]
        records: list[Any] = [None] * len(wanted)
        # The pack keeps the frames it unpacked last, so neighbours come at the price of one frame.
        for order in sorted(range(len(wanted)), key=wanted.__getitem__):
            records[order] = self._record(wanted[order])
        return records if self.transform is None else list(map(self.transform, records))

    def __iter__(self) -> Iterator[Any]:
        return self._records(self.lazy)

    def batches(self, size: int, *, lazy: bool | None = None, drop_last: bool = False) -> Iterator[list[Any]]:
        """Lists of `size` consecutive records, the last one shorter unless `drop_last` leaves it out.

        `lazy` is that of the dataset unless it is given. Raises UsageError for a size below 1.
        """
        if size < 1:
            raise UsageError(f"A batch cannot have {size} records; give 1 or more.")
        return _batches(self._records(self.lazy if lazy is None else lazy), size, drop_last)

    def check(self) -> None:
        """Read every frame and verify its checksums. Raises PackError for the first that is damaged."""
        for file in self.pack.shards:
            for frame in range(file.frames):
                file.raw(frame)

    def close(self) -> None:
        self.pack.close()

    def __enter__(self) -> PackedDataset:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _records(self, lazy: bool) -> Iterator[Any]:
        # Without a generator of our own: one would cost every record a step through Python. Frames are not made lists
        # of dicts: so many containers at once would set off the garbage collector again and again.
        frames = self._lazy_frames() if lazy else map(self.pack.values, range(self.pack.frames))
        records = chain.from_iterable(frames)
        return records if self.transform is None else map(self.transform, records)

    def _lazy_frames(self) -> Iterator[Iterator[LazyRecord]]:
        for file in self.pack.shards:
            for frame in range(file.frames):
                yield lazy_records(file, frame)

    def _record(self, place: int) -> Any:
        if self.lazy:
            return next(lazy_lines((self.pack.line(place),), self.pack.is_exact(self.pack.frame_of(place))))
        return self.pack.value(place)

    def _checked(self, place: int) -> int:
        """A place counted from the start. Raises IndexError, which a loop over indexes ends by."""
        wanted, count = as_integer(place), self._count
        if 0 <= wanted < count:
            return wanted
        if not -count <= wanted < 0:
            raise IndexError(f"{self.pack.path}: there is no record {wanted}; it has {count:,} records.")
        return wanted + count


def _batches(records: Iterator[Made], size: int, drop_last: bool) -> Iterator[list[Made]]:
    while batch := list(islice(records, size)):
        if len(batch) == size or not drop_last:
            yield batch
