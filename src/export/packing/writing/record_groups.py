"""Lines into the frames they will make: records only, so many a frame, cut where a shard ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import BinaryIO

from src.export.packing.container.json_lines import faults_in, look_well
from src.export.packing.container.layout import FRAME_RAW_BYTES, MAX_RECORD_BYTES
from src.export.packing.container.line_reader import read_lines
from src.export.packing.writing.rejects import Rejects


@dataclass(frozen=True, slots=True)
class Group:
    """One frame as it stood in the file, the bytes of each of its records, its first record, and its shard.

    Newlines are included and counted; the last record of a file may lack its own.
    """

    shard: int
    lengths: Sequence[int]
    first: bytes
    raw: bytes


class RecordGroups:
    """The records of a stream in groups of `frame_records`, fewer where they would pass a MiB or a shard's end.

    Lines that are no records go to `rejects`. `shard_bytes` is what a shard should hold, None for one shard.
    """

    def __init__(
        self,
        stream: BinaryIO,
        on_block: Callable[[bytes], None],
        rejects: Rejects,
        frame_records: int,
        shard_bytes: float | None,
    ) -> None:
        self._batches = read_lines(stream, MAX_RECORD_BYTES, on_block)
        self._rejects, self._frame_records, self._shard_bytes = rejects, frame_records, shard_bytes
        self._raw_bytes = 0
        # Lines that went into groups, and those that were refused: together all before the ones that wait.
        self._grouped = self._refused = 0
        # So many of the waiting lines are known to be records, because they were looked at one by one.
        self._known = 0

    def __iter__(self) -> Iterator[Group]:
        pending: list[bytes] = []
        for batch in self._batches:
            pending += batch
            yield from self._groups(pending, self._frame_records)
        yield from self._groups(pending, 1)

    def _groups(self, pending: list[bytes], least: int) -> Iterator[Group]:
        """Take groups off the front while there are so many lines."""
        start = 0
        while len(pending) - start >= least:
            lines = pending[start : start + self._frame_records]
            lengths = self._fitting(list(map(len, lines)))
            del lines[len(lengths) :]
            raw = b"".join(lines)
            # What a frame is made of anyway is what is looked at: lines are put together and measured once.
            if start + len(lines) > self._known and not look_well(raw, lines, max(lengths)):
                self._look_closely(pending, start)
                continue
            start += len(lines)
            yield Group(self._shard(), lengths, lines[0], raw)
            self._raw_bytes += len(raw)
        del pending[:start]
        self._grouped += start
        self._known = max(self._known - start, 0)

    def _look_closely(self, pending: list[bytes], start: int) -> None:
        """Take out the lines that are no records. None is looked at twice."""
        begin = max(self._known, start)
        before = self._grouped + self._refused + begin + 1
        faults = faults_in(pending[begin:])
        for place, reason in faults:
            self._rejects.add(before + place, pending[begin + place].removesuffix(b"\n"), reason)
        bad = {place for place, _ in faults}
        pending[begin:] = [line for place, line in enumerate(pending[begin:]) if place not in bad]
        self._refused += len(faults)
        self._known = len(pending)

    def _fitting(self, lengths: list[int]) -> list[int]:
        """As many of the lines as the frame and the shard still take, at least one."""
        room = FRAME_RAW_BYTES
        if self._shard_bytes:
            room = min(room, int((self._shard() + 1) * self._shard_bytes - self._raw_bytes))
        if sum(lengths) <= room:
            return lengths
        return lengths[: max(sum(1 for end in accumulate(lengths) if end <= room), 1)]

    def _shard(self) -> int:
        return int(self._raw_bytes / self._shard_bytes) if self._shard_bytes else 0
