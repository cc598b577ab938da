"""Open the files of an export as their users will, and compare every row with the database."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from src.errors import BuilderError
from src.export.batches import Batch
from src.export.formats.export_format import ExportFormat, ExportJob
from src.records import SPLITS, Split


@dataclass(frozen=True, slots=True)
class FormatCheck:
    """What was found in the files of one format; it is as it must be when there are no `problems`.

    `rows` are those read back, by split. `content_sha256` is of all rows in canonical form: formats that hold the same
    samples whole have the same one. `left_out` are the samples that the format cannot express.
    """

    format: str
    files: tuple[Path, ...]
    rows: dict[Split, int]
    content_sha256: str
    left_out: int
    seconds: float
    problems: tuple[str, ...]


def validate_export(folder: Path, form: ExportFormat, batches: Iterable[Batch], job: ExportJob) -> FormatCheck:
    """Read the files in a format's folder back, in step with the samples, and judge what stands beside them.

    Stops at the first row that differs. Memory does not grow with the number of rows.
    """
    began = time.monotonic()
    reading = _Reading(folder, form, job)
    problems = []
    try:
        problems += form.check_files(folder, job)
        problems += reading.compare(batches)
    except BuilderError as error:
        problems.append(str(error))
    finally:
        reading.close()
    return FormatCheck(
        form.name,
        tuple(sorted(path for path in folder.rglob("*") if path.is_file())),
        dict(reading.rows),
        reading.content_sha256(),
        reading.left_out,
        time.monotonic() - began,
        tuple(problems),
    )


class _Reading:
    """The rows of each split's files, taken one after the other as the samples come."""

    def __init__(self, folder: Path, form: ExportFormat, job: ExportJob) -> None:
        self.form, self.job = form, job
        self.rows: Counter[Split] = Counter()
        self.left_out = 0
        self._found = {split: _Rows(form.read_back(folder, split, job), form.by_size) for split in SPLITS}
        self._content = {split: hashlib.sha256() for split in SPLITS}

    def compare(self, batches: Iterable[Batch]) -> Iterator[str]:
        """The first difference, if there is one."""
        for batch in batches:
            expected = self.form.expected(batch, self.job)
            for row, split, wanted in zip(batch.rows, batch.splits, expected, strict=True):
                if wanted is None:
                    self.left_out += 1
                    continue
                found = self._found[split].next(len(wanted))
                if found != wanted:
                    yield self._difference(row.id, split, found)
                    return
                self.rows[split] += 1
                self._content[split].update(found)
                self._content[split].update(b"\n")
        for split, rows in self._found.items():
            if rows.next(1) is not None:
                yield f"{split}: the files hold more than the {self.rows[split]:,} samples that were exported"

    def content_sha256(self) -> str:
        """The SHA-256 of the splits' own ones, each of its rows with a newline after each."""
        return hashlib.sha256("".join(self._content[split].hexdigest() for split in SPLITS).encode()).hexdigest()

    def close(self) -> None:
        for rows in self._found.values():
            rows.close()

    def _difference(self, sample: str, split: Split, found: bytes | None) -> str:
        row = self.rows[split] + 1
        if found is None:
            return f"{split}: the files end before row {row:,} (sample {sample})"
        return f"{split}: row {row:,} is not what the database holds of sample {sample}"


class _Rows:
    """Rows as they are read, or, where files do not show where a row ends, as many bytes as a row must have."""

    def __init__(self, rows: Iterator[bytes], by_size: bool) -> None:
        self._rows, self._by_size = rows, by_size
        self._piece, self._place = b"", 0

    def next(self, size: int) -> bytes | None:
        """The next row, None after the last one."""
        if not self._by_size:
            return next(self._rows, None)
        while len(self._piece) - self._place < size and (more := next(self._rows, b"")):
            self._piece, self._place = self._piece[self._place :] + more, 0
        taken = self._piece[self._place : self._place + size]
        self._place += len(taken)
        return taken or None

    def close(self) -> None:
        """Close the file that a generator is still reading."""
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()
