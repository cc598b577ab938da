"""json: one JSON array a split, each full sample on a line of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import FullSamples, canonical, canonical_rows
from src.export.formats.lines.line_files import read_lines, read_values
from src.export.formats.split_files import SplitFiles, positions_by_split
from src.records import Issue, Split


class JsonArray(FullSamples):
    name = "json"
    summary = "JSON: one array of full samples a split"
    folder = "json"

    def open(self, folder: Path, job: ExportJob) -> JsonWriter:
        return JsonWriter(folder, job)

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        """Reads the array as it was laid out, a sample a line, which any JSON reader reads the same."""
        path = folder / f"{split}.json"
        return (canonical(value) for _, value in read_values(_elements(path), path))


class JsonWriter:
    """[ on the first line, samples on lines of their own with commas between, ] on the last."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        self.left_out: Counter[str] = Counter()
        self.issues: list[Issue] = []
        self.job = job
        self._files = SplitFiles(folder, ".json", b"[\n", b"\n]\n")
        self._begun: set[Split] = set()

    def write(self, batch: Batch) -> None:
        rows = canonical_rows(batch, self.job)
        for split, positions in positions_by_split(batch).items():
            content = b",\n".join([rows[position] for position in positions])
            self._files.write(split, b",\n" + content if split in self._begun else content)
            self._begun.add(split)

    def close(self) -> list[Path]:
        return self._files.close()

    def abort(self) -> None:
        self._files.abort()


def _elements(path: Path) -> Iterator[bytes]:
    """The texts between the commas. Raises ExportError where the brackets or a comma are missing."""
    lines = read_lines(path)
    first = next(lines, None)
    if first is None:
        return
    if first != b"[":
        raise ExportError(f"{path}: does not begin with [.")
    waiting = next(lines, None)
    for line in lines:
        if line == b"]":
            break
        if waiting is None or not waiting.endswith(b","):
            raise ExportError(f"{path}: a comma is missing between two samples.")
        yield waiting[:-1]
        waiting = line
    else:
        raise ExportError(f"{path}: does not end with ].")
    if waiting is not None:
        yield waiting
    if next(lines, None) is not None:
        raise ExportError(f"{path}: goes on after the ].")
