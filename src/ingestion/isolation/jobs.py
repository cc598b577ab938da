"""What the program and the processes that read files say to each other: ReadJobs and ReadOutcomes as JSON lines."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from src.errors import FileStatus
from src.ingestion.extracts.extract_file import Contents
from src.ingestion.pieces import ReadOptions

# A 1,000 MB file gets a thousand seconds on top.
BYTES_PER_EXTRA_SECOND = 2**20

# Paths and messages go as bytes (base64 in JSON): names of files need not be Unicode.
_JobLine = tuple[bytes, bytes, bytes, ReadOptions, float]
_OutcomeLine = tuple[FileStatus, bytes, str, Contents | None, float]


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: seconds (one more for each MB of the file), memory in MB (2**20 bytes)."""

    timeout_s: float = 60.0
    memory_mb: int = 2048

    def seconds_for(self, size: int) -> float:
        """For a file of `size` bytes."""
        return self.timeout_s + size / BYTES_PER_EXTRA_SECOND


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Read `path`, which must lie below `root`, and keep its text in the folder `cache`. `size` is in bytes."""

    path: Path
    root: Path
    cache: Path
    options: ReadOptions
    seconds: float
    size: int = 0

    def to_line(self) -> bytes:
        from msgspec.json import encode

        # The process that reads works in another folder.
        path, root, cache = (os.fsencode(path.absolute()) for path in (self.path, self.root, self.cache))
        return encode((path, root, cache, self.options, self.seconds)) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ReadJob:
        path, root, cache, options, seconds = _job_decoder()(line)
        return cls(_path(path), _path(root), _path(cache), options, seconds)


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """How it went. With status "ok" `extract` names a file in the cache folder and `contents` says what it holds.

    With another status `message` says what happened. `memory_mb` is what the process holds now.
    """

    status: FileStatus
    message: str = ""
    extract: str = ""
    contents: Contents | None = None
    memory_mb: float = 0.0

    def to_line(self) -> bytes:
        from msgspec.json import encode

        message = self.message.encode("utf-8", "surrogatepass")
        return encode((self.status, message, self.extract, self.contents, self.memory_mb)) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ReadOutcome:
        status, message, extract, contents, memory_mb = _outcome_decoder()(line)
        return cls(status, message.decode("utf-8", "surrogatepass"), extract, contents, memory_mb)


def _path(name: bytes) -> Path:
    return Path(os.fsdecode(name))


@lru_cache(maxsize=1)
def _job_decoder() -> Callable[[bytes], _JobLine]:
    from msgspec.json import Decoder

    return Decoder(_JobLine).decode


@lru_cache(maxsize=1)
def _outcome_decoder() -> Callable[[bytes], _OutcomeLine]:
    from msgspec.json import Decoder

    return Decoder(_OutcomeLine).decode
