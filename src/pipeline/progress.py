"""What the engine says while it works. The screen draws it; the engine never prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

Stage = Literal["ingestion", "generation", "saving", "export", "statistics", "assessment", "repair", "redaction"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of a stage, and what a person would like to know beside it (file name, tokens)."""

    stage: Stage
    done: int
    total: int
    detail: str = ""


Listener = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A listener for callers that do not watch."""


# Told of every bar there is: its name, how much is done, of how much, and a detail.
Watcher = Callable[[str, int, int, str], None]
_watchers: list[Watcher] = []


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Inside the block, the watcher is told of the whole process's progress: a background job has no screen."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def tell_watchers(name: str, done: int, total: int, detail: str = "") -> None:
    """For whatever draws a bar."""
    for watcher in _watchers:
        watcher(name, done, total, detail)
