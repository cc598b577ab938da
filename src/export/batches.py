"""Samples on their way into files: batches of rows as the database keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol, TypedDict, TypeVar, cast, runtime_checkable

from src.errors import PersistenceError
from src.persistence.models import SampleRow, sample_to_row
from src.records import Sample, Split

BATCH_ROWS = 500
Made = TypeVar("Made")


class _StoredMessage(TypedDict):
    role: str
    content: str


@runtime_checkable
class StoredRows(Protocol):
    """Samples that lie in a database and come as rows, in order, without being held in memory together."""

    def row_batches(self, size: int) -> Iterator[Sequence[SampleRow]]: ...


class Batch:
    """Up to BATCH_ROWS consecutive samples of a dataset. What several formats need of them is worked out once.

    `groups` holds, for each row, the group an organised export puts it in ("" without one).
    """

    def __init__(self, rows: Sequence[SampleRow], groups: Sequence[str] = ()) -> None:
        self.rows = rows
        self.groups = groups or [""] * len(rows)
        self._made: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, made the first time that `what` is asked for."""
        if what not in self._made:
            self._made[what] = make()
        return cast(Made, self._made[what])

    @cached_property
    def messages(self) -> list[list[dict[str, str]]]:
        """The messages of each row, as {"role", "content"}. Raises PersistenceError for a row that has none."""
        from msgspec import DecodeError
        from msgspec.json import Decoder

        decode = Decoder(list[_StoredMessage]).decode
        messages: list[list[dict[str, str]]] = []
        try:
            for row in self.rows:
                messages.append(cast("list[dict[str, str]]", decode(row.content)))
        except (DecodeError, UnicodeEncodeError) as error:
            sample = self.rows[len(messages)].id
            raise PersistenceError(f"sample {sample}: its messages cannot be read ({error}).") from error
        return messages

    @cached_property
    def origins(self) -> list[dict[str, Any]]:
        """The origin of each row: source_file, method, document_id, place, span, turn_spans, chunk_id, ...

        File names and keywords that are no text stand in it readably, as in the row's columns.
        """
        from msgspec import DecodeError
        from msgspec.json import decode

        text = "[" + ",".join([row.origin or "{}" for row in self.rows]) + "]"
        try:
            return decode(text.encode(), type=list[dict[str, Any]])
        except (DecodeError, UnicodeEncodeError):
            return [_origin_of(row) for row in self.rows]

    @cached_property
    def splits(self) -> list[Split]:
        """The split whose file each row goes to: without a split, everything is for training."""
        return [row.split or "train" for row in self.rows]


def batches_of(samples: Sequence[Sample] | StoredRows, size: int = BATCH_ROWS) -> Iterator[Batch]:
    """The samples in order, `size` at a time. Raises PersistenceError for text that is no Unicode."""
    if isinstance(samples, StoredRows):
        for rows in samples.row_batches(size):
            yield Batch(rows)
        return
    for start in range(0, len(samples), size):
        yield Batch([SampleRow(*sample_to_row(sample)) for sample in samples[start : start + size]])


def _origin_of(row: SampleRow) -> dict[str, Any]:
    try:
        return {key: _readable(value) for key, value in json.loads(row.origin or "{}").items()}
    except (ValueError, AttributeError) as error:
        raise PersistenceError(f"sample {row.id}: its origin cannot be read ({error!r}).") from error


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return [_readable(item) for item in value] if isinstance(value, list) else value
