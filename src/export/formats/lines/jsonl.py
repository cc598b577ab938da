"""jsonl: {split}.jsonl in the export's folder, as the provider's rows, as full samples, or flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob, FormatWriter
from src.export.formats.full_samples import canonical, canonical_rows
from src.export.formats.lines.flat_rows import SEVERAL_TURNS, chosen_fields, flat_rows
from src.export.formats.lines.line_files import LineWriter, read_lines, read_values
from src.export.formats.lines.provider_rows import expected_lines, lines_for_provider, lines_of
from src.export.formats.lines.row_lines import escape_line_ends
from src.records import Issue, Split


class Jsonl:
    """The training files. A sample that the provider would refuse is an error: samples are made for their provider."""

    name = "jsonl"
    summary = "JSON Lines: the provider's training rows, full samples, or flat rows with your own keys"
    folder = ""
    by_size = False

    def open(self, folder: Path, job: ExportJob) -> FormatWriter:
        structure = job.output.jsonl.structure
        if structure == "provider":
            return _ProviderWriter(folder, job)
        if structure == "flat":
            return _FlatWriter(folder, job)
        return _MessagesWriter(folder, job)

    def expected(self, batch: Batch, job: ExportJob) -> Sequence[bytes | None]:
        structure = job.output.jsonl.structure
        if structure == "provider":
            return expected_lines(batch, lines_for_provider(job.provider, job.model))
        return flat_rows(batch, job) if structure == "flat" else canonical_rows(batch, job)

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        path = folder / f"{split}.jsonl"
        values = read_values(read_lines(path), path)
        if job.output.jsonl.structure == "provider":
            return (line for line, _ in values)
        return (canonical(value) for _, value in values)

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        return []


class _Writer(LineWriter):
    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder)
        self.job = job


class _ProviderWriter(_Writer):
    def lines_of(self, batch: Batch) -> list[bytes | None]:
        maker = lines_for_provider(self.job.provider, self.job.model)
        return [line.text for line in lines_of(batch, maker)]


class _MessagesWriter(_Writer):
    def lines_of(self, batch: Batch) -> list[bytes | None]:
        return [escape_line_ends(row) for row in canonical_rows(batch, self.job)]


class _FlatWriter(_Writer):
    def __init__(self, folder: Path, job: ExportJob) -> None:
        chosen_fields(job)  # refuses unknown names before a file is made
        super().__init__(folder, job)
        self._first = ""

    def lines_of(self, batch: Batch) -> list[bytes | None]:
        rows = flat_rows(batch, self.job)
        lost = [row.id for row, made in zip(batch.rows, rows, strict=True) if made is None]
        self.left_out[SEVERAL_TURNS] += len(lost)
        self._first = self._first or (lost[0] if lost else "")
        return [None if row is None else escape_line_ends(row) for row in rows]

    def close(self) -> list[Path]:
        files = super().close()
        self.left_out = +self.left_out
        if not files:
            raise ExportError("jsonl: no sample is one question with one answer; use the structure 'messages'.")
        if self.left_out:
            text = (
                f"{self.left_out[SEVERAL_TURNS]:,} samples were left out: flat rows hold one question and one answer "
                f"[{SEVERAL_TURNS}; the first is {self._first}]; the structure 'messages' holds them all."
            )
            self.issues.append(Issue("warning", "jsonl", text))
        return files
