"""The parts of one packed file: its index, its seek table, and where its frames lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from src.errors import PackError
from src.export.packing.container.layout import FrameEntry
from src.export.packing.container.pack_file import PackFile
from src.export.packing.container.pack_writer import seek_table
from src.export.packing.verifying.pack_report import Check, Finder, not_checked

_ENTRIES = 4096


@dataclass(slots=True)
class StructureCheck:
    """Takes the files of a packed dataset one after the other."""

    index: Finder = field(default_factory=lambda: Finder("index checksums"))
    table: Finder = field(default_factory=lambda: Finder("seek table"))
    order: Finder = field(default_factory=lambda: Finder("frame order"))
    frames: int = 0
    frame_bytes: int = 0

    def add(self, file: PackFile) -> None:
        self._check_index(file)
        if file.codec == "zstd":
            self._check_table(file)
        self._check_order(file)
        self.frames += file.frames
        self.frame_bytes += file.index.trailer.frames_end

    def checks(self, codec: str) -> list[Check]:
        none = not_checked(self.table.name, f"files of '{codec}' have none.")
        return [
            self.index.check("trailer, frame entries, record offsets and metadata are as they were written."),
            self.table.check("equals the frame entries; what seeks in zstd files finds them.")
            if codec == "zstd"
            else none,
            self.order.check(
                f"{self.frames:,} frames follow each other over {self.frame_bytes:,} bytes, without a gap."
            ),
        ]

    def _check_index(self, file: PackFile) -> None:
        import xxhash

        digest = xxhash.xxh3_64()
        for piece in file.index_pieces():
            digest.update(piece)
        if digest.intdigest() != file.index.trailer.index_xxh3:
            self.index.fail(f"{file.path}: the frame entries or record offsets were changed (checksum)")
        try:
            file.metadata()
        except PackError as error:
            self.index.fail(str(error))

    def _check_table(self, file: PackFile) -> None:
        import xxhash

        found, place, digest = file.behind_index, 0, xxhash.xxh3_64()
        same = True
        for piece in seek_table(_entries(file), file.frames, file.index.trailer.index_bytes):
            same = same and found[place : place + len(piece)] == piece
            place += len(piece)
            digest.update(piece)
        if not same or place != len(found):
            self.table.fail(f"{file.path}: the seek table is not that of the frames")
        elif digest.intdigest() != file.index.trailer.seek_table_xxh3:
            self.table.fail(f"{file.path}: the seek table's checksum in the trailer is wrong")

    def _check_order(self, file: PackFile) -> None:
        end = first = raw = 0
        for number, entry in enumerate(_unpacked(file)):
            if entry.start != end:
                self.order.fail(f"{file.path}: frame {number} begins at byte {entry.start:,}, not at {end:,}")
            if (entry.first <= first) if number else entry.first:
                self.order.fail(f"{file.path}: frame {number} begins with record {entry.first}, after {first}")
            if entry.first != file.index.first(number):
                self.order.fail(f"{file.path}: frame {number} begins with record {entry.first}, which its place denies")
            end, first = entry.start + entry.stored, entry.first
            raw += entry.raw
        if end != file.index.trailer.frames_end or raw != file.raw_bytes or first > file.records:
            self.order.fail(f"{file.path}: its frames do not add up to what its trailer says")


def _entries(file: PackFile) -> Iterator[bytes]:
    for start in range(0, file.frames, _ENTRIES):
        yield bytes(file.index.entries(start, min(start + _ENTRIES, file.frames)))


def _unpacked(file: PackFile) -> Iterator[FrameEntry]:
    for frame in range(file.frames):
        yield file.index.entry(frame)
