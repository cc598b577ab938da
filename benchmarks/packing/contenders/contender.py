"""What is asked of everything that stores or reads the records. Needs nothing but Python: peers have their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

BATCH = 8


class Contender:
    """A way to keep JSON lines. What it does not offer raises NotImplementedError and stands as a dash in the table."""

    # How many random records are read: fewer where one takes milliseconds.
    picks = 10_000
    # What is not measured, because it would say nothing.
    without: tuple[str, ...] = ()

    def __init__(self, source: Path, folder: Path) -> None:
        self.source, self.folder = source, folder

    def write(self) -> None:
        """JSON lines to finished files in `folder`."""
        raise NotImplementedError

    def write_checked(self) -> None:
        """The same, read back and compared before it gets its name."""
        raise NotImplementedError

    def load(self) -> None:
        """Import what reading needs."""

    def open(self) -> None:
        """Open what was written."""

    def close(self) -> None:
        """Let go of it."""

    def first(self) -> Any:
        """The first record, as a dict."""
        return next(iter(self.dicts()))

    def dicts(self) -> Iterator[Any]:
        """Every record as a dict."""
        raise NotImplementedError

    def batches(self) -> Iterable[Any]:
        """Every record in the form that is quickest to have: lazy records in batches of 8, or columns."""
        raise NotImplementedError

    def index(self) -> None:
        """Whatever must be built before a record can be picked out."""

    def one(self, position: int) -> Any:
        """One record as a dict."""
        raise NotImplementedError

    def some(self, positions: Sequence[int]) -> Sequence[Any]:
        """A shuffled batch."""
        return [self.one(position) for position in positions]

    def size(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
