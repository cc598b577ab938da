"""What every export format can do: write batches of samples, and read its own files back as users will."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from src.config.settings import OutputSettings
from src.export.batches import Batch
from src.records import Issue, Split


@dataclass(frozen=True, slots=True)
class ExportJob:
    """What an export is of, and the user's choices. `counts` are the samples of each split that has some."""

    name: str
    provider: str
    model: str
    counts: dict[Split, int]
    output: OutputSettings


class FormatWriter(Protocol):
    """One format being written into one folder. Raises ExportError (naming the sample) and OSError.

    `left_out` counts the samples that the format cannot express, by reason; `issues` say what the user should know
    of them and of the files. Both are complete after close().
    """

    left_out: Counter[str]
    issues: list[Issue]

    def write(self, batch: Batch) -> None:
        """Add the next samples, each to the files of its split."""

    def close(self) -> list[Path]:
        """Finish the files and name them all; none is open afterwards."""

    def abort(self) -> None:
        """Let go of everything after a failure. Safe to call after close(), and twice."""


class ExportFormat(Protocol):
    """A format. Its files hold, row by row, what `expected` says; `read_back` proves it.

    `folder` is where its files go below the export's folder, "" for the export's folder itself. `by_size`: its files
    do not show where a row ends, so that `read_back` gives pieces of any size, to be cut as `expected` is.
    """

    name: str
    summary: str
    folder: str
    by_size: bool

    def open(self, folder: Path, job: ExportJob) -> FormatWriter:
        """A writer into an existing, empty folder of its own (for `folder` "" the export's folder)."""

    def expected(self, batch: Batch, job: ExportJob) -> Sequence[bytes | None]:
        """For each row, in a canonical form, what the files are to hold of it: worked out from the database alone.

        None for a row that the format cannot express.
        """

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        """The same for each row of a split, in order, from the files, opened by the library users open them with.

        Raises ExportError, naming the file, when it cannot be opened or is not whole.
        """

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        """What is wrong with what stands beside the rows: cards, schemas, names of shards; [] when nothing is."""
