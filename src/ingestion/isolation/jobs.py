"""What the program and the processes that read files say to each other: ReadJobs and ReadOutcomes as JSON lines."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from src.errors import FileStatus
from src.ingestion.pieces import ReadOptions

# A 1,000 MB file gets a thousand seconds on top.
BYTES_PER_EXTRA_SECOND = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: seconds (one more for each MB of the file), memory in MB (2**20 bytes)."""

    timeout_s: float = 60.0
    memory_mb: int = 2048

    def seconds_for(self, path: Path) -> float:
        try:
            return self.timeout_s + path.stat().st_size / BYTES_PER_EXTRA_SECOND
        except OSError:
            return self.timeout_s


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Read `path`, which must lie below `root`, and keep its text in the folder `cache`."""

    path: Path
    root: Path
    cache: Path
    options: ReadOptions
    seconds: float

    def to_line(self) -> bytes:
        # The process that reads works in another folder.
        paths = {name: os.fsencode(value.absolute()).hex() for name, value in self._paths().items()}
        return json.dumps({**paths, "options": asdict(self.options), "seconds": self.seconds}).encode() + b"\n"

    def _paths(self) -> dict[str, Path]:
        return {"path": self.path, "root": self.root, "cache": self.cache}

    @classmethod
    def from_line(cls, line: bytes) -> ReadJob:
        said = json.loads(line)
        path, root, cache = (Path(os.fsdecode(bytes.fromhex(said[name]))) for name in ("path", "root", "cache"))
        return cls(path, root, cache, ReadOptions(**said["options"]), said["seconds"])


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """How it went. With status "ok" `extract` names a file in the cache folder, else `message` says what happened.

    `memory_mb` is what the process holds now.
    """

    status: FileStatus
    message: str = ""
    sha256: str = ""
    extract: str = ""
    memory_mb: float = 0.0

    def to_line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ReadOutcome:
        said = json.loads(line)
        status = cast(FileStatus, said["status"])
        return cls(status, said["message"], said["sha256"], said["extract"], said["memory_mb"])
