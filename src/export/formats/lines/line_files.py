"""JSON Lines files of an export: written split by split, read back line by line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.split_files import SplitFiles, positions_by_split
from src.records import Issue


class LineWriter(ABC):
    """{split}.jsonl files. `lines_of` gives the lines of a batch without their ends, None for those left out."""

    def __init__(self, folder: Path) -> None:
        self.left_out: Counter[str] = Counter()
        self.issues: list[Issue] = []
        self._files = SplitFiles(folder, ".jsonl")

    @abstractmethod
    def lines_of(self, batch: Batch) -> Sequence[bytes | None]: ...

    def write(self, batch: Batch) -> None:
        lines = self.lines_of(batch)
        for split, positions in positions_by_split(batch).items():
            chosen = [line for position in positions if (line := lines[position]) is not None]
            if chosen:
                self._files.write(split, b"\n".join([*chosen, b""]))

    def close(self) -> list[Path]:
        return self._files.close()

    def abort(self) -> None:
        self._files.abort()


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file without their ends; nothing where there is no file. Raises ExportError for half a line."""
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    raise ExportError(f"{path}: line {number} has no end; the file was cut off.")
                yield line[:-1]
    except FileNotFoundError:
        return
    except OSError as error:
        raise ExportError(f"{path}: cannot be read ({error.strerror}).") from error


def read_values(lines: Iterable[bytes], path: Path) -> Iterator[tuple[bytes, Any]]:
    """Each line with the JSON value in it. Raises ExportError for a line that is no JSON."""
    from msgspec import DecodeError
    from msgspec.json import decode

    for number, line in enumerate(lines, start=1):
        try:
            value = decode(line)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ExportError(f"{path}: line {number} is not JSON ({error}).") from error
        yield line, value
