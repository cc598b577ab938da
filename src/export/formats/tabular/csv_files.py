"""csv: one table of full samples a split, for spreadsheets and data frames.

`messages` holds the whole conversation as JSON. `system`, `user` and `assistant` are filled beside it where the sample
is one question with one answer.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import FullSamples, canonical, field_names, has_group, records_of
from src.export.formats.split_files import positions_by_split
from src.export.formats.tabular.csv_cells import NUL, cells_of, columns_of, record_of, shown, without_nuls
from src.export.formats.tabular.csv_lines import LineMaker
from src.export.formats.tabular.spreadsheet_cells import EXCEL_CELL, EXCEL_ROWS
from src.records import SPLITS, Issue, Split

# The csv module refuses longer cells unless it is told otherwise, for the whole process.
_LONGEST_CELL = 1 << 30


class Csv(FullSamples):
    name = "csv"
    summary = "CSV: full samples with columns for question and answer; no cell can act as a formula"
    folder = "csv"

    def open(self, folder: Path, job: ExportJob) -> CsvWriter:
        return CsvWriter(folder, job)

    def expected(self, batch: Batch, job: ExportJob) -> Sequence[bytes | None]:
        names = field_names(job)
        return [canonical(without_nuls(record, names)) for record in records_of(batch, job)]

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        path = folder / f"{split}.csv"
        try:
            if path.exists():
                yield from _read(path, job)
        # What the file holds may be anything: no text, no CSV, no JSON in its cells.
        except (csv.Error, ValueError, TypeError, KeyError, RecursionError) as error:
            raise ExportError(f"{path}: cannot be read back ({error}).") from error


class CsvWriter:
    """{split}.csv files."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        self.left_out: Counter[str] = Counter()
        self.issues: list[Issue] = []
        self.folder, self.job = folder, job
        self._files: dict[Split, TextIO] = {}
        self._line = LineMaker(job.output.csv.delimiter, job.output.csv.quoting).line
        self._rows: Counter[Split] = Counter()
        self._long_cells = self._cells_with_nul = 0

    def write(self, batch: Batch) -> None:
        grouped, guarded = has_group(self.job), self.job.output.csv.neutralise
        pairs = zip(records_of(batch, self.job), batch.messages, strict=True)
        rows = [cells_of(record, messages, grouped, guarded) for record, messages in pairs]
        self._judge(batch, rows)
        for split, positions in positions_by_split(batch).items():
            self._file(split).write("".join([self._line(rows[position]) for position in positions]))
            self._rows[split] += len(positions)

    def close(self) -> list[Path]:
        for file in self._files.values():
            file.close()
        self._warn()
        return [self.folder / f"{split}.csv" for split in SPLITS if split in self._files]

    def abort(self) -> None:
        for file in self._files.values():
            with suppress(OSError):
                file.close()

    def _file(self, split: Split) -> TextIO:
        if split not in self._files:
            path = self.folder / f"{split}.csv"
            self._files[split] = path.open("x", encoding=self.job.output.csv.encoding, newline="")
            self._files[split].write(self._line(columns_of(self.job)))
        return self._files[split]

    def _judge(self, batch: Batch, rows: list[list[str]]) -> None:
        """Replace NULs, and count cells that Excel would cut."""
        for position, row in enumerate(batch.rows):
            # No cell is longer than the JSON it comes from, and JSON writes a NUL as an escape.
            if len(row.content) + len(row.origin or "") + len(row.topic_keywords or "") > EXCEL_CELL // 2:
                self._long_cells += sum(len(cell) > EXCEL_CELL for cell in rows[position])
            if "\\u0000" in row.content or "\\u0000" in (row.origin or "") or NUL in row.id:
                self._cells_with_nul += sum(NUL in cell for cell in rows[position])
                rows[position] = [shown(cell) for cell in rows[position]]

    def _warn(self) -> None:
        if self._long_cells:
            self._issue(
                f"{self._long_cells:,} cells have more than {EXCEL_CELL:,} characters: the file holds them whole, but "
                "Excel and LibreOffice cut them when they open it. Save nothing from there that you train on."
            )
        if self._cells_with_nul:
            self._issue(
                f"{self._cells_with_nul:,} cells hold a NUL character, which CSV cannot; it is written as U+FFFD there "
                "and stands as \\u0000 in the column 'messages'."
            )
        for split, rows in self._rows.items():
            if rows >= EXCEL_ROWS:
                self._issue(f"{split}.csv has {rows:,} rows; Excel shows the first {EXCEL_ROWS - 1:,}.")

    def _issue(self, text: str) -> None:
        self.issues.append(Issue("warning", "csv", text))


def _read(path: Path, job: ExportJob) -> Iterator[bytes]:
    settings = job.output.csv
    columns = columns_of(job)
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=settings.encoding, newline="") as stream:
        table = csv.reader(stream, delimiter=settings.delimiter, strict=True)
        if tuple(next(table, ())) != columns:
            raise ExportError(f"{path}: its first line does not name the columns {', '.join(columns)}.")
        for cells in table:
            yield canonical(record_of(columns, cells, settings.neutralise))
