"""What uploads and downloads share: how far they are, what is recorded with an object, its SHA-256 as it comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Literal

from src.errors import StorageError
from src.persistence.storage.file_list import ListedFile
from src.persistence.storage.pieces import in_order, spans
from src.persistence.storage.storage import Label, Storage

Stage = Literal["upload", "check", "download"]
_TYPES = {
    ".jsonl": "application/jsonl", ".json": "application/json", ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8", ".md": "text/markdown; charset=utf-8", ".txt": "text/plain; charset=utf-8",
    ".log": "text/plain; charset=utf-8", ".py": "text/x-python; charset=utf-8", ".html": "text/html; charset=utf-8",
    ".sha256": "text/plain; charset=utf-8", ".db": "application/vnd.sqlite3",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a transfer is. `done` of `total` bytes of this stage; `detail` is the file that was finished last."""

    stage: Stage
    done: int
    total: int
    detail: str


OnMoved = Callable[[Moved], None]


@dataclass(frozen=True, slots=True)
class Workers:
    """How much goes on at the same time: `width` files, or parts of `part_bytes` of one large file."""

    pool: Executor
    width: int
    part_bytes: int

    def each(
        self, stage: Stage, files: Sequence[ListedFile], action: Callable[[ListedFile, Executor | None], None],
        progress: OnMoved,
    ) -> None:  # fmt: skip
        """Do it with each file: small ones side by side, then large ones, which get the pool for their parts."""

        def alone(file: ListedFile, pool: Executor | None) -> ListedFile:
            action(file, pool)
            return file

        total, done = sum(file.bytes for file in files), 0
        small = [file for file in files if file.bytes <= self.part_bytes]
        large = [file for file in files if file.bytes > self.part_bytes]
        side_by_side = in_order(self.pool, partial(alone, pool=None), small, self.width)
        for file in chain(side_by_side, (alone(file, self.pool) for file in large)):
            done += file.bytes
            progress(Moved(stage, done, total, file.name))

    def stored_sha256(self, storage: Storage, key: str, size: int, pool: Executor | None) -> str:
        """The SHA-256 of an object's bytes as the storage gives them back."""

        def fetch(span: tuple[int, int]) -> bytes:
            return storage.read(key, *span)

        digest = hashlib.sha256()
        pieces = spans(size, self.part_bytes)
        for piece in in_order(pool, fetch, pieces, self.width) if pool else map(fetch, pieces):
            digest.update(piece)
        return digest.hexdigest()


def label_for(name: str, sha256: str, dataset: str, version: str, tool: str) -> Label:
    """What is recorded with a file of that name."""
    content_type = _TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
    return Label(sha256, content_type, _header(dataset), _header(version), _header(tool))


def read_local(path: Path) -> bytes:
    """A small file's content. Raises StorageError when it is no regular file."""
    try:
        if path.is_symlink() or not path.is_file():
            raise StorageError(f"{path}: is missing or no regular file; name the folder of a finished export.")
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror}).") from error


def _header(text: str) -> str:
    """Text as a header can hold it."""
    return "".join(character if " " <= character <= "~" else "?" for character in text)[:200]
