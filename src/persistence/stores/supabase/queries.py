"""Conditions and sizes of the requests to Supabase's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from src.persistence.models import SampleRow, digest_of

# A select gives 1,000 rows at most unless the project says otherwise; fewer are taken as they come.
PAGE_ROWS = 1000
_BATCH_ROWS, _BATCH_CHARACTERS = 500, 1_000_000


def where(query: Any, **columns: str) -> Any:
    for name, value in columns.items():
        query = query.eq(name, value)
    return query


def between(query: Any, samples_key: str, start: int, stop: int) -> Any:
    return query.eq("samples_key", samples_key).gte("position", start).lt("position", stop)


def newest_first(query: Any, start: int) -> Any:
    ordered = query.order("created_at", desc=True).order("samples_key", desc=True)
    return ordered.range(start, start + PAGE_ROWS - 1)


def fields(key: str, position: int, row: SampleRow) -> dict[str, Any]:
    return {"samples_key": key, "position": position, **row._asdict(), "digest": str(digest_of(row))}


def batches(rows: Iterable[SampleRow]) -> Iterator[list[SampleRow]]:
    """The rows in lists that fit into one request."""
    batch: list[SampleRow] = []
    characters = 0
    for row in rows:
        size = len(row.content) + len(row.origin)
        if batch and (len(batch) == _BATCH_ROWS or characters + size > _BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(row)
        characters += size
    if batch:
        yield batch
