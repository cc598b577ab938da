"""Large content in pieces: several under way at a time, taken in order, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from pathlib import Path
from typing import TypeVar

from src.errors import StorageError

Item = TypeVar("Item")
Result = TypeVar("Result")


def spans(size: int, piece: int, start: int = 0) -> Iterator[tuple[int, int]]:
    """The (start, length) of each piece from `start` to `size`."""
    for begin in range(start, size, piece):
        yield begin, min(piece, size - begin)


def in_order(pool: Executor, action: Callable[[Item], Result], items: Iterable[Item], width: int) -> Iterator[Result]:
    """action(item) for each item, in their order; at most `width` results wait or are under way.

    When one fails, or the caller stops, what has not begun is dropped and what has is waited for.
    """
    under_way: deque[Future[Result]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(action, item))
            if len(under_way) >= width:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()
        wait(under_way)


def size_of(source: Path | bytes) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def read_range(source: Path | bytes, start: int, length: int) -> bytes:
    """These bytes of a local file. Raises StorageError when it cannot be read or has become shorter."""
    if isinstance(source, bytes):
        return source[start : start + length]
    try:
        with source.open("rb") as stream:
            stream.seek(start)
            content = stream.read(length)
    except OSError as error:
        raise StorageError(f"{source}: cannot be read ({error.strerror}).") from error
    if len(content) != length:
        raise StorageError(f"{source}: became shorter while it was read; leave the folder alone during an upload.")
    return content
