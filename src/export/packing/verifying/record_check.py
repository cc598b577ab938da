"""What the frames hold: whole, in standard form, one JSON object a line, counted anew."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import add
from typing import Any

from src.errors import PackError
from src.export.packing.container.json_lines import decode_strictly, faults_in, has_long_numbers
from src.export.packing.container.layout import FrameEntry
from src.export.packing.container.pack_file import PackFile
from src.export.packing.verifying.pack_report import Check, Finder
from src.export.packing.verifying.schema_table import SchemaTable
from src.export.packing.verifying.standard_frames import lz4_objection, zstd_objection
from src.export.packing.writing.statistics import RecordStatistics

_OBJECTIONS: Mapping[str, Callable[[bytes, bytes], str]] = {"lz4": lz4_objection, "zstd": zstd_objection}


@dataclass(slots=True)
class RecordCheck:
    """Takes the frames of all files in order. `statistics` are those of the records read, `lost` the damaged frames."""

    frames: Finder = field(default_factory=lambda: Finder("frames"))
    standard: Finder = field(default_factory=lambda: Finder("standard frames"))
    offsets: Finder = field(default_factory=lambda: Finder("record offsets"))
    records: Finder = field(default_factory=lambda: Finder("records"))
    integers: Finder = field(default_factory=lambda: Finder("large integers"))
    schema: SchemaTable = field(default_factory=SchemaTable)
    statistics: RecordStatistics = field(default_factory=RecordStatistics)
    sha256: Any = field(default_factory=hashlib.sha256)
    xxh3: Any = None
    done: int = 0
    count: int = 0

    def __post_init__(self) -> None:
        import xxhash

        self.xxh3 = xxhash.xxh3_128()

    @property
    def whole(self) -> bool:
        """Whether every frame could be read, and every line is a record."""
        return not self.frames.faults and not self.records.faults

    def add(self, file: PackFile, frame: int, before: int, own: RecordStatistics) -> int:
        """Check a frame of the file that begins with record `before` of all; its bytes, 0 when it is damaged.

        `own` are the file's statistics.
        """
        try:
            stored, entry = file.stored(frame)
            raw = file.raw(frame)
        except PackError as error:
            self.frames.fail(str(error))
            return 0
        self._check_form(file, frame, stored, raw)
        self.sha256.update(raw)
        self.xxh3.update(raw)
        self.done += len(raw)
        lines = raw.split(b"\n")
        last = file.index.first(frame + 1) == file.records
        self._check_offsets(file, frame, lines, last)
        if not lines[-1]:
            lines.pop()
        self._check_lines(file, frame, entry, before + entry.first, lines, (own, self.statistics))
        return len(raw)

    def checks(self, codec: str, every: int) -> list[Check]:
        plain = "plain JSONL, which has no checksum of its own; its index does."
        form = "each has its size and a checksum of its content: other programs read them, and notice damage."
        return [
            self.frames.check(f"{every:,} frames have the checksum they were written with and unpack to their size."),
            self.standard.check(plain if codec == "none" else form),
            self.offsets.check(f"{self.count:,} records begin where the index says, at the newlines."),
            self.records.check(f"{self.count:,} records are JSON objects, one a line."),
            *self.schema.checks(),
            self.integers.check("frames with integers of 19 digits or more are marked, so that none becomes a float."),
        ]

    def _check_form(self, file: PackFile, frame: int, stored: bytes, raw: bytes) -> None:
        objection = _OBJECTIONS.get(file.codec)
        wrong = objection(stored, raw) if objection is not None else ""
        if wrong:
            self.standard.fail(f"{file.path}: frame {frame}: {wrong}")

    def _check_offsets(self, file: PackFile, frame: int, parts: Sequence[bytes], last: bool) -> None:
        """`parts` are what stands between the newlines, an empty one last where the frame ends in one."""
        first = file.index.first(frame)
        count = file.index.first(frame + 1) - first
        starts = map(add, accumulate(map(len, parts[:-1]), initial=0), range(len(parts)))
        begun = list(starts)[: len(parts) - (not parts[-1])]
        if struct.pack(f"<{len(begun)}I", *begun) != file.index.offsets(first, count):
            self.offsets.fail(f"{file.path}: frame {frame}: the record offsets are not where the newlines are")
        elif parts[-1] and not last:
            self.offsets.fail(f"{file.path}: frame {frame} does not end in a newline, though others follow")

    def _check_lines(
        self,
        file: PackFile,
        frame: int,
        entry: FrameEntry,
        before: int,
        lines: Sequence[bytes],
        statistics: Sequence[RecordStatistics],
    ) -> None:
        faults = faults_in(lines)
        for place, reason in faults:
            self.records.fail(f"{file.path}: record {before + place} {reason}")
        bad = {place for place, _ in faults}
        good = [line for place, line in enumerate(lines) if place not in bad]
        self.count += len(good)
        exact = has_long_numbers(b"\n".join(lines))
        if exact and not entry.exact:
            self.integers.fail(f"{file.path}: frame {frame} has integers of 19 digits or more and is not marked for it")
        elif entry.exact and not exact:
            self.integers.warn(f"{file.path}: frame {frame} is marked for large integers and has none; it loads slower")
        self.schema.add(good, file.decoder(frame), decode_strictly)
        if good:
            for one in statistics:
                one.add([len(line) + 1 for line in good], good[0])
