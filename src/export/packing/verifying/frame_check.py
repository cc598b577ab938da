"""All frames of a packed dataset against their checksums: the fast check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from src.errors import PackError
from src.export.packing.reading.pack import Pack
from src.export.packing.verifying.pack_report import TOLD

Progress = Callable[[int, int], None]
_TOLD_EVERY = 64


@dataclass(frozen=True, slots=True)
class DamagedFrame:
    """A frame that cannot be read, and why. Frames are numbered through all shards."""

    frame: int
    reason: str


@dataclass(slots=True)
class Damage:
    """How many frames are damaged, and the first twenty of them. False when there are none."""

    count: int
    first: list[DamagedFrame]

    def add(self, frame: int, reason: str) -> None:
        self.count += 1
        if len(self.first) < TOLD:
            self.first.append(DamagedFrame(frame, reason))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[DamagedFrame]:
        return iter(self.first)


def check_frames(pack: Pack, on_progress: Progress = lambda done, total: None) -> Damage:
    """Verify the checksum of every frame and unpack it; nothing else is looked at.

    `on_progress` is told the bytes of JSONL verified and those in all.
    """
    damage, done = Damage(0, []), 0
    for frame in range(pack.frames):
        try:
            done += pack.check(frame)
        except PackError as error:
            damage.add(frame, str(error))
        if frame % _TOLD_EVERY == 0:
            on_progress(done, pack.raw_bytes)
    on_progress(pack.raw_bytes, pack.raw_bytes)
    return damage
