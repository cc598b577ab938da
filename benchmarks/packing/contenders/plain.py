"""JSON lines as they are, read line by line: the standard library, orjson, msgspec, and one zstd stream."""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.packing.contenders.contender import Contender


class _Lines(Contender):
    loads: Callable[[bytes], Any]

    def dicts(self) -> Iterator[Any]:
        return map(self.loads, self.source.open("rb"))

    def index(self) -> None:
        import numpy as np

        content = np.fromfile(self.source, np.uint8)
        ends = np.flatnonzero(content == 10) + 1
        self._starts = [0, *ends.tolist()]
        self._stream = self.source.open("rb", buffering=0)

    def one(self, position: int) -> Any:
        start = self._starts[position]
        self._stream.seek(start)
        return self.loads(self._stream.read(self._starts[position + 1] - start))

    def size(self) -> int:
        return self.source.stat().st_size


class StdlibJson(_Lines):
    """The loop everyone writes: a text file, a line, json.loads."""

    def __init__(self, source: Path, folder: Path) -> None:
        super().__init__(source, folder)
        self.loads = json.loads

    def dicts(self) -> Iterator[Any]:
        return map(json.loads, self.source.open(encoding="utf-8"))


class Orjson(_Lines):
    def load(self) -> None:
        import orjson

        self.loads = orjson.loads


class Msgspec(_Lines):
    """Into typed structs, which is its fastest way."""

    def load(self) -> None:
        import msgspec

        message = msgspec.defstruct("Message", [("role", str), ("content", str)], gc=False)
        chat = msgspec.defstruct("Chat", [("messages", list[message])], gc=False)  # type: ignore[valid-type]
        self.loads = msgspec.json.Decoder(chat).decode


class WholeZstd(Contender):
    """One zstd frame of level 3 around the file, orjson behind it."""

    @property
    def _path(self) -> Path:
        return self.folder / "chat.jsonl.zst"

    def load(self) -> None:
        import orjson
        import zstandard

        self._loads, self._zstd = orjson.loads, zstandard

    def write(self) -> None:
        compressor = self._zstd.ZstdCompressor(level=3, write_checksum=True)
        with self.source.open("rb") as plain, self._path.open("wb") as packed:
            compressor.copy_stream(plain, packed)

    def dicts(self) -> Iterator[Any]:
        stream = self._zstd.ZstdDecompressor().stream_reader(self._path.open("rb"))
        return map(self._loads, io.BufferedReader(stream, 1 << 20))


class Floor(Contender):
    """No file, no parser, hardly any Python: every text is decoded, every dict and list built. No reader does less."""

    without = ("first", "batches", "random", "shuffled", "cold")

    def open(self) -> None:
        self._chats = [json.loads(line)["messages"] for line in self.source.open("rb")]
        self._texts = [message["content"].encode() for chat in self._chats for message in chat]

    def dicts(self) -> Iterator[Any]:
        deque(map(bytes.decode, self._texts), 0)
        return ({"messages": list(map(dict.copy, chat))} for chat in self._chats)
