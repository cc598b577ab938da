"""Spread the counting of many texts over the machine's cores, for engines that let go of the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

Made = TypeVar("Made")
# Below so many characters, a second thread costs more than it saves.
_WORTH_A_THREAD = 200_000


def core_count() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_all_cores(count: Callable[[str], Made], texts: Sequence[str]) -> list[Made]:
    """`count` of each text: its tokens, or their number.

    Each thread is given lists of texts: one task a text would cost more than the counting.
    """
    size = sum(map(len, texts))
    threads = min(core_count(), len(texts))
    if threads < 2 or size < _WORTH_A_THREAD:
        return list(map(count, texts))
    # More shares than threads, so that one with slow texts does not end long after the others.
    shares = list(_shares(texts, size // (threads * 4) + 1))
    with ThreadPoolExecutor(threads) as pool:
        return list(chain.from_iterable(pool.map(lambda share: list(map(count, share)), shares)))


def _shares(texts: Sequence[str], wanted: int) -> Iterator[Sequence[str]]:
    """The texts in order, in pieces of about `wanted` characters."""
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= wanted:
            yield texts[start : place + 1]
            start, size = place + 1, 0
    if start < len(texts):
        yield texts[start:]
