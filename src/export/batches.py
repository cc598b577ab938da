"""Samples on their way into files: batches of rows as the database keeps them."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol, TypedDict, TypeVar, cast, runtime_checkable

from src.errors import PersistenceError
from src.persistence.models import SampleColumns, SampleRow, columns_of_rows, sample_to_row
from src.records import Sample, Split

BATCH_ROWS = 500
_COLLECT_EVERY = 20_000
Made = TypeVar("Made")


class _StoredMessage(TypedDict):
    role: str
    content: str


@runtime_checkable
class StoredRows(Protocol):
    """Samples that lie in a database and come as rows, in order, without being held in memory together."""

    def row_batches(self, size: int) -> Iterator[Sequence[SampleRow]]: ...


@runtime_checkable
class StoredColumns(Protocol):
    """The same by columns, with JSON as the bytes that the database holds."""

    def column_batches(self, size: int) -> Iterator[SampleColumns]: ...


class Batch:
    """Up to BATCH_ROWS consecutive samples of a dataset. What several formats need of them is worked out once.

    `groups` holds, for each row, the group an organised export puts it in ("" without one).
    """

    def __init__(self, rows: Sequence[SampleRow], groups: Sequence[str] = ()) -> None:
        self.rows = rows
        self.groups = groups or [""] * len(rows)
        self._made: dict[Hashable, Any] = {}

    @classmethod
    def of_columns(cls, columns: SampleColumns) -> Batch:
        """A batch that makes rows only for who asks for them."""
        batch = cls.__new__(cls)
        batch.columns = columns
        batch.groups = [""] * len(columns.id)
        batch._made = {}
        return batch

    def __len__(self) -> int:
        return len(self.groups)

    def once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, made the first time that `what` is asked for."""
        if what not in self._made:
            self._made[what] = make()
        return cast(Made, self._made[what])

    @cached_property
    def rows(self) -> Sequence[SampleRow]:
        """The rows, with JSON as text."""
        return self.columns.rows()

    @cached_property
    def columns(self) -> SampleColumns:
        """The columns, with JSON as bytes. Raises PersistenceError for messages that are no Unicode."""
        try:
            return columns_of_rows(self.rows)
        except UnicodeEncodeError as error:
            raise _broken_text(self.rows) from error

    @cached_property
    def messages(self) -> list[list[dict[str, str]]]:
        """The messages of each row, as {"role", "content"}. Raises PersistenceError for a row that has none."""
        from msgspec import DecodeError
        from msgspec.json import Decoder

        decode = Decoder(list[_StoredMessage]).decode
        messages: list[list[dict[str, str]]] = []
        try:
            for content in self.columns.content:
                messages.append(cast("list[dict[str, str]]", decode(content)))
        except DecodeError as error:
            raise unreadable(self.columns.id[len(messages)], error) from error
        return messages

    @cached_property
    def origins(self) -> list[dict[str, Any]]:
        """The origin of each row: source_file, method, document_id, place, span, turn_spans, chunk_id, ...

        File names and keywords that are no text stand in it readably, as in the row's columns.
        """
        from msgspec import DecodeError
        from msgspec.json import decode

        text = b"[%b]" % b",".join([origin or b"{}" for origin in self.columns.origin])
        try:
            return decode(text, type=list[dict[str, Any]])
        except DecodeError:
            return [_origin_of(row) for row in self.rows]

    @cached_property
    def splits(self) -> list[Split]:
        """The split whose file each row goes to: without a split, everything is for training."""
        return [split or "train" for split in self.columns.split]


def batches_of(samples: Sequence[Sample] | StoredRows, size: int = BATCH_ROWS) -> Iterator[Batch]:
    """The samples in order, `size` at a time. Raises PersistenceError for text that is no Unicode."""
    _spare_collector()
    if isinstance(samples, StoredColumns):
        yield from map(Batch.of_columns, samples.column_batches(size))
        return
    if isinstance(samples, StoredRows):
        yield from map(Batch, samples.row_batches(size))
        return
    for start in range(0, len(samples), size):
        yield Batch([SampleRow(*sample_to_row(sample)) for sample in samples[start : start + size]])


def _spare_collector() -> None:
    """Let the cyclic garbage collector wait for more than a batch or two, for the rest of the program.

    It runs whenever 700 lists and tuples are there more than at its last run, which is twice a batch, and looks at each
    text of it in vain: a batch has no cycles and is freed when it is let go. That took 6 % of a Parquet export's time.
    """
    youngest, *older = gc.get_threshold()
    if 0 < youngest < _COLLECT_EVERY:
        gc.set_threshold(_COLLECT_EVERY, *older)


def unreadable(sample_id: str, error: Exception) -> PersistenceError:
    return PersistenceError(f"sample {sample_id}: its messages cannot be read ({error}).")


def _broken_text(rows: Sequence[SampleRow]) -> PersistenceError:
    for row in rows:
        try:
            row.content.encode()
        except UnicodeEncodeError as error:
            return unreadable(row.id, error)
    raise AssertionError("every row has an encoding")


def _origin_of(row: SampleRow) -> dict[str, Any]:
    try:
        return {key: _readable(value) for key, value in json.loads(row.origin or "{}").items()}
    except (ValueError, AttributeError) as error:
        raise PersistenceError(f"sample {row.id}: its origin cannot be read ({error!r}).") from error


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return [_readable(item) for item in value] if isinstance(value, list) else value
