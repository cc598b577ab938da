"""Where a stream stands: kept by the pass that reads, saved as plain values, refused where it does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import length_hint
from typing import Any, NamedTuple

from src.errors import UsageError

STATE_VERSION = 1
_PLACES = ("epoch", "window_start", "window_taken")


class Position(NamedTuple):
    """The next record: the `taken`-th (from 0) of the window that begins at place `start` of the epoch's order."""

    epoch: int
    start: int
    taken: int = 0

    def as_state(self, stream: Mapping[str, Any]) -> dict[str, Any]:
        """The position with what it depends on, as plain values that JSON can hold."""
        return {
            "version": STATE_VERSION,
            **stream,
            "epoch": self.epoch,
            "window_start": self.start,
            "window_taken": self.taken,
        }


def position_from(state: Mapping[str, Any], stream: Mapping[str, Any], bounds: tuple[int, int]) -> Position:
    """The position in a saved state.

    Raises UsageError when it is none, lies outside the bounds of the share, or was saved by a stream unlike this one.
    """
    if state.get("version") != STATE_VERSION:
        raise UsageError(
            f"This is no position of a stream of version {STATE_VERSION}: its version is {state.get('version')!r}."
        )
    places = [place for place in map(state.get, _PLACES) if isinstance(place, int) and place >= 0]
    if len(places) != len(_PLACES):
        raise UsageError(f"This is no position of a stream: {', '.join(_PLACES)} must be whole numbers from 0.")
    differing = [
        f"{name} was {state.get(name)!r}, is {ours!r}" for name, ours in stream.items() if state.get(name) != ours
    ]
    if differing:
        raise UsageError(
            f"The saved position belongs to another stream ({'; '.join(differing)}). Open the stream as it was when "
            "the position was saved, or start the epoch anew. Each rank loads the state that it saved itself."
        )
    position = Position(*places)
    if not bounds[0] <= position.start <= bounds[1]:
        raise UsageError(f"The saved position does not exist: this share has places {bounds[0]:,} to {bounds[1]:,}.")
    return position


class Reading:
    """One pass over a share. It counts nothing: the iterator over the window's lines knows how far it is."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self._lines = 0
        self._rest: Iterator[bytes] = iter(())

    def enter(self, lines: list[bytes]) -> Iterator[bytes]:
        """The lines of the next window, from the position on. Raises UsageError when it has not so many."""
        if self.position.taken > len(lines):
            raise UsageError(f"The saved position does not exist: its window has {len(lines)} records.")
        self._lines, self._rest = len(lines), iter(lines)
        for _ in range(self.position.taken):
            next(self._rest)
        return self._rest

    def leave(self) -> None:
        """Go on to the next window."""
        self.position = self.now()
        self._lines, self._rest = 0, iter(())

    def now(self) -> Position:
        """The next record. Within a window it is right between two records, whoever asks."""
        if not self._lines:
            return self.position
        taken = self._lines - length_hint(self._rest)
        epoch, start = self.position.epoch, self.position.start
        return Position(epoch, start + taken) if taken == self._lines else Position(epoch, start, taken)
