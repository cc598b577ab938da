"""Records one by one in somebody's container, as JSON bytes for orjson: LMDB, SQLite, ArrayRecord, TFRecord."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.packing.contenders.contender import Contender


class _Stored(Contender):
    def load(self) -> None:
        import orjson

        self._loads = orjson.loads

    def lines(self) -> Iterator[bytes]:
        with self.source.open("rb") as stream:
            for line in stream:
                yield line[:-1]


class Lmdb(_Stored):
    def load(self) -> None:
        super().load()
        import lmdb

        self._lmdb = lmdb

    def write(self) -> None:
        size = 4 * self.source.stat().st_size + (64 << 20)
        with self._lmdb.open(str(self.folder / "db"), map_size=size, writemap=sys.platform == "linux") as base:
            with base.begin(write=True) as transaction:
                for number, line in enumerate(self.lines()):
                    transaction.put(number.to_bytes(8, "big"), line, append=True)
            base.sync(True)

    def open(self) -> None:
        self._base = self._lmdb.open(str(self.folder / "db"), readonly=True, lock=False)
        self._reader = self._base.begin(buffers=True)

    def close(self) -> None:
        self._reader.abort()
        self._base.close()

    def dicts(self) -> Iterator[Any]:
        return map(self._loads, self._reader.cursor().iternext(keys=False, values=True))

    def one(self, position: int) -> Any:
        return self._loads(self._reader.get(position.to_bytes(8, "big")))

    def size(self) -> int:
        # The file is sparse: what it takes counts, not its length.
        return sum(_taken(path) for path in (self.folder / "db").iterdir())


class Sqlite(_Stored):
    def write(self) -> None:
        path = self.folder / "chat.sqlite"
        path.unlink(missing_ok=True)
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE chat (id INTEGER PRIMARY KEY, line BLOB)")
        base.executemany("INSERT INTO chat VALUES (?, ?)", enumerate(self.lines()))
        base.commit()
        base.close()

    def open(self) -> None:
        self._base = sqlite3.connect(self.folder / "chat.sqlite")
        self._base.execute("PRAGMA mmap_size=1073741824")

    def close(self) -> None:
        self._base.close()

    def dicts(self) -> Iterator[Any]:
        loads = self._loads
        return (loads(line) for (line,) in self._base.execute("SELECT line FROM chat ORDER BY id"))

    def one(self, position: int) -> Any:
        return self._loads(self._base.execute("SELECT line FROM chat WHERE id=?", (position,)).fetchone()[0])


class ArrayRecord(_Stored):
    """zstd in groups of 64, as our frames."""

    picks = 2_000

    def load(self) -> None:
        super().load()
        from array_record.python import array_record_module

        self._module = array_record_module
        self._path = str(self.folder / "chat.array_record")

    def write(self) -> None:
        writer = self._module.ArrayRecordWriter(self._path, "group_size:64,zstd:3")
        for line in self.lines():
            writer.write(line)
        writer.close()

    def open(self) -> None:
        self._reader = self._module.ArrayRecordReader(self._path)

    def close(self) -> None:
        self._reader.close()

    def first(self) -> Any:
        return self.one(0)

    def dicts(self) -> Iterator[Any]:
        loads, total = self._loads, self._reader.num_records()
        for start in range(0, total, 1_024):
            yield from map(loads, self._reader.read(start, min(total, start + 1_024)))

    def one(self, position: int) -> Any:
        return self._loads(self._reader.read([position])[0])

    def some(self, positions: Sequence[int]) -> Sequence[Any]:
        return list(map(self._loads, self._reader.read(list(positions))))


class TFRecord(_Stored):
    """The package tfrecord, whose reader does not look at the checksums."""

    def load(self) -> None:
        super().load()
        from tfrecord import TFRecordWriter
        from tfrecord.reader import tfrecord_iterator

        self._writer, self._iterator = TFRecordWriter, tfrecord_iterator
        self._path = str(self.folder / "chat.tfrecord")

    def write(self) -> None:
        import struct

        # The writer of the package only takes features; the framing is its own.
        writer = self._writer(self._path)
        for line in self.lines():
            head = struct.pack("<Q", len(line))
            writer.file.write(head + writer.masked_crc(head) + line + writer.masked_crc(line))
        writer.close()

    def dicts(self) -> Iterator[Any]:
        return map(self._loads, self._iterator(self._path))


def _taken(path: Path) -> int:
    status = path.stat()
    return min(status.st_size, getattr(status, "st_blocks", 1 << 40) * 512)
