"""What every storage can do. Keys are relative to the storage's root, with slashes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from src.errors import StorageError


class MissingObjectError(StorageError):
    """There is no such object (or no such upload any more)."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A whole object. `modified` is in seconds since 1970; `sha256` is "" where it was not asked for or recorded."""

    key: str
    bytes: int
    modified: float
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What is recorded with an object, beside its content. Texts are ASCII, as headers are."""

    sha256: str
    content_type: str
    dataset: str
    version: str
    tool: str

    def metadata(self) -> dict[str, str]:
        """The user metadata of the object."""
        return {"dataset": self.dataset, "version": self.version, "sha256": self.sha256, "tool": self.tool}


class Storage(Protocol):
    """A place for objects. Every method may be called by several threads at once and raises StorageError.

    What may pass (a broken connection, a busy host) is tried again inside. An object is there whole or not at all,
    at every moment, whatever is killed.
    """

    @property
    def url(self) -> str:
        """Its address for people, without keys."""
        ...

    def check(self) -> None:
        """Return when it can be reached and listed."""
        ...

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """The whole objects whose keys begin so, in no order."""
        ...

    def stat(self, key: str) -> StoredObject | None:
        """The object with the SHA-256 recorded when it was put; None when there is none."""
        ...

    def read(self, key: str, start: int, length: int) -> bytes:
        """These bytes of an object; fewer where it ends sooner. Raises MissingObjectError when it is not there."""
        ...

    def put(self, key: str, source: Path | bytes, label: Label, pool: Executor | None = None) -> None:
        """Store a file's content, or these bytes, over what was there.

        With a `pool` (whose threads do not call this) the parts of a large file go in parallel.
        """
        ...

    def put_new(self, key: str, content: bytes, label: Label) -> bool:
        """Store an object unless there is one of that name already; whether it was stored."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        ...

    def remove_halves(self, before: float) -> int:
        """Remove invisible remains of uploads begun before that time (seconds since 1970); how many."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
